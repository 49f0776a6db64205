"""Which classes are taken for which: counts, and shares of the true class."""

from __future__ import annotations

import numpy as np

from bioselect.data.targets import predicted_sets
from bioselect.drawing.tile_map import Tile, tile_map_svg
from bioselect.metrics.counts import label_counts
from bioselect.report.blocks import Block, Cell, Figure, Section, Table, Text
from bioselect.report.exported_predictions import ExportedPredictions, exported_predictions
from bioselect.report.results import RunResults
from bioselect.report.score_words import count_text, share_text
from bioselect.selection.per_class import repeat_counts

#: Up to so many classes numbers are written on the tiles, and up to so many there are tiles.
MOST_WRITTEN, MOST_DRAWN = 16, 40
#: From so many classes on the most frequent confusions are listed as well, so many of them.
FEWEST_LISTED, MOST_LISTED = 6, 25
LABEL_COLUMNS = (
    "label",
    "has it, and found",
    "has it, but missed",
    "has it not, but said",
    "has it not, and not said",
)


def confusion(results: RunResults) -> Section | None:
    """Return true against predicted classes of the exported model; None of numbers and masks."""
    tested = exported_predictions(results)
    if tested is None:
        return None
    blocks = _of_labels(tested) if tested.has_label_sets else _of_classes(tested)
    return Section("confusion", "What is taken for what", blocks)


def _of_classes(tested: ExportedPredictions) -> list[Block]:
    counts = repeat_counts(tested.probabilities, tested.truth).mean(axis=0)
    totals = counts.sum(axis=1, keepdims=True)
    shares = np.divide(counts, totals, out=np.zeros_like(counts), where=totals > 0)
    names = tested.class_names
    right = float(np.trace(counts) / max(1.0, counts.sum()))
    blocks: list[Block] = [
        Text(
            f"{tested.label} {tested.where}: of {tested.n_tested} {tested.noun}s "
            f"{share_text(right)} were given the right class."
        )
    ]
    if len(names) <= MOST_DRAWN:
        blocks.append(_figure(tested, counts, shares))
    if len(names) >= FEWEST_LISTED and _confusions(counts):
        blocks.append(_listed(tested, counts, shares))
    return blocks


def _figure(tested: ExportedPredictions, counts: np.ndarray, shares: np.ndarray) -> Figure:
    names = tested.class_names
    written = len(names) <= MOST_WRITTEN
    size = (58.0, 36.0) if len(names) <= 8 else (44.0, 34.0) if written else (15.0, 15.0)
    tiles = [
        [
            Tile(
                float(shares[true, said]),
                [count_text(counts[true, said]), share_text(shares[true, said])]
                if written and counts[true, said]
                else (),
                name=f"{names[true]} taken for {names[said]}: {count_text(counts[true, said])}",
            )
            for said in range(len(names))
        ]
        for true in range(len(names))
    ]
    svg = tile_map_svg(
        "true against predicted classes",
        f"{tested.noun}s, and their share of the true class"
        if written
        else "the stronger the colour, the more of a class",
        names,
        names,
        tiles,
        size,
        ("true", "predicted"),
    )
    worst = _confusions(counts)[:3]
    told = "; ".join(
        f"{names[true]} taken for {names[said]}: {count_text(counts[true, said])} {tested.noun}s, "
        f"{share_text(shares[true, said])} of the class"
        for true, said in worst
    )
    return Figure(
        "confusion",
        "Rows are the true classes, columns the predicted ones; what is right lies on the "
        "diagonal. Every row adds up to 100 %."
        + (
            f" Numbers of {tested.noun}s are means over the {tested.rounds}."
            if tested.n_repeats > 1
            else ""
        ),
        svg,
        f"Most frequent: {told}." if told else f"No {tested.noun} was given a wrong class.",
        ("true", "predicted", "n_images", "share_of_true"),
        [
            (names[true], names[said], counts[true, said], shares[true, said])
            for true in range(len(names))
            for said in range(len(names))
        ],
    )


def _listed(tested: ExportedPredictions, counts: np.ndarray, shares: np.ndarray) -> Table:
    names = tested.class_names
    pairs = _confusions(counts)
    rows: list[list[Cell | str]] = [
        [
            names[true],
            names[said],
            Cell(count_text(counts[true, said]), float(counts[true, said])),
            Cell(share_text(shares[true, said]), float(shares[true, said])),
        ]
        for true, said in pairs
    ]
    caption = f"The {len(rows)} confusions, the most frequent first."
    if len(rows) > MOST_LISTED:
        caption = f"The {MOST_LISTED} most frequent of {len(rows)} different confusions."
    if len(names) > MOST_DRAWN:
        caption += f" With {len(names)} classes there is no drawing that could be read."
    return Table(
        "confusions",
        caption,
        ("true class", "taken for", f"{tested.noun}s", "share of the class"),
        rows[:MOST_LISTED],
        (False, False, True, True),
        file_rows=rows,
    )


def _confusions(counts: np.ndarray) -> list[tuple[int, int]]:
    """Return the places off the diagonal where there is something, most images first."""
    wrong = counts * (1 - np.eye(len(counts)))
    order = np.argsort(-wrong, axis=None, kind="stable")
    places = [divmod(int(place), len(counts)) for place in order]
    return [(true, said) for true, said in places if wrong[true, said] > 0]


def _of_labels(tested: ExportedPredictions) -> list[Block]:
    weights = np.isfinite(tested.probabilities).all(axis=2).astype(np.float64)
    counts = np.concatenate(
        [
            label_counts(tested.truth, predicted_sets(table), weight[None])
            for table, weight in zip(tested.probabilities, weights, strict=True)
        ]
    ).mean(axis=0)
    rows: list[list[Cell | str]] = []
    for name, table in zip(tested.class_names, counts, strict=True):
        # Rows are what is true, columns what was said; the second is yes.
        cells = (table[1, 1], table[1, 0], table[0, 1], table[0, 0])
        rows.append([name, *(Cell(count_text(one), float(one)) for one in cells)])
    caption = f"{tested.label} {tested.where}. A label is said where its probability is above 50 %."
    return [Table("confusion", caption, LABEL_COLUMNS, rows, (False, *[True] * 4))]
