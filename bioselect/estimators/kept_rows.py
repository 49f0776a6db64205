"""Which estimators hold rows that they were trained on, and so hand them on in a model."""

from __future__ import annotations

from collections.abc import Iterable

from bioselect.registry import ComponentSpec

#: They predict by comparing with training rows, of which some or all lie in the model.
HOLD_ROWS = frozenset({"knn", "svm", "linear_svm", "svr", "gaussian_process"})


def names_that_hold_rows(estimators: Iterable[ComponentSpec]) -> list[str]:
    """Return the names of those that hold training rows, each once.

    Examples
    --------
    >>> names_that_hold_rows([ComponentSpec("knn"), ComponentSpec("lda"), ComponentSpec("knn")])
    ['knn']
    """
    return list(dict.fromkeys(one.name for one in estimators if one.name in HOLD_ROWS))
