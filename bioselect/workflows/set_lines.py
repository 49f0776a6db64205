"""What `bioselect predict` says of prediction sets and of images that are left to a person."""

from __future__ import annotations

from bioselect.bundle.reading import Model
from bioselect.predict.tables import ABSTAINED, PREDICTION_SET, PredictionCounts
from bioselect.selection.interval_words import percent


def set_lines(model: Model, counts: PredictionCounts, abstain: bool) -> list[str]:
    """Say what the column of sets means and how many images have several classes in theirs."""
    sets = model.sets
    if sets is None:
        return []
    several = counts.n_several
    lines = [
        f"{PREDICTION_SET}: the classes that cannot be ruled out, more than one for {several} of "
        f"{counts.n_predicted} images; the true one is among them for {percent(sets.level)} of "
        "images like those of the training, of each class"
    ]
    return [*lines, _left(model, counts)] if abstain else lines


def _left(model: Model, counts: PredictionCounts) -> str:
    n_left, n_all = counts.n_left, counts.n_predicted
    line = f"{n_left} of {n_all} image{'s' * (n_all != 1)} left to a person"
    if n_left:
        line += f": their prediction is empty; the column `{ABSTAINED}` says why for each"
    measured = model.manifest.sets.measured if model.manifest.sets is not None else None
    if not measured or measured["right_if_single"] is None:
        return line
    single, right, of_all = (
        percent(measured[key] or 0.0) for key in ("single", "right_if_single", "right")
    )
    return (
        f"{line}. In the study, {right} of the images with one class in their set ({single}) were "
        f"predicted right, of all {of_all}"
    )
