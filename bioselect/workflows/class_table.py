"""How good the exported model is class by class, or label by label, as a table to read."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bioselect.data.targets import is_label_sets
from bioselect.metrics.counts import f1_scores_of, mean_of_defined, precisions_of, recalls_of
from bioselect.selection.per_class import most_often_taken_for, repeat_counts, tested_of_classes
from bioselect.selection.per_label import label_values, tested_with_label
from bioselect.workflows.judgement import Judged

#: With more classes than this, of which one has fewer than so many independent images, too much
#: of a table would be luck: it is left to the file.
MANY_CLASSES, COMFORTABLE_UNITS = 10, 30
#: So many classes are shown, those with the lowest recall.
MOST_SHOWN = 12

COLUMNS = ("class", "images", "recall", "precision", "F1", "most often taken for")
#: Columns of words, which begin at the left.
TEXTS = ("class", "label", "most often taken for")
LABEL_COLUMNS = ("label", "images", "recall", "precision", "F1", "ROC AUC")
_WHERE = "per_class.csv: all combinations"
#: Where the predictions of one split come from; the file has those of the validation part.
_ON_TEST_PART = "on the test part"


def class_table_lines(judged: Judged, class_names: Sequence[str]) -> list[str]:
    """Return the table of the exported model for a terminal, or why there is none."""
    title, columns, rows = _table(judged, class_names)
    title = f"{columns[0].capitalize()} by {columns[0]}: {title}"
    if not rows:
        return [title]
    widths = [max(len(row[place]) for row in (columns, *rows)) for place in range(len(columns))]
    texts = {place for place, name in enumerate(columns) if name in TEXTS}
    lines = [title]
    for row in (columns, *rows):
        cells = [
            cell.ljust(width) if place in texts else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append(f"  {'  '.join(cells)}".rstrip())
    return lines


def class_table_markdown(judged: Judged, class_names: Sequence[str]) -> str:
    """Return the same as Markdown."""
    title, columns, rows = _table(judged, class_names)
    if not rows:
        return f"{title}\n"
    rule = tuple("---" if name in TEXTS else "---:" for name in columns)
    head = [columns, rule]
    lines = [f"| {' | '.join(_escaped(cell) for cell in row)} |" for row in (*head, *rows)]
    return "\n".join([title, "", *lines, ""])


def _table(
    judged: Judged, class_names: Sequence[str]
) -> tuple[str, tuple[str, ...], list[tuple[str, ...]]]:
    """Return whose figures they are, the columns, and the rows."""
    if is_label_sets(judged.out_of_fold.class_indices):
        return _of_labels(judged, class_names)
    title, rows = _of_classes(judged, class_names)
    return title, COLUMNS, rows


def _of_labels(
    judged: Judged, label_names: Sequence[str]
) -> tuple[str, tuple[str, ...], list[tuple[str, ...]]]:
    probabilities, labels, where = _predictions(judged)
    if probabilities is None:
        return "", LABEL_COLUMNS, []
    # The test part of one split was predicted by one model, so it has no folds.
    is_opened = len(labels) != len(judged.out_of_fold.class_indices)
    values = label_values(probabilities, labels, None if is_opened else judged.out_of_fold.folds)
    n_images = tested_with_label(probabilities, labels)
    columns = [mean_of_defined(values[name].T) for name in ("recall", "precision", "f1", "roc_auc")]
    shown: Sequence[int] = range(len(label_names))
    if len(shown) > MOST_SHOWN:
        shown = sorted(np.argsort(columns[2], kind="stable")[:MOST_SHOWN].tolist())
    rows = [
        (label_names[place], str(int(n_images[place])), *_figures(columns, place))
        for place in shown
    ]
    which = ""
    if len(label_names) > len(rows):
        which = f"; the {MOST_SHOWN} labels with the lowest F1"
    return f"{judged.exported.label} {where}{which} ({_file_of(where)}):", LABEL_COLUMNS, rows


def _figures(columns: Sequence[np.ndarray], place: int) -> list[str]:
    return ["-" if np.isnan(column[place]) else _figure(float(column[place])) for column in columns]


def _figure(share: float) -> str:
    """Write a share with two digits, or with three where two would make a perfect one of it."""
    return f"{share:.3f}" if f"{share:.2f}" == "1.00" and share < 1 else f"{share:.2f}"


def _of_classes(judged: Judged, class_names: Sequence[str]) -> tuple[str, list[tuple[str, ...]]]:
    probabilities, classes, where = _predictions(judged)
    if probabilities is None:
        return "", []
    counts = repeat_counts(probabilities, classes)
    n_images = tested_of_classes(probabilities, classes)
    if len(class_names) > MANY_CLASSES and _fewest_units(judged) < COMFORTABLE_UNITS:
        return (
            f"With {len(class_names)} classes, of which some have fewer than "
            f"{COMFORTABLE_UNITS} independent images, single ones are mostly luck ({_WHERE}).",
            [],
        )
    # Of random splits, some may test no image of a class.
    of_counts = (recalls_of, precisions_of, f1_scores_of)
    columns = [mean_of_defined(each(counts).T) for each in of_counts]
    shown = np.arange(len(class_names))
    if len(shown) > MOST_SHOWN:
        shown = np.sort(np.argsort(columns[0], kind="stable")[:MOST_SHOWN])
    rows = [
        (
            class_names[number],
            str(n_images[number]),
            *_figures(columns, number),
            _taken_for(counts, number, class_names),
        )
        for number in map(int, shown)
    ]
    which = ""
    if len(class_names) > len(rows):
        which = f"; the {MOST_SHOWN} classes with the lowest recall"
    return f"{judged.exported.label} {where}{which} ({_file_of(where)}):", rows


def _file_of(where: str) -> str:
    return f"{_WHERE}, on the validation part" if where == _ON_TEST_PART else _WHERE


def _predictions(judged: Judged) -> tuple[np.ndarray | None, np.ndarray, str]:
    """Return the predictions of the exported model that are shown, the truth, and whose they are.

    With one split those of the test part: the validation part has chosen the model. For all
    combinations there are only those of the validation part, which are in the file.
    """
    place = judged.candidates.index(judged.exported)
    compared = judged.out_of_fold
    if judged.opened is not None:
        tested = judged.opened.tested()
        [table] = tested.probabilities
        if table is not None:
            return table, tested.class_indices, _ON_TEST_PART
        return compared.probabilities[place], compared.class_indices, "on the validation part"
    where = "on images it was not trained on"
    is_split = compared.folds is not None and bool((compared.folds < 0).any())
    repeats = "splits" if is_split else "repeats"
    found = compared.probabilities[place]
    if found is not None and len(found) > 1:
        where += f", mean of {len(found)} {repeats}"
    return found, compared.class_indices, where


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
