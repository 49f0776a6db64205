"""What a fitted estimator says, as one table of probabilities (or numbers) whatever it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bioselect.exceptions import ComponentError

#: Where the two highest probabilities are closer than this, rounding decides which is the highest;
#: the classifier's own `predict` is asked instead.
TIE = 1e-12

#: Rows of probabilities whose sum differs from 1 by less were rounded (float32); they are divided
#: by their sum. Others are no probabilities.
SUM_TOLERANCE = 1e-3

#: Where probabilities may come from, the best first.
SOURCES = ("predict_proba", "decision_function", "predict")


def probability_source(estimator: Any) -> str:
    """Return the method that the probabilities come from.

    Returns
    -------
    {"predict_proba", "decision_function", "predict"}
        The first that the estimator has. Only `predict_proba` is meant as a probability by the
        estimator; the others are put on the same scale and keep the order of the classes.

    Examples
    --------
    >>> from sklearn.svm import SVC
    >>> probability_source(SVC())
    'decision_function'
    """
    if gives_label_sets(estimator):
        return str(_last(estimator).source())
    return next((name for name in SOURCES[:2] if hasattr(estimator, name)), SOURCES[2])


def gives_label_sets(estimator: Any) -> bool:
    """Tell whether a classifier gives each label a probability of its own.

    Such are made by :func:`bioselect.estimators.label_sets.create_for` only.
    """
    return getattr(_last(estimator), "gives_label_sets", False) is True


def class_probabilities(estimator: Any, X: np.ndarray, n_classes: int) -> np.ndarray:
    """Return one row of probabilities per image, the columns by the place of the class.

    Parameters
    ----------
    estimator : object
        Fitted on class places 0 .. `n_classes` - 1, not necessarily on all of them.
    X : np.ndarray
        float64 ``(n_images, n_features)``.
    n_classes : int
        Of the whole study; or the number of labels. 1 means that the estimator is a regressor:
        there is no study of one class.

    Returns
    -------
    np.ndarray
        Of a regressor float64 ``(n_images, 1)``, what `predict` says. Else
        float64 ``(n_images, n_classes)`` in [0, 1]; rows sum to 1; 0 for a class that the
        estimator was not trained on. `predict_proba` if the estimator has it; else the softmax of
        `decision_function` (its sigmoid for two classes), which orders the classes but is not
        calibrated; else 1 for the predicted class. The highest is the predicted class. Of labels,
        where each has its own probability, rows sum to anything.

    Raises
    ------
    ComponentError
        If the estimator returns another shape, another class or numbers that are not finite.

    Examples
    --------
    >>> from sklearn.neighbors import KNeighborsClassifier
    >>> rows, places = np.array([[0.0], [1.0], [5.0]]), np.array([0, 0, 2])
    >>> class_probabilities(KNeighborsClassifier(1).fit(rows, places), np.array([[4.0]]), 3)
    array([[0., 0., 1.]])
    """
    if len(X) == 0:
        return np.zeros((0, n_classes))
    if gives_label_sets(estimator):
        of_labels: np.ndarray = estimator.predict_proba(X)
        _check_shape(estimator, "predict_proba", of_labels, (len(X), n_classes))
        return of_labels
    if n_classes == 1:
        return _predicted_numbers(estimator, X)
    source = probability_source(estimator)
    if source == "predict":
        return _one_hot(_predicted(estimator, X, n_classes), n_classes)
    seen = _seen_classes(estimator, n_classes)
    response = _numbers(estimator, source, getattr(estimator, source)(X))
    turn = _from_probabilities if source == "predict_proba" else _from_decisions
    table = np.zeros((len(X), n_classes))
    table[:, seen] = turn(estimator, response, (len(X), len(seen)))
    return _ties_as_predicted(table, lambda rows: _predicted(estimator, X[rows], n_classes))


def _predicted_numbers(estimator: Any, X: np.ndarray) -> np.ndarray:
    """Return what a regressor predicts, one column."""
    numbers = _numbers(estimator, "predict", estimator.predict(X))
    if numbers.shape != (len(X), 1):  # Partial least squares, for one, may give a column.
        _check_shape(estimator, "predict", numbers, (len(X),))
    return numbers.reshape(len(X), 1)


def _seen_classes(estimator: Any, n_classes: int) -> np.ndarray:
    """Return the class of each column; an estimator that does not say has one for every class."""
    classes = getattr(estimator, "classes_", None)
    if classes is None:
        return np.arange(n_classes)
    return _places(estimator, np.asarray(classes), n_classes)


def _places(estimator: Any, labels: np.ndarray, n_classes: int) -> np.ndarray:
    """Return class labels as int64 after checking that they are the ones of the study."""
    try:
        places = labels.astype(np.int64)
        known = bool(
            (places == labels).all() and (places >= 0).all() and (places < n_classes).all()
        )
    except (TypeError, ValueError):
        known = False
    if not known:
        wrong = ", ".join(repr(label) for label in labels.ravel()[:3].tolist())
        raise ComponentError(
            f"{_name(estimator)}: classes must be the whole numbers 0 to {n_classes - 1} that fit "
            f"was given. Got {wrong}."
        )
    return places


def _numbers(estimator: Any, source: str, response: Any) -> np.ndarray:
    try:
        numbers = np.asarray(response, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ComponentError(
            f"{_name(estimator)}: {source} must return an array of numbers. Got "
            f"{type(response).__name__} ({error})."
        ) from error
    if not np.isfinite(numbers).all():
        raise ComponentError(
            f"{_name(estimator)}: {source} must return finite numbers. Got NaN or infinity."
        )
    return numbers


def _from_probabilities(estimator: Any, response: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    _check_shape(estimator, "predict_proba", response, shape)
    if (response < 0).any():
        raise ComponentError(
            f"{_name(estimator)}: predict_proba must return numbers of at least 0. Got "
            f"{response.min():g}."
        )
    sums = response.sum(axis=1, keepdims=True)
    if (np.abs(sums - 1.0) > SUM_TOLERANCE).any():
        farthest = sums.flat[np.abs(sums - 1.0).argmax()]
        raise ComponentError(
            f"{_name(estimator)}: the rows of predict_proba must sum to 1. Got a row that sums to "
            f"{farthest:g}."
        )
    probabilities: np.ndarray = response / sums
    return probabilities


def _from_decisions(estimator: Any, response: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    n_images, n_seen = shape
    if n_seen == 2 and response.ndim == 1:
        _check_shape(estimator, "decision_function", response, (n_images,))
        # Two scores of 0 and d have the sigmoid of d as their softmax.
        response = np.column_stack([np.zeros(n_images), response])
    _check_shape(estimator, "decision_function", response, shape)
    powers = np.exp(response - response.max(axis=1, keepdims=True))
    probabilities: np.ndarray = powers / powers.sum(axis=1, keepdims=True)
    return probabilities


def _predicted(estimator: Any, X: np.ndarray, n_classes: int) -> np.ndarray:
    labels = np.asarray(estimator.predict(X))
    _check_shape(estimator, "predict", labels, (len(X),))
    return _places(estimator, labels, n_classes)


def _one_hot(places: np.ndarray, n_classes: int) -> np.ndarray:
    table: np.ndarray = np.eye(n_classes)[places]
    return table


def _ties_as_predicted(
    table: np.ndarray, predict: Callable[[np.ndarray], np.ndarray]
) -> np.ndarray:
    """Where rounding alone decides which class is the highest, let it be the predicted one."""
    if table.shape[1] < 2:
        return table
    runner_up, highest = np.partition(table, -2, axis=1)[:, -2:].T
    tied = np.flatnonzero(highest - runner_up < TIE)
    if len(tied):
        predicted = predict(tied)
        # Only among the tied: a `predict` that contradicts its own probabilities is not repaired.
        among = highest[tied] - table[tied, predicted] < TIE
        table[tied[among], predicted[among]] = np.nextafter(highest[tied[among]], 2.0)
    return table


def _check_shape(
    estimator: Any, source: str, response: np.ndarray, expected: tuple[int, ...]
) -> None:
    if response.shape != expected:
        raise ComponentError(
            f"{_name(estimator)}: {source} must return an array of shape {expected} (images"
            f"{', classes' if len(expected) == 2 else ''}). Got {response.shape}."
        )


def _last(estimator: Any) -> Any:
    """Return the classifier behind whatever prepares its rows."""
    steps = getattr(estimator, "steps", None)
    return steps[-1][1] if steps else estimator


def _name(estimator: Any) -> str:
    return type(_last(estimator)).__name__
