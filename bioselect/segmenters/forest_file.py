"""A random forest as a file without pickle; nothing in it is run when it is opened."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bioselect.estimators.files.opening import RefusedTypesError, open_estimator
from bioselect.exceptions import BundleError
from bioselect.steady_archives import steady_skops
from bioselect.storage import atomic_write_bytes

FILE = "forest.skops"


def write_forest(folder: Path, forest: Any) -> None:
    """Write a fitted forest; the same forest gives the same bytes."""
    import skops.io

    atomic_write_bytes(folder / FILE, steady_skops(skops.io.dumps(forest)))


def read_forest(folder: Path, n_features: int, n_classes: int) -> Any:
    """Open what :func:`write_forest` wrote.

    Parameters
    ----------
    folder : Path
        Where the file lies.
    n_features : int
        How many numbers a row must have.
    n_classes : int
        Classes must be below it.

    Raises
    ------
    BundleError
        If the file is damaged, holds anything but a forest, or not one for such rows.
    """
    from sklearn.ensemble import RandomForestClassifier

    path = folder / FILE
    try:
        forest = open_estimator(path.read_bytes())
    except RefusedTypesError as error:
        raise BundleError(
            f"{path}: must hold a random forest of scikit-learn only. Got {error}. It is not "
            "loaded; use a copy from a source you trust."
        ) from error
    except Exception as error:  # Whatever the damage or another version happens to cause.
        reason = " ".join(str(error).split())
        raise BundleError(
            f"{path}: cannot be loaded ({type(error).__name__}: {reason}). Use another copy of the "
            "model, or the versions named in its manifest."
        ) from error
    fits = (
        isinstance(forest, RandomForestClassifier)
        and len(getattr(forest, "estimators_", ())) > 0
        and forest.n_features_in_ == n_features
        and forest.classes_.dtype.kind in "iu"
        and 0 <= forest.classes_.min() <= forest.classes_.max() < n_classes
    )
    if not fits:
        raise BundleError(
            f"{path}: must hold a random forest for rows of {n_features} numbers and {n_classes} "
            "classes. Got another one. Use another copy of the model."
        )
    return forest
