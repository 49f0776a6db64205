"""Stored numbers -> the numbers they stand for, as medical formats declare it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

_INT16 = np.iinfo(np.int16)


@dataclass(frozen=True)
class Rescaling:
    """The line that a file declares: value = slope x stored number + intercept.

    Examples
    --------
    >>> Rescaling(1.0, 0.0).is_identity
    True
    """

    slope: float = 1.0
    intercept: float = 0.0

    @property
    def is_identity(self) -> bool:
        """Whether the stored numbers are the values."""
        return self.slope == 1.0 and self.intercept == 0.0

    @property
    def is_valid(self) -> bool:
        """Whether both numbers are finite and the slope is not zero."""
        return math.isfinite(self.slope) and math.isfinite(self.intercept) and self.slope != 0.0

    def fits_int16(self, lowest: float, highest: float) -> bool:
        """Tell whether all values from these stored numbers are whole and fit 16 signed bits."""
        if not (self.slope.is_integer() and self.intercept.is_integer()):
            return False
        ends = [self.slope * end + self.intercept for end in (lowest, highest)]
        return _INT16.min <= min(ends) and max(ends) <= _INT16.max


def rescaled_dtype(
    stored: np.dtype, ends: tuple[float, float], rescalings: Iterable[Rescaling]
) -> np.dtype:
    """Return the type that holds the values of all planes of a volume.

    Parameters
    ----------
    stored : np.dtype
        The type in the file.
    ends : tuple of float
        The smallest and the largest number that can be stored; the type must not depend on what
        happens to be in one image.
    rescalings : iterable of Rescaling
        One for each plane.

    Returns
    -------
    np.dtype
        The stored type where nothing is rescaled; int16 where every value that can occur fits;
        else float32 (float64 stays).

    Examples
    --------
    A CT of 12 bits, whose values are Hounsfield units:

    >>> rescaled_dtype(np.dtype("uint16"), (0, 4095), [Rescaling(1.0, -1024.0)])
    dtype('int16')
    >>> rescaled_dtype(np.dtype("uint16"), (0, 4095), [Rescaling(0.5, 0.0)])
    dtype('float32')
    """
    lines = list(rescalings)
    native: np.dtype = np.dtype(stored).newbyteorder("=")
    if all(line.is_identity for line in lines):
        return native
    if native.kind == "f":
        return np.dtype(np.promote_types(native, np.float32))
    if all(line.fits_int16(*ends) for line in lines):
        return np.dtype(np.int16)
    return np.dtype(np.float32)


def rescale(stored: np.ndarray, line: Rescaling, dtype: np.dtype) -> np.ndarray:
    """Return the values as `dtype`, computed with double precision.

    Examples
    --------
    >>> rescale(np.array([0, 4095], np.uint16), Rescaling(1.0, -1024.0), np.dtype("int16"))
    array([-1024,  3071], dtype=int16)
    """
    if line.is_identity:
        return stored.astype(dtype, copy=False)
    values: np.ndarray = stored * np.float64(line.slope) + line.intercept
    return values.astype(dtype)
