"""The regressors that are dense networks: parameters and a seed -> an untrained estimator.

Each takes what its row in `builtin_regressors.py` declares, with the same defaults. The optimizer
and its rate are those with which such networks were published for tables of measurements.
"""

from __future__ import annotations

from typing import Any

from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from bioselect.estimators.best_columns import BestColumns
from bioselect.estimators.dense_network import DenseNetwork
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
    design = {
        "name": "linear_network",
        "hidden": [],
        "activation": "relu",
        "dropout": 0.0,
        **_course(optimizer, learning_rate, momentum, "linear_network"),
        "loss": loss,
        "epochs": epochs,
        "batch_size": batch_size,
        "early_stopping": early_stopping,
    }
    return _scaled(DenseNetwork(design, target_scaling, seed), select)


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
    design = {
        "name": "mlp_network",
        "hidden": [width] * layers,
        "activation": activation,
        "dropout": float(dropout),
        **_course(optimizer, learning_rate, momentum, "mlp_network"),
        "loss": loss,
        "epochs": epochs,
        "batch_size": batch_size,
        "early_stopping": early_stopping,
    }
    return _scaled(DenseNetwork(design, target_scaling, seed), select)


def _scaled(network: DenseNetwork, select: int | None) -> Pipeline:
    chosen = [] if select is None else [("select", BestColumns(select))]
    return Pipeline([("scale", StandardScaler()), *chosen, ("model", network)])


def _course(
    optimizer: str, learning_rate: float | None, momentum: float, name: str
) -> dict[str, Any]:
    if momentum and optimizer != "sgd":
        raise ComponentError(
            f"{name}: params.momentum needs optimizer: sgd. Got optimizer: {optimizer}. Leave one "
            "of them out."
        )
    rate = RATES[optimizer] if learning_rate is None else float(learning_rate)
    return {"optimizer": optimizer, "learning_rate": rate, "momentum": float(momentum)}
