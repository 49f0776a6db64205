"""Parameters that classifiers and regressors have alike, as data."""

from __future__ import annotations

from bioselect.component import Parameter

#: The smallest positive number worth writing where 0 itself is not allowed.
ABOVE_ZERO = 1e-12

N_TREES = Parameter("n_estimators", 200, ("int",), minimum=1, summary="number of trees")
#: Of nearest neighbours.
DISTANCE = Parameter(
    "metric",
    "euclidean",
    choices=("euclidean", "manhattan", "cosine"),
    summary="distance between scaled rows",
)


def tree_parameters(max_features: float | str) -> tuple[Parameter, ...]:
    """Return those of one tree, `max_features` with its default."""
    return (
        Parameter(
            "max_depth", None, ("int", "null"), minimum=1, summary="deepest tree; null: no limit"
        ),
        Parameter("min_samples_leaf", 1, ("int",), minimum=1, summary="fewest images in a leaf"),
        Parameter(
            "max_features",
            max_features,
            ("float",),
            choices=("sqrt", "log2"),
            minimum=ABOVE_ZERO,
            maximum=1.0,
            summary="features tried at each split: sqrt, log2 or a share of them",
        ),
    )


def kernel_parameters(what: str) -> tuple[Parameter, ...]:
    """Return the kernel of support vectors, which is the shape of a boundary or a surface."""
    return (
        Parameter(
            "kernel",
            "rbf",
            choices=("rbf", "poly", "sigmoid", "linear"),
            summary=f"shape of the {what}",
        ),
        Parameter(
            "gamma",
            "scale",
            ("float",),
            choices=("scale", "auto"),
            minimum=ABOVE_ZERO,
            summary="reach of one image; larger: more local",
        ),
        Parameter("degree", 3, ("int",), minimum=1, summary="of the poly kernel only"),
    )


def neighbour_parameters(use: str, weights: str) -> tuple[Parameter, ...]:
    """Return those of nearest neighbours: what the images do that are asked, and how they count."""
    return (
        Parameter("n_neighbors", 5, ("int",), minimum=1, summary=f"images that {use}"),
        Parameter("weights", "uniform", choices=("uniform", "distance"), summary=weights),
        DISTANCE,
    )


def boosting_parameters(
    n_estimators: int, learning_rate: float, max_leaf_nodes: int
) -> tuple[Parameter, ...]:
    """Return those of boosted trees, with their defaults."""
    return (
        Parameter("n_estimators", n_estimators, ("int",), minimum=1, summary="rounds of boosting"),
        Parameter(
            "learning_rate",
            learning_rate,
            ("float",),
            minimum=ABOVE_ZERO,
            summary="weight of a round",
        ),
        Parameter(
            "max_leaf_nodes", max_leaf_nodes, ("int",), minimum=2, summary="leaves of a tree"
        ),
        Parameter("min_samples_leaf", 5, ("int",), minimum=1, summary="fewest images in a leaf"),
    )


def n_bins(default: int) -> Parameter:
    """Return how finely boosted trees look at a feature."""
    return Parameter(
        "bins", default, ("int",), minimum=2, maximum=255, summary="thresholds tried a feature"
    )
