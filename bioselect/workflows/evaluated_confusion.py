"""The table of right and wrong: per true class, how often each class was said."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bioselect.bundle.reading import Model
from bioselect.data.targets import is_label_sets
from bioselect.run_folder import write_table
from bioselect.workflows.evaluated_figures import Labelled
from bioselect.workflows.evaluated_labels import ANSWERS, answer_counts, answers_in_words


def confusion_matrix(labelled: Labelled, n_classes: int) -> np.ndarray:
    """Count images: rows are the true classes, columns the predicted ones."""
    counts = np.zeros((n_classes, n_classes), dtype=np.int64)
    np.add.at(counts, (labelled.y_true, labelled.probabilities.argmax(axis=1)), 1)
    return counts


def _confusion(labelled: Labelled, model: Model) -> tuple[list[str], list[list[Any]], list[str]]:
    """Return the header and the rows of the table of right and wrong, and it in words."""
    names = model.class_names
    if is_label_sets(labelled.y_true):
        counts = answer_counts(labelled.y_true, labelled.probabilities)
        cells = [[name, *row] for name, row in zip(names, counts.tolist(), strict=True)]
        return ["label", *ANSWERS], cells, answers_in_words(names, counts)
    counts = confusion_matrix(labelled, len(names))
    cells = [[name, *row] for name, row in zip(names, counts, strict=True)]
    lines = ["rows: true class, columns: predicted class", *_matrix_lines(names, counts)]
    return ["true", *(f"predicted_{name}" for name in names)], cells, lines


def write_confusion(path: Path, labelled: Labelled, model: Model) -> list[str]:
    """Write the table of right and wrong, and return it in words; numbers have none."""
    if model.number is not None:
        # One from an earlier evaluation would be taken for this one's.
        path.unlink(missing_ok=True)
        return []
    header, cells, lines = _confusion(labelled, model)
    write_table(path, header, cells)
    return lines


def _matrix_lines(class_names: Sequence[str], counts: np.ndarray) -> list[str]:
    width = max(5, *(len(name) for name in class_names)) + 1
    cell: Callable[[object], str] = lambda value: str(value).rjust(width)  # noqa: E731
    lines = ["  " + cell("") + "".join(map(cell, class_names))]
    for name, row in zip(class_names, counts, strict=True):
        lines.append("  " + cell(name) + "".join(map(cell, row)))
    return lines
