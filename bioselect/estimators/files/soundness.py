"""Whether a fitted estimator may be asked: what compiled code follows blindly is looked at first.

scikit-learn's trees, support vectors and neighbours are computed by code that takes numbers from
the arrays of a model as places in memory. In a file that was forged, or damaged, they lead
elsewhere. Everything else is computed by NumPy, which looks itself.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.ensemble._forest import BaseForest
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.svm import SVC
from sklearn.svm._base import BaseLibSVM
from sklearn.tree import BaseDecisionTree

from bioselect.estimators.files.trees import check_boosted_tree

KERNELS = ("linear", "poly", "rbf", "sigmoid")
METRICS = ("euclidean", "manhattan", "cosine", "minkowski", "chebyshev", "cityblock", "l1", "l2")
#: More objects than any model has, and the largest of its counts: memory is taken by them.
MOST_OBJECTS, LARGEST_COUNT = 1_000_000, 1_000_000
COUNTS = ("n_classes", "n_looks", "n_words", "n_descriptors", "n_outputs_", "n_layers_")


def check_estimator(estimator: Any, is_ours: bool = True) -> None:
    """Find out whether an estimator that was read from a file may be asked.

    Parameters
    ----------
    estimator : object
        Just read.
    is_ours : bool
        Whether nothing of somebody's own is in it: then also what ours never have is refused.

    Raises
    ------
    ValueError
        With what is wrong.
    """
    for one in objects_in(estimator):
        own = vars(one) if hasattr(one, "__dict__") else {}
        if is_ours and type(one).__module__.startswith(("sklearn.", "bioselect.")):
            _check_attributes(one, own)
        for kind, check in _CHECKS:
            if isinstance(one, kind):
                try:
                    check(one, own)
                except (AttributeError, KeyError, TypeError, IndexError) as error:
                    reason = " ".join(str(error).split())
                    raise ValueError(f"{type(one).__name__}: incomplete ({reason})") from error


def objects_in(estimator: Any) -> Iterator[Any]:
    """Give every object inside, itself first; nothing that is shared is given twice."""
    waiting, seen = [estimator], {id(estimator)}
    while waiting:
        one = waiting.pop()
        if isinstance(one, list | tuple):
            inside = list(one)
        elif isinstance(one, dict):
            inside = list(one.values())
        else:
            yield one
            inside = list(vars(one).values()) if hasattr(one, "__dict__") else []
        for each in inside:
            is_plain = each is None or isinstance(each, str | int | float | np.ndarray | np.generic)
            if is_plain or isinstance(each, type) or id(each) in seen:
                continue
            seen.add(id(each))
            waiting.append(each)
        if len(seen) > MOST_OBJECTS:
            raise ValueError(f"an estimator has at most {MOST_OBJECTS} parts")


def _check_attributes(one: Any, own: Mapping[str, Any]) -> None:
    """Refuse what would be taken for a method or a constant of the class, and huge numbers."""
    kind = type(one)
    hidden = {name for name in own if hasattr(kind, name)} - set(parameters_of(kind))
    _require(one, not hidden, f"must not replace {', '.join(sorted(hidden))} of its class")
    _require(one, own.get("n_jobs") in (None, 1), "must ask for one process")
    _require(one, own.get("verbose") in (None, 0, False), "must be silent")
    for name in COUNTS:
        counts = own.get(name) is None or _is_count(own[name], 0)
        _require(one, counts, f"must have at most {LARGEST_COUNT} {name}")
    categories = own.get("n_categories", [])
    _require(
        one,
        all(_is_count(each, 0) for each in categories) and sum(categories) <= LARGEST_COUNT,
        f"must have at most {LARGEST_COUNT} categories",
    )


def parameters_of(kind: type) -> Mapping[str, inspect.Parameter]:
    """Return the parameters of a class by their names."""
    # Not of the class itself: what is compiled has none, and no parameters either.
    return inspect.signature(kind.__init__).parameters  # type: ignore[misc]


def _check_tree_estimator(one: Any, own: Mapping[str, Any]) -> None:
    if "tree_" not in own:
        return
    tree = own["tree_"]
    fits = _is_count(own["n_features_in_"]) and tree.n_features == own["n_features_in_"]
    _require(one, fits, "must have a tree for as many features as it says")
    _require(one, tree.n_outputs == own["n_outputs_"], "must have a tree with its outputs")


def _check_forest(one: Any, own: Mapping[str, Any]) -> None:
    if "estimators_" not in own:
        return
    n_features = own["n_features_in_"]
    for each in own["estimators_"]:
        fits = isinstance(each, BaseDecisionTree) and "tree_" in vars(each)
        _require(one, fits, "must have trees")
        _require(one, vars(each)["n_features_in_"] == n_features, "must have trees for its rows")


def _check_boosting(one: Any, own: Mapping[str, Any]) -> None:
    if "_predictors" not in own:
        return
    n_features = own["_n_features"]
    fits = _is_count(n_features) and own["n_features_in_"] == n_features
    _require(one, fits, "must say how many features it has")
    _require(one, own.get("_preprocessor") is None, "must take rows as they are")
    _require(one, not np.any(own["_bin_mapper"].is_categorical_), "must know numbers only")
    for trees in own["_predictors"]:
        for each in trees:
            check_boosted_tree(each, n_features)


def _check_support_vectors(one: Any, own: Mapping[str, Any]) -> None:
    if "support_vectors_" not in own:
        return
    vectors, counts = _floats(one, own, "support_vectors_", 2), own["_n_support"]
    n_vectors, n_features = vectors.shape
    is_classifier = isinstance(one, SVC)
    n_sides = len(own["classes_"]) if is_classifier else 2
    n_pairs = n_sides * (n_sides - 1) // 2
    _require(one, n_sides >= 2, "must have two classes")
    fits = own["n_features_in_"] == n_features and own["kernel"] in KERNELS
    _require(one, fits and own["_sparse"] is False, "must have vectors as long as its rows")
    is_counted = counts.shape == (n_sides,) and counts.dtype == np.int32 and counts.min() >= 0
    _require(one, is_counted, "must count its vectors")
    # Of a regression the first count alone is one.
    total = int(counts.sum(dtype=np.int64)) if is_classifier else int(counts[0])
    _require(one, total == n_vectors, "must count its vectors")
    support = own["support_"]
    _require(one, support.shape == (n_vectors,) and support.dtype == np.int32, "must name vectors")
    _require(one, not len(support) or bool(support.min() >= 0), "must name vectors")
    for name in ("_dual_coef_", "dual_coef_"):
        _require(one, _floats(one, own, name, 2).shape == (n_sides - 1, n_vectors), "must weigh")
    for name in ("_intercept_", "intercept_"):
        _require(one, _floats(one, own, name, 1).shape == (n_pairs,), "must have intercepts")
    for name in ("_probA", "_probB"):
        _require(one, len(_floats(one, own, name, 1)) in (0, n_pairs), "must fit its classes")
    _require(one, _is_count(own["degree"], 0), "must have a degree")


def _check_neighbours(one: Any, own: Mapping[str, Any]) -> None:
    if "_fit_X" not in own and "_tree" not in own:
        return
    rows, places = _floats(one, own, "_fit_X", 2), own["_y"]
    n_rows = len(rows)
    fits = own["n_samples_fit_"] == n_rows and own["n_features_in_"] == rows.shape[1]
    _require(one, fits, "must have the rows that it says")
    _require(one, _is_count(own["n_neighbors"]) and own["n_neighbors"] <= n_rows, "must have rows")
    # Its trees are places in memory as well, and small ones give nothing that rows do not.
    is_plain = own["_fit_method"] == "brute" and own["_tree"] is None
    _require(one, is_plain and own["effective_metric_"] in METRICS, "must compare rows themselves")
    _require(one, own["weights"] in ("uniform", "distance"), "must weigh by distance or not")
    is_vector = isinstance(places, np.ndarray) and places.shape == (n_rows,)
    _require(one, is_vector, "must know the target of each row")
    if isinstance(one, KNeighborsClassifier):
        n_classes = len(own["classes_"])
        known = places.dtype.kind in "iu" and places.min() >= 0 and places.max() < n_classes
        _require(one, bool(known) and not own["outputs_2d_"], "must know the class of each row")


def _floats(one: Any, own: Mapping[str, Any], name: str, n_axes: int) -> np.ndarray:
    array = own[name]
    is_array = isinstance(array, np.ndarray) and array.ndim == n_axes
    fits = is_array and array.dtype == np.float64 and bool(np.isfinite(array).all())
    _require(one, fits, f"must have finite numbers in {name}")
    return np.asarray(array)


def _is_count(value: Any, smallest: int = 1) -> bool:
    is_whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    return is_whole and smallest <= value <= LARGEST_COUNT


def _require(one: Any, holds: Any, rule: str) -> None:
    if not holds:
        raise ValueError(f"{type(one).__name__}: {rule}")


_CHECKS: tuple[tuple[Any, Callable[[Any, Mapping[str, Any]], None]], ...] = (
    (BaseDecisionTree, _check_tree_estimator),
    (BaseForest, _check_forest),
    ((HistGradientBoostingClassifier, HistGradientBoostingRegressor), _check_boosting),
    (BaseLibSVM, _check_support_vectors),
    ((KNeighborsClassifier, KNeighborsRegressor), _check_neighbours),
)
