"""Which classes a model takes for which, of labelled images: a table, and the same in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from bioselect.data.targets import is_label_sets
from bioselect.workflows.evaluated_labels import ANSWERS, answer_counts, answers_in_words


def confusion_matrix(y_true: np.ndarray, probabilities: np.ndarray, n_classes: int) -> np.ndarray:
    """Count images: rows are the true classes, columns the predicted ones."""
    counts = np.zeros((n_classes, n_classes), dtype=np.int64)
    np.add.at(counts, (y_true, probabilities.argmax(axis=1)), 1)
    return counts


def confusion_table(
    y_true: np.ndarray, probabilities: np.ndarray, names: Sequence[str]
) -> tuple[list[str], list[list[Any]], list[str]]:
    """Return the header and the rows of the table of right and wrong, and it in words."""
    if is_label_sets(y_true):
        counts = answer_counts(y_true, probabilities)
        cells = [[name, *row] for name, row in zip(names, counts.tolist(), strict=True)]
        return ["label", *ANSWERS], cells, answers_in_words(names, counts)
    counts = confusion_matrix(y_true, probabilities, len(names))
    cells = [[name, *row] for name, row in zip(names, counts, strict=True)]
    lines = ["rows: true class, columns: predicted class", *_matrix_lines(names, counts)]
    return ["true", *(f"predicted_{name}" for name in names)], cells, lines


def _matrix_lines(class_names: Sequence[str], counts: np.ndarray) -> list[str]:
    width = max(5, *(len(name) for name in class_names)) + 1
    cell: Callable[[object], str] = lambda value: str(value).rjust(width)  # noqa: E731
    lines = ["  " + cell("") + "".join(map(cell, class_names))]
    for name, row in zip(class_names, counts, strict=True):
        lines.append("  " + cell(name) + "".join(map(cell, row)))
    return lines
