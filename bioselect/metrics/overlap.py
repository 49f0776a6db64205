"""How far two masks cover each other: counts of pixels by true and predicted class."""

from __future__ import annotations

import numpy as np

from bioselect.data.pairs import IGNORED

#: Pixels that are counted at a time, so that a large image needs little memory.
_PIXELS_AT_A_TIME = 1 << 22


def pixel_counts(true: np.ndarray, predicted: np.ndarray, n_classes: int) -> np.ndarray:
    """Return how many pixels of each true class were predicted as each class.

    Parameters
    ----------
    true : np.ndarray
        uint8 ``(height, width)`` of class places; what is `IGNORED` there is not counted.
    predicted : np.ndarray
        uint8 of the same shape, of class places.
    n_classes : int
        Classes of the study.

    Returns
    -------
    np.ndarray
        int64 ``(n_classes, n_classes)``; rows are true classes, columns predicted ones.

    Raises
    ------
    ValueError
        If the shapes differ, or a value is no class.

    Examples
    --------
    >>> true = np.array([[0, 1, 1, 255]], np.uint8)
    >>> pixel_counts(true, np.array([[0, 1, 0, 1]], np.uint8), 2).tolist()
    [[1, 0], [1, 1]]
    """
    if true.shape != predicted.shape or true.ndim != 2:
        raise ValueError(
            f"masks must be (height, width) and of one size. Got {true.shape} and "
            f"{predicted.shape}."
        )
    counts = np.zeros(n_classes * n_classes, dtype=np.int64)
    rows = max(1, _PIXELS_AT_A_TIME // max(1, true.shape[1]))
    for top in range(0, true.shape[0], rows):
        some = true[top : top + rows]
        counted = some != IGNORED
        classes, found = some[counted], predicted[top : top + rows][counted]
        if len(classes) and max(classes.max(), found.max()) >= n_classes:
            raise ValueError(
                f"masks must hold places 0 to {n_classes - 1} (in the truth {IGNORED} too, which "
                f"is not counted). Got {max(classes.max(), found.max())}."
            )
        both = classes.astype(np.int64) * n_classes + found
        counts += np.bincount(both, minlength=n_classes * n_classes)
    return counts.reshape(n_classes, n_classes)


def overlap_scores(counts: np.ndarray) -> dict[str, np.ndarray]:
    """Return the scores of each class, float64 ``(n_classes,)``; NaN where a class has none.

    With the class's pixels that are rightly predicted (TP), wrongly predicted (FP) and missed (FN)
    they are ``2 TP / (2 TP + FP + FN)``, ``TP / (TP + FP + FN)``, ``TP / (TP + FP)``,
    ``TP / (TP + FN)`` and the share of all pixels on which truth and prediction agree whether they
    are of the class.

    Examples
    --------
    >>> counts = np.array([[4, 1, 0], [1, 2, 0], [0, 0, 0]])
    >>> {name: values.round(2).tolist() for name, values in overlap_scores(counts).items()}
    ... # doctest: +NORMALIZE_WHITESPACE
    {'dice': [0.8, 0.67, nan], 'iou': [0.67, 0.5, nan], 'precision': [0.8, 0.67, nan],
     'recall': [0.8, 0.67, nan], 'pixel_accuracy': [0.75, 0.75, nan]}
    """
    right = np.diag(counts)
    true, predicted, total = counts.sum(axis=1), counts.sum(axis=0), counts.sum()
    either = true + predicted - right
    agreeing = total - (either - right)
    return {
        "dice": _shares(2 * right, true + predicted),
        "iou": _shares(right, either),
        "precision": _shares(right, predicted),
        "recall": _shares(right, true),
        "pixel_accuracy": _shares(np.where(either > 0, agreeing, 0), np.where(either, total, 0)),
    }


def _shares(parts: np.ndarray, wholes: np.ndarray) -> np.ndarray:
    shares: np.ndarray = np.divide(
        parts, wholes, out=np.full(len(wholes), np.nan), where=wholes > 0
    )
    return shares
