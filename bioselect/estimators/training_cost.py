"""What training takes where it grows out of hand with the rows, declared: seconds and bytes.

A Gaussian process decomposes a matrix with a row and a column for each training row, once for each
length scale that it tries: the time grows with the cube of the rows, the memory with their square.
"""

from __future__ import annotations

from dataclasses import dataclass

from bioselect.component import ComponentSpec
from bioselect.estimators.search_plan import relative_cost

#: Measured with 500 to 2,000 rows on one core: 2.2e-9 seconds for each cube of a row, and five
#: matrices of eight bytes.
SECONDS_OF_CUBE, BYTES_OF_SQUARE = 2.2e-9, 41.0


@dataclass(frozen=True)
class TrainingCost:
    """What one fit takes: `seconds` on one core, about, and the `bytes` that it has at once."""

    seconds: float
    bytes: float


def training_cost(spec: ComponentSpec, n_train: int) -> TrainingCost | None:
    """Return what a fit on so many rows takes; None where it does not grow out of hand.

    Examples
    --------
    >>> cost = training_cost(ComponentSpec("gaussian_process"), 10_000)
    >>> round(cost.seconds), round(cost.bytes / 1e9, 1)  # 37 minutes
    (2200, 4.1)
    >>> training_cost(ComponentSpec("svr"), 10_000) is None
    True
    """
    if spec.name != "gaussian_process":
        return None
    seconds = SECONDS_OF_CUBE * float(n_train) ** 3 * relative_cost(spec)
    return TrainingCost(seconds, BYTES_OF_SQUARE * float(n_train) ** 2)
