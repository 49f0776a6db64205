"""A study of masks as data: its folds, its segmenters, and what became of one on a fold."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Protocol

import numpy as np

from bioselect.data.pairs import Pairs
from bioselect.metrics.masks import SCORES
from bioselect.segmenters.base import Segmenter
from bioselect.selection.candidates import Candidate
from bioselect.selection.cross_validation import FoldResult, array_digest
from bioselect.selection.tested_masks import MaskRules, PartScores
from bioselect.selection.validation_part import VALIDATION_SHARE
from bioselect.storage import digest_of

#: Raised whenever a segmenter's result on a fold changes for the same inputs.
SEGMENTER_FOLD_VERSION = 1
TRAINING, VALIDATION, TEST = "training", "validation", "test"
VERSIONED = (
    "keras", "tensorflow", "numpy", "scipy", "scikit-learn", "scikit-image", "opencv-python",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class MaskFold:
    """One training and the images that it is judged by.

    `train` are the images to learn from. Where a fold has a `validation` part of its own (one
    split), it chooses the best epoch; else it is cut from `train`. `judged` names the part that
    `test` is. `seed` is that of the training.
    """

    repeat: int
    index: int
    train: np.ndarray
    test: np.ndarray
    seed: int
    validation: np.ndarray | None = None
    judged: str = TEST


@dataclass(frozen=True, eq=False)
class MaskProblem:
    """What all segmenters are tried on; `units` are what must not be divided, int ``(n_images,)``.

    `words` names a fold for those who watch.
    """

    folds: tuple[MaskFold, ...]
    units: np.ndarray
    rules: MaskRules
    words: Callable[[MaskFold], str]


@dataclass(frozen=True, eq=False)
class ComparedSegmenter:
    """A segmenter as a candidate of a study.

    Attributes
    ----------
    candidate : Candidate
        The images and the segmenter.
    segmenter : Segmenter
        What is trained.
    pairs : callable
        Opens images and masks; asked only when something is trained.
    facts : mapping
        Everything that changes its results beside fold and seed, in JSON's types: its identity, the
        content of images and masks.
    shape : tuple of int
        (height, width, n_channels) of a typical image, for which its operations are counted.
    name : str
        What it is called in lines for people.
    """

    candidate: Candidate
    segmenter: Segmenter
    pairs: Callable[[], Pairs]
    facts: Mapping[str, Any]
    shape: tuple[int, int, int]
    name: str


class MaskKeeper(Protocol):
    """Where the predicted masks of a study are kept."""

    def keep(self, segmenter: ComparedSegmenter, repeat: int, place: int, mask: np.ndarray) -> str:
        """Write a mask, whole or not at all; return a digest of the file."""

    def digest(self, segmenter: ComparedSegmenter, repeat: int, place: int) -> str | None:
        """Return the digest of the file that lies there; None without one."""


@dataclass(frozen=True, eq=False)
class MaskFoldResult:
    """One segmenter on one fold; without `parts` it failed, and `error` says why in one line.

    The first of `parts` is the one that the fold is judged by.
    """

    candidate: Candidate
    repeat: int
    fold: int
    parts: tuple[PartScores, ...]
    chosen: dict[str, Any] = field(default_factory=dict)
    fit_seconds: float = 0.0
    predict_seconds: float = 0.0
    error: str = ""
    operations: float | None = None
    history: Sequence[Mapping[str, Any]] = ()

    def by(self, score: str) -> FoldResult:
        """Return the same as statistics take it, of one score: a number for each image."""
        scores = self.parts[0].of_images(score)[:, None] if self.parts else None
        return FoldResult(
            self.candidate,
            self.repeat,
            self.fold,
            scores,
            self.chosen,
            self.fit_seconds,
            self.predict_seconds,
            error=self.error,
            operations=self.operations,
            history=self.history,
        )


def training_key(problem: MaskProblem, segmenter: ComparedSegmenter, fold: MaskFold) -> str:
    """Return what tells one training from all others."""
    validation = None if fold.validation is None else array_digest(fold.validation)
    return digest_of(
        {
            "segmenter_fold_version": SEGMENTER_FOLD_VERSION,
            "versions": _library_versions(),
            "facts": dict(segmenter.facts),
            "n_classes": problem.rules.n_classes,
            "background": problem.rules.background,
            "units": array_digest(problem.units),
            "validation": validation or VALIDATION_SHARE,
            "train": array_digest(fold.train),
            "seed": fold.seed,
        }
    )


def fold_key(problem: MaskProblem, segmenter: ComparedSegmenter, fold: MaskFold) -> str:
    """Return the journal's key of a segmenter on a fold: all that its scores depend on."""
    return digest_of(
        {
            "training": training_key(problem, segmenter, fold),
            "test": array_digest(fold.test),
            "judged": fold.judged,
            "scores": list(SCORES),
            "pixel_size": problem.rules.pixel_size,
        }
    )


@cache
def _library_versions() -> dict[str, str]:
    found = {}
    for name in VERSIONED:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
