"""What images are to be told: one class each, any number of labels, or values; the rest asks here.

The targets of a study are one array. Class places are int ``(n_images,)``; label sets are 0 and 1,
``(n_images, n_labels)``, where an image may have several labels or none; values are floats
``(n_images,)``: numbers, or zeros where images are judged by scores of their own (masks). Its form
and type say which it is, and what differs between them is in this file, so that folds, statistics
and training are written once.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

#: An image has a label whose probability is above this.
BORDER = 0.5


def is_label_sets(targets: np.ndarray) -> bool:
    """Tell whether images may have several labels, or none, rather than one class.

    Examples
    --------
    >>> is_label_sets(np.array([[1, 0], [1, 1]])), is_label_sets(np.array([0, 2, 1]))
    (True, False)
    """
    return targets.ndim == 2


def is_values(targets: np.ndarray) -> bool:
    """Tell whether images have values rather than classes or labels.

    Examples
    --------
    >>> is_values(np.array([0.5, 2.0])), is_values(np.array([0, 2]))
    (True, False)
    """
    return targets.dtype.kind == "f"


def n_kinds(targets: np.ndarray) -> int:
    """Return how many labels there are, or classes, if each occurs; of values one.

    Examples
    --------
    >>> n_kinds(np.array([[1, 0, 0]])), n_kinds(np.array([0, 1])), n_kinds(np.array([0.5, 7.0]))
    (3, 2, 1)
    """
    if is_values(targets):
        return 1
    return targets.shape[1] if is_label_sets(targets) else int(targets.max()) + 1


def traits(targets: np.ndarray) -> np.ndarray:
    """Return bool ``(n_images, n_traits)``: what must be among images for them to tell anything.

    Each class that occurs is one; of labels, to have one and not to have it are two. What no
    image shows is left out. Values show but one thing: that there is an image.

    Examples
    --------
    >>> traits(np.array([0, 2])).tolist()
    [[True, False], [False, True]]
    >>> traits(np.array([[1, 0], [0, 0]])).tolist()  # the first label; without it; without both
    [[True, False, True], [False, True, True]]
    >>> traits(np.array([0.5, 7.0])).tolist()
    [[True], [True]]
    """
    if is_values(targets):
        return np.ones((len(targets), 1), dtype=bool)
    if not is_label_sets(targets):
        of_classes: np.ndarray = targets[:, None] == np.unique(targets)
        return of_classes
    columns = np.concatenate([targets == 1, targets == 0], axis=1)
    shown: np.ndarray = columns[:, columns.any(axis=0)]
    return shown


def trait_words(targets: np.ndarray, names: Sequence[str | int]) -> list[str]:
    """Return which images show each trait, in the order of :func:`traits`.

    Examples
    --------
    >>> trait_words(np.array([0, 2]), ["sick", "odd", "well"])
    ["of class 'sick'", "of class 'well'"]
    >>> trait_words(np.array([[1, 0], [0, 0]]), ["mass", "nodule"])
    ["with label 'mass'", "without label 'mass'", "without label 'nodule'"]
    """
    if not is_label_sets(targets):
        return [f"of class {names[place]!r}" for place in np.unique(targets).tolist()]
    shown = [(targets == value).any(axis=0).tolist() for value in (1, 0)]
    return [
        f"{word} label {name!r}"
        for word, among in zip(("with", "without"), shown, strict=True)
        for name, is_shown in zip(names, among, strict=True)
        if is_shown
    ]


def fewest_units(targets: np.ndarray, units: np.ndarray) -> int:
    """Return the independent units of the rarest class, or of the rarest yes or no to a label.

    Examples
    --------
    >>> fewest_units(np.array([0, 0, 1, 1]), np.array([0, 1, 2, 2]))
    1
    """
    return min(len(np.unique(units[shown])) for shown in traits(targets).T)


def is_right(probabilities: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Tell of each image whether its class, or all of its labels, are predicted rightly.

    Parameters
    ----------
    probabilities : np.ndarray
        ``(..., n_images, n_classes)``.
    targets : np.ndarray
        Of the images.

    Examples
    --------
    >>> is_right(np.array([[0.9, 0.8], [0.1, 0.2]]), np.array([[1, 1], [1, 0]]))
    array([ True, False])
    """
    if is_label_sets(targets):
        right: np.ndarray = (predicted_sets(probabilities) == targets).all(axis=-1)
        return right
    hits: np.ndarray = probabilities.argmax(axis=-1) == targets
    return hits


def predicted_sets(probabilities: np.ndarray) -> np.ndarray:
    """Return which labels images are said to have, bool and of the same form."""
    said: np.ndarray = probabilities > BORDER
    return said


def counted(targets: np.ndarray, n_classes: int) -> np.ndarray:
    """Return how many images are of each class, or have each label.

    Examples
    --------
    >>> counted(np.array([0, 0, 1, 0]), 2), counted(np.array([[1, 0], [1, 1]]), 2)
    (array([3, 1]), array([2, 1]))
    """
    if is_label_sets(targets):
        with_label: np.ndarray = targets.sum(axis=0, dtype=np.int64)
        return with_label
    return np.bincount(targets, minlength=n_classes)


def frequencies(targets: np.ndarray, n_classes: int) -> np.ndarray:
    """Return the same as a share of the images."""
    shares: np.ndarray = counted(targets, n_classes) / len(targets)
    return shares


def blind_guess(targets: np.ndarray, n_columns: int) -> np.ndarray:
    """Return what somebody says of every image who looks at none, ``(n_columns,)``.

    How common each class or label is, or the mean of values.

    Examples
    --------
    >>> blind_guess(np.array([0, 0, 1, 0]), 2), blind_guess(np.array([0.5, 7.5]), 1)
    (array([0.75, 0.25]), array([4.]))
    """
    if is_values(targets):
        return np.array([targets.mean()])
    return frequencies(targets, n_columns)


def n_models(targets: np.ndarray, n_classes: int) -> tuple[int, int]:
    """Return how many models a classifier consists of, and how many classes each of them has.

    Examples
    --------
    >>> n_models(np.array([0, 1, 2]), 3), n_models(np.array([[1, 0, 1]]), 3)
    ((1, 3), (3, 2))
    """
    return (n_classes, 2) if is_label_sets(targets) else (1, n_classes)


def curves(targets: np.ndarray, n_classes: int) -> list[tuple[int, np.ndarray]]:
    """Return what has a ROC curve: its column of probabilities, and which images are positive.

    That is each label, the second of two classes, or each of more classes that occurs.

    Examples
    --------
    >>> curves(np.array([0, 1, 1]), 2)
    [(1, array([False,  True,  True]))]
    """
    if is_label_sets(targets):
        return [(place, column == 1) for place, column in enumerate(targets.T)]
    if n_classes == 2:
        return [(1, targets == 1)]
    return [(int(place), targets == place) for place in np.unique(targets)]
