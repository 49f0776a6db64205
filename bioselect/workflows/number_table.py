"""How far the exported model is off where a number is predicted, as a table to read."""

from __future__ import annotations

import math

import numpy as np

from bioselect.metrics.base import in_units
from bioselect.metrics.usual import usual_metrics
from bioselect.selection.phrases import figures
from bioselect.selection.scores import FoldScore
from bioselect.workflows.judgement import Judged

COLUMNS = ("score", "mean", "sd over folds", "unit")
#: Columns of words, which begin at the left.
TEXTS = ("score", "unit")


def number_table_lines(judged: Judged, unit: str) -> list[str]:
    """Return the table of the exported model for a terminal."""
    rows = _rows(judged, unit)
    widths = [max(len(row[place]) for row in (COLUMNS, *rows)) for place in range(len(COLUMNS))]
    lines = [
        f"In figures: {judged.exported.label} {_where(judged)} (scores.csv: all combinations):"
    ]
    for row in (COLUMNS, *rows):
        cells = [
            cell.ljust(width) if name in TEXTS else cell.rjust(width)
            for name, cell, width in zip(COLUMNS, row, widths, strict=True)
        ]
        lines.append(f"  {'  '.join(cells)}".rstrip())
    return lines


def number_table_markdown(judged: Judged, unit: str) -> str:
    """Return the same as Markdown."""
    rule = tuple("---" if name in TEXTS else "---:" for name in COLUMNS)
    lines = [f"| {' | '.join(row)} |" for row in (COLUMNS, rule, *_rows(judged, unit))]
    return "\n".join([f"{judged.exported.label} {_where(judged)}:", "", *lines, ""])


def _rows(judged: Judged, unit: str) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for metric in usual_metrics(values=True):
        scores = np.array([one.score for one in _shown(judged) if one.metric == metric.name])
        known = scores[np.isfinite(scores)]
        mean = figures(float(known.mean()), 4) if len(known) else "-"
        sd = figures(float(known.std(ddof=1)), 2) if len(known) > 1 else "-"
        # Rules of a metric are in `bioselect components metric`.
        name = metric.in_words.partition(" (")[0]
        rows.append((name, mean, sd, in_units(metric, unit).unit))
    return rows


def _shown(judged: Judged) -> list[FoldScore]:
    """Return the scores of the exported model; with one split those of the test part alone."""
    own = [one for one in judged.scores if one.candidate == judged.exported]
    if judged.opened is None:
        return own
    return [one for one in own if one.fold == judged.opened.result.fold]


def _where(judged: Judged) -> str:
    if judged.opened is not None:
        return "on the test part"
    n_folds = max(1, math.ceil(len(_shown(judged)) / max(1, len(usual_metrics(values=True)))))
    return f"on images it was not trained on, over {n_folds} tests"
