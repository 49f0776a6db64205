"""From the spec of a classifier or regressor to an estimator that has not been trained yet."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bioselect.estimators.builtin import BINARY_RELEVANCE, CLASSIFIERS, MULTILABEL
from bioselect.exceptions import (
    BioselectError,
    ComponentError,
    ConfigurationError,
    UnavailableError,
)
from bioselect.registry import ComponentSpec, create, parameter_problems

#: What every classifier and regressor must have; of a classifier `predict_proba` or
#: `decision_function` is better still.
REQUIRED_METHODS = ("fit", "predict")

#: Parameters of every built-in classifier that are not its own: what is done around it.
AROUND = ("resampling", "threshold", MULTILABEL)


#: What is said where images have one class each and several labels are asked for.
ONE_CLASS_EACH = (
    "is for images that may have several labels, as dataset.target says. These have one class "
    "each. Take it out."
)


def create_classifier(spec: ComponentSpec, seed: int, base_dir: Path | None = None) -> Any:
    """Make the classifier that a spec names; what it searches is not looked at.

    Parameters
    ----------
    spec : ComponentSpec
        A name of the table of classifiers, of an installed package, or ``"pkg.module:Name"``: any
        class (or function that returns an object) with scikit-learn's `fit` and `predict`. A
        built-in one may have `resampling` and `threshold`, which are put around it.
    seed : int
        Given as `seed`, or as `random_state`, to whatever takes one of them; a `random_state`
        written in `params` wins.
    base_dir : Path, optional
        The configuration's folder; modules lying there can be named too.

    Returns
    -------
    object
        Not fitted. Scaling, where the classifier needs it, is inside.

    Raises
    ------
    ComponentError
        If the name or a parameter is unknown or wrong, if it cannot be made, or if it lacks a
        method.

    Examples
    --------
    >>> create_classifier(ComponentSpec.of("svm", {"C": 10}), seed=0)["model"].C
    10.0
    """
    if spec.name in CLASSIFIERS and any(name in AROUND for name, _ in spec.params):
        return _with_surroundings(spec, seed, base_dir)
    return _created("classifier", spec, seed, base_dir)


def create_regressor(spec: ComponentSpec, seed: int, base_dir: Path | None = None) -> Any:
    """Make the regressor that a spec names; what it searches is not looked at.

    Parameters
    ----------
    spec : ComponentSpec
        A name of the table of regressors, of an installed package, or ``"pkg.module:Name"``: any
        class (or function that returns an object) with scikit-learn's `fit` and `predict`.
    seed, base_dir
        As for :func:`create_classifier`.

    Returns
    -------
    object
        Not fitted. Scaling, where the regressor needs it, and the choice of features are inside.

    Raises
    ------
    ComponentError
        As :func:`create_classifier` does.

    Examples
    --------
    >>> create_regressor(ComponentSpec.of("ridge", {"alpha": 10}), seed=0)["model"].alpha
    10.0
    """
    return _created("regressor", spec, seed, base_dir)


def _created(kind: str, spec: ComponentSpec, seed: int, base_dir: Path | None) -> Any:
    given = {"seed": seed, "random_state": seed}
    for name in spec.params_dict:
        given.pop(name, None)
    try:
        estimator = create(kind, spec, base_dir, **given)
    except BioselectError:
        raise
    except Exception as error:
        raise ComponentError(
            f"{kind} {spec.name!r}: cannot be made with the parameters "
            f"{spec.params_dict or 'by default'} ({type(error).__name__}: {error})."
        ) from error
    _check_methods(kind, spec.name, estimator)
    return estimator


def is_surrounded(spec: ComponentSpec) -> bool:
    """Tell whether something is done around a built-in classifier, or may be in a search.

    Examples
    --------
    >>> is_surrounded(ComponentSpec.of("svm", search={"threshold": [None, "youden"]}))
    True
    """
    return any(_mentions(spec, name) for name in AROUND)


def chooses_threshold(spec: ComponentSpec) -> bool:
    """Tell whether the border between two classes is chosen in training, or may be in a search.

    Examples
    --------
    >>> chooses_threshold(ComponentSpec.of("svm", {"resampling": "smote"}))
    False
    """
    return _mentions(spec, "threshold")


def resamples(spec: ComponentSpec) -> bool:
    """Tell whether training rows are resampled, or may be in a search.

    Examples
    --------
    >>> resamples(ComponentSpec.of("svm", {"resampling": "smote"}))
    True
    """
    return _mentions(spec, "resampling")


def check_can_resample(specs: Sequence[ComponentSpec]) -> None:
    """Stop where resampling is asked for and the package that does it is not there.

    Raises
    ------
    UnavailableError
        With the command that installs it.
    """
    asking = [spec for spec in specs if resamples(spec)]
    if asking and importlib.util.find_spec("imblearn") is None:
        raise UnavailableError(
            f"classifiers: {asking[0].label}: resampling needs imbalanced-learn, which is not "
            "installed. Install it with `pip install bioselect[imbalance]`, or use class_weight: "
            "balanced."
        )


def check_not_balanced_twice(specs: Sequence[ComponentSpec]) -> None:
    """Stop where classes are weighted although resampling has made them equally common.

    The weights would all be 1: a combination of that name would be the one without them.

    Raises
    ------
    ConfigurationError
        With the classifier.
    """
    for spec in specs:
        resampled = spec.name in CLASSIFIERS and spec.params_dict.get("resampling") is not None
        weight = spec.params_dict.get("class_weight")
        if resampled and (weight is not None or "class_weight" in spec.search_dict):
            raise ConfigurationError(
                f"classifiers: {spec.label}: class_weight has nothing to do after resampling, "
                "which makes all classes equally common. Leave out one of them."
            )


def _mentions(spec: ComponentSpec, name: str) -> bool:
    # Somebody's own classifier may mean anything by this name.
    return spec.name in CLASSIFIERS and name in {key for key, _ in (*spec.params, *spec.search)}


def _with_surroundings(spec: ComponentSpec, seed: int, base_dir: Path | None) -> Any:
    """Make a built-in classifier with its resampling inside and its threshold outside."""
    params = spec.params_dict
    if problems := parameter_problems(CLASSIFIERS[spec.name], params):
        raise ComponentError(f"classifier {spec.name!r}: " + " ".join(problems))
    if params.get(MULTILABEL, BINARY_RELEVANCE) != BINARY_RELEVANCE:
        raise ComponentError(f"classifier {spec.name!r}: {MULTILABEL}: {ONE_CLASS_EACH}")
    own = {name: value for name, value in params.items() if name not in AROUND}
    estimator = create_classifier(ComponentSpec.of(spec.name, own), seed, base_dir)
    resampling, threshold = params.get("resampling"), params.get("threshold")
    if resampling is not None:
        from bioselect.estimators.resampling import resampled_form

        estimator = resampled_form(estimator, resampling, seed)
    if threshold is not None:
        from bioselect.estimators.threshold import ThresholdedClassifier

        estimator = ThresholdedClassifier(estimator, threshold, spec.name, seed)
    return estimator


def _check_methods(kind: str, name: str, estimator: Any) -> None:
    rule = (
        f"{kind} {name!r}: must be a class (or a function that returns an object) with "
        "fit(X, y) and predict(X), as in scikit-learn."
    )
    if isinstance(estimator, type):
        raise ComponentError(f"{rule} Got a function that returns the class {estimator.__name__}.")
    missing = [name for name in REQUIRED_METHODS if not callable(getattr(estimator, name, None))]
    if missing:
        got = type(estimator).__name__
        raise ComponentError(f"{rule} Got {got} without {' and '.join(missing)}.")
