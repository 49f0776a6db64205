"""The regressors that are dense networks: parameters and a seed -> an untrained estimator.

Each takes what its row in `builtin_regressors.py` declares, with the same defaults. The optimizer
and its rate are those with which such networks were published for tables of measurements.
"""

from __future__ import annotations

from typing import Any

from sklearn.pipeline import Pipeline

from bioselect.estimators.dense_network import DenseNetwork
from bioselect.estimators.scaled_pipeline import scaled
from bioselect.exceptions import ComponentError

#: The learning rate of each optimizer where none is written.
RATES = {"sgd": 0.0001, "adam": 0.001}


def linear_network(
    epochs: int = 100,
    batch_size: int = 32,
    optimizer: str = "sgd",
    learning_rate: float | None = None,
    momentum: float = 0.0,
    loss: str = "mse",
    early_stopping: int | None = None,
    target_scaling: bool = True,
    select: int | None = None,
    seed: int = 0,
) -> Pipeline:
    """Return one dense layer: a weight for each feature, learnt step by step."""
    layer_facts = {"name": "linear_network", "hidden": [], "activation": "relu", "dropout": 0.0}
    steps = _steps("linear_network", optimizer, learning_rate, momentum)
    length = (epochs, batch_size, early_stopping)
    design = _design(layer_facts, steps, loss, length)
    return scaled(DenseNetwork(design, target_scaling, seed), select)


def mlp_network(
    layers: int = 2,
    width: int = 64,
    activation: str = "relu",
    dropout: float = 0.0,
    epochs: int = 100,
    batch_size: int = 32,
    optimizer: str = "sgd",
    learning_rate: float | None = None,
    momentum: float = 0.0,
    loss: str = "mse",
    early_stopping: int | None = None,
    target_scaling: bool = True,
    select: int | None = None,
    seed: int = 0,
) -> Pipeline:
    """Return dense layers, each with an activation and dropout, before the one that answers."""
    layer_facts = {
        "name": "mlp_network",
        "hidden": [width] * layers,
        "activation": activation,
        "dropout": float(dropout),
    }
    steps = _steps("mlp_network", optimizer, learning_rate, momentum)
    length = (epochs, batch_size, early_stopping)
    design = _design(layer_facts, steps, loss, length)
    return scaled(DenseNetwork(design, target_scaling, seed), select)


def _design(
    layers: dict[str, Any], steps: dict[str, Any], loss: str, length: tuple[int, int, int | None]
) -> dict[str, Any]:
    """Return the design of a network; `length` is epochs, rows in a batch, early stopping."""
    epochs, batch_size, early_stopping = length
    return {
        **layers,
        **steps,
        "loss": loss,
        "epochs": epochs,
        "batch_size": batch_size,
        "early_stopping": early_stopping,
    }


def _steps(
    name: str, optimizer: str, learning_rate: float | None, momentum: float
) -> dict[str, Any]:
    if momentum and optimizer != "sgd":
        raise ComponentError(
            f"{name}: params.momentum needs optimizer: sgd. Got optimizer: {optimizer}. Leave one "
            "of them out."
        )
    rate = RATES[optimizer] if learning_rate is None else float(learning_rate)
    return {"optimizer": optimizer, "learning_rate": rate, "momentum": float(momentum)}
