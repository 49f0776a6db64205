"""A trained segmenter on some images: their masks, and what each scores."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from bioselect.data.pairs import Pairs, PairScene
from bioselect.metrics.masks import SCORES, image_scores
from bioselect.segmenters.base import TrainedSegmenter, most_probable


@dataclass(frozen=True)
class MaskRules:
    """How masks are scored: their classes, the one that counts in no mean, the size of a pixel."""

    n_classes: int
    background: int | None
    pixel_size: float | None = None


@dataclass(frozen=True, eq=False)
class PartScores:
    """The scores of the images of one part (training, validation or test).

    Parameters
    ----------
    name : str
        Of the part.
    places : np.ndarray
        Which images of the study.
    scores : np.ndarray
        float64 ``(n_images, n_scores, 1 + n_classes)``, scores in the order of `SCORES`: first the
        number of the image, then those of its classes; NaN where there is none.
    """

    name: str
    places: np.ndarray
    scores: np.ndarray

    def of_images(self, score: str) -> np.ndarray:
        """Return one score of every image, float64 ``(n_images,)``."""
        column: np.ndarray = self.scores[:, SCORES.index(score), 0]
        return column


def predicted_mask(trained: TrainedSegmenter, pairs: Pairs, place: int) -> np.ndarray:
    """Return the class of every pixel of an image, uint8; some rows in memory at a time."""
    mask = np.empty(pairs.size(place), dtype=np.uint8)
    for rows, probabilities in trained.bands(PairScene(pairs, place)):
        mask[rows] = most_probable(probabilities)
    return mask


def score_part(
    trained: TrainedSegmenter,
    pairs: Pairs,
    part: tuple[str, Sequence[int] | np.ndarray],
    rules: MaskRules,
    take: Callable[[int, np.ndarray], None] | None = None,
    overlap_only: bool = False,
    advance: Callable[[], None] = lambda: None,
) -> PartScores:
    """Predict the images of a part one after another, and score each.

    Parameters
    ----------
    trained : TrainedSegmenter
        It has not seen the images of a test part.
    pairs : Pairs
        Images and masks of the study.
    part : tuple of (str, places)
        Name of the part, and its images.
    rules : MaskRules
        How masks are scored.
    take : callable, optional
        Gets the place and the predicted mask of every image.
    overlap_only : bool
        Leave out the scores of contours and objects, which take long.
    advance : callable
        Told after every image.
    """
    name, places = part
    table = np.empty((len(places), len(SCORES), 1 + rules.n_classes))
    for row, place in zip(table, places, strict=True):
        mask = predicted_mask(trained, pairs, int(place))
        row[:] = _scores(pairs.mask(int(place)), mask, rules, overlap_only)
        if take is not None:
            take(int(place), mask)
        advance()
    return PartScores(name, np.asarray(places, dtype=np.int64), table)


def _scores(
    true: np.ndarray, predicted: np.ndarray, rules: MaskRules, overlap_only: bool
) -> np.ndarray:
    found = image_scores(
        true,
        predicted,
        rules.n_classes,
        rules.background,
        rules.pixel_size,
        overlap_only=overlap_only,
    )
    unknown = np.full(rules.n_classes, np.nan)
    return np.array(
        [[found.image[name], *found.per_class.get(name, unknown)] for name in SCORES],
        dtype=np.float64,
    )
