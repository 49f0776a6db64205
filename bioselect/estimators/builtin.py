"""The table of built-in classifiers: names, parameters, search spaces. Data only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bioselect.estimators.shared_parameters import (
    ABOVE_ZERO,
    N_TREES,
    boosting_parameters,
    kernel_parameters,
    n_bins,
    neighbour_parameters,
    tree_parameters,
)
from bioselect.estimators.threshold_rule import threshold_problem
from bioselect.registry import ComponentRow, Parameter

#: The parameter of built-in classifiers that says how several labels an image are learnt.
MULTILABEL, BINARY_RELEVANCE, CHAIN = "multilabel", "binary_relevance", "chain"

_WEIGHT = Parameter(
    "class_weight",
    None,
    ("null",),
    choices=("balanced",),
    summary="balanced: rare classes count as much as common ones; null: every image counts alike",
)
#: Of every classifier but the floor of the table.
_AROUND = (
    Parameter(
        "resampling",
        None,
        ("null",),
        choices=("random_over", "random_under", "smote"),
        summary="training rows made equally common in all classes: rare ones drawn again, common "
        "ones left out, or new rows between neighbours (pip install bioselect[imbalance])",
    ),
    Parameter(
        "threshold",
        None,
        ("str", "dict", "null"),
        summary="two classes: what chooses where they are divided, balanced_accuracy, youden, "
        "f1_macro, {sensitivity: 0.9, positive: CLASS}, {specificity: 0.9, positive: CLASS} or "
        "{criterion: f1, positive: CLASS}; several labels: f1 or one of the first three, for each "
        "label; null: at one half",
        check=threshold_problem,
    ),
    Parameter(
        MULTILABEL,
        BINARY_RELEVANCE,
        choices=(BINARY_RELEVANCE, CHAIN),
        summary="several labels an image: a classifier for each label by itself, or a chain, in "
        "which each also sees the labels before it",
    ),
)
#: What people write who want rare classes to count more, where it cannot be had.
_NO_WEIGHT = (
    (
        "class_weight",
        "this classifier cannot weight classes. Use resampling: random_over, which shows it rare "
        "classes as often as common ones, or threshold, for two classes.",
    ),
)
_TREES = (N_TREES, *tree_parameters("sqrt"), _WEIGHT)


def _penalty(summary: str = "smaller: simpler") -> Parameter:
    return Parameter("C", 1.0, ("float",), minimum=ABOVE_ZERO, summary=summary)


def _row(
    name: str,
    summary: str,
    parameters: tuple[Parameter, ...] = (),
    search: tuple[tuple[str, tuple[Any, ...]], ...] = (),
    reference: str = "",
    version: int = 1,
) -> ComponentRow:
    learns = name != "dummy"
    weighted = any(parameter is _WEIGHT for parameter in parameters)
    return ComponentRow(
        name=name,
        target=f"bioselect.estimators.classifiers:{name}",
        summary=summary,
        parameters=(*parameters, *_AROUND) if learns else parameters,
        search=search,
        reference=reference,
        version=version,
        lacks=() if weighted or not learns else _NO_WEIGHT,
    )


_ROWS = (
    _row(
        "logistic_regression",
        "linear, with probabilities; a strong first choice for the features of a network",
        (_penalty(), _WEIGHT),
        (("C", (0.001, 0.01, 0.1, 1.0, 10.0)),),
        "Cox (1958), Journal of the Royal Statistical Society B 20, 215-242",
        version=2,
    ),
    _row(
        "linear_svm",
        "linear boundary with the widest margin",
        (_penalty(), _WEIGHT),
        (("C", (0.0001, 0.001, 0.01, 0.1, 1.0)),),
        "Cortes and Vapnik (1995), Machine Learning 20, 273-297",
    ),
    _row(
        "svm",
        "curved boundary with the widest margin (RBF kernel)",
        (
            _penalty(),
            *kernel_parameters("boundary"),
            _WEIGHT,
        ),
        (("C", (0.1, 1.0, 10.0, 100.0)),),
        "Cortes and Vapnik (1995), Machine Learning 20, 273-297",
    ),
    _row(
        "knn",
        "vote of the most similar training images",
        (*neighbour_parameters("vote", "one vote each, or nearer images count more"),),
        (("n_neighbors", (1, 3, 5, 9)),),
        "Cover and Hart (1967), IEEE Transactions on Information Theory 13, 21-27",
    ),
    _row(
        "lda",
        "linear discriminant analysis; the shrinkage is estimated, so nothing has to be tuned",
        (_WEIGHT,),
        reference="Ledoit and Wolf (2004), Journal of Multivariate Analysis 88, 365-411",
    ),
    _row(
        "naive_bayes",
        "Gaussian naive Bayes: features taken as independent; very quick",
        (
            Parameter(
                "var_smoothing",
                1e-9,
                ("float",),
                minimum=0.0,
                summary="added to each variance, as a share of the largest one",
            ),
            _WEIGHT,
        ),
        (("var_smoothing", (1e-9, 1e-3, 1e-2, 0.1, 1.0)),),
        "Hand and Yu (2001), International Statistical Review 69, 385-398",
    ),
    _row(
        "random_forest",
        "vote of trees grown on resampled images",
        _TREES,
        (("max_features", ("sqrt", 0.2)), ("min_samples_leaf", (1, 3))),
        "Breiman (2001), Machine Learning 45, 5-32",
    ),
    _row(
        "extra_trees",
        "vote of trees with random thresholds; quicker than a random forest",
        _TREES,
        (("max_features", ("sqrt", 0.2)), ("min_samples_leaf", (1, 3))),
        "Geurts, Ernst and Wehenkel (2006), Machine Learning 63, 3-42",
    ),
    _row(
        "gradient_boosting",
        "shallow trees that correct each other",
        (
            *boosting_parameters(50, 0.2, 4),
            Parameter(
                "components",
                None,
                ("int", "null"),
                minimum=1,
                summary="more features than this are rotated to this many; null: never",
            ),
            n_bins(32),
            _WEIGHT,
        ),
        (("learning_rate", (0.05, 0.2)), ("max_leaf_nodes", (4, 8))),
        "Ke et al. (2017), LightGBM, Advances in Neural Information Processing Systems 30",
        version=2,
    ),
    _row(
        "mlp",
        "a small neural network with one hidden layer",
        (
            Parameter("hidden", 100, ("int",), minimum=1, summary="neurons of the hidden layer"),
            Parameter("alpha", 0.01, ("float",), minimum=0.0, summary="larger: simpler"),
            Parameter(
                "learning_rate", 0.003, ("float",), minimum=ABOVE_ZERO, summary="step of training"
            ),
            Parameter("max_iter", 1000, ("int",), minimum=1, summary="most passes over the images"),
        ),
        (("alpha", (0.001, 0.01, 0.1, 1.0)),),
        "Rumelhart, Hinton and Williams (1986), Nature 323, 533-536; Kingma and Ba (2015), Adam",
    ),
    _row(
        "nearest_centroid",
        "the class whose mean is nearest; the simplest that learns",
        reference="Hastie, Tibshirani and Friedman (2009), The Elements of Statistical Learning",
    ),
    _row("dummy", "always guesses the commonest class: the floor of every table"),
)

CLASSIFIERS: Mapping[str, ComponentRow] = {row.name: row for row in _ROWS}
