"""What `bioselect evaluate` says of a model that gives any number of labels."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bioselect.bundle.manifest import LabelText
from bioselect.bundle.reading import Model
from bioselect.data.records import ImageDataset, ImageRecord
from bioselect.data.table_labels import LabelCell, LabelColumns, LabelTarget
from bioselect.data.targets import predicted_sets
from bioselect.exceptions import DataError
from bioselect.metrics.base import ChosenMetric, Metric, get_metric
from bioselect.registry import ComponentSpec

#: Metrics of each label, beside those of all labels together.
OF_ONE_LABEL = ("precision", "recall", "f1", "average_precision")
ANSWERS = ("has_it_found", "has_it_missed", "has_not_but_said", "has_not_not_said")


def target_of_labels(column: str | None, labels: LabelText, names: Sequence[str]) -> LabelTarget:
    """Return where the labels stand in a table: in one column, or each label in its own."""
    if column is None:
        return LabelColumns(tuple(names))
    return LabelCell(column, labels.separator, labels.none_label, must_occur=False)


def check_targets(model: Model, dataset: ImageDataset, path: Path) -> None:
    """Refuse images that say something else than what the model predicts.

    Raises
    ------
    DataError
        If they have one class each and the model gives labels or the other way, or if they have a
        class or label that the model does not know.
    """
    if model.number is not None or dataset.is_values:
        return  # A model of numbers gets its images from a column of numbers, and no other does.
    takes_labels, known = model.manifest.labels is not None, ", ".join(model.class_names)
    if takes_labels and not dataset.is_multilabel:
        raise DataError(
            f"{path}: must say which labels each image has, as the model predicts any number of "
            f"{known}. Got one class for each. Give a table with --image NAME, and --target NAME "
            "where the labels stand in one column."
        )
    if dataset.is_multilabel and not takes_labels:
        raise DataError(
            f"{path}: must have one class for each image, as the model predicts. Got several "
            f"labels ({', '.join(dataset.class_names)}). Evaluate on images with one class each."
        )
    unknown = [name for name in dataset.class_names if name not in model.class_names]
    if unknown:
        what = "labels" if takes_labels else "classes"
        raise DataError(
            f"{path}: holds {what} that the model does not know: {', '.join(unknown)}. It knows "
            f"{known}. {_remedy(model.manifest.labels, dataset.class_names)}"
        )


def _remedy(labels: LabelText | None, found: Sequence[str]) -> str:
    """Say what to do about unknown names; an image without labels is not to be removed."""
    if labels is None:
        return "Rename or remove these images."
    if set(found) <= {"0", "1"}:
        return (
            "It seems that the column of --target holds 0 and 1. Leave --target out: each label is "
            "then looked for in the column of its name."
        )
    text = "Rename these labels, or take them out of the cells"
    if labels.none_label is None:
        return f"{text}."
    holds = f"holds {labels.none_label!r}" if labels.none_label else "is empty"
    return f"{text}: that of an image with none of the labels {holds}."


def true_text(model: Model, record: ImageRecord) -> str:
    """Return what an image is as one cell, written as the model writes its predictions."""
    if isinstance(record.target, tuple):
        return model.as_text(record.target)
    return record.target_text


def true_targets(model: Model, records: Sequence[ImageRecord]) -> np.ndarray:
    """Return what images are, in the order of the model: class places, label sets or numbers."""
    if model.number is not None:
        return np.array([record.target for record in records], dtype=np.float64)
    places = {name: place for place, name in enumerate(model.class_names)}
    if model.manifest.labels is None:
        return np.array([places[str(record.target)] for record in records], dtype=np.int64)
    found = np.zeros((len(records), len(places)), dtype=np.int8)
    for row, record in zip(found, records, strict=True):
        names = record.target if isinstance(record.target, tuple) else ()
        row[[places[name] for name in names]] = 1
    return found


def metrics_of_each(names: Sequence[str]) -> list[Metric]:
    """Return the metrics of every label by itself."""
    return [
        get_metric(ChosenMetric(ComponentSpec.of(metric, {"positive": name}), tuple(names), True))
        for name in names
        for metric in OF_ONE_LABEL
    ]


def answer_counts(truth: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Return how often the model was right and wrong about each label, ``(n_labels, 4)``.

    The columns are :data:`ANSWERS`.

    Examples
    --------
    >>> answer_counts(np.array([[1], [1], [0]]), np.array([[0.9], [0.2], [0.7]])).tolist()
    [[1, 1, 1, 0]]
    """
    said, has = predicted_sets(probabilities), truth == 1
    kinds = (has & said, has & ~said, ~has & said, ~has & ~said)
    return np.stack([kind.sum(axis=0) for kind in kinds], axis=1)


def answers_in_words(names: Sequence[str], counts: np.ndarray) -> list[str]:
    """Return the same for a terminal, a line a label."""
    head = ("label", "has it: found", "missed", "has it not: said", "not said")
    rows = [head, *((name, *map(str, row)) for name, row in zip(names, counts, strict=True))]
    widths = [max(len(row[place]) for row in rows) for place in range(len(head))]
    return [
        "  " + "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])])
        for row in rows
    ]
