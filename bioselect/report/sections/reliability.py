"""Whether the percentages can be believed: what was said beside what was so."""

from __future__ import annotations

from typing import Any

from bioselect.data.targets import is_label_sets
from bioselect.drawing.reliability_plot import Said, reliability_svg
from bioselect.report.blocks import Block, Figure, Section, Table, Text
from bioselect.report.results import RunResults
from bioselect.report.score_words import count_text, share_text

NOT_CALIBRATED = "none"
COLUMNS = ("series", "low", "high", "n_images", "said", "right")
FIGURES = (
    ("said on average", "said", share_text),
    ("right", "right", share_text),
    ("log loss", "log_loss", "{:.3f}".format),
    ("expected calibration error", "expected_calibration_error", "{:.3f}".format),
    ("Brier score", "brier", "{:.3f}".format),
)


def reliability(results: RunResults) -> Section | None:
    """Return the diagram before and after calibration; None where nothing gives percentages."""
    calibration: dict[str, Any] | None = results.study.get("calibration")
    if not calibration:
        return None
    before = calibration["before"]
    after = calibration.get("after") if calibration["used"] != NOT_CALIBRATED else None
    of = _noun(results)
    series = [("before calibration" if after else "not calibrated", before)]
    if after:
        series.append((f"after ({calibration['used']})", after))
    svg = reliability_svg(
        "probabilities beside what was so",
        "",
        [(name, [_said(one) for one in part["bins"]]) for name, part in series],
        ("said: probability of what was predicted", "so: share that was right"),
    )
    figure = Figure(
        "reliability",
        f"{of.capitalize()} in bins by the probability of what was predicted; larger marks are "
        f"more {of}. Below the dotted line too much was promised, above it too little. Bins of "
        f"a few {of} lie far from it by chance.",
        svg,
        " ".join(_told(name, part, of) for name, part in series),
        COLUMNS,
        [
            (name, *(one[key] for key in COLUMNS[1:]))
            for name, part in series
            for one in part["bins"]
        ],
    )
    # The question is the heading.
    words = str(calibration["in_words"]).split("? ", 1)[-1]
    blocks: list[Block] = [Text(words), figure, _figures(series)]
    return Section("reliability", "Can the percentages be believed?", blocks)


def _noun(results: RunResults) -> str:
    """Return what percentages are given to: of several labels, the answer to each of them."""
    predictions = results.predictions
    if predictions is not None and is_label_sets(predictions.truth):
        return "answers"
    return f"{results.noun}s"


def _said(one: dict[str, float]) -> Said:
    return Said(one["said"], one["right"], one["n_images"])


def _told(name: str, part: dict[str, Any], of: str) -> str:
    words = f"{name.capitalize()}: {share_text(part['said'])} said on average, "
    words += f"{share_text(part['right'])} right."
    sure = part.get("sure")
    if sure:
        words += (
            f" Of {count_text(sure['n_images'])} {of} given {share_text(sure['low'])} or more, "
            f"{share_text(sure['right'])} were right."
        )
    return words


def _figures(series: list[tuple[str, dict[str, Any]]]) -> Table:
    return Table(
        "reliability_figures",
        "Of the last three, lower is better.",
        ("figure", *(name for name, _ in series)),
        [
            [words, *(write(float(part[key])) for _, part in series)]
            for words, key, write in FIGURES
        ],
        (False, *[True] * len(series)),
    )
