"""The table of predictions: written row by row, so that it never has to fit into memory."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bioselect.predict.files import Prediction
from bioselect.storage import atomic_path


@dataclass(frozen=True)
class PredictionCounts:
    """How many files were predicted, how many could not be used, and each class's count."""

    n_predicted: int
    n_failed: int
    per_class: dict[str, int]


def columns(class_names: Iterable[str]) -> list[str]:
    """Return the header: path, prediction, a probability per class, error.

    Examples
    --------
    >>> columns(["cell", "debris"])
    ['path', 'prediction', 'probability_cell', 'probability_debris', 'error']
    """
    return ["path", "prediction", *(f"probability_{name}" for name in class_names), "error"]


def write_predictions(
    path: Path, class_names: tuple[str, ...], predictions: Iterable[Prediction]
) -> PredictionCounts:
    """Write predictions as CSV, whole or not at all, and count them.

    Parameters
    ----------
    path : Path
        The table to write.
    class_names : tuple of str
        The model's classes.
    predictions : iterable of Prediction
        Consumed row by row.
    """
    per_class = dict.fromkeys(class_names, 0)
    n_failed = 0
    with (
        atomic_path(Path(path)) as unfinished,
        unfinished.open("w", newline="", encoding="utf-8") as file,
    ):
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns(class_names))
        for item in predictions:
            writer.writerow(_row(item, len(class_names)))
            if item.error:
                n_failed += 1
            else:
                per_class[item.prediction] += 1
    return PredictionCounts(sum(per_class.values()), n_failed, per_class)


def _row(item: Prediction, n_classes: int) -> list[str]:
    if item.probabilities is None:
        probabilities = [""] * n_classes
    else:
        probabilities = [repr(float(value)) for value in item.probabilities]
    return [str(item.path), item.prediction, *probabilities, item.error]
