"""Where the files of a bundle are: in a folder, or in a zip that is unpacked once.

Everything that looks into a model takes its path, or a bundle that is open already: then what was
checked and what is used are the same files, and a zip is unpacked once however often it is asked.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from bioselect.bundle.archives import unpack
from bioselect.bundle.manifest import MANIFEST_FILE
from bioselect.data.names import exists
from bioselect.exceptions import BundleError


@dataclass(frozen=True)
class OpenBundle:
    """A bundle whose files can be read.

    `folder` holds the manifest; `path` is what the user named (the folder, a run, a zip), and what
    it is called in errors.
    """

    folder: Path
    path: Path

    def __str__(self) -> str:
        return str(self.path)


#: A model as it is named, or as it was opened.
ModelPlace: TypeAlias = Path | str | OpenBundle


@contextmanager
def opened_bundle(place: ModelPlace) -> Iterator[OpenBundle]:
    """Give the files of a bundle, as long as the block lasts; one that is open stays as it is.

    Raises
    ------
    BundleError
        If there is no such model, or its zip cannot be unpacked.
    """
    if isinstance(place, OpenBundle):
        yield place
        return
    path = Path(place)
    with ExitStack() as stack:
        with explained(path):  # and not what the block does
            folder = stack.enter_context(bundle_folder(path))
        yield OpenBundle(folder, path)


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn the system's refusal to read a file of the bundle into one line."""
    try:
        yield
    except OSError as error:
        raise BundleError(
            f"{path}: cannot be read ({error.filename}: {error.strerror}). Ask for the right to "
            "read it, or use another copy of the model."
        ) from error
    except (RecursionError, MemoryError, OverflowError) as error:
        raise BundleError(
            f"{path}: cannot be opened, because something in it is too deep or too large "
            f"({type(error).__name__}). Use another copy of the model."
        ) from error


@contextmanager
def bundle_folder(path: Path) -> Iterator[Path]:
    """Give the folder that holds the manifest: of a bundle, a run folder or a zip of either."""
    if not exists(path):
        raise BundleError(f"{path}: there is no such model. Check the spelling of the path.")
    if path.is_dir():
        yield path / "model" if (path / "model" / MANIFEST_FILE).is_file() else path
        return
    with tempfile.TemporaryDirectory() as temporary:
        unpack(path, Path(temporary))
        manifests = sorted(
            Path(temporary).rglob(MANIFEST_FILE), key=lambda found: (len(found.parts), found)
        )
        if not manifests:
            raise BundleError(
                f"{path}: must hold a model of bioselect. There is no {MANIFEST_FILE} in it; zip "
                "the `model` folder of a finished run."
            )
        yield manifests[0].parent


def holds_model(path: Path) -> bool:
    """Tell whether a folder looks like a bundle, or like a finished run with one in it.

    Examples
    --------
    >>> holds_model(Path("no-such-folder"))
    False
    """
    places = (Path(path) / MANIFEST_FILE, Path(path) / "model" / MANIFEST_FILE)
    return any(map(os.path.isfile, places))  # False also where nobody may look.
