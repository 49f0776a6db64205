"""A dense network as an estimator: trained by Keras somewhere else, kept and computed as arrays.

Predictions need NumPy alone, and a model file holds nothing but numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin

from bioselect.data.random_splits import draw_parts
from bioselect.data.units_of_views import is_no_view, whole_units
from bioselect.exceptions import DataError
from bioselect.registry import import_target

#: What trains it: there alone is Keras.
TRAINER = "bioselect.networks.rows:train_rows"
#: Share of the training rows by which early stopping chooses the best epoch.
KEPT_SHARE = 0.15


def _relu(x: np.ndarray) -> np.ndarray:
    return np.asarray(np.maximum(x, 0.0))


def _elu(x: np.ndarray) -> np.ndarray:
    return np.asarray(np.where(x > 0, x, np.expm1(np.minimum(x, 0.0))))


def _sigmoid(x: np.ndarray) -> np.ndarray:
    # Written with tanh, which no large number overflows.
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * x)))


#: What hidden layers may do with their sums, as Keras defines it.
ACTIVATIONS: Mapping[str, Callable[[np.ndarray], np.ndarray]] = {
    "relu": _relu,
    "elu": _elu,
    "tanh": np.tanh,
    "sigmoid": _sigmoid,
}


class DenseNetwork(RegressorMixin, BaseEstimator):
    """A network of dense layers with one number as its answer.

    Parameters
    ----------
    design : dict
        The values of a :class:`bioselect.networks.rows.RowDesign`, but for the seed.
    target_scaling : bool
        Whether it learns the target with mean 0 and standard deviation 1 among the rows to train
        on, and predicts in the target's own units.
    seed : int
        At least 0.
    trained_by : str
        The import path of what trains it, which `fit` alone asks: see
        :func:`bioselect.networks.rows.train_rows`.

    Attributes
    ----------
    kernels_, biases_ : list of np.ndarray
        float32, a pair for each layer.
    offset_, unit_ : float
        What is added to the last layer's answer after it has been multiplied.
    best_epoch_ : int
        That whose weights these are, counted from 1.
    n_features_in_ : int
        How many numbers a row has.
    """

    def __init__(
        self,
        design: dict[str, Any],
        target_scaling: bool = True,
        seed: int = 0,
        trained_by: str = TRAINER,
    ) -> None:
        self.design = design
        self.target_scaling = target_scaling
        self.seed = seed
        self.trained_by = trained_by

    def fit(self, X: np.ndarray, y: np.ndarray, units: np.ndarray | None = None) -> DenseNetwork:
        """Train on ``(n_images, n_features)`` rows and ``(n_images,)`` numbers.

        Parameters
        ----------
        X, y : np.ndarray
            float; they are only read.
        units : np.ndarray, optional
            int ``(n_images,)``: what early stopping must not split; each row is one by default.

        Raises
        ------
        DataError
            If early stopping finds nothing to keep.
        """
        X, y = np.asarray(X, dtype=np.float64), np.asarray(y, dtype=np.float64)
        taught, kept = self._divided(y, units)
        self.offset_, self.unit_ = 0.0, 1.0
        if self.target_scaling:
            self.offset_, self.unit_ = float(y[taught].mean()), float(y[taught].std()) or 1.0
        scaled = (y - self.offset_) / self.unit_
        design = {**self.design, "hidden": tuple(self.design["hidden"]), "seed": self.seed}
        train = import_target(self.trained_by)
        trained = train(design, X[taught], scaled[taught], X[kept], scaled[kept])
        self.kernels_, self.biases_ = list(trained.kernels), list(trained.biases)
        self.best_epoch_ = int(trained.best_epoch)
        self.n_features_in_ = X.shape[1]
        return self

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Return float64 ``(n_images,)``, in the target's units."""
        rows = np.asarray(X, dtype=np.float64)
        activation = ACTIVATIONS[self.design["activation"]]
        for place, (kernel, bias) in enumerate(zip(self.kernels_, self.biases_, strict=True)):
            rows = rows @ kernel.astype(np.float64) + bias
            if place < len(self.kernels_) - 1:
                rows = activation(rows)
        predicted: np.ndarray = rows[:, 0] * self.unit_ + self.offset_
        return predicted

    @property
    def coef_(self) -> np.ndarray:
        """The weight of each feature in the target's units; of a network without hidden layers."""
        if len(self.kernels_) > 1:
            raise AttributeError("coef_: only a network without hidden layers has coefficients.")
        weights: np.ndarray = self.kernels_[0][:, 0].astype(np.float64) * self.unit_
        return weights

    def _divided(self, y: np.ndarray, units: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
        """Return the places of the rows to train on, and of those that choose the best epoch."""
        if self.design["early_stopping"] is None:
            return np.arange(len(y)), np.zeros(0, dtype=np.int64)
        units = np.arange(len(y)) if units is None else np.asarray(units)
        whole = whole_units(units)
        n_units = len(np.unique(whole))
        if n_units < 2:
            raise DataError(
                f"{self.design['name']}: early_stopping keeps some of the training images to judge "
                f"by. Got {n_units} independent image or group. Write early_stopping: null."
            )
        is_kept = draw_parts(y, whole, (1.0 - KEPT_SHARE, KEPT_SHARE), self.seed) == 1
        # Views are trained on and never judged by.
        return np.flatnonzero(~is_kept), np.flatnonzero(is_kept & is_no_view(units))
