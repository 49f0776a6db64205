"""An image and some augmented views of it, each a row, side by side in one.

What a view looks like depends on the image, the steps and the number of the view, and on nothing
else: the rows of an image are the same in every study and can be kept. Who trains on them takes
them apart again (`selection/unfolding.py`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bioselect import registry
from bioselect.augmentation.identity import steps_identity
from bioselect.augmentation.pipeline import Augmentation, create_augmenter
from bioselect.data.resizing import resize
from bioselect.exceptions import ComponentError
from bioselect.features.base import (
    REFERENCE_SHAPE,
    Extractor,
    FeatureExtractor,
    ImageShape,
    declared_operations,
    traits,
)
from bioselect.features.concat import spec_of
from bioselect.features.keys import step_key
from bioselect.features.looks import Looks
from bioselect.registry import ComponentSpec

#: Means of so many parts of an image, each one of so many grey levels, say which views it gets.
LOOK_SIZE, LOOK_LEVELS = (4, 4), 32
_EXAMPLE = "for example {extractor: hog, views: 4}"


class Views(Extractor):
    """The rows of an image and of its views, of one extractor that learns nothing.

    Parameters
    ----------
    extractor : str or mapping
        A name, or a mapping with `name` and `params`.
    views : int
        How many views of each image there are, beside the image itself.
    at_prediction : bool
        Whether the views of an image to be predicted are looked at as well; what is said of all is
        then averaged. Nothing that `transform` returns depends on it.
    steps : sequence
        Names or mappings of augmentation steps; the configuration's own unless they are written.
    base_dir : Path, optional
        The configuration's folder, where modules and files of the user may lie.

    Raises
    ------
    ComponentError
        If the extractor or a step is unknown, or does not go with views.

    Examples
    --------
    >>> three = Views("intensity", views=2, steps=["horizontal_flip", "brightness"])
    >>> image = np.random.default_rng(0).random((20, 20, 1)).astype(np.float32)
    >>> three.transform([image]).shape  # 3 x 14
    (1, 42)
    """

    learnt_parameters = ("at_prediction",)

    def __init__(
        self,
        extractor: str | Mapping[str, Any],
        views: int = 4,
        at_prediction: bool = False,
        steps: Sequence[Any] | None = None,
        base_dir: Path | None = None,
    ) -> None:
        self.extractor = extractor
        self.views = views
        self.at_prediction = at_prediction
        self.steps = steps
        self.base_dir = base_dir
        self.inner_spec: ComponentSpec = spec_of("views: params.extractor", extractor)
        self.inner: FeatureExtractor = _inner(self.inner_spec, base_dir)
        self.step_specs = tuple(spec_of("views: params.steps", step) for step in steps or ())
        self.augmenter = create_augmenter(Augmentation(self.step_specs, "augmented"), base_dir)
        if not self.step_specs or self.augmenter.mixes_batches:
            raise ComponentError(
                "views: needs augmentation steps that change one image. Got "
                f"{', '.join(spec.label for spec in self.step_specs) or 'none'}. List them under "
                "augmentation, for example [horizontal_flip, rotation_90]."
            )

    @property
    def looks(self) -> Looks:
        """What a row holds."""
        return Looks(self.views, self.at_prediction)

    @property
    def input_size(self) -> tuple[int, int] | None:  # type: ignore[override]
        """(height, width) that images are resized to before they are changed."""
        return traits(self.inner).input_size

    @property
    def n_channels(self) -> int | None:  # type: ignore[override]
        """How many channels the extractor takes."""
        return traits(self.inner).n_channels

    @property
    def exact_channels(self) -> int | None:
        """How many channels images must have as they are, where the extractor asks for it."""
        wanted: int | None = getattr(self.inner, "exact_channels", None)
        return wanted

    @property
    def in_processes(self) -> bool:  # type: ignore[override]
        """Whether the extractor may run in other processes."""
        return traits(self.inner).in_processes

    @property
    def batch_size(self) -> int:  # type: ignore[override]
        """So many that they and their views are a batch of the extractor, or one."""
        return max(1, traits(self.inner).batch_size // (1 + self.views))

    def transform(self, images: Sequence[np.ndarray]) -> np.ndarray:
        """Return float32 ``(n_images, (1 + views) * n_features)``: the image, then its views."""
        shown = [one for image in images for one in (image, *self.views_of(image))]
        size = traits(self.inner).batch_size
        rows = [
            self.inner.transform(shown[first : first + size])
            for first in range(0, len(shown), size)
        ]
        return np.vstack(rows).reshape(len(images), -1)

    def views_of(self, image: np.ndarray) -> list[np.ndarray]:
        """Return the views of an image, read-only."""
        seed = _seed_of(image)
        made = []
        for number in range(self.views):
            view = self.augmenter.one(image, np.random.default_rng((seed, number)))
            view.flags.writeable = False
            made.append(view)
        return made

    def check_available(self) -> None:
        """Make sure that what the extractor needs can be had."""
        if hasattr(self.inner, "check_available"):
            self.inner.check_available()

    def identity(self) -> dict[str, Any]:
        """Return what else changes the rows: the extractor and every step, with all parameters."""
        return {
            "extractor": step_key(self.inner_spec, self.inner, self.base_dir),
            "steps": steps_identity(self.step_specs, self.base_dir),
        }

    def operations(self, shape: ImageShape = REFERENCE_SHAPE) -> float:
        """Return the operations for one image to be predicted."""
        n_looks = 1 + self.views if self.at_prediction else 1
        return declared_operations(self.inner, shape) * n_looks

    def own_parts(self) -> list[Any]:
        """Return the objects whose classes may be somebody's own."""
        return [self.inner, *(named.step for named in self.augmenter.steps)]

    def save(self, folder: Path) -> None:
        """Let the extractor write the files that a model bundle needs."""
        if hasattr(self.inner, "save"):
            self.inner.save(folder)

    def restore(self, folder: Path) -> None:
        """Let the extractor use the files that it wrote."""
        if hasattr(self.inner, "restore"):
            self.inner.restore(folder)


def _inner(spec: ComponentSpec, base_dir: Path | None) -> FeatureExtractor:
    try:
        inner: FeatureExtractor = registry.create("extractor", spec, base_dir)
    except ComponentError as error:
        raise ComponentError(f"views: params.extractor: {error}") from error
    if hasattr(inner, "parts") or isinstance(inner, Views):
        raise ComponentError(
            f"views: params.extractor must be a single extractor, {_EXAMPLE}. Got {spec.label}."
        )
    if getattr(inner, "learnt_step", _nothing)(0) is not None:
        raise ComponentError(
            "views: params.extractor must be one that learns nothing inside the folds, "
            f"{_EXAMPLE}. Got {spec.label}."
        )
    return inner


def _nothing(seed: int) -> None:
    """Stand in for `learnt_step` of somebody's own extractor that has none."""


def _seed_of(image: np.ndarray) -> int:
    """Return a number that belongs to an image, the same on every machine.

    From its coarse look and not from every bit: sizes are changed with other last bits on another
    processor, and a model that averages over views must say the same there.
    """
    look = np.rint(resize(image, LOOK_SIZE) * LOOK_LEVELS).astype("<i4")
    digest = hashlib.sha256(repr(image.shape).encode())
    digest.update(np.ascontiguousarray(look).data)
    return int.from_bytes(digest.digest()[:8], "little")
