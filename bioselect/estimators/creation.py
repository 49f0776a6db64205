"""From the spec of a classifier to an estimator that has not been trained yet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bioselect.exceptions import BioselectError, ComponentError
from bioselect.registry import ComponentSpec, create

#: What every classifier must have; `predict_proba` or `decision_function` is better still.
REQUIRED_METHODS = ("fit", "predict")


def create_classifier(spec: ComponentSpec, seed: int, base_dir: Path | None = None) -> Any:
    """Make the classifier that a spec names; what it searches is not looked at.

    Parameters
    ----------
    spec : ComponentSpec
        A name of the table of classifiers, of an installed package, or ``"pkg.module:Name"``: any
        class (or function that returns an object) with scikit-learn's `fit` and `predict`.
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
    given = {"seed": seed, "random_state": seed}
    for name in spec.params_dict:
        given.pop(name, None)
    try:
        estimator = create("classifier", spec, base_dir, **given)
    except BioselectError:
        raise
    except Exception as error:
        raise ComponentError(
            f"classifier {spec.name!r}: cannot be made with the parameters "
            f"{spec.params_dict or 'by default'} ({type(error).__name__}: {error})."
        ) from error
    _check_methods(spec.name, estimator)
    return estimator


def _check_methods(name: str, estimator: Any) -> None:
    rule = (
        f"classifier {name!r}: must be a class (or a function that returns an object) with "
        "fit(X, y) and predict(X), as in scikit-learn."
    )
    if isinstance(estimator, type):
        raise ComponentError(f"{rule} Got a function that returns the class {estimator.__name__}.")
    missing = [name for name in REQUIRED_METHODS if not callable(getattr(estimator, name, None))]
    if missing:
        kind = type(estimator).__name__
        raise ComponentError(f"{rule} Got {kind} without {' and '.join(missing)}.")
