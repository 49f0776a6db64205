"""What may stand in the `params` of the regressors that are dense networks, as data."""

from __future__ import annotations

from bioselect.component import ComponentSpec, Parameter
from bioselect.estimators.shared_parameters import ABOVE_ZERO

#: The regressors that are dense networks.
DENSE = ("linear_network", "mlp_network")
#: Of both: how they are trained.
COURSE = (
    Parameter("epochs", 100, ("int",), minimum=1, maximum=100_000, summary="most epochs"),
    Parameter(
        "batch_size",
        32,
        ("int",),
        minimum=1,
        summary="most images in a batch; an epoch is divided into equally large ones",
    ),
    Parameter(
        "optimizer",
        "sgd",
        choices=("sgd", "adam"),
        summary="how the weights are moved; adam needs fewer epochs",
    ),
    Parameter(
        "learning_rate",
        None,
        ("float", "null"),
        minimum=ABOVE_ZERO,
        maximum=100,
        summary="the same in all epochs; null: 0.0001 (adam: 0.001)",
    ),
    Parameter("momentum", 0.0, ("float",), minimum=0, maximum=0.9999, summary="of sgd; 0 is none"),
    Parameter(
        "loss",
        "mse",
        choices=("mse", "mae", "huber"),
        summary="what is made small: mean squared error, mean absolute error, or huber, for which "
        "errors above one standard deviation of the target count by their size alone",
    ),
    Parameter(
        "early_stopping",
        None,
        ("int", "null"),
        minimum=1,
        summary="ends after so many epochs without a lower loss of 15 % of the training images "
        "(groups whole), which it keeps for that, and uses the weights of the best; null: trains "
        "on all of them to the last epoch",
    ),
    Parameter(
        "target_scaling",
        True,
        ("bool",),
        summary="learns the target with mean 0 and standard deviation 1, and predicts in its own "
        "units; false: learns it as it is",
    ),
)
#: Of the one with hidden layers: what they are.
LAYERS = (
    Parameter("layers", 2, ("int",), minimum=1, maximum=20, summary="how many hidden layers"),
    Parameter("width", 64, ("int",), minimum=1, maximum=65_536, summary="numbers in each of them"),
    Parameter(
        "activation",
        "relu",
        choices=("relu", "elu", "tanh", "sigmoid"),
        summary="of the hidden layers",
    ),
    Parameter(
        "dropout",
        0.0,
        ("float",),
        minimum=0,
        maximum=0.95,
        summary="share of each hidden layer left out, anew in every step",
    ),
)
SEARCH = (("optimizer", ("sgd", "adam")), ("learning_rate", (0.0001, 0.001, 0.01)))


def is_dense(spec: ComponentSpec) -> bool:
    """Tell whether a regressor is a dense network, which Keras trains."""
    return spec.name in DENSE


def keeps_images(spec: ComponentSpec) -> bool:
    """Tell whether it keeps some of the training images for early stopping, or may in a search.

    Examples
    --------
    >>> keeps_images(ComponentSpec.of("mlp_network", {"early_stopping": 10}))
    True
    >>> keeps_images(ComponentSpec.of("mlp_network"))
    False
    """
    written = (*spec.params, *spec.search)
    return is_dense(spec) and any(name == "early_stopping" for name, _ in written)
