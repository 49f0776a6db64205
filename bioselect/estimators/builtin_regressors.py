"""The table of built-in regressors: names, parameters, search spaces. Data only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bioselect.component import ComponentRow, Parameter
from bioselect.estimators.dense_parameters import COURSE, LAYERS, SEARCH
from bioselect.estimators.shared_parameters import (
    ABOVE_ZERO,
    N_TREES,
    boosting_parameters,
    kernel_parameters,
    n_bins,
    neighbour_parameters,
    tree_parameters,
)

#: The parameter of every regressor but the floor of the table that chooses among the features.
SELECT = "select"

_SELECT = Parameter(
    SELECT,
    None,
    ("int", "null"),
    minimum=1,
    summary="only so many features are used, those that go best with the target (correlation, on "
    "the training images of a fold); null: all",
)
#: What people write who want features scaled.
_LACKS = (
    *(
        (name, "it is for classes. Take it out: a regressor predicts a number.")
        for name in ("class_weight", "threshold", "resampling", "multilabel")
    ),
    (
        "scale",
        "features are scaled inside the fold wherever a regressor depends on their units. Take it "
        "out.",
    ),
    (
        "normalize",
        "features are scaled inside the fold wherever a regressor depends on their units. Take it "
        "out.",
    ),
)


def _penalty() -> Parameter:
    return Parameter(
        "alpha",
        0.01,
        ("float",),
        minimum=ABOVE_ZERO,
        summary="larger: simpler; in standard deviations of the target",
    )


def _row(
    name: str,
    summary: str,
    parameters: tuple[Parameter, ...] = (),
    search: tuple[tuple[str, tuple[Any, ...]], ...] = (),
    reference: str = "",
    version: int = 1,
    module: str = "regressors",
) -> ComponentRow:
    learns = name != "dummy"
    return ComponentRow(
        name=name,
        target=f"bioselect.estimators.{module}:{name}",
        summary=summary,
        parameters=(*parameters, _SELECT) if learns else parameters,
        search=search,
        reference=reference,
        version=version,
        lacks=_LACKS,
    )


_ROWS = (
    _row(
        "linear",
        "least squares: a weight for each feature; the simplest that learns",
        reference="Gauss (1809), Theoria motus corporum coelestium",
    ),
    _row(
        "ridge",
        "least squares with small weights; a strong first choice for the features of a network",
        (Parameter("alpha", 1.0, ("float",), minimum=ABOVE_ZERO, summary="larger: simpler"),),
        (("alpha", (0.1, 1.0, 10.0, 100.0, 1000.0)),),
        "Hoerl and Kennard (1970), Technometrics 12, 55-67",
    ),
    _row(
        "lasso",
        "least squares that leaves features out: many weights are zero",
        (_penalty(),),
        (("alpha", (0.001, 0.01, 0.03, 0.1, 0.3)),),
        "Tibshirani (1996), Journal of the Royal Statistical Society B 58, 267-288",
    ),
    _row(
        "elastic_net",
        "between ridge and lasso: features that go together are kept together",
        (
            _penalty(),
            Parameter(
                "l1_ratio",
                0.5,
                ("float",),
                minimum=ABOVE_ZERO,
                maximum=1.0,
                summary="1: lasso; nearer to 0: nearer to ridge",
            ),
        ),
        (("alpha", (0.001, 0.01, 0.03, 0.1, 0.3)),),
        "Zou and Hastie (2005), Journal of the Royal Statistical Society B 67, 301-320",
    ),
    _row(
        "huber",
        "linear; values far from the line count less, as mistakes of measurement should",
        (
            Parameter("alpha", 1.0, ("float",), minimum=ABOVE_ZERO, summary="larger: simpler"),
            Parameter(
                "epsilon",
                1.35,
                ("float",),
                minimum=1.0,
                summary="from how many standard deviations of the noise on values count less",
            ),
        ),
        (("alpha", (0.1, 1.0, 10.0, 100.0)),),
        "Huber (1964), Annals of Mathematical Statistics 35, 73-101",
    ),
    _row(
        "knn",
        "mean of the most similar training images",
        neighbour_parameters("are averaged", "all count alike, or nearer images more"),
        (("n_neighbors", (1, 3, 5, 9)),),
        "Altman (1992), The American Statistician 46, 175-185",
    ),
    _row(
        "svr",
        "support vectors: a curved surface (RBF kernel) that small errors do not bend",
        (
            Parameter("C", 1.0, ("float",), minimum=ABOVE_ZERO, summary="smaller: simpler"),
            Parameter(
                "epsilon",
                0.1,
                ("float",),
                minimum=0.0,
                summary="errors up to this do not count; of the target's standard deviation",
            ),
            *kernel_parameters("surface"),
        ),
        (("C", (0.1, 1.0, 10.0, 100.0)),),
        "Drucker et al. (1997), Advances in Neural Information Processing Systems 9, 155-161",
    ),
    _row(
        "decision_tree",
        "one tree of questions about single features; easy to read, rarely the best",
        tree_parameters(1.0),
        (("min_samples_leaf", (1, 3, 5, 10, 20)),),
        "Breiman, Friedman, Olshen and Stone (1984), Classification and Regression Trees",
    ),
    _row(
        "random_forest",
        "mean of trees grown on resampled images",
        (N_TREES, *tree_parameters(1.0)),
        (("max_features", (0.33, 1.0)), ("min_samples_leaf", (1, 3))),
        "Breiman (2001), Machine Learning 45, 5-32",
    ),
    _row(
        "extra_trees",
        "mean of trees with random thresholds; quicker than a random forest",
        (N_TREES, *tree_parameters(1.0)),
        (("max_features", (0.33, 1.0)), ("min_samples_leaf", (1, 3))),
        "Geurts, Ernst and Wehenkel (2006), Machine Learning 63, 3-42",
    ),
    _row(
        "gradient_boosting",
        "shallow trees that correct each other",
        (*boosting_parameters(100, 0.1, 8), n_bins(64)),
        (("learning_rate", (0.05, 0.1)), ("max_leaf_nodes", (4, 8))),
        "Ke et al. (2017), LightGBM, Advances in Neural Information Processing Systems 30",
    ),
    _row(
        "pls",
        "partial least squares: linear in few directions that go with the target (chemometrics)",
        (
            Parameter(
                "n_components",
                4,
                ("int",),
                minimum=1,
                summary="directions, at most as many as there are features",
            ),
        ),
        (("n_components", (1, 2, 4, 8, 16)),),
        "Wold, Sjostrom and Eriksson (2001), Chemometrics and Intelligent Laboratory Systems 58, "
        "109-130",
    ),
    _row(
        "gaussian_process",
        "smooth surface whose smoothness and noise are estimated, so nothing has to be tuned; for "
        "up to some 2,000 images, as a fit takes time with their cube (2,000: 20 s)",
        (
            Parameter(
                "kernel",
                "rbf",
                choices=("rbf", "matern"),
                summary="how smooth: very (rbf), or less (matern, 3/2)",
            ),
        ),
        reference="Rasmussen and Williams (2006), Gaussian Processes for Machine Learning",
    ),
    _row(
        "linear_network",
        "a weight for each feature, learnt step by step with Keras; as published 100 epochs of "
        "sgd, which end before the optimum",
        COURSE,
        SEARCH,
        "Widrow and Hoff (1960), IRE WESCON Convention Record 4, 96-104",
        module="dense_regressors",
    ),
    _row(
        "mlp_network",
        "dense layers trained with Keras; as published 100 epochs of sgd, with which some hundred "
        "images teach it little (optimizer: adam)",
        (*LAYERS, *COURSE),
        SEARCH,
        "Rumelhart, Hinton and Williams (1986), Nature 323, 533-536",
        module="dense_regressors",
    ),
    _row(
        "dummy",
        "always predicts the mean (or the median) of the training images: the floor of every table",
        (
            Parameter(
                "strategy",
                "mean",
                choices=("mean", "median"),
                summary="what of the training images is predicted",
            ),
        ),
    ),
)

REGRESSORS: Mapping[str, ComponentRow] = {row.name: row for row in _ROWS}
