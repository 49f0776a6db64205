"""What all candidates go by, in one table: mean and standard deviation over folds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bioselect.explain.blocks import Block
from bioselect.explain.fold_importance import FoldImportance
from bioselect.explain.native import COEFFICIENT, SPREAD

PERMUTATION = "permutation"
#: Columns that tell nearly the same, shuffled together.
TOGETHER = "permutation_together"
COLUMNS = ("extractor", "estimator", "importance", "feature", "mean", "sd", "n_folds", "unit")


@dataclass(frozen=True)
class ImportanceRow:
    """How much one feature matters to one candidate, over its folds.

    `importance` is permutation, permutation_together, coefficient, coefficient_spread (of a column
    of categories) or impurity. `sd` is None where there is one fold only.
    """

    extractor: str
    estimator: str
    importance: str
    feature: str
    mean: float
    sd: float | None
    n_folds: int
    unit: str


def importance_rows(
    candidate: tuple[str, str],
    folds: Sequence[FoldImportance],
    blocks: Sequence[Block],
    widths: Mapping[str, int],
    units: tuple[str, str],
) -> list[ImportanceRow]:
    """Return the rows of one candidate.

    Parameters
    ----------
    candidate : tuple of str
        Labels of extractor and estimator.
    folds : sequence of FoldImportance
        Those that failed are left out.
    blocks : sequence of Block
        What was shuffled.
    widths : mapping from str to int
        The columns that the model was asked of by itself, and how many numbers it gets of each.
    units : tuple of str
        Of the metric, and of what is predicted.
    """
    done = [fold for fold in folds if not fold.error]
    if not done:
        return []
    rows = [
        _row(candidate, TOGETHER if block.members else PERMUTATION, block.name, values, units[0])
        for block, values in zip(blocks, np.stack([one.permutation for one in done]).T, strict=True)
    ]
    own = [one.native for one in done if one.native is not None]
    if own:
        kind = next(one.kind for one in done if one.native is not None)
        unit = units[1] if kind == COEFFICIENT else "share"
        rows += [
            _row(candidate, SPREAD if kind == COEFFICIENT and n > 1 else kind, name, values, unit)
            for (name, n), values in zip(widths.items(), np.stack(own).T, strict=True)
            if np.isfinite(values).all()
        ]
    return rows


def _row(
    candidate: tuple[str, str], importance: str, feature: str, values: np.ndarray, unit: str
) -> ImportanceRow:
    known = values[np.isfinite(values)]
    mean = float(known.mean()) if len(known) else float("nan")
    sd = float(known.std(ddof=1)) if len(known) > 1 else None
    return ImportanceRow(*candidate, importance, feature, mean, sd, len(known), unit)
