"""How good the exported model is class by class, as a table to read."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bioselect.metrics.counts import f1_scores_of, precisions_of, recalls_of
from bioselect.selection.per_class import most_often_taken_for, repeat_counts
from bioselect.workflows.judgement import Judged

#: With more classes than this, of which one has fewer than so many independent images, too much
#: of a table would be luck: it is left to the file.
MANY_CLASSES, COMFORTABLE_UNITS = 10, 30
#: So many classes are shown, those with the lowest recall.
MOST_SHOWN = 12

COLUMNS = ("class", "images", "recall", "precision", "F1", "most often taken for")
_WHERE = "per_class.csv: all combinations"


def class_table_lines(judged: Judged, class_names: Sequence[str]) -> list[str]:
    """Return the table of the exported model for a terminal, or why there is none."""
    title, rows = _table(judged, class_names)
    title = f"Class by class: {title}"
    if not rows:
        return [title]
    widths = [max(len(row[place]) for row in (COLUMNS, *rows)) for place in range(len(COLUMNS))]
    lines = [title]
    for row in (COLUMNS, *rows):
        cells = [
            cell.ljust(width) if place in (0, len(COLUMNS) - 1) else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append(f"  {'  '.join(cells)}".rstrip())
    return lines


def class_table_markdown(judged: Judged, class_names: Sequence[str]) -> str:
    """Return the same as Markdown."""
    title, rows = _table(judged, class_names)
    if not rows:
        return f"{title}\n"
    head = [COLUMNS, ("---", "---:", "---:", "---:", "---:", "---")]
    lines = [f"| {' | '.join(_escaped(cell) for cell in row)} |" for row in (*head, *rows)]
    return "\n".join([title, "", *lines, ""])


def _table(judged: Judged, class_names: Sequence[str]) -> tuple[str, list[tuple[str, ...]]]:
    place = judged.candidates.index(judged.exported)
    probabilities = judged.out_of_fold.probabilities[place]
    if probabilities is None:
        return "", []
    counts = repeat_counts(probabilities, judged.out_of_fold.class_indices)
    n_images = np.bincount(judged.out_of_fold.class_indices, minlength=len(class_names))
    if len(class_names) > MANY_CLASSES and _fewest_units(judged) < COMFORTABLE_UNITS:
        return (
            f"With {len(class_names)} classes, of which some have fewer than "
            f"{COMFORTABLE_UNITS} independent images, single ones are mostly luck ({_WHERE}).",
            [],
        )
    means = [of_counts(counts).mean(axis=0) for of_counts in (recalls_of, precisions_of)]
    columns = [*means, f1_scores_of(counts).mean(axis=0)]
    shown = np.arange(len(class_names))
    if len(shown) > MOST_SHOWN:
        shown = np.sort(np.argsort(columns[0], kind="stable")[:MOST_SHOWN])
    rows = [
        (
            class_names[number],
            str(n_images[number]),
            *(f"{column[number]:.2f}" for column in columns),
            _taken_for(counts, number, class_names),
        )
        for number in map(int, shown)
    ]
    return _title(judged, len(counts), len(class_names) > len(rows)), rows


def _title(judged: Judged, n_repeats: int, is_cut: bool) -> str:
    over = "" if n_repeats == 1 else f", mean of {n_repeats} repeats"
    which = f"; the {MOST_SHOWN} classes with the lowest recall" if is_cut else ""
    return f"{judged.exported.label} on images it was not trained on{over}{which} ({_WHERE}):"


def _taken_for(counts: np.ndarray, place: int, class_names: Sequence[str]) -> str:
    found = most_often_taken_for(counts, place)
    if found is None:
        return "-"
    percent = 100 * found[1]
    share = "under 1 %" if percent < 1 else f"{percent:.0f} %"
    return f"{class_names[found[0]]} ({share})"


def _fewest_units(judged: Judged) -> int:
    classes, units = judged.out_of_fold.class_indices, judged.out_of_fold.units
    return min(len(np.unique(units[classes == place])) for place in np.unique(classes))


def _escaped(cell: str) -> str:
    return cell.replace("|", "\\|")
