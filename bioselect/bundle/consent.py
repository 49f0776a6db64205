"""Whether somebody's own code, which a model names, may be run."""

from __future__ import annotations

from pathlib import Path

from bioselect.bundle.estimator_file import MadeOf, made_of
from bioselect.bundle.manifest import Manifest
from bioselect.exceptions import BundleError
from bioselect.registry import is_import_path


def check_consent(manifest: Manifest, components_dir: Path | None, where: Path) -> None:
    """Refuse somebody's own code, unless the folder that holds it is named.

    The consent is to that folder only: a manifest could name any function of Python as well.
    """
    if components_dir is not None and not components_dir.is_dir():
        raise BundleError(
            f"{components_dir}: must be the folder with your own components. There is no such "
            "folder. Check --components (components_dir in Python)."
        )
    parts = parts_of_manifest(manifest)
    for name in (*(parts.members or (parts.classifier,)), *parts.extractors):
        if not is_import_path(name):
            continue
        module = name.split(":")[0].replace(".", "/")
        if components_dir is None:
            raise BundleError(
                f"{where}: this model uses {name!r}, which is not part of bioselect. Name the "
                f"folder that holds {module}.py with --components FOLDER (components_dir in "
                "Python); its code is then run."
            )
        files = (components_dir / f"{module}.py", components_dir / module / "__init__.py")
        if not any(file.is_file() for file in files):
            raise BundleError(
                f"{where}: this model uses {name!r}, which must lie in the folder of --components "
                f"(components_dir in Python). Got {components_dir} without {module}.py. Name the "
                "folder that holds it."
            )


def parts_of_manifest(manifest: Manifest) -> MadeOf:
    """Return what the extractor and the estimator of a model are made of."""
    extractor, estimator = manifest.extractor, manifest.estimator
    kind = "classifier" if manifest.number is None else "regressor"
    return made_of(extractor.name, extractor.params, estimator.name, estimator.params, kind)
