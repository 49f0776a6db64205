"""Masks as files: PNG or TIFF, in the codes that somebody's own masks have."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bioselect.data.mask_codes import Code, MaskCodes
from bioselect.data.opencv import opencv
from bioselect.exceptions import StorageError
from bioselect.storage import atomic_path

PNG, TIFF = ".png", ".tif"
#: The pixel types that a PNG can hold, and those beyond.
_OF_PNG = (np.uint8, np.uint16)
_TYPES = (*_OF_PNG, np.uint32, np.int32, np.int64)


def in_codes(places: np.ndarray, codes: MaskCodes) -> np.ndarray:
    """Return a mask as it is saved: the code of every pixel's class.

    Parameters
    ----------
    places : np.ndarray
        uint8 ``(height, width)`` of class places.
    codes : MaskCodes
        Of several codes of a class the first is written.

    Returns
    -------
    np.ndarray
        The smallest type of whole numbers that holds all codes, ``(height, width)``, or
        ``(height, width, 3)`` for colours.

    Examples
    --------
    >>> codes = MaskCodes(("background", "nucleus"), ((0, 0), (255, 1)))
    >>> in_codes(np.array([[0, 1]], np.uint8), codes)
    array([[  0, 255]], dtype=uint8)
    """
    values = codes.values_of_places()
    table = np.array([_colour(value) for value in values] if codes.is_coloured else values)
    written: np.ndarray = table.astype(_smallest_type(table))[places]
    return written


def _colour(code: Code) -> tuple[int, int, int]:
    return code if isinstance(code, tuple) else (code, code, code)


def _smallest_type(table: np.ndarray) -> type:
    low, high = int(table.min()), int(table.max())
    return next(one for one in _TYPES if np.iinfo(one).min <= low and high <= np.iinfo(one).max)


def fits_png(codes: MaskCodes) -> bool:
    """Tell whether masks in these codes can be saved as PNG.

    Examples
    --------
    >>> fits_png(MaskCodes(("a", "b"), ((0, 0), (70000, 1))))
    False
    """
    return in_codes(np.arange(codes.n_classes, dtype=np.uint8), codes).dtype in _OF_PNG


def write_picture(path: Path, pixels: np.ndarray) -> None:
    """Write a mask or a picture, the pixels as they are, to a .png or .tif file.

    Parameters
    ----------
    path : Path
        What it is written as, its ending says.
    pixels : np.ndarray
        ``(height, width)``, or ``(height, width, n_channels)``: in a PNG 3 of uint8 or uint16, in a
        TIFF any number of any type.
    """
    if pixels.ndim == 3 and pixels.shape[2] == 1:
        pixels = pixels[:, :, 0]
    with atomic_path(path) as unfinished:
        if path.suffix == PNG:
            cv2 = opencv()
            # OpenCV's order is blue, green, red.
            shown = pixels if pixels.ndim == 2 else np.ascontiguousarray(pixels[:, :, ::-1])
            done, data = cv2.imencode(PNG, shown)
            if not done:
                raise StorageError(f"{path}: OpenCV cannot write it as PNG.")
            unfinished.write_bytes(data)
        else:
            _write_tiff(unfinished, pixels)


def _write_tiff(path: Path, pixels: np.ndarray) -> None:
    import tifffile

    is_colour = pixels.ndim == 3 and pixels.shape[2] == 3 and pixels.dtype in _OF_PNG
    tifffile.imwrite(
        path,
        pixels,
        photometric="rgb" if is_colour else "minisblack",
        planarconfig=None if pixels.ndim == 2 else "contig",
        compression="zlib",
        metadata={"axes": "YX" if pixels.ndim == 2 else "YXS"},
        bigtiff=pixels.nbytes > 2**31,
    )
