"""How long the candidates took in this run, and what they cost anywhere."""

from __future__ import annotations

from bioselect.report.blocks import Cell, Section, Table, Text
from bioselect.report.results import RunResults
from bioselect.report.score_words import number
from bioselect.report.short_names import short_names

COLUMNS = (
    "extractor", "estimator", "training, all folds", "testing, all folds", "operations",
)  # fmt: skip


def costs(results: RunResults) -> Section | None:
    """Return seconds of training and testing, and declared operations, of every candidate."""
    seconds: dict[tuple[str, str], list[float]] = {}
    for row in results.table(results.folder.timings):
        sums = seconds.setdefault((row["extractor"], row["estimator"]), [0.0, 0.0])
        sums[0] += number(row["fit_seconds"]) or 0.0
        sums[1] += number(row["predict_seconds"]) or 0.0
    if not seconds:
        return None
    names = short_names(results)
    rows: list[list[Cell | str]] = []
    for row in results.ranking:
        extractor, estimator = row["extractor"], row["estimator"]
        fit, predict = seconds.get((extractor, estimator), (None, None))
        cost = number(row["cost"])
        rows.append(
            [
                names[extractor],
                names[estimator],
                Cell(seconds_text(fit), fit),
                Cell(seconds_text(predict), predict),
                Cell(operations_text(cost), cost),
            ]
        )
    table = Table(
        "costs",
        "Seconds measured in this run, of classifier, regressor or network alone: features are "
        f"computed once and shared. Operations are those for one {results.noun}. They are "
        "declared, so they decide the same way on every machine.",
        COLUMNS,
        rows,
        (False, False, True, True, True),
        n_shown=8,
    )
    note = Text(
        "Memory is not recorded: it depends on how many processes share the machine. "
        f"This machine: {results.environment['platform']}, {results.environment['processors']} "
        "processors.",
        "note",
    )
    return Section("costs", "Time and cost", [table, note])


def seconds_text(value: float | None) -> str:
    """Return a time as it is read.

    Examples
    --------
    >>> seconds_text(0.0042), seconds_text(12.34), seconds_text(754.0), seconds_text(9000.0)
    ('0.004 s', '12.3 s', '12.6 min', '2.5 h')
    """
    if value is None:
        return "not in this run"
    if value < 120:
        return f"{value:.3f} s" if value < 1 else f"{value:.1f} s"
    return f"{value / 60:.1f} min" if value < 7200 else f"{value / 3600:.1f} h"


def operations_text(value: float | None) -> str:
    """Return a number of operations in millions.

    Examples
    --------
    >>> operations_text(6_895_908.0), operations_text(3.1e11), operations_text(float("inf"))
    ('6.9 million', '310,000 million', 'not declared')
    >>> operations_text(19828.0)
    '19,828'
    """
    if value is None or value == float("inf"):
        return "not declared"
    millions = value / 1e6
    if millions < 0.1:
        return f"{value:,.0f}"
    return f"{millions:,.1f} million" if millions < 100 else f"{millions:,.0f} million"
