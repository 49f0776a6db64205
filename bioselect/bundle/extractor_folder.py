"""The extractor of a bundle: made anew from its parameters, with the files that it has saved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bioselect.bundle.manifest import Component
from bioselect.exceptions import BioselectError, BundleError
from bioselect.features.columns import COLUMNS
from bioselect.registry import ComponentSpec, create


def load_extractor(
    folder: Path, component: Component, components_dir: Path | None, where: Path
) -> Any:
    """Return the extractor; None for a model of columns.

    Parameters
    ----------
    folder : Path
        Its files, if it has any.
    component : Component
        As the manifest names it.
    components_dir : Path, optional
        The folder with the user's own components.
    where : Path
        What to call the bundle in errors.

    Raises
    ------
    BioselectError
        If there is no such extractor, or it cannot be restored.
    """
    spec = ComponentSpec.of(component.name, component.params)
    if spec == COLUMNS:
        return None
    try:
        extractor = create("extractor", spec, components_dir)
        if hasattr(extractor, "restore"):
            extractor.restore(folder)
    except BioselectError as error:
        raise BundleError(f"{where}: {error}") from error
    except Exception as error:  # Somebody's own code: anything may go wrong in it.
        reason = " ".join(str(error).split())
        raise BundleError(
            f"{where}: the extractor {component.name!r} cannot be restored "
            f"({type(error).__name__}: {reason}). Correct its `restore`."
        ) from error
    return extractor
