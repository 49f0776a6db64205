"""How well each class is segmented: means over the images in which it is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bioselect.metrics.masks import SCORES
from bioselect.selection.mask_problem import MaskFoldResult
from bioselect.selection.per_class import ClassScore


def class_scores(results: Sequence[MaskFoldResult], class_names: Sequence[str]) -> list[ClassScore]:
    """Return the scores of every class over the folds of one candidate.

    An image counts where the class has the score: truly there or predicted. `n_images` are these
    images in the first repeat; `mean` is that of the folds' means, as in the ranking (a fold
    without such an image is left out), `sd` how much the repeats differ. A candidate that failed in
    a fold has no rows.
    """
    if not results or any(not one.parts for one in results):
        return []
    repeats = sorted({one.repeat for one in results})
    tables = [[one.parts[0].scores for one in results if one.repeat == each] for each in repeats]
    return [
        _score(tables, name, place, metric)
        for place, name in enumerate(class_names)
        for metric in SCORES
    ]


def _score(
    tables: Sequence[Sequence[np.ndarray]], name: str, place: int, metric: str
) -> ClassScore:
    columns = [[table[:, SCORES.index(metric), 1 + place] for table in folds] for folds in tables]
    known = [[one[np.isfinite(one)] for one in folds] for folds in columns]
    means = [
        float(np.mean([one.mean() for one in folds if len(one)]))
        for folds in known
        if any(len(one) for one in folds)
    ]
    return ClassScore(
        class_name=name,
        n_images=sum(map(len, known[0])),
        metric=metric,
        mean=float(np.mean(means)) if means else None,
        sd=float(np.std(means, ddof=1)) if len(means) > 1 else None,
        n_repeats=len(means),
    )
