"""What a model gives, classes or masks, and a model of masks opened."""

from __future__ import annotations

import json
from pathlib import Path

from bioselect.bundle.manifest import MANIFEST_FILE
from bioselect.bundle.reading import bundle_folder
from bioselect.exceptions import BioselectError
from bioselect.predict.mask_model import MaskModel

SEGMENTATION = "segmentation"


def gives_masks(model_path: Path) -> bool:
    """Tell whether a bundle is one of a segmentation; what is no bundle is told of when opened.

    Examples
    --------
    >>> gives_masks(Path("no-such-model"))
    False
    """
    try:
        with bundle_folder(Path(model_path)) as folder:
            written = json.loads((folder / MANIFEST_FILE).read_text(encoding="utf-8"))
    except (BioselectError, OSError, ValueError):
        return False
    return isinstance(written, dict) and written.get("task") == SEGMENTATION


def open_mask_model(model_path: Path, components_dir: Path | None = None) -> MaskModel:
    """Open a bundle of a segmentation, and make sure that it still predicts what it predicted.

    Raises
    ------
    BundleError
        If files are missing or changed, or the check sample is not reproduced.
    """
    raise BioselectError(f"{model_path}: models of masks cannot be opened yet.")
