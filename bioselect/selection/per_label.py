"""How well each label is found, from the out-of-fold predictions of a candidate."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np

from bioselect.data.targets import is_label_sets, predicted_sets
from bioselect.metrics.counts import f1_scores_of, label_counts, precisions_of, recalls_of
from bioselect.metrics.curves import average_precision_of, ranking_area
from bioselect.selection.outcome import OutOfFold
from bioselect.selection.per_class import ClassScore, class_scores

Curve = Callable[[np.ndarray, np.ndarray], float]
#: In the order in which they stand in the table.
LABEL_METRICS = ("precision", "recall", "f1", "roc_auc", "average_precision")


def label_values(
    probabilities: np.ndarray, labels: np.ndarray, folds: np.ndarray | None
) -> dict[str, np.ndarray]:
    """Return the value of each metric for each repeat and label, NaN where it has none.

    Precision, recall and F1 are those of a whole repeat. The areas are means over its folds,
    because probabilities of two models do not compare; folds where all images have the label, or
    none, are left out. Of random splits only images that a repeat has tested count.

    Parameters
    ----------
    probabilities : np.ndarray
        float64 ``(n_repeats, n_images, n_labels)``; NaN of an image that was not tested.
    labels : np.ndarray
        0 and 1 ``(n_images, n_labels)``.
    folds : np.ndarray or None
        int ``(n_repeats, n_images)``: the fold that tested each image, -1 where none did; None: one
        model for all.

    Returns
    -------
    dict
        Metric -> float64 ``(n_repeats, n_labels)``.
    """
    weights = np.isfinite(probabilities).all(axis=2).astype(np.float64)
    counts = np.concatenate(
        [
            label_counts(labels, predicted_sets(table), weight[None])
            for table, weight in zip(probabilities, weights, strict=True)
        ]
    )
    of_counts = {"precision": precisions_of, "recall": recalls_of, "f1": f1_scores_of}
    values = {name: of_table(counts)[..., 1] for name, of_table in of_counts.items()}
    tested = np.zeros(probabilities.shape[:2], dtype=np.int64) if folds is None else folds
    for name, curve in (("roc_auc", ranking_area), ("average_precision", average_precision_of)):
        area = partial(_area, curve, labels)
        values[name] = np.array(
            [
                [area(table[:, place], place, fold) for place in range(labels.shape[1])]
                for table, fold in zip(probabilities, tested, strict=False)
            ]
        )
    return values


def _area(
    curve: Curve, labels: np.ndarray, scores: np.ndarray, place: int, fold: np.ndarray
) -> float:
    has = labels[:, place] == 1
    parts = [fold == number for number in np.unique(fold) if number >= 0]
    areas = [
        curve(has[part], scores[part]) for part in parts if has[part].any() and not has[part].all()
    ]
    return float(np.mean(areas)) if areas else float("nan")


def tested_with_label(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return how many images with each label were tested in some repeat."""
    tested = np.isfinite(probabilities).all(axis=2).any(axis=0)
    counts: np.ndarray = labels[tested].sum(axis=0)
    return counts


def label_scores(
    probabilities: np.ndarray,
    labels: np.ndarray,
    label_names: Sequence[str],
    folds: np.ndarray | None = None,
) -> Iterator[ClassScore]:
    """Yield the scores of every label of a study, label by label.

    `n_images` are those with it that some repeat has tested.

    Examples
    --------
    >>> table = np.array([[[0.9], [0.4], [0.2], [0.6]]])
    >>> for score in label_scores(table, np.array([[1], [1], [0], [0]]), ["mass"]):
    ...     print(score.class_name, score.n_images, score.metric, round(score.mean, 2))
    mass 2 precision 0.5
    mass 2 recall 0.5
    mass 2 f1 0.5
    mass 2 roc_auc 0.75
    mass 2 average_precision 0.83
    """
    values = label_values(probabilities, labels, folds)
    n_images = tested_with_label(probabilities, labels)
    for place, name in enumerate(label_names):
        for metric in LABEL_METRICS:
            column = values[metric][:, place]
            column = column[np.isfinite(column)]
            mean = float(column.mean()) if len(column) else None
            sd = float(column.std(ddof=1)) if len(column) > 1 else None
            yield ClassScore(name, int(n_images[place]), metric, mean, sd, len(column))


def target_scores(
    probabilities: np.ndarray, out_of_fold: OutOfFold, names: Sequence[str]
) -> Iterator[ClassScore]:
    """Yield the scores of every label, or where images are of one class each of every class."""
    targets = out_of_fold.class_indices
    if is_label_sets(targets):
        return label_scores(probabilities, targets, names, out_of_fold.folds)
    return class_scores(probabilities, targets, names)
