"""The rows in which images are compared: what a model's estimator learnt from, of one look each."""

from __future__ import annotations

from typing import Any

import numpy as np

from bioselect.estimators.averaged_views import AveragedViews
from bioselect.estimators.averaging import AveragedModels
from bioselect.execution import one_thread
from bioselect.selection.fitting import learnt_rows

#: The step of a pipeline that holds what an extractor learnt.
_LEARNT = "learnt"


def described(estimator: Any, rows: np.ndarray, n_looks: int = 1) -> np.ndarray | None:
    """Return rows as they are compared; None where they cannot be.

    Parameters
    ----------
    estimator : object
        The fitted estimator of a model. What its extractor learnt (a vocabulary) is applied; of an
        ensemble several may have learnt different things, and then nothing can be compared.
    rows : np.ndarray
        ``(n_images, n_features)`` of its extractor.
    n_looks : int
        How many looks (the image, and views of it) stand side by side in a row.

    Examples
    --------
    >>> described(None, np.array([[1, 2, 3, 4]]), n_looks=2)
    array([[1, 2]])
    """
    rows = rows[:, : rows.shape[1] // n_looks]
    if isinstance(estimator, AveragedViews):
        estimator = estimator.model
    if isinstance(estimator, AveragedModels):
        return None if any(_step(model) is not None for model in estimator.members()) else rows
    step = _step(estimator)
    if step is None:
        return rows
    with one_thread():
        return learnt_rows(step, np.ascontiguousarray(rows))


def _step(estimator: Any) -> Any:
    return dict(getattr(estimator, "steps", [])).get(_LEARNT)
