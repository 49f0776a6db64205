"""The steps of a configuration, applied to training images one after the other.

Randomness comes from the generators that are given and from nowhere else: the same state gives the
same image. Each image has a stream of its own, so it does not depend on the others of its batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bioselect.augmentation.affine import AffineStep
from bioselect.augmentation.choice import Augmentation
from bioselect.augmentation.named_step import (
    NamedStep,
    channels_problem,
    own_result,
    read_only,
    told_of_own,
)
from bioselect.augmentation.streams import stream_of, streams_of_batch
from bioselect.exceptions import ComponentError, DataError
from bioselect.registry import ComponentSpec, create, find_row

__all__ = [
    "Augmentation",
    "Augmenter",
    "create_augmenter",
    "stream_of",
]


def create_augmenter(augmentation: Augmentation, base_dir: Path | None = None) -> Augmenter:
    """Make the steps of an augmentation.

    Parameters
    ----------
    augmentation : Augmentation
        The steps in their order; `mix` and `ratio` are for whoever shows the images.
    base_dir : Path, optional
        The configuration's folder, where steps of somebody's own may lie.

    Raises
    ------
    ComponentError
        If a step is unknown, or its parameters are wrong.

    Examples
    --------
    >>> flip = ComponentSpec.of("horizontal_flip", {"probability": 1})
    >>> augmenter = create_augmenter(Augmentation((flip,), "augmented"))
    >>> image = np.array([[[0.0], [1.0]]], dtype=np.float32)
    >>> augmenter.one(image, np.random.default_rng(0))[0, :, 0]
    array([1., 0.], dtype=float32)
    """
    return Augmenter(tuple(_named(spec, base_dir) for spec in augmentation.steps))


def _named(spec: ComponentSpec, base_dir: Path | None) -> NamedStep:
    step = create("augmentation", spec, base_dir)
    is_own = find_row("augmentation", spec.name, base_dir).provider != "bioselect"
    acting = "batch" if hasattr(step, "batch") else "image"
    for method in ("draw", acting):
        if not callable(getattr(step, method, None)):
            raise ComponentError(
                f"augmentation {spec.label}: must have draw(shape, rng) and image(image, drawn). "
                f"Got a {type(step).__name__} without {method}. Derive it from "
                "bioselect.augmentation.step.Step."
            )
    return NamedStep(spec.label, step, is_own)


class Augmenter:
    """Applies steps to images, to their masks, or to batches with their targets.

    Parameters
    ----------
    steps : sequence of NamedStep
        In the order in which they act; steps that mix a batch come after all others.
    """

    def __init__(self, steps: Sequence[NamedStep]) -> None:
        self.steps = tuple(steps)

    @property
    def mixes_batches(self) -> bool:
        """Whether a step mixes images of a batch."""
        return any(named.is_batch_step for named in self.steps)

    def one(self, image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return one image, changed by all steps but those that mix a batch.

        Parameters
        ----------
        image : np.ndarray
            float32 ``(height, width, n_channels)`` in [0, 1]; it is not written into.
        rng : np.random.Generator
            The stream of this image.

        Returns
        -------
        np.ndarray
            Same shape, float32 in [0, 1]; an array of its own.
        """
        return self._changed(image, None, rng)[0]

    def one_with_mask(
        self, image: np.ndarray, mask: np.ndarray, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return one image and its mask ``(height, width)`` of any type, moved alike."""
        changed, moved = self._changed(image, mask, rng)
        assert moved is not None
        return changed, moved

    def images(self, images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return changed images.

        Parameters
        ----------
        images : np.ndarray
            float32 ``(n_images, height, width, n_channels)`` in [0, 1]; not written into.
        rng : np.random.Generator
            Gives each image a stream of its own.

        Returns
        -------
        np.ndarray
            Same shape, float32 in [0, 1].
        """
        streams = streams_of_batch(len(images), rng)
        changed = np.empty(images.shape, dtype=np.float32)
        for place, (image, stream) in enumerate(zip(images, streams, strict=True)):
            changed[place] = self.one(image, stream)
        return changed

    def images_and_masks(
        self, images: np.ndarray, masks: np.ndarray, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return changed images, and masks ``(n_images, height, width)`` moved with them."""
        streams = streams_of_batch(len(images), rng)
        changed, moved = np.empty(images.shape, dtype=np.float32), np.empty_like(masks)
        for place, stream in enumerate(streams):
            changed[place], moved[place] = self.one_with_mask(images[place], masks[place], stream)
        return changed, moved

    def batch(
        self, images: np.ndarray, targets: np.ndarray, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return changed images, then mixed with their targets; see `images` and `mixed`."""
        return self.mixed(self.images(images, rng), targets, rng)

    def mixed(
        self,
        images: np.ndarray,
        targets: np.ndarray,
        rng: np.random.Generator,
        chosen: np.ndarray | None = None,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Apply only the steps that mix a batch.

        Parameters
        ----------
        images : np.ndarray
            float32 ``(n_images, height, width, n_channels)``; not written into.
        targets : np.ndarray
            float32 ``(n_images, n_classes)``, one-hot or 0 and 1 for several labels.
        rng : np.random.Generator
            For the batch.
        chosen : np.ndarray, optional
            bool ``(n_images,)``: which images may be mixed; the others stay as they are (but may
            be what another one is mixed with). All unless given.

        Returns
        -------
        images, targets : np.ndarray
            Same shapes; targets are soft.
        """
        which = np.ones(len(images), dtype=bool) if chosen is None else chosen
        for named in self.steps:
            if named.is_batch_step:
                drawn = named.step.draw(len(images), rng)
                images, targets = named.step.batch(images, targets, drawn, which)
        return images, targets

    def _changed(
        self, image: np.ndarray, mask: np.ndarray | None, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray | None]:
        changed = _Changed(read_only(image), None if mask is None else read_only(mask))
        for named in self.steps:
            if not named.is_batch_step and rng.random() < named.probability:
                changed.apply(named, rng)
        changed.move()
        return _own_array(changed.image), None if changed.mask is None else _own_array(changed.mask)


class _Changed:
    """An image on its way through the steps, with the matrices that still wait to move it."""

    def __init__(self, image: np.ndarray, mask: np.ndarray | None) -> None:
        self.image = image
        self.mask = mask
        self.waiting: list[np.ndarray] = []
        self.mover = AffineStep()

    def apply(self, named: NamedStep, rng: np.random.Generator) -> None:
        """Apply one step, or let its matrix wait for those of its neighbours."""
        height, width, n_channels = self.image.shape
        if problem := channels_problem(named.step, n_channels):
            raise DataError(f"augmentation {named.label}: {problem}")
        with told_of_own(named):
            drawn = named.step.draw((height, width, n_channels), rng)
        if named.is_affine:
            self.waiting.append(drawn)
            return
        self.move()
        if named.is_own:
            self._apply_own(named, drawn)
            return
        self.image = named.step.image(self.image, drawn)
        if self.mask is not None:
            self.mask = named.step.mask(self.mask, drawn)

    def move(self) -> None:
        """Move the image by all matrices that wait, in one resampling."""
        if not self.waiting:
            return
        matrix = self.waiting[0]
        for later in self.waiting[1:]:
            # Later steps say where in the result of the earlier ones a pixel comes from.
            matrix = matrix @ later
        self.waiting = []
        self.image = self.mover.image(self.image, matrix)
        if self.mask is not None:
            self.mask = self.mover.mask(self.mask, matrix)

    def _apply_own(self, named: NamedStep, drawn: Any) -> None:
        """Apply a step that somebody else wrote, and look at what comes back."""
        self.image = own_result(named, self.image, drawn)
        if self.mask is None:
            return
        if not hasattr(named.step, "mask"):
            raise ComponentError(
                f"augmentation {named.label}: must have mask(mask, drawn) where images have masks. "
                "Got none. Write it, or derive the step from bioselect.augmentation.step.Step."
            )
        self.mask = np.asarray(named.step.mask(read_only(self.mask), drawn))


def _own_array(array: np.ndarray) -> np.ndarray:
    """Return a copy of what is still the caller's."""
    return array if array.flags.writeable else array.copy()
