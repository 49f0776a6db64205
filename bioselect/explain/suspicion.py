"""Which images may be labelled wrongly: those whose label few would give that did not see it.

Every image was predicted by models that were not trained on it. The mean over the better half of
the combinations of a study finds more wrong labels than the best one does, as their errors differ.
Comparing a probability with the usual one of its class (confident learning: Northcutt, Jiang,
Chuang 2021, Journal of Artificial Intelligence Research 70) found no more
(`benchmarks/suspicion.py`).
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np

from bioselect.data.targets import is_label_sets, is_values


def mean_over_repeats(table: np.ndarray) -> np.ndarray:
    """Return what was predicted on average, ``(n_images, n_classes)``; NaN where nothing was.

    Parameters
    ----------
    table : np.ndarray
        ``(n_repeats, n_images, n_classes)``, NaN where an image was not tested.
    """
    with warnings.catch_warnings():
        # Of images that were never tested.
        warnings.simplefilter("ignore", RuntimeWarning)
        found: np.ndarray = np.nanmean(table, axis=0)
    return found


def common_prediction(tables: Sequence[np.ndarray], targets: np.ndarray) -> np.ndarray:
    """Return what combinations say together, ``(n_images, n_classes)``.

    That is the mean of those that have predicted an image. Of numbers it is the median, as a single
    combination may be off by any amount.

    Examples
    --------
    >>> first, second = np.array([[[0.5, 0.5]]]), np.array([[[1.0, 0.0]], [[0.5, 0.5]]])
    >>> common_prediction([first, second], np.array([0])).tolist()
    [[0.625, 0.375]]
    """
    means = np.stack([mean_over_repeats(table) for table in tables])
    if not is_values(targets):
        return mean_over_repeats(means)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        median: np.ndarray = np.nanmedian(means, axis=0)
    return median


def trust(predicted: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Return how far the given label of each image is believed: the less, the more suspect.

    Parameters
    ----------
    predicted : np.ndarray
        From :func:`common_prediction`.
    targets : np.ndarray
        As given, see :mod:`bioselect.data.targets`.

    Returns
    -------
    np.ndarray
        The probability of the given class ``(n_images,)``, or of what is given of each label
        ``(n_images, n_labels)``; of values minus the error ``(n_images,)``. NaN where an image was
        not tested.

    Examples
    --------
    >>> trust(np.array([[0.9, 0.1], [0.9, 0.1]]), np.array([0, 1])).tolist()
    [0.9, 0.1]
    >>> trust(np.array([[0.75, 0.75]]), np.array([[0, 1]])).tolist()
    [[0.25, 0.75]]
    >>> trust(np.array([[3.0]]), np.array([1.0])).tolist()
    [-2.0]
    """
    if is_values(targets):
        return np.asarray(-np.abs(predicted[:, 0] - targets))
    if is_label_sets(targets):
        return np.where(targets == 1, predicted, 1.0 - predicted)
    return np.asarray(predicted[np.arange(len(targets)), targets])


def entropy(predicted: np.ndarray, of_labels: bool) -> np.ndarray:
    """Return how undecided a prediction is: 0 if it is sure, 1 if everything is as likely.

    Parameters
    ----------
    predicted : np.ndarray
        Probabilities ``(n_images, n_classes)``.
    of_labels : bool
        Whether each column is a question by itself; the most undecided one counts.

    Examples
    --------
    >>> entropy(np.array([[1.0, 0.0], [0.5, 0.5]]), False).tolist()
    [0.0, 1.0]
    >>> entropy(np.array([[1.0, 0.5], [1.0, 0.0]]), True).tolist()
    [1.0, 0.0]
    """
    if of_labels:
        columns = [entropy(np.stack([1 - one, one], axis=1), False) for one in predicted.T]
        return np.asarray(np.max(columns, axis=0))
    safe = np.where(predicted > 0, predicted, 1.0)
    found = np.abs((safe * np.log(safe)).sum(axis=1)) / np.log(max(2, predicted.shape[1]))
    return np.where(np.isfinite(predicted).all(axis=1), found, np.nan)
