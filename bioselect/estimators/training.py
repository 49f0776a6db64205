"""Training a classifier with what it needs to know of its rows, and what it chose then."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline

from bioselect.estimators.dense_network import DenseNetwork
from bioselect.estimators.label_sets import LabelSetClassifier
from bioselect.estimators.threshold import ThresholdedClassifier
from bioselect.estimators.threshold_words import DECISION_THRESHOLD


def train(estimator: Any, X: np.ndarray, y: np.ndarray, units: np.ndarray) -> None:
    """Train a classifier; one that divides the rows again gets the units, which it must not split.

    Parameters
    ----------
    estimator : object
        From :func:`bioselect.estimators.creation.create_classifier`, or a form of it.
    X, y, units : np.ndarray
        Rows ``(n_images, ...)``, class places and units, int ``(n_images,)``. Of labels `y` is 0
        and 1 ``(n_images, n_labels)``.
    """
    if isinstance(estimator, ThresholdedClassifier | LabelSetClassifier | DenseNetwork):
        estimator.fit(X, y, units)
    elif isinstance(estimator, Pipeline) and isinstance(estimator.steps[-1][1], DenseNetwork):
        estimator.fit(X, y, **{f"{estimator.steps[-1][0]}__units": units})
    else:
        estimator.fit(X, y)


def chosen_in_training(estimator: Any) -> dict[str, Any]:
    """Return what a fitted classifier chose by itself, by name; mostly nothing.

    Of labels it is a list, null for one that could not be learnt.
    """
    if isinstance(estimator, ThresholdedClassifier):
        return {DECISION_THRESHOLD: estimator.threshold_}
    if isinstance(estimator, LabelSetClassifier):
        found = [chosen_in_training(model).get(DECISION_THRESHOLD) for model in estimator.models_]
        return {DECISION_THRESHOLD: found} if any(one is not None for one in found) else {}
    return {}
