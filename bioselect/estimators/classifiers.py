"""One function for each built-in classifier: parameters and a seed -> an untrained estimator.

Each takes what its row in `builtin.py` declares, with the same defaults. Scaling, where distances
or penalties depend on the units of the features, is a step of the estimator, so that it is learnt
inside the fold. Nothing uses more than one process.
"""

from __future__ import annotations

from typing import Any

from sklearn.base import BaseEstimator
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import (
    ExtraTreesClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from bioselect.estimators.balanced_naive_bayes import BalancedNaiveBayes
from bioselect.estimators.centroid import CentroidClassifier
from bioselect.estimators.discriminant import ShrunkenDiscriminant
from bioselect.estimators.logistic import SpanLogisticRegression
from bioselect.estimators.rotation import PrincipalRotation


def _scaled(model: BaseEstimator) -> Pipeline:
    return Pipeline([("scale", StandardScaler()), ("model", model)])


def logistic_regression(C: float = 1.0, class_weight: str | None = None) -> Pipeline:
    """Return multinomial logistic regression with an L2 penalty, trained to its optimum."""
    # At scikit-learn's tolerance of 1e-4, with 1,280 features of 640 images, probabilities are off
    # by up to 0.05 (0.7 for C=100); here by 1e-5 (2e-4). The features of real images need a
    # thousand steps of the default solver to get there, and twenty of this one. Where features
    # outnumber images the estimator has a solver of its own, exact to eight digits.
    model = SpanLogisticRegression(
        C=float(C), class_weight=class_weight, solver="newton-cg", tol=1e-8, max_iter=1000
    )
    return _scaled(model)


def linear_svm(C: float = 1.0, class_weight: str | None = None) -> Pipeline:
    """Return a support vector machine without a kernel, one against one."""
    # Not LinearSVC: for 4,000 images with 1,280 features it takes 82 s, or does not converge,
    # where this takes 8 s and needs no random numbers.
    return _support_vectors(C=float(C), kernel="linear", class_weight=class_weight)


def svm(
    C: float = 1.0,
    kernel: str = "rbf",
    gamma: float | str = "scale",
    degree: int = 3,
    class_weight: str | None = None,
) -> Pipeline:
    """Return a support vector machine with a kernel, one against one."""
    return _support_vectors(
        C=float(C), kernel=kernel, gamma=gamma, degree=degree, class_weight=class_weight
    )


def _support_vectors(**params: Any) -> Pipeline:
    # Probabilities of the machine itself cost five more fits and may contradict its predictions.
    # `break_ties`: the class with the highest decision value is the predicted one.
    # `random_state`: nothing is random, but without it NumPy's global state would be advanced.
    model = SVC(
        break_ties=True,
        decision_function_shape="ovr",
        cache_size=500,
        random_state=0,
        **params,
    )
    return _scaled(model)


def knn(n_neighbors: int = 5, weights: str = "uniform", metric: str = "euclidean") -> Pipeline:
    """Return the vote of the nearest training images."""
    return _scaled(
        KNeighborsClassifier(n_neighbors, weights=weights, metric=metric, algorithm="brute")
    )


def lda(class_weight: str | None = None) -> Pipeline:
    """Return linear discriminant analysis with the shrinkage of Ledoit and Wolf."""
    return _scaled(ShrunkenDiscriminant(class_weight))


def naive_bayes(var_smoothing: float = 1e-9, class_weight: str | None = None) -> Pipeline:
    """Return Gaussian naive Bayes; scaling makes the smoothing the same for all features."""
    kind = GaussianNB if class_weight is None else BalancedNaiveBayes
    return _scaled(kind(var_smoothing=float(var_smoothing)))


def random_forest(
    n_estimators: int = 200,
    max_depth: int | None = None,
    min_samples_leaf: int = 1,
    max_features: float | str = "sqrt",
    class_weight: str | None = None,
    seed: int = 0,
) -> Pipeline:
    """Return a random forest; scaled, as its trees pass over features whose range is below 1e-7."""
    return _scaled(
        RandomForestClassifier(
            n_estimators,
            max_depth=max_depth,
            min_samples_leaf=min_samples_leaf,
            max_features=_share(max_features),
            class_weight=class_weight,
            n_jobs=1,
            random_state=seed,
        )
    )


def extra_trees(
    n_estimators: int = 200,
    max_depth: int | None = None,
    min_samples_leaf: int = 1,
    max_features: float | str = "sqrt",
    class_weight: str | None = None,
    seed: int = 0,
) -> Pipeline:
    """Return extremely randomised trees; scaled for the same reason as the forest."""
    return _scaled(
        ExtraTreesClassifier(
            n_estimators,
            max_depth=max_depth,
            min_samples_leaf=min_samples_leaf,
            max_features=_share(max_features),
            class_weight=class_weight,
            n_jobs=1,
            random_state=seed,
        )
    )


def _share(max_features: float | str) -> float | str:
    # A whole 1 would mean one feature to scikit-learn; here a number is always a share.
    return max_features if isinstance(max_features, str) else float(max_features)


def gradient_boosting(
    n_estimators: int = 50,
    learning_rate: float = 0.2,
    max_leaf_nodes: int = 4,
    min_samples_leaf: int = 5,
    components: int | None = None,
    bins: int = 32,
    class_weight: str | None = None,
    seed: int = 0,
) -> HistGradientBoostingClassifier | Pipeline:
    """Return boosted shallow trees, of all features or of their leading principal components.

    Few, small trees and 32 bins: on the 1,280 MobileNetV2 features of 712 cells in 7 phases a fit
    takes 1.4 s instead of 5.2 s (100 trees a class of 15 leaves) and gives better probabilities.
    With `components` more features than that are scaled and rotated: 64 of them take half the
    time, and cost 0.03 of AUC there.
    """
    model = HistGradientBoostingClassifier(
        max_iter=n_estimators,
        learning_rate=float(learning_rate),
        max_leaf_nodes=max_leaf_nodes,
        min_samples_leaf=min_samples_leaf,
        max_bins=bins,
        class_weight=class_weight,
        early_stopping=False,
        random_state=seed,
    )
    if components is None:
        return model
    return Pipeline(
        [
            ("scale", StandardScaler()),
            ("rotate", PrincipalRotation(components)),
            ("model", model),
        ]
    )


def mlp(
    hidden: int = 100,
    alpha: float = 0.01,
    learning_rate: float = 0.003,
    max_iter: int = 1000,
    seed: int = 0,
) -> Pipeline:
    """Return a network with one hidden layer, trained until the loss improves no more.

    There is no early stopping on held-out images: they would be drawn without regard to groups.
    """
    # With scikit-learn's rate of 0.001 and tolerance of 1e-4 the training of small sets (one step
    # an epoch) is cut off by `max_iter`; with these it ended by itself within 250 epochs for
    # 15 to 5,000 images with 10 to 4,096 features.
    model = MLPClassifier(
        (hidden,),
        alpha=float(alpha),
        learning_rate_init=float(learning_rate),
        tol=1e-3,
        max_iter=max_iter,
        random_state=seed,
    )
    return _scaled(model)


def nearest_centroid() -> Pipeline:
    """Return the class whose mean is nearest."""
    return _scaled(CentroidClassifier())


def dummy() -> DummyClassifier:
    """Return what guesses the commonest class of the training images: the floor of every table."""
    return DummyClassifier(strategy="prior")
