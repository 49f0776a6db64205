"""How much worse predictions become when a column is shuffled among rows not trained on.

That asks the same of every model, whatever it is: how much its score owes to the column. It does
not ask what would happen without the column from the start, nor what causes what; and of columns
that tell nearly the same each seems to matter little, so these are shuffled together as well
(:mod:`bioselect.explain.blocks`).

References
----------
Breiman (2001), "Random forests", Machine Learning 45, 5-32, section 10. Fisher, Rudin, Dominici
(2019), "All models are wrong, but many are useful", JMLR 20(177).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from bioselect.explain.blocks import Block
from bioselect.metrics.base import Metric, UndefinedMetricError, evaluate

#: How often each block is shuffled in each fold.
N_SHUFFLES = 10

#: Rows in, predictions ``(n_images, n_classes)`` out.
Predict = Callable[[np.ndarray], np.ndarray]


def shuffled_orders(n_rows: int, n_shuffles: int, seed: int) -> np.ndarray:
    """Return orders of rows, int64 ``(n_shuffles, n_rows)``: all blocks and models get the same.

    Examples
    --------
    >>> sorted(shuffled_orders(4, 2, seed=0)[1].tolist())
    [0, 1, 2, 3]
    """
    rng = np.random.default_rng(seed)
    return np.stack([rng.permutation(n_rows) for _ in range(n_shuffles)])


def permutation_importances(
    predict: Predict,
    X: np.ndarray,
    targets: np.ndarray,
    blocks: Sequence[Block],
    metric: Metric,
    orders: np.ndarray,
) -> np.ndarray:
    """Return how much worse a score becomes when blocks are shuffled, one after the other.

    Parameters
    ----------
    predict : callable
        The fitted model; it must not change the rows it is given.
    X : np.ndarray
        float64 ``(n_images, n_columns)``, rows that it was not trained on.
    targets : np.ndarray
        The truth of these images.
    blocks : sequence of Block
        The columns of one are shuffled together, rows staying whole within it.
    metric : Metric
        Its direction says what is worse.
    orders : np.ndarray
        int64 ``(n_shuffles, n_images)`` of :func:`shuffled_orders`.

    Returns
    -------
    np.ndarray
        float64 ``(n_blocks, n_shuffles)`` in the units of the metric: above 0, the model was worse
        without; NaN where the metric has no value.

    Examples
    --------
    >>> from bioselect.metrics.base import get_metric
    >>> X, y = np.array([[1.0, 9.0], [2.0, 7.0]]), np.array([1.0, 2.0])
    >>> blocks = [Block("a", (0,)), Block("b", (1,))]
    >>> turned = np.array([[1, 0]])
    >>> permutation_importances(lambda X: X[:, :1], X, y, blocks, get_metric("mae"), turned)
    array([[1.],
           [0.]])
    """
    sign = 1.0 if metric.higher_is_better else -1.0
    as_it_is = _score(metric, targets, predict(X))
    found = np.empty((len(blocks), len(orders)))
    for place, block in enumerate(blocks):
        columns = np.array(block.columns, dtype=np.int64)
        # All shuffles in one table: a forest takes nearly as long for one row as for hundreds.
        shuffled = np.tile(X, (len(orders), 1))
        shuffled[:, columns] = X[np.ix_(orders.ravel(), columns)]
        tables = np.split(predict(shuffled), len(orders))
        for number, table in enumerate(tables):
            lost = as_it_is - _score(metric, targets, table)
            found[place, number] = sign * lost + 0.0  # No minus zero.
    return found


def _score(metric: Metric, targets: np.ndarray, predicted: np.ndarray) -> float:
    try:
        return evaluate(metric, targets, predicted)
    except UndefinedMetricError:
        return float("nan")
