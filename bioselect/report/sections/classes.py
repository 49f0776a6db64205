"""Class by class, or label by label: what is found, what is called so, and what it is taken for."""

from __future__ import annotations

import math

import numpy as np

from bioselect.metrics.counts import f1_scores_of, mean_of_defined, precisions_of, recalls_of
from bioselect.report.blocks import Cell, Section, Table, Text
from bioselect.report.exported_predictions import ExportedPredictions, exported_predictions
from bioselect.report.results import RunResults
from bioselect.report.score_words import share_text
from bioselect.selection.per_class import most_often_taken_for, repeat_counts, tested_of_classes
from bioselect.selection.per_label import label_values, tested_with_label

COLUMNS = ("recall", "precision", "F1")
#: Of fewer images one more or less that is right moves a share by more than ten points.
FEW = 10

Row = list[Cell | str]


def classes(results: RunResults) -> Section | None:
    """Return a table of the classes of the exported model; None of numbers and masks."""
    tested = exported_predictions(results)
    if tested is None:
        return None
    kind = "label" if tested.has_label_sets else "class"
    rows = _of_labels(tested) if tested.has_label_sets else _of_classes(tested)
    last = ("area under ROC",) if tested.has_label_sets else ("most often taken for",)
    table = Table(
        "classes",
        f"{tested.label} {tested.where}. Recall: the share of a {kind} that is found. Precision: "
        "the share of what is called so that is so. F1: both in one. Of every combination in "
        "per_class.csv.",
        (kind, f"{tested.noun}s", *COLUMNS, *last),
        rows,
        (False, True, True, True, True, tested.has_label_sets),
        n_shown=20,
    )
    few = sum(_number(row[1]) < FEW for row in rows)
    if not few:
        return Section("classes", _title(kind), [table])
    many = f"{few} of {len(rows)} have" if few > 1 else "One has"
    note = f"{many} fewer than {FEW} tested {tested.noun}s: their figures are mostly luck."
    return Section("classes", _title(kind), [table, Text(note, "note")])


def _title(kind: str) -> str:
    return f"{kind.capitalize()} by {kind}"


def _number(cell: Cell | str) -> float:
    return float(cell.sort) if isinstance(cell, Cell) and cell.sort is not None else 0.0


def _of_classes(tested: ExportedPredictions) -> list[Row]:
    counts = repeat_counts(tested.probabilities, tested.truth)
    n_images = tested_of_classes(tested.probabilities, tested.truth)
    columns = [
        mean_of_defined(each(counts).T) for each in (recalls_of, precisions_of, f1_scores_of)
    ]
    rows: list[Row] = []
    for place, name in enumerate(tested.class_names):
        found = most_often_taken_for(counts, place)
        taken = Cell("-", "") if found is None else _taken(tested.class_names[found[0]], found[1])
        rows.append([name, _count(n_images[place]), *_scores(columns, place), taken])
    return rows


def _taken(name: str, share: float) -> Cell:
    return Cell(f"{name} ({share_text(share)})")


def _of_labels(tested: ExportedPredictions) -> list[Row]:
    values = label_values(tested.probabilities, tested.truth, tested.folds)
    n_images = tested_with_label(tested.probabilities, tested.truth)
    columns = [mean_of_defined(values[name].T) for name in ("recall", "precision", "f1", "roc_auc")]
    return [
        [name, _count(n_images[place]), *_scores(columns, place)]
        for place, name in enumerate(tested.class_names)
    ]


def _count(n: int) -> Cell:
    return Cell(str(int(n)), int(n))


def _scores(columns: list[np.ndarray], place: int) -> list[Cell]:
    return [_score(float(column[place])) for column in columns]


def _score(value: float) -> Cell:
    return Cell("-", "") if math.isnan(value) else Cell(f"{value:.3f}", value)
