"""Arrays in a bundle (`.npz`), looked at before they take memory; nothing in them is pickled."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bioselect.estimators.files.arrays import checked_array
from bioselect.steady_archives import bounded_zip


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """Return the arrays of an `.npz` file by their names.

    Raises
    ------
    ValueError
        If one is larger than what the file may hold, holds objects, or is no array.
    Exception
        Whatever the damage of a zip happens to cause.
    """
    return arrays_of(path.read_bytes())


def arrays_of(data: bytes) -> dict[str, np.ndarray]:
    """Return the arrays of the bytes of an `.npz` file; see :func:`read_arrays`."""
    entries = bounded_zip(data)
    return {name.removesuffix(".npy"): checked_array(one, name) for name, one in entries.items()}
