"""What all candidates go by, drawn: a row for each feature, columns for each model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bioselect.drawing.row_plot import Band, Column, Mark, bands_svg
from bioselect.explain.importance_table import PERMUTATION, TOGETHER, ImportanceRow
from bioselect.explain.native import COEFFICIENT, IMPURITY, SPREAD

#: More features are in the table only, and so are more models; the drawing says so.
MOST_ROWS, MOST_MODELS = 20, 12
#: Side by side; the other columns stand below these. More of them are as wide as three pages, and
#: a report that makes them fit makes their letters too small to read.
MOST_COLUMNS = 2
#: What is drawn in one column, and the words above it.
_SHOWN = (
    ((PERMUTATION, TOGETHER), "shuffled"),
    ((COEFFICIENT, SPREAD), "coefficients"),
    ((IMPURITY,), "gain in the trees"),
)

#: Labels of extractor and estimator.
Labels = tuple[str, str]


def importances_svg(
    title: str, rows: Sequence[ImportanceRow], order: Sequence[Labels], table: str
) -> str:
    """Return a drawing: features one below the other, a column for each model and importance.

    Models stand in rows of one or two beside one another, those of one extractor together. Of many
    features those are drawn that matter most to the first model of the extractor, in the order in
    which they matter to it, and those that were shuffled together below them. How much worse the
    score becomes has the same axis everywhere.

    Parameters
    ----------
    title : str
        What stands above.
    rows : sequence of ImportanceRow
        Of all candidates.
    order : sequence of tuple of str
        The candidates in the order in which they are drawn, the exported one first.
    table : str
        What the file is called in which everything is.
    """
    known = {(row.extractor, row.estimator) for row in rows}
    candidates = [one for one in order if one in known]
    shown = candidates[:MOST_MODELS]
    extractors = list(dict.fromkeys(extractor for extractor, _ in shown))
    bands: list[Band] = []
    most = 0
    for extractor in extractors:
        own = [
            [row for row in rows if (row.extractor, row.estimator) == one]
            for one in shown
            if one[0] == extractor
        ]
        features, n_features = _features(own[0])
        most = max(most, n_features)
        name = extractor if len(extractors) > 1 else ""
        bands += [
            Band(features, line, name) for line in _lines([_columns(m, features) for m in own])
        ]
    note = "shuffled: how much worse the score becomes; lines: one deviation over folds"
    if any(row.importance == SPREAD for row in rows):
        note += "; coefficients of categories: one deviation of what they add"
    if most > MOST_ROWS:
        note += f"; the first {MOST_ROWS} of {most} features"
    if len(candidates) > len(shown):
        note += f"; {len(shown)} of {len(candidates)} models, the best: all are in {table}"
    return bands_svg(title, note, bands)


def _features(first: Sequence[ImportanceRow]) -> tuple[list[str], int]:
    """Return the features that are drawn, and how many there are, by what matters to one model."""
    ordered = sorted(first, key=lambda row: -np.nan_to_num(row.mean, nan=-np.inf))
    single = [row.feature for row in ordered if row.importance == PERMUTATION]
    together = [row.feature for row in ordered if row.importance == TOGETHER]
    return [*single[:MOST_ROWS], *together[:MOST_ROWS]], len(single)


def _lines(models: Sequence[Sequence[Column]]) -> list[list[Column]]:
    """Return the columns of models in as few lines as can be, about equally long."""
    fewest = len(_filled(models, MOST_COLUMNS))
    return next(
        lines
        for most in range(1, MOST_COLUMNS + 1)
        if len(lines := _filled(models, most)) <= fewest
    )


def _filled(models: Sequence[Sequence[Column]], most: int) -> list[list[Column]]:
    """Return lines of at most so many columns; a model is not divided, so it may have more."""
    lines: list[list[Column]] = []
    for model in models:
        if not lines or len(lines[-1]) + len(model) > most:
            lines.append([])
        lines[-1] += model
    return lines


def _columns(rows: Sequence[ImportanceRow], features: Sequence[str]) -> list[Column]:
    """Return the columns of one candidate: shuffled, and what the model says itself."""
    found = []
    for names, words in _SHOWN:
        own = {row.feature: row for row in rows if row.importance in names}
        if own:
            axis = next(iter(own.values())).unit
            if COEFFICIENT in names:
                axis = f"for one deviation more{', ' * bool(axis)}{axis}"
            marks = [
                None if name not in own or np.isnan(own[name].mean) else _mark(own[name])
                for name in features
            ]
            scale = words if PERMUTATION in names else ""
            found.append(Column(rows[0].estimator, axis, marks, words, scale))
    return found


def _mark(row: ImportanceRow) -> Mark:
    return Mark(row.mean, row.sd)
