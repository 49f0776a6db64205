"""What a segmenter is: it learns from images with masks, then gives every pixel probabilities."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from bioselect.data.pairs import Pairs, Scene
from bioselect.networks.history import EpochRecord, TrainingProgress, silent_progress
from bioselect.networks.masks.task import MaskTask

__all__ = ["MaskTask", "Segmenter", "TrainedSegmenter", "most_probable", "whole"]


class TrainedSegmenter(Protocol):
    """A segmenter that has learnt.

    `best_epoch` and `history` are those of a training; 0 and nothing where there are no epochs.
    """

    @property
    def best_epoch(self) -> int:
        """The epoch whose weights are used."""

    @property
    def history(self) -> Sequence[EpochRecord]:
        """What became of every epoch."""

    def bands(self, scene: Scene) -> Iterator[tuple[slice, np.ndarray]]:
        """Give the image from top to bottom, some rows at a time.

        Yields
        ------
        rows : slice
            Which rows of the image; together they are all of them, each once.
        probabilities : np.ndarray
            float32 ``(n_rows, width, n_classes)``, of which each pixel's sum to 1.
        """

    def save(self, folder: Path) -> dict[str, Any]:
        """Write it into an empty folder; return what has to be known to open it, as JSON has it."""


class Segmenter(Protocol):
    """What can learn to segment; the constructor only stores.

    `n_epochs` are the most epochs of a training, None where there are none.
    """

    @property
    def name(self) -> str:
        """What it is called in errors."""

    @property
    def n_epochs(self) -> int | None:
        """Most epochs of a training."""

    def check_available(self) -> None:
        """Find out, before any work, whether parameters fit and weights can be had."""

    def fit(
        self,
        pairs: Pairs,
        task: MaskTask,
        checkpoint_dir: Path | None = None,
        progress: TrainingProgress = silent_progress,
    ) -> TrainedSegmenter:
        """Learn from some of the images; a training that was killed goes on from its folder."""

    def identity(self) -> dict[str, Any]:
        """Return what its results depend on besides images, masks and seed, in JSON's types."""

    def operations(self, shape: tuple[int, int, int], n_classes: int) -> float:
        """Return the operations of one prediction of an image; a multiply-add is two."""


def most_probable(probabilities: np.ndarray) -> np.ndarray:
    """Return the class of every pixel, uint8: the first of those with the highest probability.

    Examples
    --------
    >>> most_probable(np.array([[[0.2, 0.8], [0.5, 0.5]]])).tolist()
    [[1, 0]]
    """
    places: np.ndarray = probabilities.argmax(axis=-1).astype(np.uint8)
    return places


def whole(trained: TrainedSegmenter, scene: Scene) -> np.ndarray:
    """Return the probabilities of a whole image, float32 ``(height, width, n_classes)``."""
    return np.concatenate([part for _, part in trained.bands(scene)])
