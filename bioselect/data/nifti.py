"""NIfTI volumes -> planes, turned as a viewer shows them.

The stored axes may run in any direction; the header says which. The volume is turned (never
resampled) so that its axes are the closest to right, front and head of the patient, and planes
are shown as radiologists see them:

- axial: rows run from the front (top) to the back, columns from the patient's right (left edge)
  to the left; planes run from the feet to the head;
- a volume of one single coronal or sagittal slice is that slice: rows run from the head (top) to
  the feet; columns from the patient's right to the left (coronal), or from the front to the back
  (sagittal).

Where the header gives no directions, they are those of nibabel: the first axis runs to the left.

An axial DICOM series that lies straight in the scanner and the NIfTI file made from it give the
same planes in the same order.
"""

from __future__ import annotations

import gzip
import logging
import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import IO, Any

import numpy as np

from bioselect.data.limits import check_n_pixels, check_n_planes, check_unpacked
from bioselect.data.rescaling import Rescaling, rescale, rescaled_dtype
from bioselect.data.unpacking import N_KEPT, OnceEach, unpacked, version_of
from bioselect.data.unreadable import (
    TRANSPARENCY_REMEDY,
    checked_place,
    explained,
    unreadable,
)
from bioselect.data.volumes import Volume
from bioselect.exceptions import UnavailableError

_GZIP = b"\x1f\x8b"
#: The length of the header, which the file begins with, tells version 1 from version 2.
_SIZES_OF_HEADER = {348: "Nifti1Header", 540: "Nifti2Header"}
_SINGLE_FILE = (b"n+1", b"n+2")
_COLOURS = (("R", "G", "B"), ("R", "G", "B", "A"))
_unpacked_volumes = OnceEach(N_KEPT)


@dataclass(frozen=True, eq=False)
class _Stored:
    """The numbers as they lie in the file, and what the header says of them."""

    values: np.ndarray
    line: Rescaling
    dtype: np.dtype
    #: For right, front and head: the stored axis, and whether it runs the other way.
    axes: tuple[tuple[int, bool], ...]

    @property
    def slice_axis(self) -> int:
        """The axis that planes are cut across: the one of length 1 if there is one, else feet-head.

        Counted as right (0), front (1), head (2).
        """
        single = [turned for turned in range(3) if self.length(turned) == 1]
        return single[0] if len(single) == 1 else 2

    def length(self, turned: int) -> int:
        """How many numbers there are along right (0), front (1) or head (2)."""
        return int(self.values.shape[self.axes[turned][0]])


def open_nifti(path: Path) -> Volume:
    """Open a NIfTI file (version 1 or 2, one file, plain or gzipped).

    Parameters
    ----------
    path : Path
        The ``.nii`` or ``.nii.gz`` file. A gzipped one is unpacked once into a temporary file.

    Returns
    -------
    Volume
        The planes as described at the top of this module. The scaling that the header declares
        (scl_slope, scl_inter) is applied: values are int16 where all that can occur fit, else
        float32; the stored type is kept where there is none. RGB volumes have 3 channels.

    Raises
    ------
    UnreadableImageError
        If the file is damaged, one half of a pair (.hdr and .img), of numbers that are no grey
        levels, or has more than three axes: whether the fourth is time, a direction of diffusion
        or a channel is not for us to guess.
    UnavailableError
        If nibabel is not installed.
    """
    path = Path(path)
    with explained(path):
        stored = _read(path)
    across = stored.slice_axis
    n_planes = stored.length(across)
    check_n_planes(path, n_planes)

    def plane(place: int) -> np.ndarray:
        with explained(path):
            return _plane(path, stored, across, checked_place(path, place, n_planes))

    several = (f"{n_planes} slices",) if n_planes > 1 else ()
    return Volume(n_planes, plane, several)


@cache
def _nibabel() -> ModuleType:
    try:
        import nibabel
        import nibabel.imageglobals
    except ImportError as error:
        raise UnavailableError(
            f"NIfTI files are read with nibabel, which cannot be loaded ({error}). Install it: "
            "pip install 'bioselect[medical]'."
        ) from error
    # It would write every oddity of a header to the terminal.
    nibabel.imageglobals.logger.setLevel(logging.CRITICAL)
    return nibabel


def _read(path: Path) -> _Stored:
    with path.open("rb") as file:
        if file.read(len(_GZIP)) != _GZIP:
            return _stored(path, file)
    stored: _Stored = _unpacked_volumes.get(version_of(path), lambda: _unpacked(path))
    return stored


def _unpacked(path: Path) -> _Stored:
    with gzip.open(path, "rb") as packed:
        stream: Any = packed
        header = _header(path, stream)
        n_numbers = math.prod(_three_axes(path, header))
        n_bytes = int(header.get_data_offset()) + n_numbers * header.get_data_dtype().itemsize
        check_unpacked(path, n_bytes)
        stream.seek(0)
        with unpacked(path, stream, n_bytes) as copy:
            return _stored(path, copy)


def _stored(path: Path, file: IO[bytes]) -> _Stored:
    """Read the header and map the numbers; the map outlives the open file."""
    header = _header(path, file)
    shape = _three_axes(path, header)
    dtype = header.get_data_dtype()
    place: Any = file  # NumPy maps whatever has a file descriptor
    values = np.memmap(place, dtype, "r", int(header.get_data_offset()), shape, order="F")
    orientation = _nibabel().io_orientation(header.get_best_affine())
    if np.isnan(orientation).any():
        raise unreadable(
            path, "its header does not say how its axes lie (singular affine). Export it anew"
        )
    places = {int(turned): axis for axis, turned in enumerate(orientation[:, 0])}
    axes = tuple((places[turned], orientation[places[turned], 1] < 0) for turned in range(3))
    line = _line(path, header)
    return _Stored(values, line, _dtype(path, dtype, line), axes)


def _header(path: Path, file: IO[bytes]) -> Any:
    file.seek(0)
    size = file.read(4)
    file.seek(0)
    kind = _SIZES_OF_HEADER.get(int.from_bytes(size, "little")) or _SIZES_OF_HEADER.get(
        int.from_bytes(size, "big")
    )
    if kind is None:
        raise unreadable(
            path, f"it is no NIfTI file (it begins with {size!r}). Export it anew, or leave it out"
        )
    header = getattr(_nibabel(), kind).from_fileobj(file)
    if bytes(header["magic"].item())[:3] not in _SINGLE_FILE:
        raise unreadable(
            path,
            "it is one half of a pair (.hdr and .img) or an Analyze file. Save it as one .nii file",
        )
    return header


def _three_axes(path: Path, header: Any) -> tuple[int, ...]:
    """Return the shape with three axes; axes of length 1 behind the third do not count."""
    shape = tuple(int(n) for n in header.get_data_shape())
    while len(shape) > 3 and shape[-1] == 1:
        shape = shape[:-1]
    shape += (1,) * (3 - len(shape))
    if len(shape) > 3:
        raise unreadable(
            path,
            f"it must have three axes. Got {len(shape)} (shape {shape}), so it holds several "
            "volumes: points in time, directions or channels. Save each as a file of its own "
            "(fslsplit, or nibabel.four_to_three)",
        )
    if min(shape) < 1:
        raise unreadable(path, f"it has no pixels (shape {shape}). Leave it out")
    return shape


def _line(path: Path, header: Any) -> Rescaling:
    line = Rescaling(float(header["scl_slope"]), float(header["scl_inter"]))
    if line.slope == 0.0:  # as NIfTI says that nothing is to be scaled
        return Rescaling()
    if not line.is_valid:
        raise unreadable(
            path,
            f"its scl_slope and scl_inter must be finite numbers. Got {line.slope} and "
            f"{line.intercept}. Export it anew, or set both to 0 if nothing is to be scaled",
        )
    return line


def _dtype(path: Path, stored: np.dtype, line: Rescaling) -> np.dtype:
    if stored.names is not None:
        if stored.names in _COLOURS:
            return np.dtype(np.uint8)
    elif stored.kind in "iu":
        facts = np.iinfo(stored)
        return rescaled_dtype(stored, (facts.min, facts.max), [line])
    elif stored.kind == "f" and stored.itemsize <= 8:
        return rescaled_dtype(stored, (0, 0), [line])
    raise unreadable(path, f"its numbers must be integers, floats or RGB. Got {stored}. Convert it")


def _plane(path: Path, stored: _Stored, across: int, place: int) -> np.ndarray:
    """Cut one plane, ``(height, width, n_channels)``."""
    axis, is_reversed = stored.axes[across]
    n_planes = stored.length(across)
    cut = np.take(stored.values, n_planes - 1 - place if is_reversed else place, axis=axis)
    remaining = [turned for turned in range(3) if turned != across]
    (first, first_reversed), (second, second_reversed) = (stored.axes[one] for one in remaining)
    if first > second:
        cut = cut.T
    # Now (right or front, front or head). Shown are the other directions, the second downwards.
    cut = cut[:: 1 if first_reversed else -1, :: 1 if second_reversed else -1].T
    check_n_pixels(path, cut.shape[1], cut.shape[0])
    if cut.dtype.names is not None:
        return _colours(path, cut)
    turned = rescale(cut, stored.line, stored.dtype)
    return np.ascontiguousarray(turned, dtype=stored.dtype)[:, :, np.newaxis]


def _colours(path: Path, cut: np.ndarray) -> np.ndarray:
    channels = np.stack([cut[name] for name in cut.dtype.names or ()], axis=2)
    if channels.shape[2] == 4 and channels[:, :, 3].min() < 255:
        raise unreadable(path, f"parts of it are transparent. {TRANSPARENCY_REMEDY}")
    return np.ascontiguousarray(channels[:, :, :3])
