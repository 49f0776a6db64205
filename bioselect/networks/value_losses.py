"""What a training on numbers makes small: a number for each image."""

from __future__ import annotations

from typing import Any

from bioselect.backbones.keras_import import import_tensorflow
from bioselect.networks.losses import Loss

#: Errors above so many standard deviations of the target count by their size alone (huber).
HUBER_BORDER = 1.0


def make_value_loss(name: str) -> Loss:
    """Return the function that computes a loss from targets and outputs, each ``(n, 1)``.

    Parameters
    ----------
    name : {"mse", "mae", "huber"}
        Huber 1964, Annals of Mathematical Statistics 35, 73-101; with a border of 1.

    Examples
    --------
    >>> import numpy as np
    >>> zeros, errors = np.zeros((3, 1), np.float32), np.float32([[0.5], [-1], [3]])
    >>> for name in ("mse", "mae", "huber"):
    ...     print(make_value_loss(name)(zeros, errors).numpy().tolist())
    [0.25, 1.0, 9.0]
    [0.5, 1.0, 3.0]
    [0.125, 0.5, 2.5]
    """
    tensorflow = import_tensorflow()

    def sizes(targets: Any, output: Any) -> Any:
        return tensorflow.abs(output - targets)[:, 0]

    def huber(targets: Any, output: Any) -> Any:
        size = sizes(targets, output)
        small = tensorflow.minimum(size, HUBER_BORDER)
        return small * (size - 0.5 * small)

    losses: dict[str, Loss] = {
        "mse": lambda targets, output: sizes(targets, output) ** 2,
        "mae": sizes,
        "huber": huber,
    }
    return losses[name]
