"""TIFF files -> arrays with all their channels and their own depth.

A TIFF can hold nearly anything. What is one image beyond doubt is read; what would have to be
guessed (are five pages five channels, five slices or five images?) is an error that says what was
found.
"""

from __future__ import annotations

import logging
import math
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from bioselect.data.unreadable import check_n_pixels, unreadable

_ORIENTATION = 274
#: TIFF's PhotometricInterpretation
_MINISWHITE, _MINISBLACK, _RGB, _PALETTE, _YCBCR = 0, 1, 2, 3, 6
#: Compressions whose decoder turns YCbCr into RGB: old and new JPEG, JPEG of scanners.
_JPEG_COMPRESSIONS = (6, 7, 33007)
#: TIFF's ExtraSamples that mean transparency; 0 is a channel like any other.
_ALPHA = (1, 2)
_MEANING = {
    "Z": "slices",
    "T": "points in time",
    "Q": "pages whose meaning the file does not state",
    "I": "pages whose meaning the file does not state",
}
_CHANNEL_AXES = ("C", "S")


def read_tiff(path: Path) -> tuple[np.ndarray, int]:
    """Read the one image of a TIFF.

    Returns
    -------
    pixels : np.ndarray
        ``(height, width, n_channels)`` in the file's dtype; 1, 2 and 4-bit grey become uint8 from
        0 to 255, palettes RGB, images stored with white as 0 are inverted.
    orientation : int
        TIFF's orientation, 1 when none is given.

    Raises
    ------
    UnreadableImageError
        If it holds several images, a stack, transparency, colours other than grey and RGB, or
        lacks data.
    """
    with _tifffile().TiffFile(path) as tiff:
        series = _only_series(path, tiff)
        page = series.keyframe
        axes, shape = _plain_axes(path, series)
        check_n_pixels(path, page.imagewidth, page.imagelength)
        _check_pixel_kind(path, page)
        _check_data_present(path, tiff, series)
        orientation = page.tags.valueof(_ORIENTATION, 1)
        pixels = series.asarray().reshape(shape)
        colour_map = page.colormap if page.photometric == _PALETTE else None
        facts = _Facts(page)
    if axes == "YX":
        pixels = pixels[:, :, np.newaxis]
    elif axes.endswith("YX"):
        pixels = np.moveaxis(pixels, 0, 2)
    if colour_map is not None:
        return _with_palette(path, pixels, colour_map), int(orientation)
    return _without_alpha(path, _in_full_range(path, pixels, facts), facts), int(orientation)


@cache
def _tifffile() -> ModuleType:
    """Return tifffile, whose log of every oddity would otherwise end up on the terminal."""
    import tifffile

    logging.getLogger("tifffile").addHandler(logging.NullHandler())
    return tifffile  # type: ignore[no-any-return]


class _Facts:
    """The tags of a page that decide what its values mean; they outlive the open file."""

    def __init__(self, page: Any) -> None:
        self.n_bits = int(page.bitspersample)
        self.photometric = int(page.photometric)
        self.extra_samples = tuple(int(sample) for sample in page.extrasamples)


def _only_series(path: Path, tiff: Any) -> Any:
    """Return the image; reduced copies of it (thumbnails, pyramids) do not count."""
    series = [one for one in tiff.series if not one.keyframe.is_reduced]
    if len(series) != 1:
        shapes = ", ".join(str(one.shape) for one in series[:3])
        raise unreadable(
            path,
            f"a TIFF must hold one image. Got {len(series)} of different size or kind ({shapes}). "
            "Save each as a file of its own",
        )
    if series[0].is_multifile or any(page is None for page in series[0].pages):
        raise unreadable(
            path,
            "its data set is spread over several OME-TIFF files. Save each image as one file",
        )
    return series[0]


def _plain_axes(path: Path, series: Any) -> tuple[str, tuple[int, ...]]:
    """Return ``YX``, or that with one axis of channels before or after it, and its lengths."""
    named = zip(series.axes, series.shape, strict=True)
    kept = [(axis, n) for axis, n in named if axis in "YXCS" or n != 1]
    axes, shape = "".join(axis for axis, _ in kept), tuple(n for _, n in kept)
    if axes == "YX" or ("YX" in axes and axes.replace("YX", "") in _CHANNEL_AXES):
        return axes, shape
    found = f"axes {axes}, shape {shape}"
    others = [(axis, n) for axis, n in kept if axis not in "YXCS"]
    if not others:
        raise unreadable(
            path, f"its axes must be YX, YXS or CYX. Got {found}. Save the channels along one axis"
        )
    axis, n_planes = others[0]
    raise unreadable(
        path,
        f"a TIFF must hold one image. Got {n_planes} {_MEANING.get(axis, f'planes along {axis}')} "
        f"({found}). Split the stack into one file an image; if they are channels, save the file "
        "with axes CYX (ImageJ or OME-TIFF)",
    )


def _check_pixel_kind(path: Path, page: Any) -> None:
    photometric, compression = int(page.photometric), int(page.compression)
    known = (_MINISWHITE, _MINISBLACK, _RGB, _PALETTE)
    is_jpeg_colour = photometric == _YCBCR and compression in _JPEG_COMPRESSIONS
    if photometric not in known and not is_jpeg_colour:
        name = getattr(page.photometric, "name", str(photometric))
        raise unreadable(
            path, f"its colours must be grey, RGB or a palette. Got {name}. Save it so"
        )
    if page.dtype is None or page.dtype.kind not in "buif":
        raise unreadable(
            path,
            f"its pixels must be integers or floats. Got {page.dtype or 'an unknown type'}. "
            "Convert it",
        )


def _check_data_present(path: Path, tiff: Any, series: Any) -> None:
    """Refuse a file that is cut short; missing strips would be filled with zeros."""
    file_size = tiff.filehandle.size
    remedy = "Copy it again from its source"
    if series.dataoffset is not None:
        last_byte = series.dataoffset + math.prod(series.shape) * series.dtype.itemsize
        if last_byte > file_size:
            raise unreadable(path, f"it is cut short ({file_size} of {last_byte} bytes). {remedy}")
        return
    for page in series.pages:
        if not page.databytecounts or min(page.databytecounts) == 0 or 0 in page.dataoffsets:
            raise unreadable(path, f"some of its pixels were never written. {remedy}")
        ends = zip(page.dataoffsets, page.databytecounts, strict=True)
        last_byte = max(offset + count for offset, count in ends)
        if last_byte > file_size:
            raise unreadable(path, f"it is cut short ({file_size} of {last_byte} bytes). {remedy}")


def _in_full_range(path: Path, pixels: np.ndarray, facts: _Facts) -> np.ndarray:
    """Undo what a viewer undoes: white stored as 0, and depths below 8 bits."""
    if pixels.dtype == bool:
        pixels = pixels.astype(np.uint8)
    if facts.photometric == _MINISWHITE:
        if pixels.dtype.kind != "u":
            raise unreadable(
                path,
                f"white is stored as 0 in pixels of type {pixels.dtype}, which has no defined "
                "black. Save it with black as 0",
            )
        pixels = pixels.dtype.type(2**facts.n_bits - 1) - pixels
    if facts.n_bits in (1, 2, 4):
        pixels = pixels * np.uint8(255 // (2**facts.n_bits - 1))
    return pixels


def _with_palette(path: Path, pixels: np.ndarray, colour_map: np.ndarray) -> np.ndarray:
    """Look up the colours; 8-bit colours are stored as 16-bit ones, multiplied by 257 or 256."""
    if pixels.shape[2] != 1:
        raise unreadable(path, "a palette goes with one channel. Save it as RGB")
    for factor in (257, 256):
        if not (colour_map % factor).any():
            colour_map = (colour_map // factor).astype(np.uint8)
            break
    return np.moveaxis(colour_map[:, pixels[:, :, 0]], 0, 2)


def _without_alpha(path: Path, pixels: np.ndarray, facts: _Facts) -> np.ndarray:
    n_before = pixels.shape[2] - len(facts.extra_samples)
    alphas = [n_before + i for i, kind in enumerate(facts.extra_samples) if kind in _ALPHA]
    if not alphas or n_before < 1:
        return pixels
    opaque = 1.0 if pixels.dtype.kind == "f" else 2**facts.n_bits - 1
    if facts.n_bits < 8:
        opaque = 255
    if (pixels[:, :, alphas] != opaque).any():
        raise unreadable(
            path,
            f"channel {alphas[0]} (counted from 0) is declared as transparency and is not opaque. "
            "Save it without transparency, or, if it is a channel, as one (tifffile: "
            "photometric='minisblack')",
        )
    return np.delete(pixels, alphas, axis=2)
