"""An estimator made from its file: types, values, objects, and whether these hold together."""

from __future__ import annotations

import warnings
from collections.abc import Collection
from pathlib import Path
from typing import Any

from bioselect.estimators.files.closed_list import BY_LOADER
from bioselect.estimators.files.schema import PlainFile, check_values, read_plain, refused_types
from bioselect.estimators.files.soundness import check_estimator, objects_in, parameters_of
from bioselect.estimators.files.trees import check_tree
from bioselect.registry import importable


class RefusedTypesError(ValueError):
    """A file holds what is not on the list."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(", ".join(names))
        self.names = names


def open_estimator(
    data: bytes, own_packages: Collection[str] = (), base_dir: Path | None = None
) -> Any:
    """Return the estimator of a file.

    Parameters
    ----------
    data : bytes
        The file.
    own_packages : collection of str
        Packages of somebody's own whose objects may be in it too, and with them whatever skops
        knows to be harmless: to run their code was agreed to.
    base_dir : Path, optional
        Where these packages lie.

    Raises
    ------
    RefusedTypesError
        If something is in it that a model does not need; nothing has been made of it then.
    ValueError
        If a number in it leads where there is nothing, or something is missing.
    Exception
        Whatever skops says of a file that is damaged.

    Examples
    --------
    >>> import numpy as np, skops.io
    >>> from bioselect.estimators.centroid import CentroidClassifier
    >>> model = CentroidClassifier().fit(np.array([[0.0], [2.0]]), np.array([0, 1]))
    >>> open_estimator(skops.io.dumps(model)).predict(np.array([[1.9]]))
    array([1])
    >>> open_estimator(skops.io.dumps(np.exp))
    Traceback (most recent call last):
    bioselect.estimators.files.opening.RefusedTypesError: numpy.exp
    """
    import skops.io

    plain = read_plain(data, with_own=bool(own_packages))
    if refused := _refused(plain, own_packages):
        raise RefusedTypesError(refused)
    if not own_packages:
        check_values(plain)
    for node in plain.nodes():
        if node["__loader__"] == "TreeNode":
            check_tree(plain, node)
    made_from = plain.data()
    trusted = skops.io.get_untrusted_types(data=made_from)
    with importable(base_dir), warnings.catch_warnings():
        # Another version of scikit-learn: the check sample tells whether it matters.
        warnings.filterwarnings("ignore", message="Trying to unpickle estimator")
        estimator = skops.io.loads(made_from, trusted=trusted)
    check_estimator(estimator, is_ours=not own_packages)
    _fill_in(estimator)
    return estimator


def _fill_in(estimator: Any) -> None:
    """Give parameters their defaults that only the version here knows, and asks for."""
    from sklearn.base import BaseEstimator

    for one in objects_in(estimator):
        if isinstance(one, BaseEstimator):
            for name, parameter in parameters_of(type(one)).items():
                if parameter.default is not parameter.empty and not hasattr(one, name):
                    setattr(one, name, parameter.default)


def _refused(plain: PlainFile, own_packages: Collection[str]) -> list[str]:
    foreign = refused_types(plain)
    if not own_packages or not foreign:
        return foreign
    import skops.io

    listed = frozenset().union(*BY_LOADER.values())
    unknown = set(skops.io.get_untrusted_types(data=plain.data())) - listed
    return sorted(kind for kind in unknown if kind.split(".")[0] not in own_packages)
