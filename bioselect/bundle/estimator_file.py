"""A fitted classifier as a file without pickle: written, looked through, then loaded.

A file is read in three steps: what types does it hold, are they all harmless, and only then are
objects made from it. Harmless are what skops knows (NumPy, SciPy, scikit-learn), a few types of
numbers, and, where somebody's own classifier was trained, the package that provides it.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

from bioselect.bundle.archives import steady_skops
from bioselect.estimators.builtin import MODEL_FILE_TYPES
from bioselect.exceptions import BundleError
from bioselect.registry import find_row, importable


def dump_estimator(estimator: Any, name: str, base_dir: Path | None) -> bytes:
    """Return a fitted classifier as bytes, the same for the same classifier.

    Parameters
    ----------
    estimator : object
        Fitted.
    name : str
        The classifier's name or import path.
    base_dir : Path, optional
        Where the user's own modules lie.

    Raises
    ------
    BundleError
        If it holds what cannot be written without pickle, or what would be refused on loading.
    """
    import skops.io

    rule = (
        f"classifier {name!r}: once trained, it must hold only numbers, arrays, objects of "
        "scikit-learn and of its own package, so that it can be kept without pickle."
    )
    try:
        data = skops.io.dumps(estimator)
        refused = _refused_types(data, name, base_dir)
        if not refused:
            _loaded(data, base_dir)  # better now than when somebody needs the model
    except Exception as error:  # Whatever somebody's own attributes cause.
        reason = " ".join(str(error).split())
        raise BundleError(
            f"{rule} Got {type(error).__name__}: {reason}. Remove what causes it after fitting."
        ) from error
    if refused:
        raise BundleError(
            f"{rule} Got {', '.join(refused)}. Keep what is needed of it as arrays instead."
        )
    return steady_skops(data)


def load_estimator(path: Path, name: str, components_dir: Path | None, where: Path) -> Any:
    """Return the classifier that `dump_estimator` wrote.

    Parameters
    ----------
    path : Path
        The file.
    name : str
        The classifier's name or import path.
    components_dir : Path or None
        Where the user's own modules lie; naming it is the consent to run them.
    where : Path
        What to call the bundle in errors.

    Raises
    ------
    BundleError
        If the file is damaged or holds anything that need not be in a model.
    """
    data = path.read_bytes()
    try:
        refused = _refused_types(data, name, components_dir)
        if not refused:
            return _loaded(data, components_dir)
    except Exception as error:  # Whatever the damage or another version happens to cause.
        reason = " ".join(str(error).split())
        raise BundleError(
            f"{where}: {path.name} cannot be loaded ({type(error).__name__}: {reason}). Use "
            "another copy of the model, or the versions named in its manifest."
        ) from error
    raise BundleError(
        f"{where}: {path.name} must hold only what a model of bioselect contains. Got "
        f"{', '.join(refused)}. It is not loaded; use a copy from a source you trust."
    )


def _loaded(data: bytes, base_dir: Path | None) -> Any:
    """Make the objects; only for data in which `_refused_types` found nothing."""
    import skops.io

    with importable(base_dir), warnings.catch_warnings():
        # Another version of scikit-learn: the check sample tells whether it matters.
        warnings.filterwarnings("ignore", message="Trying to unpickle estimator")
        return skops.io.loads(data, trusted=skops.io.get_untrusted_types(data=data))


def _refused_types(data: bytes, name: str, base_dir: Path | None) -> list[str]:
    """Return the types in a file that are neither harmless nor of the classifier's provider."""
    import skops.io

    provider = find_row("classifier", name, base_dir).target.split(":")[0].split(".")[0]
    foreign = set(skops.io.get_untrusted_types(data=data)) - set(MODEL_FILE_TYPES)
    return sorted(
        kind for kind in foreign if provider == "bioselect" or kind.split(".")[0] != provider
    )
