"""Where images lie on a map of alike ones: by class, by group, and by error."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from bioselect.drawing.map_plot import (
    IN_ORDER,
    MOST_KINDS,
    RIGHT_OR_WRONG,
    MapKind,
    kinds_in_turn,
    map_svg,
)
from bioselect.report.blocks import Block, Figure, Section, Text
from bioselect.report.results import Row, RunResults
from bioselect.report.short_names import short_names
from bioselect.selection.phrases import figures

COLUMNS = ("image_id", "x", "y", "target", "group", "predicted", "error")


def image_map(results: RunResults) -> Section | None:
    """Return the map, drawn by what images are, by their groups and by errors."""
    rows = results.table(results.folder.image_map)
    if not rows:
        return None
    facts = results.facts(results.folder.image_map_facts)
    noun, names = results.noun, short_names(results)
    features = names.get(facts["extractor"], facts["extractor"])
    some = ""
    if facts["n_mapped"] < facts["n_images"]:
        some = f" {facts['n_mapped']} of {facts['n_images']} {noun}s are shown, drawn by the seed."
    blocks: list[Block] = [
        Text(
            f"Each mark is one {noun}; {noun}s with alike features ({features}) are "
            "neighbours. How far apart heaps lie says little, and no label was used to lay them "
            f"out. A single mark among others of another kind is worth a look.{some}"
        )
    ]
    of_numbers = results.task == "regression"
    what = "given number" if of_numbers else "class"
    if results.predictions is not None and results.predictions.truth.ndim == 2:
        what = "labels"
    blocks.append(
        _in_thirds("target", what, rows, noun)
        if of_numbers
        else _by_name("target", what, rows, noun, "none")
    )
    if any(row["group"] for row in rows):
        blocks.append(_by_name("group", "group", rows, noun, "no group"))
    tested = [row for row in rows if row["error"]]
    if tested:
        blocks.append(
            _in_thirds("error", "error", rows, noun) if of_numbers else _by_error(rows, noun)
        )
    return Section("map", f"Map of the {noun}s", blocks)


def _by_name(column: str, what: str, rows: Sequence[Row], noun: str, without: str) -> Figure:
    """Draw by names: the most frequent have marks of their own."""
    counts = Counter(row[column] or without for row in rows)
    names = [name for name, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]
    n_others = len(names) - MOST_KINDS
    kinds = kinds_in_turn(names, f"{n_others} others")
    places = {name: min(place, len(kinds) - 1) for place, name in enumerate(names)}
    listed = "; ".join(f"{name}: {counts[name]}" for name in names[:MOST_KINDS])
    caption = f"By {what}."
    if n_others > 0:
        listed += f"; {n_others} others"
        caption += (
            f" The {MOST_KINDS} most frequent of {len(names)} are marked, the others are grey."
        )
    return _figure(
        column,
        f"by {what}",
        caption,
        listed,
        rows,
        kinds,
        lambda row: places[row[column] or without],
    )


def _by_error(rows: Sequence[Row], noun: str) -> Figure:
    place = {"0": 0, "1": 1, "": 2}
    n_wrong = sum(row["error"] == "1" for row in rows)
    n_tested = sum(row["error"] != "" for row in rows)
    return _figure(
        "error",
        "by error",
        "By error: what the exported model predicts wrongly when it is not trained on it "
        f"({n_wrong} of {n_tested} {noun}s).",
        f"wrong: {n_wrong} of {n_tested}",
        rows,
        RIGHT_OR_WRONG,
        lambda row: place[row["error"]],
    )


def _in_thirds(column: str, what: str, rows: Sequence[Row], noun: str) -> Figure:
    """Draw by numbers: a third of the images each is low, middle and high."""
    known = sorted(float(row[column]) for row in rows if row[column])
    edges = (known[len(known) // 3], known[2 * len(known) // 3])
    words = (
        f"below {figures(edges[0])}",
        f"{figures(edges[0])} to {figures(edges[1])}",
        f"from {figures(edges[1])} on",
    )
    kinds = [
        *(
            MapKind(word, one.colour, one.shape, one.size)
            for word, one in zip(words, IN_ORDER, strict=True)
        ),
        RIGHT_OR_WRONG[2],
    ]

    def third(row: Row) -> int:
        if not row[column]:
            return 3
        return sum(float(row[column]) >= edge for edge in edges)

    caption = f"By {what}: about a third of the {noun}s each."
    return _figure(column, f"by {what}", caption, "; ".join(words), rows, kinds, third)


def _figure(
    column: str,
    title: str,
    caption: str,
    told: str,
    rows: Sequence[Row],
    kinds: Sequence[MapKind],
    kind_of: Callable[[Row], int],
) -> Figure:
    points = [(float(row["x"]), float(row["y"])) for row in rows]
    names = [row["image_id"] for row in rows]
    svg = map_svg(title, "", points, kinds, [kind_of(row) for row in rows], names)
    name = {"target": "map_by_class", "group": "map_by_group", "error": "map_by_error"}[column]
    return Figure(
        name,
        caption,
        svg,
        f"Map of {len(rows)} marks. {caption} {told}.",
        COLUMNS,
        [[row[one] for one in COLUMNS] for row in rows],
    )
