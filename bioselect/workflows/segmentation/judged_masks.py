"""How good predicted masks are over many images: means with intervals, as rows of tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bioselect.data.mask_codes import MaskCodes
from bioselect.data.records import ImageRecord
from bioselect.data.splitting import independent_units
from bioselect.metrics.base import Metric, UndefinedMetricError, evaluate, get_metric
from bioselect.metrics.builtin import MASKS, METRICS
from bioselect.metrics.intervals import bootstrap_interval
from bioselect.metrics.mask_metrics import mean_of_scores
from bioselect.metrics.masks import SCORES, MaskScores

#: The score that is a distance.
DISTANCE = "hausdorff_95"
#: An empty class: the number of the image.
SCORE_COLUMNS = ("metric", "class", "value", "ci_low", "ci_high", "n_images", "error")
IMAGE_COLUMNS = ("image", "group", "class", "metric", "score")


@dataclass(frozen=True)
class ScoreRow:
    """A mean over images; `error` says why it, or its interval, is missing."""

    metric: str
    class_name: str
    value: float | None
    low: float | None
    high: float | None
    n_images: int
    error: str = ""

    def cells(self) -> tuple[Any, ...]:
        """Return it as a row of `SCORE_COLUMNS`."""
        return tuple(vars(self).values())

    def in_words(self, unit: str) -> str:
        """Return it as a line for a person; `unit` is that of distances."""
        name = self.metric + (f" of {self.class_name}" if self.class_name else "")
        if self.metric == DISTANCE:
            name += f" in {unit}"
        if self.value is None:
            return f"{name}: cannot be computed: {self.error}"
        if self.low is None or self.high is None:
            return f"{name}: {self.value:.3f} (no interval: {self.error})"
        return f"{name}: {self.value:.3f} (95 % interval {self.low:.3f} to {self.high:.3f})"


@dataclass(frozen=True, eq=False)
class JudgedMasks:
    """The scores of images whose masks were predicted.

    Parameters
    ----------
    records : sequence of ImageRecord
        The images.
    scores : sequence of MaskScores
        Of each.
    codes : MaskCodes
        The classes.
    """

    records: Sequence[ImageRecord]
    scores: Sequence[MaskScores]
    codes: MaskCodes

    def of_images(self, name: str) -> np.ndarray:
        """Return float64 ``(n_images,)``: what each image scores, NaN where it has no value."""
        return np.array([one.image[name] for one in self.scores], dtype=np.float64)

    def of_class(self, name: str, place: int) -> np.ndarray:
        """Return the same of a single class."""
        return np.array([one.per_class[name][place] for one in self.scores], dtype=np.float64)

    def rows(self, seed: int) -> list[ScoreRow]:
        """Return for every metric the mean over images and those of the classes, with intervals.

        Parameters
        ----------
        seed : int
            Of the bootstrap, which draws groups, or images where there are none.
        """
        found = []
        for name in SCORES:
            metric = mask_metric(name)
            found.append(self._row(metric, "", self.of_images(name), seed))
            for place, class_name in enumerate(self.codes.class_names):
                found.append(self._row(metric, class_name, self.of_class(name, place), seed))
        return found

    def image_rows(self) -> list[tuple[Any, ...]]:
        """Return every score of every image and class as rows of `IMAGE_COLUMNS`."""
        rows: list[tuple[Any, ...]] = []
        for record, one in zip(self.records, self.scores, strict=True):
            for name in SCORES:
                rows.append((record.image_id, record.group, "", name, one.image[name]))
                rows += [
                    (record.image_id, record.group, class_name, name, value)
                    for class_name, value in zip(
                        self.codes.class_names, one.per_class[name], strict=True
                    )
                ]
        return rows

    def _row(self, metric: Metric, class_name: str, values: np.ndarray, seed: int) -> ScoreRow:
        has_value = np.isfinite(values)
        n_images = int(has_value.sum())
        truth, table = np.zeros(len(values)), values[:, None]
        try:
            value = evaluate(metric, truth, table)
        except UndefinedMetricError as error:
            return ScoreRow(metric.name, class_name, None, None, None, n_images, str(error))
        try:
            low, high = bootstrap_interval(metric, truth, table, self._units(), seed)
        except UndefinedMetricError as error:
            return ScoreRow(metric.name, class_name, value, None, None, n_images, str(error))
        return ScoreRow(metric.name, class_name, value, low, high, n_images)

    def _units(self) -> np.ndarray:
        n_images = len(self.records)
        groups = [record.group for record in self.records]
        return independent_units(groups, [str(n) for n in range(n_images)], [False] * n_images)


def mask_metric(name: str) -> Metric:
    """Return the metric of a score of masks; some scores have none of their own.

    Examples
    --------
    >>> mask_metric("dice").in_words, mask_metric("precision").direction
    ('Dice', 'higher')
    """
    row = METRICS.get(name)
    if row is not None and MASKS in row.takes:
        return get_metric(name)
    return mean_of_scores(name)
