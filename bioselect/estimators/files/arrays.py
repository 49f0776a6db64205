"""Arrays from files of others: what their head says is looked at before memory is taken."""

from __future__ import annotations

import io
import math

import numpy as np
from numpy.lib import format as npy

#: Kinds of numbers: truth values, whole numbers with and without sign, fractions, texts.
KINDS = "biufU"
_READERS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}


def checked_array(data: bytes, name: str) -> np.ndarray:
    """Return the array of an `.npy` file without pickle, whose bytes are as many as it says.

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        What to call it in errors.

    Raises
    ------
    ValueError
        If it holds objects, or more or fewer bytes than its head says.

    Examples
    --------
    >>> buffer = io.BytesIO()
    >>> np.save(buffer, np.arange(3.0))
    >>> checked_array(buffer.getvalue(), "a.npy")
    array([0., 1., 2.])
    >>> checked_array(buffer.getvalue()[:-1], "a.npy")
    Traceback (most recent call last):
    ValueError: a.npy: must hold 24 bytes, as its head says. Got 23
    """
    file = io.BytesIO(data)
    try:
        read = _READERS[npy.read_magic(file)]
        shape, _, kind = read(file)
    except Exception as error:  # NumPy raises whatever the text of a head happens to cause.
        reason = " ".join(str(error).split())
        raise ValueError(f"{name}: must be an array of NumPy ({reason})") from error
    if not _is_plain(kind):
        raise ValueError(f"{name}: must hold numbers, without pickle. Got {kind}")
    expected, got = math.prod(shape) * kind.itemsize, len(data) - file.tell()
    if expected != got or min(shape, default=0) < 0:
        raise ValueError(f"{name}: must hold {expected} bytes, as its head says. Got {got}")
    file.seek(0)
    found: np.ndarray = np.load(file, allow_pickle=False)
    return found


def _is_plain(kind: np.dtype) -> bool:
    """Tell whether it is a number, or a record of numbers, and takes any room at all."""
    if kind.fields is not None:
        return all(_is_plain(field[0]) for field in kind.fields.values())
    return kind.kind in KINDS and kind.itemsize > 0 and kind.subdtype is None
