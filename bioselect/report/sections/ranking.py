"""Every combination with its score and interval, the best first, to sort and filter."""

from __future__ import annotations

from dataclasses import replace

from bioselect.drawing.interval_bar import interval_bar
from bioselect.metrics.base import Metric
from bioselect.report.blocks import Cell, Section, Table, Text
from bioselect.report.results import Row, RunResults
from bioselect.report.score_words import (
    difference_unit,
    judged_by,
    number,
    score_text,
    short_difference_text,
    short_interval_text,
)
from bioselect.report.short_names import short_names

COLUMNS = ("rank", "extractor", "estimator", "score", "95 % interval", "from the best", "role")
ROLES = {
    "best": "best",
    "recommended": "recommended",
    "tied": "could be as good",
    "behind": "behind",
    "failed": "failed",
}


def ranking(results: RunResults) -> Section:
    """Return the ranking as a table."""
    metric = judged_by(results)
    rows = results.ranking
    ends = [number(row[end]) for row in rows for end in ("mean", "ci_low", "ci_high")]
    known = [one for one in ends if one is not None]
    axis = (min(known), max(known)) if known else (0.0, 1.0)
    means = [mean for row in rows if (mean := number(row["mean"])) is not None]
    best = means[0] if means else None
    names = short_names(results)
    heading = list(COLUMNS)
    heading[3] = metric.in_words + (f" ({metric.unit})" if metric.unit else "")
    if difference_unit(metric):
        heading[5] += f" ({difference_unit(metric)})"
    table = Table(
        "ranking",
        _caption(results),
        heading,
        [_cells(row, names, metric, axis, best) for row in rows],
        (True, False, False, True, False, True, False),
    )
    text = Text(
        "A click on a heading sorts. “Could be as good” means that "
        + ("these data cannot" if results.has_tests else "this design does not")
        + " tell it from the best one.",
        "note",
    )
    return Section("ranking", "Ranking", [table, text])


def _caption(results: RunResults) -> str:
    rows = results.ranking
    caption = f"{len(rows)} combinations."
    if any(row["ci_low"] for row in rows):
        caption += " Intervals hold 95 %, each for itself."
    if results.has_tests:
        return (
            f"{caption} Who is behind is decided by paired tests (comparisons.csv), not by whether "
            "intervals overlap."
        )
    return f"{caption} Differences were not tested: nobody is said to be behind."


def _cells(
    row: Row, names: dict[str, str], metric: Metric, axis: tuple[float, float], best: float | None
) -> list[Cell | str]:
    mean, low, high = (number(row[name]) for name in ("mean", "ci_low", "ci_high"))
    bar = "" if mean is None else interval_bar(mean, low, high, axis)
    behind, plain = "", replace(metric, unit="")
    if mean is not None and best is not None and mean != best:
        behind = short_difference_text(mean - best, metric)
    return [
        Cell(row["rank"], number(row["rank"])),
        names[row["extractor"]],
        names[row["estimator"]],
        Cell(score_text(mean, plain), mean),
        Cell(short_interval_text(low, high, metric), low, drawing=bar),
        Cell(behind, None if mean is None or best is None else mean - best),
        Cell(ROLES.get(row["role"], row["role"]), row["role"], tone=row["role"]),
    ]
