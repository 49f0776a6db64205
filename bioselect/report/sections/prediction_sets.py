"""Which classes cannot be ruled out: how often sets hold the true one, and how large they are."""

from __future__ import annotations

from typing import Any

from bioselect.report.blocks import Block, Section, Table, Text
from bioselect.report.results import RunResults
from bioselect.report.score_words import share_text
from bioselect.selection.interval_words import percent

_LEVELS = (
    "level",
    "held the true class",
    "least of a class",
    "classes on average",
    "one class alone",
    "right of these",
)


def prediction_sets(results: RunResults) -> Section | None:
    """Return the sets level by level and class by class; None where there are none."""
    sets: dict[str, Any] | None = results.study.get("prediction_sets")
    if not sets:
        return None
    # The question is the heading.
    blocks: list[Block] = [Text(str(sets["in_words"]).split("? ", 1)[-1])]
    if sets["measured"]:
        blocks += [_by_level(results, sets), _by_class(results, sets)]
    return Section("prediction_sets", "Which classes cannot be ruled out?", blocks)


def _by_level(results: RunResults, sets: dict[str, Any]) -> Table:
    rows = [[percent(one["level"]), *_figures(one["measured"])] for one in sets["by_level"]]
    return Table(
        "prediction_sets",
        f"Sets of several levels (the model has those of {percent(sets['level'])}; "
        f"bundle.coverage), on {results.noun}s that they were not made from. The last two columns: "
        "how many would not be left to a person, and how many of these are predicted right.",
        _LEVELS,
        rows,
        (True,) * len(_LEVELS),
    )


def _figures(measured: dict[str, Any]) -> list[str]:
    known = [share for share in measured["of_classes"].values() if share is not None]
    right = measured["right_if_single"]
    return [
        share_text(measured["coverage"]),
        share_text(min(known)),
        f"{measured['mean_size']:.2f}",
        share_text(measured["single"]),
        "" if right is None else share_text(right),
    ]


def _by_class(results: RunResults, sets: dict[str, Any]) -> Table:
    held, shared = sets["measured"]["of_classes"], sets["shared"]
    caption = (
        "Class by class: how often the set held it where it was the true one, and from which "
        "probability on it stands in a set in which another class is predicted."
    )
    columns, numeric = ["class", "held", "from a probability of"], [False, True, True]
    rows = [
        [
            name,
            "" if held[name] is None else share_text(held[name]),
            "only where predicted" if border >= 1 else f"{border:.3f}",
        ]
        for name, border in sets["borders"].items()
    ]
    if shared:
        caption += f" Classes with too few {results.noun}s or groups share this border."
        columns.append("border is shared")
        numeric.append(False)
        for row in rows:
            row.append("yes" if row[0] in shared else "")
    return Table("prediction_sets_by_class", caption, columns, rows, numeric)
