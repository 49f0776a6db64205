"""Would more images help? What trainings on parts of the images say of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bioselect.drawing.learning_curve_plot import Ahead, Reached, learning_curve_svg
from bioselect.metrics.base import Metric
from bioselect.report.blocks import Block, Fact, Facts, Figure, Section, Text
from bioselect.report.results import Row, RunResults
from bioselect.report.score_words import (
    judged_by,
    rough_score_text,
    score_text,
)
from bioselect.report.short_names import short_names, with_short_names
from bioselect.selection.outcome import joint_label
from bioselect.selection.phrases import difference_words

_OF_BAR = "; the orange bar is the 90 % interval of the score."
TITLE = "Would more images help?"


def learning_curve(results: RunResults) -> Section | None:
    """Return the forecast in words and numbers, and the curve; or why there is none."""
    if not results.folder.learning_forecast.is_file():
        return None
    found = results.facts(results.folder.learning_forecast)
    if "why_not" in found:
        why = f"There is no learning curve: {found['why_not']}."
        return Section("learning-curve", TITLE, [Text(why)])
    metric = judged_by(results)
    rope = float(results.study["judged_by"]["rope"])
    rows = results.table(results.folder.learning_curve)
    noun = results.noun
    name = joint_label(found["extractor"], found["estimator"])
    label = with_short_names(name, short_names(results))
    blocks: list[Block] = [
        Text(_answer(found["forecasts"], metric, rope, noun), "lead"),
        Facts([_fact(one, found, metric, noun) for one in _told(found)]),
        _figure(found, rows, metric, noun, label),
        Text(_method(found, noun, label), "note"),
    ]
    if (found["extractor"], found["estimator"]) != results.exported:
        other = (
            "The exported model joins several combinations. This is the curve of the best of them."
        )
        blocks.insert(1, Text(other))
    return Section("learning-curve", TITLE, blocks)


def _method(found: dict[str, Any], noun: str, label: str) -> str:
    sure = (
        "The 90 % intervals come from drawing the folds again: they know"
        if found["forecasts"][0]["score_low"] is not None
        else "With one split nothing says how sure this is, and it knows"
    )
    return (
        f"{label} was trained on parts of the training {noun}s "
        f"and tested on the same test {noun}s. Through the mean scores goes the curve a - b / √n, "
        f"n being how many it was trained on. {sure} nothing of another clinic or microscope, "
        "which may teach more than many of the same."
    )


def _told(found: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the forecasts; one where both are of about as many images."""
    first, double = found["forecasts"][0], found["forecasts"][-1]
    is_one = double["n_more"] - first["n_more"] < 0.2 * first["n_more"]
    return [first] if is_one else [first, double]


def _answer(forecasts: Sequence[dict[str, Any]], metric: Metric, rope: float, noun: str) -> str:
    """Answer in a sentence: by how much a score rises that is more than practically none."""
    first = forecasts[0]
    more = f"{first['n_more']} more {noun}s of the same kind"
    sign = 1.0 if metric.higher_is_better else -1.0
    gain = sign * first["gain"]
    ends = [first["gain_low"], first["gain_high"]]
    known = sorted(gain if end is None else sign * end for end in ends)
    is_sure = None not in ends
    verb = "raise" if metric.higher_is_better else "lower"
    change = difference_words(abs(first["gain"]), metric)
    if known[1] < rope:
        answer = "Hardly"
    elif known[0] > rope and is_sure:
        answer = "Yes"
    else:
        answer = "Probably" if gain > rope else "Perhaps a little"
    if gain <= 0:
        # Not a word of help where none is expected, however wide the interval.
        answer = "Hardly" if known[1] < rope else "Probably not"
        return f"{answer}: {more} are not expected to {verb} {metric.in_words}."
    return f"{answer}: {more} are expected to {verb} {metric.in_words} by {change}."


def _fact(one: dict[str, Any], found: dict[str, Any], metric: Metric, noun: str) -> Fact:
    label = f"{one['n_more']} more {noun}s"
    if one["n_more"] == found["n_images"]:
        label = f"twice as many {noun}s ({one['n_more']} more)"
    # Both from the curve: what was measured now lies beside it by chance.
    now = rough_score_text(one["score"] - one["gain"], metric)
    then = rough_score_text(one["score"], metric)
    about = f"{metric.in_words} by the curve {now}, then {then}"
    if one["gain_low"] is not None:
        low, high = (
            difference_words(one[end], metric, signed=True) for end in ("gain_low", "gain_high")
        )
        about = f"{low.removesuffix(' points')} to {high}; {about}"
    return Fact(label, difference_words(one["gain"], metric, signed=True), about)


def _figure(
    found: dict[str, Any], rows: Sequence[Row], metric: Metric, noun: str, label: str
) -> Figure:
    reached = []
    for size in found["sizes"]:
        own = sorted(
            float(row["score"])
            for row in rows
            if row["score"] and float(row["share"]) == size["share"]
        )
        # The middle half of the folds.
        low, high = own[len(own) // 4], own[-1 - len(own) // 4]
        reached.append(Reached(size["n_training"], size["mean"], low, high))
    now = found["sizes"][-1]["n_training"]
    level, slope, power = found["curve"]["level"], found["curve"]["slope"], found["power"]
    ahead = [_ahead(one, now, found["n_images"]) for one in _told(found)]
    axis = metric.in_words + (f" ({metric.unit})" if metric.unit else "")
    svg = learning_curve_svg(label, axis, reached, ahead, lambda n: level - slope * n**-power)
    spoken = "; ".join(
        f"{score_text(one.mean, metric)} after {one.n:.0f} {noun}s" for one in reached
    )
    forecast = "; ".join(
        f"{score_text(one.score, metric)} after {one.n:.0f} {noun}s" for one in ahead
    )
    table: list[Sequence[object]] = [
        *(("measured", one.n, one.mean, one.low, one.high) for one in reached),
        *(("forecast", one.n, one.score, one.low, one.high) for one in ahead),
    ]
    return Figure(
        "learning_curve",
        f"Dots: {metric.in_words} on average after training on parts of the {noun}s; bars hold the "
        "middle half of the folds. Dashed: where the curve leads"
        + ("." if found["forecasts"][0]["score_low"] is None else _OF_BAR),
        svg,
        f"Learning curve. Measured: {spoken}. Forecast: {forecast}.",
        ("kind", "n_training", "score", "low", "high"),
        table,
    )


def _ahead(one: dict[str, Any], now: float, n_images: int) -> Ahead:
    n = now * (1 + one["n_more"] / n_images)
    low, high = (
        one["score"] if one[end] is None else one[end] for end in ("score_low", "score_high")
    )
    return Ahead(n, one["score"], low, high, f"+{one['n_more']}")
