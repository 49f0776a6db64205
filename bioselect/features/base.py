"""What an extractor is: images in, one row of numbers per image out, nothing learnt.

An extractor learns nothing from the data, so its rows can be computed once and kept. Whatever
learns is another step: scaling belongs to the estimator; what belongs to the representation itself
(a vocabulary) is the extractor's `learnt_step`, fitted anew on the training images of each fold.
Think twice before adding to the base class: what everyone inherits nobody can change.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

#: (height, width, n_channels).
ImageShape = tuple[int, int, int]
#: What costs are declared for where nothing is known of the images.
REFERENCE_SHAPE: ImageShape = (512, 512, 3)


class FeatureExtractor(Protocol):
    """The one method that anybody's own extractor must have."""

    def transform(self, images: Sequence[np.ndarray]) -> np.ndarray:
        """Return float32 ``(n_images, n_features)``, finite.

        Each image is float32 ``(height, width, n_channels)`` in [0, 1]; sizes may differ unless
        the extractor sets `input_size`. Images are read-only.
        """


class Extractor:
    """Defaults for built-in extractors; only `transform` has to be written."""

    #: (height, width) that every image is resized to; None keeps the size of each image.
    input_size: tuple[int, int] | None = None
    #: 3 asks for three channels (grey is repeated); None takes all the channels of the image.
    n_channels: int | None = None
    #: Images per call of `transform`.
    batch_size: int = 32
    #: Whether batches may be spread over processes; Keras networks stay in the main process.
    in_processes: bool = True
    #: Parameters that only `learnt_step` looks at: another value needs no new rows.
    learnt_parameters: tuple[str, ...] = ()

    def check_available(self) -> None:
        """Raise `UnavailableError` when something needed (weights) cannot be had."""

    def identity(self) -> dict[str, Any]:
        """Return what else changes the features, beside name, parameters and version."""
        return {}

    def operations(self, shape: ImageShape = REFERENCE_SHAPE) -> float:
        """Return the declared arithmetic operations per image, the cost that decides ties.

        `shape` is (height, width, n_channels) of a usual image. Networks resize theirs.

        Infinite when not declared: what costs nobody knows what must not win as the cheapest.
        """
        return math.inf

    def feature_names(self, n_channels: int) -> list[str] | None:
        """Return the name of each number of a row, all different; None where they have none.

        `n_channels` is that of the images, as `transform` is given them.
        """
        return None

    def learnt_step(self, seed: int) -> Any | None:
        """Return what has to be learnt from rows before a classifier gets them; None for nothing.

        It is a transformer of scikit-learn, not fitted: ``fit(X)`` with the rows of the training
        images of a fold, float32 ``(n_images, n_features)``, then ``transform(X)`` to finite
        numbers ``(n_images, any number)``, each row by itself. `seed` is that of the fold. Fitted
        once for all classifiers of a fold, and again on all images for the final model.
        """
        return None

    def save(self, folder: Path) -> None:
        """Write the files that a model bundle needs to work without this machine."""

    def restore(self, folder: Path) -> None:
        """Use the files that `save` wrote instead of what lies on this machine."""


@dataclass(frozen=True)
class Traits:
    """What extraction needs to know of an extractor, with defaults for anybody's own class."""

    input_size: tuple[int, int] | None
    n_channels: int | None
    batch_size: int
    in_processes: bool


def traits(extractor: FeatureExtractor) -> Traits:
    """Return the traits of any object that has `transform`."""
    return Traits(
        input_size=getattr(extractor, "input_size", Extractor.input_size),
        n_channels=getattr(extractor, "n_channels", Extractor.n_channels),
        batch_size=getattr(extractor, "batch_size", Extractor.batch_size),
        in_processes=getattr(extractor, "in_processes", Extractor.in_processes),
    )


def declared_operations(extractor: FeatureExtractor, shape: ImageShape = REFERENCE_SHAPE) -> float:
    """Return the declared operations per image of any object that has `transform`.

    Infinite where nobody can tell: then it is the cheapest of nothing. Anybody's own `operations`
    need not take the shape of the images.
    """
    try:
        operations = float(_operations(extractor, shape))
    except Exception:  # Anybody's own may raise anything, and a cost stops no study.
        return math.inf
    return operations if operations >= 0 else math.inf


def _operations(extractor: Any, shape: ImageShape) -> float:
    if not hasattr(extractor, "operations"):
        return math.inf
    if inspect.signature(extractor.operations).parameters:
        return float(extractor.operations(shape))
    return float(extractor.operations())


def parts_of(extractor: FeatureExtractor) -> list[FeatureExtractor]:
    """Return the extractors whose rows are computed one by one: itself, or a `concat`'s parts."""
    parts: list[FeatureExtractor] = getattr(extractor, "parts", [extractor])
    return parts
