"""Whether somebody's own code, which a model names, may be run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bioselect.bundle.estimator_file import CONCAT, VIEWS, MadeOf, made_of, name_of
from bioselect.bundle.manifest import Manifest
from bioselect.exceptions import BundleError
from bioselect.own_modules import is_trusted
from bioselect.registry import is_import_path, known_rows


def check_consent(manifest: Manifest, components_dir: Path | None, where: Path) -> None:
    """Refuse somebody's own code, unless the folder or the module that holds it is named.

    The consent is to that folder or module only: a manifest could name any function of Python as
    well. Nothing is imported here.
    """
    if components_dir is not None and not components_dir.is_dir():
        raise BundleError(
            f"{components_dir}: must be the folder with your own components. There is no such "
            "folder. Check --components (components_dir in Python)."
        )
    for kind, name in named_components(manifest):
        path = own_path(kind, name)
        if path is None or is_trusted(path.split(":")[0]):
            continue
        told = repr(name) if path == name else f"{name!r} ({path})"
        problem = missing_consent(path, components_dir, installed_only=path != name)
        if problem:
            raise BundleError(f"{where}: this model uses {told}, {problem}")


def own_path(kind: str, name: str) -> str | None:
    """Return the import path behind a name; None for what is bioselect's, or is not known.

    Examples
    --------
    >>> own_path("extractor", "mylab:Own"), own_path("extractor", "hog")
    ('mylab:Own', None)
    """
    if is_import_path(name):
        return name
    row = known_rows(kind).get(name)
    return None if row is None or row.provider == "bioselect" else row.target


def missing_consent(
    path: str, components_dir: Path | None, installed_only: bool = False
) -> str | None:
    """Say what must be written before the code behind an import path is run; None if it was."""
    module = path.split(":")[0]
    file = f"{module.replace('.', '/')}.py"
    trust = f"--trust {module} (trust in Python)"
    if installed_only:
        return f"which an installed package provides. Write {trust}; its code is then run."
    if components_dir is None:
        return (
            f"which is not part of bioselect. Name the folder that holds {file} with --components "
            f"FOLDER (components_dir in Python), or, where it is installed, write {trust}; its "
            "code is then run."
        )
    if any((components_dir / one).is_file() for one in (file, f"{file[:-3]}/__init__.py")):
        return None
    return (
        f"which must lie in the folder of --components (components_dir in Python). Got "
        f"{components_dir} without {file}. Name the folder that holds it, or, where it is "
        f"installed, write {trust}."
    )


def named_components(manifest: Manifest) -> Iterator[tuple[str, str]]:
    """Give kind and name of each component that opening a model would make."""
    if manifest.network is not None:  # Whoever built it: opened are the plain layers of its file.
        return
    parts = parts_of_manifest(manifest)
    kind = "classifier" if manifest.number is None else "regressor"
    for name in parts.members or (parts.classifier,):
        yield kind, name
    yield from _of_extractor(manifest.extractor.name, manifest.extractor.params)


def _of_extractor(name: str, params: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "extractor", name
    inside = list(params.get("extractors") or []) if name == CONCAT else []
    if name == VIEWS:
        inside = [params.get("extractor")]
        for step in params.get("steps") or []:
            yield "augmentation", name_of(step)
    for part in inside:
        own = part.get("params") if isinstance(part, dict) else None
        yield from _of_extractor(name_of(part), own if isinstance(own, dict) else {})


def parts_of_manifest(manifest: Manifest) -> MadeOf:
    """Return what the extractor and the estimator of a model are made of."""
    extractor, estimator = manifest.extractor, manifest.estimator
    kind = "classifier" if manifest.number is None else "regressor"
    return made_of(extractor.name, extractor.params, estimator.name, estimator.params, kind)
