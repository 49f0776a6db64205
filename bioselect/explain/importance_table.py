"""What all candidates go by, in one table: mean and standard deviation over folds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bioselect.drawing.row_plot import Column, Mark, rows_svg
from bioselect.explain.blocks import Block
from bioselect.explain.fold_importance import FoldImportance

PERMUTATION = "permutation"
#: Columns that tell nearly the same, shuffled together.
TOGETHER = "permutation_together"
COLUMNS = ("extractor", "estimator", "importance", "feature", "mean", "sd", "n_folds", "unit")
#: In the drawing: rows, and columns.
MOST_ROWS, MOST_COLUMNS = 20, 6


@dataclass(frozen=True)
class ImportanceRow:
    """How much one feature matters to one candidate, over its folds.

    `importance` is permutation, permutation_together, coefficient or impurity. `sd` is None where
    there is one fold only.
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
    columns: Sequence[str],
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
    columns : sequence of str
        What the model was asked of by itself.
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
        unit = units[1] if done[0].kind == "coefficient" else "share"
        rows += [
            _row(candidate, done[0].kind, name, values, unit)
            for name, values in zip(columns, np.stack(own).T, strict=True)
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


def importances_svg(title: str, rows: Sequence[ImportanceRow], first: tuple[str, str]) -> str:
    """Return a drawing: features one below the other, a column for each model and importance.

    Parameters
    ----------
    title : str
        What stands above.
    rows : sequence of ImportanceRow
        Of all candidates.
    first : tuple of str
        The exported candidate: it comes first, and the order of the features is that of their
        importance to it. Of many features those that matter most to it are drawn, and those that
        were shuffled together below them.
    """
    candidates = list(dict.fromkeys((row.extractor, row.estimator) for row in rows))
    candidates.sort(key=lambda one: one != first)
    of_first = [row for row in rows if (row.extractor, row.estimator) == candidates[0]]
    ordered = sorted(of_first, key=lambda row: -np.nan_to_num(row.mean, nan=-np.inf))
    single = [row.feature for row in ordered if row.importance == PERMUTATION]
    together = [row.feature for row in ordered if row.importance == TOGETHER]
    shown = [*single[:MOST_ROWS], *together[:MOST_ROWS]]
    columns: list[Column] = []
    for candidate in candidates:
        own = [row for row in rows if (row.extractor, row.estimator) == candidate]
        columns += _columns(own, shown)
    note = "shuffled: how much worse the score becomes; lines: one deviation over folds"
    if len(single) > MOST_ROWS:
        note += f"; the first {MOST_ROWS} of {len(single)} features"
    return rows_svg(title, note, shown, columns[:MOST_COLUMNS])


def _columns(rows: Sequence[ImportanceRow], shown: Sequence[str]) -> list[Column]:
    """Return the columns of one candidate: shuffled, and what the model says itself."""
    found = []
    for names, words in (
        ((PERMUTATION, TOGETHER), "shuffled"),
        (("coefficient",), "coefficients"),
        (("impurity",), "gain in the trees"),
    ):
        own = {row.feature: row for row in rows if row.importance in names}
        if own:
            axis = next(iter(own.values())).unit
            if names == ("coefficient",):
                axis = f"for one deviation more{', ' * bool(axis)}{axis}"
            marks = [
                None if name not in own or np.isnan(own[name].mean) else _mark(own[name])
                for name in shown
            ]
            found.append(Column(rows[0].estimator, axis, marks, words))
    return found


def _mark(row: ImportanceRow) -> Mark:
    return Mark(row.mean, row.sd)
