"""Dense networks that learn a number from rows of numbers: what is taught, and what comes of it.

Keras defines and trains them, in a process of their own (:mod:`bioselect.networks.row_process`).
What comes back are arrays: whoever predicts with them needs no Keras.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class RowDesign:
    """A dense network and how it is trained.

    Parameters
    ----------
    name : str
        What to call it in errors.
    hidden : tuple of int
        The width of each hidden layer; without any the network is linear.
    activation : str
        Of the hidden layers.
    dropout : float
        The share of a hidden layer that is left out, anew in every step.
    loss : {"mse", "mae", "huber"}
        The mean over a batch is made small; of huber, errors above 1 count by their size alone.
    optimizer : {"sgd", "adam"}
        How the weights are moved.
    learning_rate, momentum : float
        Of the optimizer; momentum is that of sgd.
    epochs, batch_size : int
        Most epochs; most rows in a batch. An epoch is divided into equally large batches.
    early_stopping : int or None
        Ends after so many epochs in which the loss of the rows kept for it did not fall.
    seed : int
        Of first weights, order and dropout.
    """

    name: str
    hidden: tuple[int, ...]
    activation: str
    dropout: float
    loss: str
    optimizer: str
    learning_rate: float
    momentum: float
    epochs: int
    batch_size: int
    early_stopping: int | None
    seed: int


@dataclass(frozen=True, eq=False)
class RowLesson:
    """The rows of a training, float32.

    `rows` are ``(n, n_features)`` and `values` ``(n,)``; of `kept_rows` and `kept_values`, by which
    the best epoch is chosen, there may be none.
    """

    rows: np.ndarray
    values: np.ndarray
    kept_rows: np.ndarray
    kept_values: np.ndarray


@dataclass(frozen=True, eq=False)
class TrainedRows:
    """The weights of the best epoch.

    `kernels` and `biases` are float32 arrays, a pair for each layer, the last with one column.
    `losses` has the mean of each epoch, and `kept_losses` that of the rows kept for early stopping.
    """

    kernels: tuple[np.ndarray, ...]
    biases: tuple[np.ndarray, ...]
    best_epoch: int
    losses: tuple[float, ...]
    kept_losses: tuple[float, ...]


def train_rows(design: Mapping[str, Any], *arrays: np.ndarray) -> TrainedRows:
    """Train a dense network, with one thread and always with the same bits.

    Parameters
    ----------
    design : mapping
        The values of a :class:`RowDesign`.
    *arrays : np.ndarray
        Those of a :class:`RowLesson`, in their order. They are only read.

    Raises
    ------
    ComponentError
        If the loss does not stay a finite number; the message says what to write.
    UnavailableError, WorkerDiedError
        If there is no Keras, or memory ran out.

    Examples
    --------
    >>> rows = np.linspace(-1, 1, 40)[:, None]
    >>> design = {
    ...     "name": "linear_network", "hidden": (), "activation": "relu", "dropout": 0.0,
    ...     "loss": "mse", "optimizer": "sgd", "learning_rate": 0.1, "momentum": 0.0,
    ...     "epochs": 30, "batch_size": 8, "early_stopping": None, "seed": 0,
    ... }
    >>> trained = train_rows(design, rows, 3 * rows[:, 0] + 1, rows[:0], rows[:0, 0])
    >>> trained.kernels[0].round(2).tolist(), trained.biases[0].round(2).tolist()
    ([[3.0]], [1.0])
    """
    from bioselect.networks.row_process import train_apart

    lesson = RowLesson(*(np.ascontiguousarray(array, dtype=np.float32) for array in arrays))
    return train_apart(RowDesign(**design), lesson)
