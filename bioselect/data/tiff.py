"""TIFF files -> planes with all their channels and their own depth.

A TIFF can hold nearly anything. Which axes are the plane, its channels and the stack, the file
says itself (OME, ImageJ, tifffile) or its pages are planes; what would have to be guessed is an
error that says what was found.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from bioselect.data.coded_sizes import coded_size
from bioselect.data.ifd_chain import check_chain
from bioselect.data.limits import check_n_bytes, check_n_pixels, check_n_planes
from bioselect.data.orientation import native, oriented
from bioselect.data.tiff_axes import TiffAxes, tiff_axes
from bioselect.data.tiff_pixels import PageFacts, finished_pixels
from bioselect.data.unreadable import explained, unreadable
from bioselect.data.volumes import Volume

#: TIFF's PhotometricInterpretation
_PHOTOMETRIC_TAG = 262
_MINISWHITE, _MINISBLACK, _RGB, _PALETTE, _YCBCR = 0, 1, 2, 3, 6
#: Compressions whose decoder turns YCbCr into RGB: old and new JPEG, JPEG of scanners.
_JPEG_COMPRESSIONS = (6, 7, 33007)
#: Compressions whose strips and tiles are whole pictures: those and JPEG 2000, WebP.
_OF_PICTURES = (*_JPEG_COMPRESSIONS, 33003, 33004, 33005, 34712, 50001)
#: So much of a strip is looked at. Some writers fill the last one up.
_N_BYTES_OF_HEADER, _MOST_TIMES_LARGER, _N_SMALL = 65536, 4, 1 << 20
_COPY_AGAIN = "Copy it again from its source"


def open_tiff(path: Path) -> Volume:
    """Open a TIFF; its pixels are read plane by plane.

    Parameters
    ----------
    path : Path
        A TIFF, BigTIFF, OME-TIFF or ImageJ hyperstack.

    Returns
    -------
    Volume
        Planes in the order of the file, of the file's dtype: grey of fewer than 8 bits becomes
        uint8 from 0 to 255, palettes RGB (palettes of greys one channel), images stored with white
        as 0 are inverted, and each page is turned as its orientation says. The file is closed
        between planes.

    Raises
    ------
    UnreadableImageError
        If it holds images of several kinds, transparency, colours other than grey and RGB, or
        lacks data.
    """
    with explained(path):
        check_chain(path)
        with _tifffile().TiffFile(path) as tiff:
            series = _only_series(path, tiff)
            _check_description(path, tiff, series)
            page = series.keyframe
            axes = tiff_axes(path, series.axes, series.shape, math.prod(page.shape))
            _check_size(path, tiff, page, axes.n_planes)
            _check_pixel_kind(path, page)
            _check_data_present(path, tiff, series, axes.n_pages)
    pages = _Pages(path, tiff, series, axes)
    return Volume(axes.n_planes, pages.plane, axes.contents, axes.details)


@cache
def _tifffile() -> ModuleType:
    """Return tifffile, whose log of every oddity would otherwise end up on the terminal."""
    import tifffile

    logging.getLogger("tifffile").addHandler(logging.NullHandler())
    return tifffile  # type: ignore[no-any-return]


class _Pages:
    """The pages of an opened TIFF, read one by one."""

    def __init__(self, path: Path, tiff: Any, series: Any, axes: TiffAxes) -> None:
        self.path = path
        self.tiff = tiff
        self.series = series
        self.axes = axes

    def plane(self, place: int) -> np.ndarray:
        """Return one plane, ``(height, width, n_channels)``."""
        with explained(self.path), self._opened():
            blocks = [
                self._finished(page, *inside) for page, inside in self.axes.pages_of_plane(place)
            ]
        if len(blocks) > 1 and any(block.shape[2] != 1 for block in blocks):
            raise unreadable(
                self.path, "pages that are channels must be grey. Save the channels along one axis"
            )
        return native(blocks[0] if len(blocks) == 1 else np.concatenate(blocks, axis=2))

    @contextmanager
    def _opened(self) -> Iterator[None]:
        self.tiff.filehandle.open()
        try:
            yield
        finally:
            self.tiff.filehandle.close()

    def _finished(self, place: int, *inside: int) -> np.ndarray:
        """Return a page as it was seen; `inside` chooses along axes of a stack in the page."""
        page = self._page(place)
        pixels = self.axes.arranged(self._stored(page, place), inside)
        facts = PageFacts.of_page(page)
        return oriented(finished_pixels(self.path, pixels, facts), facts.orientation)

    def _page(self, place: int) -> Any:
        """Return a page with its own tags: its palette or orientation may be its own."""
        if self._is_one_block:
            return self.series.keyframe
        page = self.series[place]
        if getattr(page, "is_virtual", False):
            return page
        page = page.aspage()
        if page.hash != self.series.keyframe.hash:
            raise unreadable(
                self.path,
                f"its pages must be stored alike. Got page {place + 1} of another size, depth or "
                "compression than the first. Save each page as a file of its own",
            )
        return page

    @property
    def _is_one_block(self) -> bool:
        """Whether only the first of many planes has a page, as in ImageJ's largest stacks."""
        return bool(len(self.series) < self.axes.n_pages)

    def _stored(self, page: Any, place: int) -> np.ndarray:
        if self._is_one_block:
            n_values = math.prod(page.shape)
            stored = self.tiff.filehandle.read_array(
                self.tiff.byteorder + page.dtype.char,
                n_values,
                self.series.dataoffset + place * n_values * page.dtype.itemsize,
            )
        else:
            _check_coded_sizes(self.path, self.tiff, page)
            stored = page.asarray()
        transform = self.series.transform
        return np.asarray(stored if transform is None else transform(stored))


def _only_series(path: Path, tiff: Any) -> Any:
    """Return the image; reduced copies of it (thumbnails, pyramids) do not count."""
    levels = [level for one in tiff.series for level in (one, *_guessed_levels(one))]
    series = [one for one in levels if not one.keyframe.is_reduced]
    if levels and not series:
        raise unreadable(
            path,
            "it holds only what it declares to be reduced copies (a thumbnail, say) of an image "
            "that is not in it. Export the full image, or, if this is it, save it anew as an image",
        )
    if len(series) != 1:
        shapes = ", ".join(str(one.shape) for one in series[:3])
        raise unreadable(
            path,
            f"a TIFF must hold one image, or planes of one kind. Got {len(series)} of different "
            f"size or kind ({shapes}). Save each as a file of its own",
        )
    if series[0].is_multifile:
        raise unreadable(
            path,
            "its data set is spread over several OME-TIFF files. Save each image as one file",
        )
    if any(page is None for page in series[0]):
        raise unreadable(
            path,
            "some planes that its OME description names are not in this file (the data set may be "
            "spread over several OME-TIFF files). Save each image as one file",
        )
    return series[0]


def _guessed_levels(series: Any) -> list[Any]:
    """Return the images taken for smaller copies of a series only because their size would fit."""
    if series.kind.lower() != "generic":
        return []  # The maker's format says what they are.
    return [
        level
        for level in series.levels[1:]
        if not all(page.is_reduced or page.is_subifd for page in level)
    ]


def _check_description(path: Path, tiff: Any, series: Any) -> None:
    """Refuse a file whose own words on its pages do not fit what is there.

    The decoder then goes by the pages alone: an ImageJ stack with one page for all planes that is
    cut short would be its first plane.
    """
    if series.kind.lower() not in ("generic", "uniform"):
        return
    n_pages = len(tiff.pages)
    imagej = (tiff.imagej_metadata if tiff.is_imagej else None) or {}
    n_described = math.prod(imagej.get(key, 1) for key in ("channels", "slices", "frames"))
    n_described = max(n_described, imagej.get("images", 1))
    if n_described > n_pages:
        raise unreadable(
            path,
            f"it is cut short: by its ImageJ description it has {n_described} planes. Got "
            f"{n_pages}. {_COPY_AGAIN}",
        )
    names = {"OME": tiff.is_ome, "ImageJ": tiff.is_imagej, "tifffile": tiff.is_shaped}
    name = next((name for name, is_it in names.items() if is_it), "")
    if name and n_pages > 1:
        raise unreadable(
            path,
            f"its {name} description cannot be followed on its {n_pages} pages. Save it anew with "
            "the program that made it",
        )


def _check_size(path: Path, tiff: Any, page: Any, n_planes: int) -> None:
    """Refuse what a page claims to need before a pixel is decoded.

    A strip or tile is decoded as a whole, and may be larger than the image.
    """
    check_n_planes(path, n_planes)
    for width, length in (
        (page.imagewidth, page.imagelength * max(page.imagedepth, 1)),
        (page.tilewidth, page.tilelength * max(page.tiledepth, 1)),
    ):
        check_n_pixels(path, width, length)
    if page.dtype is not None:
        size = max(page.nbytes, math.prod(page.chunks) * page.dtype.itemsize)
        check_n_bytes(path, size, None if page.compression == 1 else tiff.filehandle.size)


def _check_coded_sizes(path: Path, tiff: Any, page: Any) -> None:
    """Refuse strips or tiles that are pictures of their own and larger than the page says.

    Their decoders take as much memory and time as the picture itself declares.
    """
    if int(page.compression) not in _OF_PICTURES:
        return
    n_pixels = math.prod(page.chunks) // min(page.chunks[-1], page.samplesperpixel)
    for offset in page.dataoffsets:
        tiff.filehandle.seek(offset)
        size = coded_size(tiff.filehandle.read(_N_BYTES_OF_HEADER))
        if size is not None and math.prod(size) > _MOST_TIMES_LARGER * n_pixels + _N_SMALL:
            raise unreadable(
                path,
                f"its strips or tiles must be as large as it says ({n_pixels} pixels each). Got "
                f"one of {size[0]} x {size[1]}. {_COPY_AGAIN}",
            )


def _check_pixel_kind(path: Path, page: Any) -> None:
    if _PHOTOMETRIC_TAG not in page.tags:
        raise unreadable(
            path,
            "its tag PhotometricInterpretation is missing, which says whether 0 is black or white. "
            "Save it anew with the program that made it",
        )
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
    if isinstance(page.bitspersample, tuple):
        bits = ", ".join(str(n_bits) for n_bits in page.bitspersample)
        raise unreadable(
            path,
            f"all its channels must have one depth. Got {bits} bits. Save it as PNG, or as "
            "TIFF with 8 bits a channel",
        )


def _check_data_present(path: Path, tiff: Any, series: Any, n_pages: int) -> None:
    """Refuse a file that is cut short; missing strips would be filled with zeros."""
    file_size = tiff.filehandle.size
    if len(series) < n_pages:
        if series.dataoffset is None:
            raise unreadable(
                path, f"it must have {n_pages} pages. Got {len(series)}. {_COPY_AGAIN}"
            )
        _check_end(path, series.dataoffset + series.keyframe.nbytes * n_pages, file_size)
        return
    for page in series:
        if not page.databytecounts or min(page.databytecounts) == 0 or 0 in page.dataoffsets:
            raise unreadable(path, f"some of its pixels were never written. {_COPY_AGAIN}")
        _check_n_blocks(path, page)
        ends = zip(page.dataoffsets, page.databytecounts, strict=True)
        _check_end(path, max(offset + count for offset, count in ends), file_size)


def _check_n_blocks(path: Path, page: Any) -> None:
    """Refuse a page whose list of strips or tiles is too short for its size."""
    n_blocks, n_needed = len(page.dataoffsets), math.prod(page.chunked)
    is_one_run = page.is_contiguous and sum(page.databytecounts) >= page.nbytes
    if n_blocks < n_needed and not is_one_run:
        raise unreadable(
            path,
            f"it must have {n_needed} strips or tiles of pixels for its size. Got {n_blocks}. "
            f"{_COPY_AGAIN}",
        )


def _check_end(path: Path, last_byte: int, file_size: int) -> None:
    if last_byte > file_size:
        raise unreadable(path, f"it is cut short ({file_size} of {last_byte} bytes). {_COPY_AGAIN}")
