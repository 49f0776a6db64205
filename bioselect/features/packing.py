"""Extractors on their way to another process, anybody's own class included."""

from __future__ import annotations

import pickle
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from bioselect.cluster.own_code import own_code
from bioselect.exceptions import ComponentError
from bioselect.features.transforming import Part
from bioselect.features.views import Views
from bioselect.registry import importable


@dataclass(frozen=True)
class PackedParts:
    """Extractors as bytes, and the folders that their classes are imported from.

    `code` tells the modules there from others of the same names: a worker may have seen those.
    """

    content: bytes
    folders: tuple[Path, ...]
    code: tuple[str, ...] = ()


def packed(parts: tuple[Part, ...]) -> PackedParts:
    """Return extractors in a form that another process can open.

    Raises
    ------
    ComponentError
        If one cannot be pickled.

    Examples
    --------
    >>> from bioselect.features.descriptors.intensity import Intensity
    >>> from bioselect.features.transforming import flat_parts
    >>> unpacked(packed(flat_parts(Intensity())))[0].name
    'Intensity'
    """
    from joblib import wrap_non_picklable_objects

    folders = {_import_folder(one) for part in parts for one in _own_classes(part)} - {None}
    try:
        # Also takes classes that are not in a module (a notebook, the Python prompt).
        content = pickle.dumps(wrap_non_picklable_objects(parts, keep_wrapper=False))
    except Exception as error:
        names = ", ".join(repr(part.name) for part in parts)
        raise ComponentError(
            f"extractor {names}: must be picklable to run in several processes. Got {error}. Set "
            "`in_processes = False` in the class, or run with --jobs 1."
        ) from error
    found = tuple(sorted(path for path in folders if path is not None))
    seen = [own_code(path) for path in found]
    return PackedParts(content, found, tuple(one.digest for one in seen if one is not None))


@lru_cache(maxsize=64)
def unpacked(given: PackedParts) -> tuple[Part, ...]:
    """Make the extractors again, once a process; a module beside the configuration is found too.

    Raises
    ------
    ComponentError
        If a module cannot be imported here.
    """
    with ExitStack() as stack:
        for folder in given.folders:
            stack.enter_context(importable(folder))
        try:
            parts: tuple[Part, ...] = pickle.loads(given.content)
        except ImportError as error:
            raise ComponentError(
                f"extractor: its module must be importable in every process. Got {error}. Put the "
                "module beside the configuration or install it, or run with --jobs 1."
            ) from error
    return parts


def _own_classes(part: Part) -> list[Any]:
    """Return the objects whose classes may be somebody's own."""
    extractor = part.extractor
    return [extractor, *(extractor.own_parts() if isinstance(extractor, Views) else ())]


def _import_folder(extractor: Any) -> Path | None:
    """Return the folder from which the extractor's module was imported, None for our own."""
    top_name = type(extractor).__module__.split(".")[0]
    file = getattr(sys.modules.get(top_name), "__file__", None)
    if top_name in ("bioselect", "__main__") or file is None:
        return None
    path = Path(file).resolve()
    return path.parent.parent if path.stem == "__init__" else path.parent
