"""A few images in a bundle, and what the model said of them: does it still say so."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bioselect.bundle.arrays import read_arrays
from bioselect.exceptions import BundleError
from bioselect.features.extraction import transform_prepared

if TYPE_CHECKING:
    from bioselect.bundle.reading import Model

#: How far the probabilities of the check sample may be from those at training; of numbers, in
#: parts of the range that they have in training.
CHECK_TOLERANCE = 1e-4


def check_sample(path: Path, model: Model, where: Path) -> None:
    """Refuse a model that does not predict the check images as it did when it was made.

    Parameters
    ----------
    path : Path
        The file with images and predictions.
    model : Model
        As it was opened.
    where : Path
        What to call the bundle in errors.

    Raises
    ------
    BundleError
        If the predictions differ, or cannot be made.
    """
    made_with = ", ".join(f"{name} {version}" for name, version in model.manifest.versions.items())
    remedy = f"It was made with {made_with}; install these versions."
    try:
        sample = read_arrays(path)
        images, expected = sample["images"], sample["probabilities"]
        check_shapes(images, expected)
        got = _predicted(model, images, sample.get("columns"))
        if got.shape != expected.shape:
            raise ValueError(f"probabilities must be {got.shape}. Got {expected.shape}")
        difference = float(np.max(np.abs(got - expected)))
    except Exception as error:
        reason = " ".join(str(error).split())
        raise BundleError(
            f"{where}: the model cannot predict here ({type(error).__name__}: {reason}). {remedy}"
        ) from error
    allowed, what = CHECK_TOLERANCE, "probabilities"
    if (number := model.number) is not None:
        allowed, what = CHECK_TOLERANCE * (number.highest - number.lowest), "numbers"
    if not difference <= allowed:
        raise BundleError(
            f"{where}: the model does not predict here what it predicted when it was made "
            f"({what} differ by up to {difference:.2g}, allowed {allowed:g}). {remedy}"
        )


def check_shapes(images: np.ndarray, expected: np.ndarray) -> None:
    """Refuse a sample without images, or with another number of answers than images.

    Raises
    ------
    ValueError
        If it says nothing of the model.
    """
    if images.ndim < 2 or len(images) == 0 or expected.ndim < 2 or len(images) != len(expected):
        raise ValueError(
            f"there must be an answer for each check image. Got {expected.shape} for {images.shape}"
        )


def _predicted(model: Model, images: np.ndarray, columns: np.ndarray | None) -> np.ndarray:
    where = ["check image"] * len(images)
    if columns is None:
        return model.predict_images(list(images), where)
    rows = transform_prepared(model.extractor, list(images), model.reading, where)
    return model.probabilities_of_rows(np.hstack([rows.astype(np.float64), columns]))
