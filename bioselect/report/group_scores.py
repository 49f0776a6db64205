"""How well the exported candidate does on each group of images, whatever is predicted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bioselect.data.targets import is_right, predicted_sets
from bioselect.report.exported_predictions import ExportedPredictions
from bioselect.report.results import RunResults
from bioselect.report.score_words import count_text, number


@dataclass(frozen=True)
class Group:
    """A group: its tested images, how good they are, and in words what is worst."""

    n_images: int
    value: float
    worst: str = ""


#: By the name of the group.
Groups = dict[str, Group]


def _by_group(image_ids: Sequence[str], of_image: dict[str, str]) -> dict[str, np.ndarray]:
    places: dict[str, list[int]] = {}
    for place, image_id in enumerate(image_ids):
        if name := of_image.get(image_id):
            places.setdefault(name, []).append(place)
    return {name: np.array(found) for name, found in places.items()}


def groups_of_classes(
    results: RunResults, tested: ExportedPredictions, of_image: dict[str, str]
) -> Groups:
    """Return the share of right images in each group; of several labels, all must be."""
    predictions = results.predictions
    image_ids = [] if predictions is None else predictions.image_ids
    is_tested = np.isfinite(tested.probabilities).all(axis=2)
    right = is_right(np.nan_to_num(tested.probabilities), tested.truth)
    found = {}
    for name, places in _by_group(image_ids, of_image).items():
        here = is_tested[:, places]
        if here.any():
            share = float(right[:, places][here].mean())
            n_images = int(here.any(axis=0).sum())
            found[name] = Group(n_images, share, _commonest_error(tested, places))
    return found


def _commonest_error(tested: ExportedPredictions, places: np.ndarray) -> str:
    """Return what is wrong most often in a group: which class for which, or which label."""
    wrong: Counter[str] = Counter()
    for table in tested.probabilities[:, places]:
        for row, truth in zip(table, tested.truth[places], strict=True):
            if np.isfinite(row).all():
                wrong.update(_errors(tested, row, truth))
    if not wrong:
        return ""
    words, times = min(wrong.items(), key=lambda one: (-one[1], one[0]))
    return f"{words} ({count_text(times / tested.n_repeats)})"


def _errors(tested: ExportedPredictions, row: np.ndarray, truth: np.ndarray) -> list[str]:
    names = tested.class_names
    if not tested.has_label_sets:
        said = int(row.argmax())
        return [] if said == truth else [f"{names[int(truth)]} taken for {names[said]}"]
    return [
        f"{name} {'missed' if has else 'said'}"
        for name, said, has in zip(names, predicted_sets(row), truth, strict=True)
        if bool(said) != bool(has)
    ]


def groups_of_numbers(results: RunResults, of_image: dict[str, str]) -> Groups:
    """Return the mean absolute error in each group."""
    predictions = results.predictions
    found = None if predictions is None else predictions.of_candidates.get(results.exported)
    if predictions is None or found is None:
        return {}
    errors = np.abs(found - predictions.truth[None])
    groups = {}
    for name, places in _by_group(predictions.image_ids, of_image).items():
        here = errors[:, places]
        tested = np.isfinite(here)
        if tested.any():
            groups[name] = Group(int(tested.any(axis=0).sum()), float(here[tested].mean()))
    return groups


def groups_of_masks(results: RunResults) -> Groups:
    """Return the mean of the deciding score over the images of each group."""
    _, estimator = results.exported
    scores: dict[str, list[float]] = {}
    images: dict[str, set[str]] = {}
    for row in results.table(results.folder.per_image):
        value = number(row["score"])
        is_it = row["estimator"] == estimator and row["metric"] == results.metric
        if is_it and row["group"] and value is not None:
            scores.setdefault(row["group"], []).append(value)
            images.setdefault(row["group"], set()).add(row["image_id"])
    return {
        name: Group(len(images[name]), float(np.mean(values))) for name, values in scores.items()
    }
