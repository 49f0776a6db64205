"""Two classes divided elsewhere than at one half, where a criterion says so.

The border is chosen inside the training rows, from predictions for rows that were not trained on;
it then moves all probabilities, so that one half is the border. Whoever takes the class with
the highest probability, as everything here does, so takes the class that was chosen. The order of
the images stays the same, and with it the area under the ROC curve.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.utils.validation import check_is_fitted

from bioselect.data.units_of_views import is_no_view
from bioselect.estimators.fold_forms import fold_form
from bioselect.estimators.fold_rows import FoldRows
from bioselect.estimators.inner_folds import inner_folds
from bioselect.estimators.responses import class_probabilities
from bioselect.estimators.threshold_rule import ThresholdRule

#: Inner folds whose predictions choose the border.
THRESHOLD_FOLDS = 5
#: Criteria closer than this are equal.
EQUAL_CRITERIA = 1e-12
#: How far beyond the last image a border lies that has nothing on its other side.
BEYOND = float(np.log(2.0))


class ThresholdedClassifier(ClassifierMixin, BaseEstimator):
    """A classifier of two classes whose border is chosen by a criterion.

    Parameters
    ----------
    estimator : object
        Built in, not trained.
    rule : ThresholdRule's value
        What `threshold` holds; see :mod:`bioselect.estimators.threshold_rule`.
    component : str
        The name of the estimator in the table.
    seed : int
        Of the inner folds.

    Attributes
    ----------
    estimator_ : object
        Trained on all rows.
    log_odds_ : float
        The border, as logarithm of the odds of the positive class.
    threshold_ : float
        The same as a probability of the second class, on the scale of `estimator_`.
    """

    def __init__(self, estimator: Any, rule: Any, component: str = "", seed: int = 0) -> None:
        self.estimator = estimator
        self.rule = rule
        self.component = component
        self.seed = seed

    def fit(
        self, X: np.ndarray, y: np.ndarray, units: np.ndarray | None = None
    ) -> ThresholdedClassifier:
        """Learn from ``(n_images, n_features)`` rows of classes 0 and 1.

        `units` are int ``(n_images,)``: images that share one are never split; by default each
        image stands for itself.
        """
        X, y = np.asarray(X), np.asarray(y)
        self.classes_ = np.unique(y)
        if self.classes_.tolist() != [0, 1]:
            raise ValueError(
                "threshold: must have training images of both classes. Got images of "
                f"{len(self.classes_)}."
            )
        rule = ThresholdRule.of(self.rule)
        units = np.arange(len(y)) if units is None else units
        is_image = is_no_view(units)
        held_out = self._held_out(X, y, units, rule)[is_image]
        self.log_odds_ = chosen_log_odds(held_out, y[is_image] == rule.place, rule)
        self.threshold_ = float(expit(self.log_odds_ if rule.place == 1 else -self.log_odds_))
        self.estimator_ = clone(self.estimator).fit(X, y)
        return self

    def _held_out(
        self, X: np.ndarray, y: np.ndarray, units: np.ndarray, rule: ThresholdRule
    ) -> np.ndarray:
        """Return the log odds that models without an image give to its being positive.

        Of views of images they are NaN.
        """
        found = np.full(len(y), np.nan)
        for fold in inner_folds(
            y, units, 2, self.seed, THRESHOLD_FOLDS, "threshold", "choose no threshold"
        ):
            form = fold_form(
                self.component, clone(self.estimator), FoldRows(X, fold.train, fold.test)
            )
            form.estimator.fit(form.train(), y[fold.train])
            table = class_probabilities(form.estimator, form.test(), 2)
            found[fold.test] = log_odds(table, rule.place)
        return found

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Return float64 ``(n_images, 2)``: above one half is the class that the border gives."""
        check_is_fitted(self)
        table = class_probabilities(self.estimator_, X, 2)
        return moved(table, ThresholdRule.of(self.rule).place, self.log_odds_)

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Return 0 or 1."""
        return np.asarray(self.classes_[self.predict_proba(X).argmax(axis=1)])


def log_odds(table: np.ndarray, place: int) -> np.ndarray:
    """Return the logarithm of the odds of one of two classes; infinite for certainty.

    Examples
    --------
    >>> log_odds(np.array([[0.5, 0.5], [1.0, 0.0]]), 0)
    array([ 0., inf])
    """
    with np.errstate(divide="ignore"):
        logarithms = np.log(table)
    return np.asarray(logarithms[:, place] - logarithms[:, 1 - place])


def moved(table: np.ndarray, place: int, border: float) -> np.ndarray:
    """Return probabilities whose one half is where the log odds of a class were at the border.

    Examples
    --------
    >>> moved(np.array([[0.8, 0.2], [0.7, 0.3]]), 1, np.log(0.25 / 0.75)).round(3)
    array([[0.571, 0.429],
           [0.438, 0.562]])
    """
    if border == 0.0:
        return table
    above = log_odds(table, place) - border
    found = np.empty_like(table)
    found[:, place], found[:, 1 - place] = expit(above), expit(-above)
    # Within rounding of the border both are one half; the border itself is positive.
    tied = np.flatnonzero(found[:, 0] == found[:, 1])
    winner = np.where(above[tied] >= 0, place, 1 - place)
    found[tied, winner] = np.nextafter(found[tied, winner], 1.0)
    return found


def chosen_log_odds(values: np.ndarray, positive: np.ndarray, rule: ThresholdRule) -> float:
    """Return the border that is best by a rule; of equally good ones the nearest to one half.

    Parameters
    ----------
    values : np.ndarray
        float ``(n_images,)``, log odds of the positive class; may be infinite.
    positive : np.ndarray
        bool ``(n_images,)``, both values there.
    rule : ThresholdRule
        Its criterion.

    Returns
    -------
    float
        Images with log odds of at least this are called positive. It lies in the middle between
        two images, or at 0, one half, where that divides them as well.

    Raises
    ------
    ValueError
        If no border reaches what the rule asks for.

    Examples
    --------
    >>> truth = np.array([False, False, True, False, True, True])
    >>> values = np.array([-4.0, -3.0, -2.0, -1.0, 1.0, 2.0])
    >>> chosen_log_odds(values, truth, ThresholdRule("sensitivity", 1, 0.9))
    -2.5
    """
    levels = np.unique(values)
    # One border below each level, and one above the last: how many are positive above it.
    found = np.searchsorted(np.sort(values[positive]), levels)
    wrong = np.searchsorted(np.sort(values[~positive]), levels)
    n_positive, n_negative = int(positive.sum()), int((~positive).sum())
    hits = np.append(n_positive - found, 0)
    false = np.append(n_negative - wrong, 0)
    low, high = np.append(-np.inf, levels), np.append(levels, np.inf)
    # Certain images cannot be divided from others that are as certain.
    possible = (high > -np.inf) & (low < np.inf)
    worth = _worth(rule, hits, false, n_positive, n_negative)
    worth = np.where(possible, worth, -np.inf)
    if not np.isfinite(worth).any():
        raise ValueError(_out_of_reach(rule))
    best = np.flatnonzero(worth >= worth.max() - EQUAL_CRITERIA)
    borders = np.array([_between(low[place], high[place]) for place in best])
    return float(borders[np.abs(borders).argmin()])


def _worth(
    rule: ThresholdRule, hits: np.ndarray, false: np.ndarray, n_positive: int, n_negative: int
) -> np.ndarray:
    """Return what each border is worth; minus infinity where it misses what is asked for."""
    sensitivity, specificity = hits / n_positive, 1.0 - false / n_negative
    if rule.criterion in ("sensitivity", "specificity"):
        asked, other = sensitivity, specificity
        if rule.criterion == "specificity":
            asked, other = specificity, sensitivity
        # Of equal ones of the other kind, the more of what was asked for; it never outweighs.
        small = asked / (10.0 * max(n_positive, n_negative))
        return np.where(asked >= rule.at_least - EQUAL_CRITERIA, other + small, -np.inf)
    f1 = 2 * hits / (hits + false + n_positive)
    if rule.criterion == "f1":
        return np.asarray(f1)
    if rule.criterion == "f1_macro":
        right = n_negative - false
        of_rest = 2 * right / (right + (n_positive - hits) + n_negative)
        return np.asarray((f1 + of_rest) / 2)
    return np.asarray((sensitivity + specificity) / 2)


def _between(low: float, high: float) -> float:
    """Return a border above `low` and at most `high`."""
    if low < 0.0 <= high:
        return 0.0
    if low == -np.inf:
        return high - BEYOND
    if high == np.inf:
        return low + BEYOND
    middle = low + (high - low) / 2
    return middle if low < middle else high


def _out_of_reach(rule: ThresholdRule) -> str:
    # Only `at least` can be missed, by too many images of probability 0 (or 1).
    kind = "positive" if rule.criterion == "sensitivity" else "other"
    far = "0" if rule.criterion == "sensitivity" else "1"
    return (
        f"threshold: no border reaches a {rule.criterion} of {rule.at_least:g} on the training "
        f"images, because too many images of the {kind} class have a probability of exactly "
        f"{far} of being positive. Ask for less, or use a classifier with finer probabilities "
        "(logistic_regression; knn with more neighbours)."
    )
