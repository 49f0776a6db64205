"""Image files -> arrays that keep the depth and the channels of the file.

What a file is, its first bytes say, not its name: a PNG that is called .jpg is read as PNG. A
file that is cut short, damaged or of a kind that would have to be guessed at is an error that
names it, as far as the file lets it be seen (a JPEG with a gap in its data does not always).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from bioselect.data.combining import combined
from bioselect.data.folder_series import series_files, series_in, series_volume
from bioselect.data.kinds import DICOM, NIFTI, NPY, TIFF, first_bytes, kind_of
from bioselect.data.latest_scan import LatestScan
from bioselect.data.orientation import native
from bioselect.data.parts import PartName
from bioselect.data.pictures import read_picture
from bioselect.data.reading_time import limited
from bioselect.data.records import FilePart, Source
from bioselect.data.stacks import Stack
from bioselect.data.unpacking import Key, version_of
from bioselect.data.unreadable import check_place, explained, unreadable
from bioselect.data.volumes import Volume
from bioselect.exceptions import UnreadableImageError

#: Raised whenever the same file may give other pixels than before; part of the features' key.
#: 2: a palette of greys gives one channel and not three.
READING_VERSION = 3


def read_image(path: Path, part: str = "", stack: Stack | None = None) -> np.ndarray:
    """Read one image with the depth and the channels of its file.

    PNG, JPEG, BMP, GIF, WebP, TIFF (also BigTIFF), NumPy's .npy and .npz, DICOM and NIfTI are
    read. The orientation that the file declares is applied, palettes become RGB (palettes of greys
    one channel), black-and-white images become 0 and 255, and a transparency that is opaque
    everywhere is left out. Of an animated GIF or WebP the first frame is the image; so is, as that
    format defines, the first picture of a JPEG with several (of a stereo camera, say).

    Parameters
    ----------
    path : Path
        The file; of a DICOM series the folder.
    part : str
        Which image of the file, as in :class:`bioselect.data.records.FilePart`; empty where the
        file is one image.
    stack : Stack or None
        How the planes of a stack become one image; without it, a stack is an error that asks for
        it. A `part` that names a plane is that plane, whatever `stack` says.

    Returns
    -------
    np.ndarray
        ``(height, width, n_channels)``, C-contiguous, in the file's own dtype (uint8, uint16,
        float32, ...) and native byte order. Grey has 1 channel, colour 3 in the order red, green,
        blue; a TIFF has as many as it holds, in its own order. ``stack`` ``mean`` gives float32.

    Raises
    ------
    UnreadableImageError
        If the file is missing, empty, damaged, cut short, no image, transparent in places, CMYK,
        a stack without a rule, takes too long or too much memory (:mod:`bioselect.data.limits`),
        or holds values that are not finite.
    UnavailableError
        If a library that is needed cannot be loaded.

    Examples
    --------
    >>> import tempfile
    >>> from PIL import Image
    >>> path = Path(tempfile.mkdtemp()) / "grey.png"
    >>> Image.fromarray(np.array([[0, 128]], dtype=np.uint8)).save(path)
    >>> read_image(path).shape
    (1, 2, 1)
    """
    path = Path(path)
    check_place(path)
    where = str(FilePart(path, part)) if part else str(path)

    def read() -> np.ndarray:
        with explained(path):
            return _read(path, PartName.of(path, part), stack, where)

    try:
        image = limited(path, read)
    except MemoryError:
        image = _read_alone(path, read)
    _check_values(image, where)
    return native(image)


def read_source(source: Source, stack: Stack | None = None) -> np.ndarray:
    """Read one image from its file or from a part of a file; see :func:`read_image`."""
    if isinstance(source, FilePart):
        return read_image(source.path, source.part, stack)
    return read_image(source, "", stack)


def open_image(path: Path, series: str = "") -> Volume:
    """Open a file of any kind that is read, without reading pixels.

    Parameters
    ----------
    path : Path
        The file, or a folder with a DICOM series.
    series : str
        The SeriesInstanceUID, where the folder holds several. With a file it says that the file is
        a slice of it, which is no image by itself.

    Raises
    ------
    UnreadableImageError
        If it cannot be opened.
    UnavailableError
        If a library that is needed cannot be loaded.
    """
    path = Path(path)
    check_place(path)
    return limited(path, lambda: _opened(path, series))


def _opened(path: Path, series: str) -> Volume:
    with explained(path):
        if path.is_dir():
            return series_volume(path, series)
        if series:
            raise unreadable(
                path,
                f"it is one of {len(series_files(path.parent, series))} slices of a DICOM series, "
                "which is one volume, and not all of them are named. Name the folder, or all of "
                "them",
            )
        kind = kind_of(path, first_bytes(path))
        if kind == TIFF:
            from bioselect.data.tiff import open_tiff

            return open_tiff(path)
        if kind == DICOM:
            from bioselect.data.dicom import open_dicom

            return open_dicom(path)
        if kind == NIFTI:
            from bioselect.data.nifti import open_nifti

            return open_nifti(path)
        if kind == NPY:
            from bioselect.data.arrays import open_npy

            return open_npy(path)
    return Volume(1, lambda _: read_picture(path, kind))


def _read_alone(path: Path, read: Callable[[], np.ndarray]) -> np.ndarray:
    """Try again when memory ran out, with no other such image beside it."""
    with _alone:
        forget_scan()
        try:
            return limited(path, read)
        except MemoryError as error:
            raise unreadable(
                path,
                f"there is not enough memory to read it ({str(error) or 'all is taken'}). Close "
                "other programs, cut it into tiles, or save it at a lower resolution",
            ) from error


def forget_scan() -> None:
    """Give back the memory of the large image that tiles were last read from."""
    _latest_scan.forget()


def _tile(path: Path, name: PartName, stack: Stack | None, where: str) -> np.ndarray:
    """Read a tile; of the image that it is part of, one is kept in memory."""
    assert name.tile is not None
    whole = replace(name, tile=None)
    key = (path, str(whole), stack, *versions_of(path, name.series))
    image = _latest_scan.image(key, lambda: _read(path, whole, stack, where))
    found: np.ndarray = image[name.tile.window]
    if found.shape[:2] != (name.tile.size, name.tile.size):
        height, width = image.shape[:2]
        raise UnreadableImageError(
            f"{where}: must be at least as large as its tiles, {name.tile.size} x "
            f"{name.tile.size} pixels. Got {height} x {width}. Leave it out, or train with "
            "smaller tiles."
        )
    alone: np.ndarray = found.copy()  # A view would keep the whole image in memory.
    return alone


def _read(path: Path, name: PartName, stack: Stack | None, where: str) -> np.ndarray:
    if name.tile is not None:
        return _tile(path, name, stack, where)
    if name.split:
        from bioselect.data.arrays import npz_image

        return npz_image(path, name.split, name.number or 0)
    volume = _latest.volume(path, name.series)
    if name.number is None:
        image = combined(volume, stack, where)
    elif name.number < volume.n_planes:
        image = volume.plane(name.number)
    else:
        raise UnreadableImageError(
            f"{where}: must be one of {volume.n_planes} planes, counted from 0. Read the folder "
            "or table again."
        )
    return image


class _Latest(threading.local):
    """The stack that a thread read last, kept open (not its file) for the next plane.

    The planes of one stack are asked for one after the other; finding the pages of a large one
    takes longer than reading a plane.
    """

    key: tuple[object, ...] = ()
    value: Volume | None = None

    def volume(self, path: Path, series: str) -> Volume:
        key = (path, series, *versions_of(path, series))
        if self.value is not None and self.key == key:
            return self.value
        opened = open_image(path, series)
        self.key, self.value = (key, opened) if opened.n_planes > 1 else ((), None)
        return opened


_latest = _Latest()
_latest_scan = LatestScan()
_alone = threading.Lock()


def versions_of(path: Path, series: str) -> Iterator[Key]:
    """Yield what changes when a file, or a file of a series in a folder, is written again.

    Others in the folder do not count: there may be many series, each asking for its own.
    """
    if not path.is_dir():
        yield version_of(path)
        return
    found = series_in(path, series)
    yield from map(version_of, found.files)
    yield found.unknown


def _check_values(image: np.ndarray, where: str) -> None:
    if image.size == 0:
        raise UnreadableImageError(
            f"{where}: it has no pixels (shape {image.shape}). Leave it out."
        )
    if image.dtype.kind == "f" and not np.isfinite(image).all():
        n_bad = int(np.count_nonzero(~np.isfinite(image)))
        raise UnreadableImageError(
            f"{where}: {n_bad} of its {image.size} values are not finite numbers (NaN or "
            "infinite). Replace them before the analysis."
        )
