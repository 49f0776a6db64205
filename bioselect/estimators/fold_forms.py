"""The same estimator, fed with what its fold has ready: the results are those of the plain one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.pipeline import Pipeline
from sklearn.svm import SVC

from bioselect.estimators.binary_scaling import BinaryScaler
from bioselect.estimators.builtin import CLASSIFIERS
from bioselect.estimators.builtin_regressors import REGRESSORS
from bioselect.estimators.fold_rows import FoldRows
from bioselect.estimators.label_sets import LabelSetClassifier
from bioselect.estimators.logistic import GramLogisticRegression, SpanLogisticRegression
from bioselect.estimators.support_vectors import SteadySVR


@dataclass(frozen=True, eq=False)
class FoldForm:
    """An estimator that has not been trained, and how its rows are got."""

    estimator: Any
    train: Callable[[], np.ndarray]
    test: Callable[[], np.ndarray]


def fold_form(name: str, estimator: Any, rows: FoldRows) -> FoldForm:
    """Return how a classifier is trained and tested on a fold in the least time.

    Parameters
    ----------
    name : str
        Of its component. Only built-in ones are known well enough to be fed with anything but
        rows; all others get the rows as they are.
    estimator : object
        Not trained; it is left as it is.
    rows : FoldRows
        Of the fold.

    Examples
    --------
    >>> from bioselect.estimators.classifiers import linear_svm
    >>> rows = FoldRows(np.eye(4, 9), np.arange(3), np.array([3]))
    >>> fold_form("linear_svm", linear_svm(), rows).estimator.kernel
    'precomputed'
    """
    if isinstance(estimator, LabelSetClassifier):
        return _of_labels(name, estimator, rows)
    if name not in CLASSIFIERS and name not in REGRESSORS:
        # Anybody's own may write into what it is given.
        return FoldForm(estimator, lambda: rows.train().copy(), lambda: rows.test().copy())
    if not _scaled_only(estimator):
        return FoldForm(estimator, rows.train, rows.test)
    model = estimator.steps[-1][1]
    kind = type(model)
    if type(estimator["scale"]) is BinaryScaler:
        return FoldForm(model, rows.binary_train, rows.binary_test)
    if kind is SVC and rows.gram_pays():
        return _support_vectors(model, clone(model).set_params(kernel="precomputed"), rows)
    if _is_svr(model) and rows.gram_pays():
        quick = clone(model).set_params(regressor__kernel="precomputed")
        return _support_vectors(model.regressor, quick, rows)
    if kind is SpanLogisticRegression and rows.wide():
        logistic = GramLogisticRegression(model.C, model.class_weight, model.max_iter)
        return FoldForm(logistic, rows.gram_train, rows.gram_test)
    if kind in (RandomForestClassifier, ExtraTreesClassifier):
        return FoldForm(model, rows.columns_train, rows.scaled_test)
    return FoldForm(model, rows.scaled_train, rows.scaled_test)


def _of_labels(name: str, estimator: LabelSetClassifier, rows: FoldRows) -> FoldForm:
    """Return the form in which all labels share what the fold has ready."""
    if estimator.chain:
        # Each label has those before it among its features, so there is nothing to share.
        return FoldForm(estimator, rows.train, rows.test)
    one = fold_form(name, estimator.estimator, rows)
    return FoldForm(LabelSetClassifier(one.estimator), one.train, one.test)


def _scaled_only(estimator: Any) -> bool:
    # A pipeline of another kind does something else with its rows (it resamples them, say).
    if type(estimator) is not Pipeline:
        return False
    return [name for name, _ in estimator.steps] == ["scale", "model"]


def _is_svr(model: Any) -> bool:
    return type(model) is TransformedTargetRegressor and type(model.regressor) is SteadySVR


def _support_vectors(model: SVC | SteadySVR, quick: Any, rows: FoldRows) -> FoldForm:
    """Return the form of an estimator that takes the kernel of a model in place of rows."""
    if model.kernel == "linear":
        return FoldForm(quick, rows.gram_train, rows.gram_test)
    kernel = (model.kernel, model.gamma, model.degree)

    def made(which: str) -> np.ndarray:
        key = ("kernel", which, *kernel)
        if not rows.few():
            # One at a time: for thousands of images each takes hundreds of megabytes.
            rows.parts.forget(
                lambda name: isinstance(name, tuple) and name[0] == "kernel" and name[2:] != kernel
            )
        return np.asarray(rows.parts.get(key, lambda: _kernel(model, rows, which)))

    return FoldForm(quick, lambda: made("train"), lambda: made("test"))


def _kernel(model: SVC | SteadySVR, rows: FoldRows, which: str) -> np.ndarray:
    """Return the kernel of training or test rows with the training rows, as libsvm defines it."""
    products = rows.gram_train() if which == "train" else rows.gram_test()
    gamma = _gamma(model.gamma, rows)
    if model.kernel == "poly":
        kernel = (gamma * products + model.coef0) ** model.degree
    elif model.kernel == "sigmoid":
        kernel = np.tanh(gamma * products + model.coef0)
    else:
        squares = rows.gram_train().diagonal()
        kernel = np.add.outer(squares if which == "train" else rows.squares_test(), squares)
        for _ in range(2):  # Not `2 * products`, which would be another matrix of this size.
            kernel -= products
        np.maximum(kernel, 0.0, out=kernel)
        kernel *= -gamma
        np.exp(kernel, out=kernel)
    kernel.flags.writeable = False
    return np.asarray(kernel)


def _gamma(gamma: float | str, rows: FoldRows) -> float:
    n_features = rows.scaled_train().shape[1]
    if gamma == "scale":
        variance = rows.variance()
        return 1.0 / (n_features * variance) if variance != 0 else 1.0
    return 1.0 / n_features if gamma == "auto" else float(gamma)
