"""Precision, recall and F1 of every class, from the out-of-fold predictions of a candidate."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from bioselect.metrics.counts import confusion_counts, f1_scores_of, precisions_of, recalls_of

#: In the order in which they stand in the table.
CLASS_METRICS = {"precision": precisions_of, "recall": recalls_of, "f1": f1_scores_of}


@dataclass(frozen=True)
class ClassScore:
    """One metric of one class: mean over the repeats, and how much the repeats differ.

    In every repeat each image is predicted once, by a model that was not trained on it; the counts
    are those of the whole repeat. Of random splits, and of one split, only images that were tested
    count: `n_images` are those that some repeat has tested, `n_repeats` the repeats in which the
    metric has a value for the class; where there is none, `mean` is None. `sd` is the standard
    deviation over the repeats (None for one): it tells how much the division into folds matters,
    not how sure the score is. A class that is never predicted has the precision 0.
    """

    class_name: str
    n_images: int
    metric: str
    mean: float | None
    sd: float | None
    n_repeats: int


def repeat_counts(probabilities: np.ndarray, class_indices: np.ndarray) -> np.ndarray:
    """Count true against predicted classes in every repeat, of the images that it tested.

    Parameters
    ----------
    probabilities : np.ndarray
        float64 ``(n_repeats, n_images, n_classes)``; NaN of an image that a repeat did not test.
    class_indices : np.ndarray
        int64 ``(n_images,)``, the true classes.

    Returns
    -------
    np.ndarray
        float64 ``(n_repeats, n_classes, n_classes)``: rows are the true classes.
    """
    n_classes = probabilities.shape[2]
    counts = []
    for table in probabilities:
        tested = np.isfinite(table).all(axis=1)
        predicted = table[tested].argmax(axis=1)
        counts.append(confusion_counts(class_indices[tested], predicted, n_classes))
    return np.stack(counts)


def tested_of_classes(probabilities: np.ndarray, class_indices: np.ndarray) -> np.ndarray:
    """Return how many images of each class were tested in some repeat, int64 ``(n_classes,)``.

    Examples
    --------
    >>> table = np.array([[[0.9, 0.1], [np.nan, np.nan], [0.2, 0.8]]])
    >>> tested_of_classes(table, np.array([0, 0, 1]))
    array([1, 1])
    """
    tested = np.isfinite(probabilities).all(axis=2).any(axis=0)
    return np.bincount(class_indices[tested], minlength=probabilities.shape[2])


def class_scores(
    probabilities: np.ndarray, class_indices: np.ndarray, class_names: Sequence[str]
) -> Iterator[ClassScore]:
    """Yield the scores of every class of a study, class by class.

    Examples
    --------
    >>> once = np.eye(2)[[[0, 0, 1, 1]]]
    >>> for score in class_scores(once, np.array([0, 0, 0, 1]), ("normal", "mitotic")):
    ...     print(score.class_name, score.n_images, score.metric, round(score.mean, 2))
    normal 3 precision 1.0
    normal 3 recall 0.67
    normal 3 f1 0.8
    mitotic 1 precision 0.5
    mitotic 1 recall 1.0
    mitotic 1 f1 0.67
    """
    counts = repeat_counts(probabilities, class_indices)
    n_images = tested_of_classes(probabilities, class_indices)
    values = {name: of_counts(counts) for name, of_counts in CLASS_METRICS.items()}
    for place, class_name in enumerate(class_names):
        for metric, table in values.items():
            column = table[:, place]
            column = column[np.isfinite(column)]
            mean = float(column.mean()) if len(column) else None
            sd = float(column.std(ddof=1)) if len(column) > 1 else None
            yield ClassScore(class_name, int(n_images[place]), metric, mean, sd, len(column))


def most_often_taken_for(counts: np.ndarray, place: int) -> tuple[int, float] | None:
    """Return the class that images of another one are mistaken for most often, and their share.

    Parameters
    ----------
    counts : np.ndarray
        ``(n_repeats, n_classes, n_classes)``, from :func:`repeat_counts`.
    place : int
        The true class.

    Returns
    -------
    (int, float) or None
        Of several the first; None if no image of the class is ever mistaken.

    Examples
    --------
    >>> most_often_taken_for(np.array([[[3.0, 1.0], [0.0, 4.0]]]), 0)
    (1, 0.25)
    """
    row = counts[:, place].sum(axis=0)
    wrong = row.copy()
    wrong[place] = 0.0
    if not wrong.any():
        return None
    other = int(wrong.argmax())
    return other, float(wrong[other] / math.fsum(row))
