"""`plots/` of a run folder: predicted numbers beside true ones, as tables and drawings.

What is drawn are the predictions of the exported candidate for images that it was not trained on,
each image as often as it was tested in the tables, and once in the drawings (the first time), so
that a dot is an image.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bioselect.drawing.number_plots import (
    Numbers,
    bland_altman_svg,
    errors_svg,
    predicted_against_true_svg,
)
from bioselect.drawing.row_plot import Column, Mark, rows_svg
from bioselect.estimators.prediction_interval import PredictionInterval
from bioselect.explain.agreement import Agreement, GroupError, agreement, errors_by_group
from bioselect.run_folder import RunFolder, table_text
from bioselect.selection.conformal import PredictedNumbers
from bioselect.selection.cross_validation import Problem
from bioselect.selection.model_intervals import held_without_group
from bioselect.storage import atomic_write_text
from bioselect.workflows.judgement import Judged
from bioselect.workflows.study_inputs import StudyInputs

PREDICTION_COLUMNS = (
    "image_id", "path", "group", "repeat", "fold", "true", "predicted", "error", "low", "high",
)  # fmt: skip
AGREEMENT_COLUMNS = ("quantity", "value", "ci_low", "ci_high")
GROUP_COLUMNS = (
    "group", "n_images", "mean_error", "mae", "rmse", "within_interval", "interval_level",
)  # fmt: skip
#: More groups are in the table only.
MOST_GROUPS = 40


@dataclass(frozen=True, eq=False)
class Tested:
    """Predictions of one candidate, in the order repeat, image: places of both, and numbers."""

    repeats: np.ndarray
    images: np.ndarray
    predicted: np.ndarray
    true: np.ndarray
    folds: np.ndarray

    @property
    def first(self) -> np.ndarray:
        """Places of the first prediction of each image that was tested."""
        return np.unique(self.images, return_index=True)[1]


def number_texts(inputs: StudyInputs, problem: Problem, judged: Judged) -> dict[str, str]:
    """Return the tables and drawings by the names of their files."""
    tested = _tested(judged)
    errors = tested.predicted - tested.true
    target = target_words(inputs.dataset.target_name, inputs.unit)
    first = tested.first
    names = [inputs.dataset.records[place].image_id for place in tested.images[first]]
    numbers = Numbers(tested.true[first], tested.predicted[first], names, target, judged.noun)
    label = judged.exported.label
    texts = {
        "predictions.csv": _prediction_table(inputs, judged, tested),
        "predicted_against_true.svg": predicted_against_true_svg(label, numbers),
        "errors.svg": errors_svg(label, numbers),
    }
    if len(first) > 1:
        found = agreement(errors[first], problem.units[tested.images[first]], problem.seed)
        limits = (found.lower_limit.value, found.upper_limit.value)
        texts["agreement.csv"] = _agreement_table(found)
        texts["bland_altman.svg"] = bland_altman_svg(label, numbers, found.bias.value, limits)
    groups = [inputs.dataset.records[place].group for place in tested.images]
    if any(group is not None for group in groups):
        named = ["" if one is None else one for one in groups]
        rows = _group_errors(tested, errors, named, _inside(judged, problem, tested, named))
        level = None if _interval(judged) is None else inputs.config.bundle.interval
        texts["error_by_group.csv"] = table_text(
            GROUP_COLUMNS, [[*(getattr(row, name) for name in _FIELDS), level] for row in rows]
        )
        texts["error_by_group.svg"] = _group_plot(label, target, rows, judged.noun)
    return texts


_FIELDS = ("group", "n_images", "mean_error", "mae", "rmse", "within")


def target_words(name: str, unit: str) -> str:
    """Return what axes call the target: its name, with the unit unless that stands in it.

    Examples
    --------
    >>> target_words("age", "years"), target_words("cells", "cells"), target_words("age (y)", "y")
    ('age (years)', 'cells', 'age (y)')
    """
    return name if not unit or unit in name else f"{name} ({unit})"


def _tested(judged: Judged) -> Tested:
    out_of_fold = judged.all_predictions
    table = out_of_fold.probabilities[judged.candidates.index(judged.exported)]
    if table is None or out_of_fold.folds is None:
        raise ValueError(f"{judged.exported.label} must have predictions. Got none: it failed.")
    repeats, images = np.nonzero(np.isfinite(table[..., 0]))
    return Tested(
        repeats,
        images,
        table[repeats, images, 0],
        out_of_fold.class_indices[images],
        out_of_fold.folds[repeats, images],
    )


def _interval(judged: Judged) -> PredictionInterval | None:
    return None if judged.intervals is None else judged.intervals.interval


def _inside(
    judged: Judged, problem: Problem, tested: Tested, groups: Sequence[str]
) -> np.ndarray | None:
    """Tell whether the truth lies in the intervals that all other groups give; None without any."""
    interval = _interval(judged)
    if interval is None:
        return None
    numbers = PredictedNumbers.of(judged.out_of_fold, judged.candidates.index(judged.exported))
    asked = PredictedNumbers(tested.predicted, tested.true, problem.units[tested.images])
    return held_without_group(numbers, interval, asked, groups)


def _prediction_table(inputs: StudyInputs, judged: Judged, tested: Tested) -> str:
    interval = _interval(judged)
    ends = None if interval is None else interval.bounds(tested.predicted)
    rows = []
    for place, image in enumerate(tested.images.tolist()):
        record = inputs.dataset.records[image]
        low, high = (None, None) if ends is None else (float(end[place]) for end in ends)
        true, predicted = float(tested.true[place]), float(tested.predicted[place])
        division = (int(tested.repeats[place]), int(tested.folds[place]))
        numbers = (true, predicted, predicted - true, low, high)
        rows.append((record.image_id, record.source, record.group, *division, *numbers))
    return table_text(PREDICTION_COLUMNS, rows)


def _agreement_table(found: Agreement) -> str:
    """Return bias, limits and how many images and groups they rest on."""
    with_ends = {
        "mean_error": found.bias,
        "lower_limit_of_agreement": found.lower_limit,
        "upper_limit_of_agreement": found.upper_limit,
    }
    rows: list[Sequence[object]] = [
        (name, one.value, one.ci_low, one.ci_high) for name, one in with_ends.items()
    ]
    rows.append(("sd_of_errors", found.sd, None, None))
    rows.append(("n_images", found.n_images, None, None))
    rows.append(("n_independent", found.n_units, None, None))
    return table_text(AGREEMENT_COLUMNS, rows)


def _group_errors(
    tested: Tested, errors: np.ndarray, groups: Sequence[str], inside: np.ndarray | None
) -> list[GroupError]:
    """Return the errors of groups; an image that was tested several times counts once each."""
    rows = errors_by_group(errors, groups, inside)
    counts: dict[str, set[int]] = {}
    for group, image in zip(groups, tested.images.tolist(), strict=True):
        counts.setdefault(group, set()).add(image)
    return [
        GroupError(row.group, len(counts[row.group]), row.mean_error, row.mae, row.rmse, row.within)
        for row in rows
    ]


def _group_plot(label: str, target: str, rows: Sequence[GroupError], noun: str) -> str:
    shown = rows[:MOST_GROUPS]
    names = [f"{row.group or '(no group)'} ({row.n_images})" for row in shown]
    columns = [
        Column("how far off", f"mean absolute error, {target}", [Mark(row.mae) for row in shown]),
        Column(
            "too much or too little",
            f"mean error, {target}",
            [Mark(row.mean_error) for row in shown],
        ),
    ]
    some = f", the {len(shown)} with the largest errors of {len(rows)}" * (len(shown) < len(rows))
    note = f"group by group, with the number of {noun}s{some}"
    return rows_svg(f"{label}: errors", note, names, columns)


def write_number_products(
    folder: RunFolder, inputs: StudyInputs, problem: Problem, judged: Judged
) -> None:
    """Write the tables and drawings of a study of numbers."""
    for name, written in number_texts(inputs, problem, judged).items():
        atomic_write_text(folder.plots / name, written)
