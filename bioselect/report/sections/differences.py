"""How far every candidate is behind the best one, and which differences matter."""

from __future__ import annotations

from bioselect.drawing.difference_plot import Difference, differences_svg
from bioselect.metrics.base import Metric
from bioselect.report.blocks import Figure, Section, Text
from bioselect.report.candidate_label import candidate_label
from bioselect.report.results import RunResults
from bioselect.report.score_words import judged_by, number
from bioselect.report.short_names import short_names, with_short_names
from bioselect.selection.phrases import difference_words

MOST_SHOWN = 25
#: Scores from 0 to 1 are told in hundredths.
POINTS = 100.0
Interval = tuple[float, float]
_HOW_TO_READ = (
    "An interval that lies to the right of the band as a whole speaks, by itself, for a difference "
    "that matters; one that crosses it leaves the question open. Who counts as behind, with so "
    "many compared, is in the ranking."
)
_NO_INTERVALS = "With this design nothing says how sure these differences are."


def differences(results: RunResults) -> Section | None:
    """Return the drawing; None where there is nothing to compare with the best one."""
    metric = judged_by(results)
    ranked = [row for row in results.ranking if row["rank"] and row["mean"]]
    if len(ranked) < 2:
        return None
    unit, factor = _unit(metric)
    rope = float(results.study["judged_by"]["rope"])
    labels = [candidate_label(results, row["extractor"], row["estimator"]) for row in ranked]
    names = short_names(results)
    shown_as = [with_short_names(label, names) for label in labels]
    intervals = _intervals(results, labels[0], metric)
    means = [float(row["mean"]) for row in ranked]
    rows = [
        _difference(shown_as[place], place, means, intervals.get(label), metric, factor)
        for place, label in enumerate(labels)
    ]
    shown = rows[:MOST_SHOWN]
    axis = f"behind the best, in {metric.in_words}" + (f" ({unit})" if unit else "")
    note = "filled: compared directly with the best; ring: not compared, so no interval"
    note = note if intervals else "rings: no intervals are given"
    svg = differences_svg("how far behind the best", note, axis, shown, rope * factor)
    figure = Figure(
        "differences",
        _caption(len(rows), difference_words(rope, metric), bool(intervals)),
        svg,
        _description(rows, rope * factor, unit),
        ("rank", "candidate", f"behind_{unit.replace(' ', '_') or metric.name}", "low", "high"),
        [
            (row["rank"], label, one.behind, one.low, one.high)
            for row, label, one in zip(ranked, labels, rows, strict=True)
        ],
    )
    words = Text(
        f"Every dot is a candidate. The green band reaches to {difference_words(rope, metric)} "
        "on both sides of the best: differences inside it do not matter in practice (the study "
        "was set up so). " + (_HOW_TO_READ if intervals else _NO_INTERVALS)
    )
    return Section("differences", "Behind the best", [words, figure])


def _unit(metric: Metric) -> tuple[str, float]:
    if metric.unit:
        return metric.unit, 1.0
    return ("points", POINTS) if tuple(metric.bounds) == (0, 1) else ("", 1.0)


def _intervals(results: RunResults, best: str, metric: Metric) -> dict[str, Interval]:
    """Return how far others are behind the best one, where they were compared with it."""
    found = {}
    for row in results.table(results.folder.comparisons):
        low, high = number(row["ci_low"]), number(row["ci_high"])
        first, second = row["first"], row["second"]
        if best not in (first, second) or low is None or high is None:
            continue
        turn = _sign(metric) * (1.0 if first == best else -1.0)
        ends = sorted((turn * low, turn * high))
        found[second if first == best else first] = (ends[0], ends[1])
    return found


def _sign(metric: Metric) -> float:
    return 1.0 if metric.higher_is_better else -1.0


def _difference(
    label: str,
    place: int,
    means: list[float],
    interval: Interval | None,
    metric: Metric,
    factor: float,
) -> Difference:
    if not place:
        return Difference(label, 0.0, stressed=True)
    behind = _sign(metric) * (means[0] - means[place]) * factor
    if interval is None:
        return Difference(label, behind)
    return Difference(label, behind, interval[0] * factor, interval[1] * factor)


def _caption(n: int, band: str, has_intervals: bool) -> str:
    caption = f"In the order of the ranking; the green band is {band} wide on each side."
    if has_intervals:
        caption += " Intervals hold 95 %, each for itself (comparisons.csv)."
    if n > MOST_SHOWN:
        caption += f" The first {MOST_SHOWN} of {n}; all are in the file."
    return caption


def _description(rows: list[Difference], band: float, unit: str) -> str:
    inside = sum(row.behind <= band for row in rows[1:])
    compared = [row for row in rows[1:] if row.low is not None]
    worse = sum(row.low is not None and row.low > band for row in compared)
    last = f"{rows[-1].behind:.3g} {unit}".strip()
    return (
        f"{rows[0].name} is the best of {len(rows)}. {inside} of the others are inside the band; "
        f"{len(compared)} were compared directly, of which {worse} lie beyond the band with their "
        f"whole interval. The last one, {rows[-1].name}, is {last} behind."
    )
