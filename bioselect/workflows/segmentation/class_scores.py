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
    images in the first repeat; `mean` is that of the repeats' means, `sd` how much they differ.
    A candidate that failed in a fold has no rows.
    """
    if not results or any(not one.parts for one in results):
        return []
    repeats = sorted({one.repeat for one in results})
    tables = [
        np.concatenate([one.parts[0].scores for one in results if one.repeat == repeat])
        for repeat in repeats
    ]
    return [
        _score(tables, name, place, metric)
        for place, name in enumerate(class_names)
        for metric in SCORES
    ]


def _score(tables: Sequence[np.ndarray], name: str, place: int, metric: str) -> ClassScore:
    columns = [table[:, SCORES.index(metric), 1 + place] for table in tables]
    known = [column[np.isfinite(column)] for column in columns]
    means = [float(one.mean()) for one in known if len(one)]
    return ClassScore(
        class_name=name,
        n_images=len(known[0]),
        metric=metric,
        mean=float(np.mean(means)) if means else None,
        sd=float(np.std(means, ddof=1)) if len(means) > 1 else None,
        n_repeats=len(means),
    )
