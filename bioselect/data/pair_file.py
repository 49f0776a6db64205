"""Images and masks of a study in one file of the cache folder, read window by window.

Every image and every mask is decoded once; each keeps its own size, images the pixel type of their
files. The file is mapped into memory, so that any number of images of any size fits. Its index has
a checksum: what a disk has changed is noticed when the file is opened, and prepared again.
"""

from __future__ import annotations

import json
import re
import shutil
import zlib
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bioselect.data.examined import check_pixels, read_as_examined
from bioselect.data.intensities import apply_ends, scale_ends
from bioselect.data.mask_codes import MaskCodes
from bioselect.data.pairs import WHOLE
from bioselect.data.preparation import Reading, channels_asked, chosen_channels
from bioselect.data.reading import READING_VERSION
from bioselect.data.records import Source
from bioselect.exceptions import DataError, StorageError
from bioselect.progress import SILENT, Reporter
from bioselect.storage import (
    BLOCK_BYTES,
    BYTES_PER_GIGABYTE,
    atomic_path,
    atomic_write_text,
    crc32_of,
    digest_of,
    explained_storage_errors,
)

#: Raised whenever the way from files to their place here changes.
PAIR_FILE_VERSION = 1
KEY_DIGITS = 32
#: Pairs that are read ahead by each thread, and bytes of all that are; one is read in any case.
AHEAD = 2
MOST_BYTES_AHEAD = 1 << 30
#: Images begin at a multiple of this, so that any pixel type can be mapped.
_ALIGNMENT = 16
_OUR_FILE = re.compile(rf"pairs-[0-9a-f]{{{KEY_DIGITS}}}\.(bin|json)")


@dataclass(frozen=True)
class PairDemand:
    """Which images with which masks, and how they are read.

    Parameters
    ----------
    images : tuple of (Path or FilePart, str)
        Each file with the digest of its pixels.
    masks : tuple of (Path, str)
        The mask of each with the digest of its pixels.
    codes : MaskCodes
        What the values of masks stand for.
    reading : Reading
        How pixels become numbers.
    n_channels : int
        How many channels every image has; grey ones are repeated where that is 3.
    n_bytes : tuple of int
        What each pair takes once it is decoded, as far as that is known: it bounds memory, and
        changes nothing else.
    """

    images: tuple[tuple[Source, str], ...]
    masks: tuple[tuple[Path, str], ...]
    codes: MaskCodes
    reading: Reading
    n_channels: int
    n_bytes: tuple[int, ...] = ()

    @property
    def key(self) -> str:
        """A digest of everything that the content of the file depends on."""
        return digest_of(
            {
                "version": PAIR_FILE_VERSION,
                "reading_version": READING_VERSION,
                "reading": self.reading.as_dict(),
                "codes": self.codes.as_dict(),
                "n_channels": self.n_channels,
                "pixels": [digest for _, digest in self.images],
                "masks": [digest for _, digest in self.masks],
            }
        )


@dataclass(frozen=True)
class _Place:
    """Where a pair lies: first bytes, form and type of the image, its values that become 0 and 1.

    The mask follows the image, a byte a pixel.
    """

    start: int
    mask_start: int
    height: int
    width: int
    n_channels: int
    dtype: str
    ends: tuple[float, float]


class PairFile:
    """Images and masks on the disk; see :class:`bioselect.data.pairs.Pairs`.

    It can be handed to other processes, which map the file for themselves.

    Parameters
    ----------
    path : Path
        From :func:`pair_file`.
    """

    def __init__(self, path: Path) -> None:
        self.path = Path(path)
        index = json.loads(_index_of(self.path).read_text(encoding="utf-8"))
        self.key = str(index["key"])
        self._n_channels = int(index["n_channels"])
        self._places = [_Place(**{**one, "ends": tuple(one["ends"])}) for one in index["pairs"]]
        self._bytes = np.memmap(self.path, dtype=np.uint8, mode="r")

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel as the path of the file."""
        return PairFile, (self.path,)

    @property
    def n_channels(self) -> int:
        """How many channels every image has."""
        return self._n_channels

    def __len__(self) -> int:
        """Return how many images there are."""
        return len(self._places)

    def size(self, place: int) -> tuple[int, int]:
        """Return (height, width) of an image and its mask."""
        found = self._places[place]
        return found.height, found.width

    def image(self, place: int, rows: slice = WHOLE, columns: slice = WHOLE) -> np.ndarray:
        """Return float32 ``(height, width, n_channels)`` in [0, 1], or a window of it."""
        at = self._places[place]
        stored = self._bytes[at.start : at.mask_start].view(np.dtype(at.dtype))
        size = at.height * at.width * at.n_channels
        pixels = stored[:size].reshape(at.height, at.width, at.n_channels)
        image = apply_ends(np.asarray(pixels[rows, columns]), at.ends)
        if at.n_channels == self._n_channels:
            return image
        return np.repeat(image, self._n_channels, axis=2)

    def mask(self, place: int, rows: slice = WHOLE, columns: slice = WHOLE) -> np.ndarray:
        """Return uint8 ``(height, width)`` of class places, `IGNORED` where none counts."""
        at = self._places[place]
        stored = self._bytes[at.mask_start : at.mask_start + at.height * at.width]
        return np.array(stored.reshape(at.height, at.width)[rows, columns])


def pair_file(demand: PairDemand, folder: Path, reporter: Reporter, n_threads: int) -> PairFile:
    """Return the pairs of a study, from the cache folder or read now.

    Parameters
    ----------
    demand : PairDemand
        Which images and masks.
    folder : Path
        The cache folder; made when it is missing.
    reporter : Reporter
        Shows the progress.
    n_threads : int
        Threads that read; the file does not depend on it.

    Raises
    ------
    BioselectError
        If an image or a mask cannot be read, or does not fit the other.
    StorageError
        If there is no room for the file.
    """
    path = Path(folder) / f"pairs-{demand.key[:KEY_DIGITS]}.bin"
    is_there = path.is_file() and _index_of(path).is_file()
    damage = _damage(path, demand, reporter) if is_there else ""
    if damage:
        reporter.warn(
            f"{path}: the prepared images and masks cannot be used: {damage}. They are prepared "
            "again; if that happens more than once, check the disk."
        )
    if damage or not is_there:
        _write(demand, path, reporter, n_threads)
    return PairFile(path)


def pair_files(folder: Path) -> list[Path]:
    """Return the files of this kind in a cache folder, sorted."""
    if not Path(folder).is_dir():
        return []
    return sorted(path for path in Path(folder).iterdir() if _OUR_FILE.fullmatch(path.name))


def _index_of(path: Path) -> Path:
    return path.with_suffix(".json")


def _damage(path: Path, demand: PairDemand, reporter: Reporter) -> str:
    """Say what is wrong with a file or its index, or nothing."""
    try:
        index = json.loads(_index_of(path).read_text(encoding="utf-8"))
        check = index.pop("check")
        n_bytes, checksum = int(index["n_bytes"]), int(index["crc32"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError):
        return "its index cannot be read"
    if check != digest_of(index) or index["key"] != demand.key:
        return "its index is not the one that was written"
    if path.stat().st_size != n_bytes:
        return "its length is not the one that was written"
    shown = reporter if n_bytes > BYTES_PER_GIGABYTE else SILENT
    words, n_blocks = "checking the prepared images and masks", -(-n_bytes // BLOCK_BYTES)
    with open(path, "rb") as file, shown.task(words, n_blocks) as task:
        if crc32_of(file, n_bytes, task.advance) != checksum:
            return "its checksum is not the one that was written"
    return ""


def _write(demand: PairDemand, path: Path, reporter: Reporter, n_threads: int) -> None:
    places: list[dict[str, Any]] = []
    checksum = 0
    with explained_storage_errors(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
    with (
        atomic_path(path) as unfinished,
        open(unfinished, "wb") as file,
        reporter.task("preparing images and masks", len(demand.images)) as task,
    ):
        # Written, and not mapped: a full disk is then an error and no crash.
        for image, ends, mask in _prepared(demand, n_threads):
            _check_room(path.parent, image.nbytes + mask.nbytes)
            start = file.tell()
            for array in (image, mask):
                written = array.tobytes() + bytes(_padded(array.nbytes) - array.nbytes)
                file.write(written)
                checksum = zlib.crc32(written, checksum)
            mask_start = start + _padded(image.nbytes)
            height, width, n_channels = image.shape
            dtype = str(image.dtype.str)
            place = _Place(start, mask_start, height, width, n_channels, dtype, ends)
            places.append({**asdict(place), "ends": list(ends)})
            task.advance()
        n_bytes = file.tell()
    # The index comes last: without it the file is not there.
    counts = {"n_channels": demand.n_channels, "n_bytes": n_bytes, "crc32": checksum}
    index = {"key": demand.key, **counts, "pairs": places}
    atomic_write_text(_index_of(path), json.dumps({**index, "check": digest_of(index)}))


_Prepared = tuple[np.ndarray, tuple[float, float], np.ndarray]


def _prepared(demand: PairDemand, n_threads: int) -> Iterator[_Prepared]:
    """Yield image, ends of its scale and mask of each pair in their order; threads read ahead.

    Of large images fewer are read ahead.
    """
    sizes = demand.n_bytes or (0,) * len(demand.images)
    with ThreadPoolExecutor(n_threads, thread_name_prefix="reading") as pool:
        ahead: deque[tuple[Future[_Prepared], int]] = deque()
        try:
            for image, mask, n_bytes in zip(demand.images, demand.masks, sizes, strict=True):
                while ahead and (
                    len(ahead) > AHEAD * n_threads
                    or sum(size for _, size in ahead) + n_bytes > MOST_BYTES_AHEAD
                ):
                    yield ahead.popleft()[0].result()
                ahead.append((pool.submit(_load, demand, image, mask), n_bytes))
            while ahead:
                yield ahead.popleft()[0].result()
        finally:
            pool.shutdown(cancel_futures=True)


def _load(
    demand: PairDemand, image_digest: tuple[Source, str], mask_digest: tuple[Path, str]
) -> _Prepared:
    (source, image_sha256), (mask, mask_sha256) = image_digest, mask_digest
    where, reading = str(source), demand.reading
    native = read_as_examined(source, reading.stack, image_sha256)
    ends = scale_ends(native, reading.intensity, where)
    asked = channels_asked(demand.n_channels, reading)
    image = native if asked is None else chosen_channels(native, reading, asked, where)
    if image.shape[2] not in (1, demand.n_channels):
        raise DataError(
            f"{where}: all images must have equally many channels. Got {image.shape[2]} where "
            f"others have {demand.n_channels}. Choose some with dataset.channels."
        )
    drawn = read_as_examined(mask, None, mask_sha256)
    places = demand.codes.places(drawn, str(mask))
    check_same_size(places.shape, native.shape, str(mask))
    check_pixels(native, image_sha256, where)
    check_pixels(drawn, mask_sha256, str(mask))
    stored = np.ascontiguousarray(image, dtype=image.dtype.newbyteorder("<"))
    return stored, (float(ends[0]), float(ends[1])), np.ascontiguousarray(places)


def check_same_size(mask: Sequence[int], image: Sequence[int], where: str) -> None:
    """Stop where a mask has another size than its image.

    Raises
    ------
    DataError
        With both sizes.
    """
    if tuple(mask[:2]) != tuple(image[:2]):
        raise DataError(
            f"{where}: a mask must have the size of its image. Got {mask[1]} x {mask[0]} pixels "
            f"for an image of {image[1]} x {image[0]}. Export it anew, in the size of the image."
        )


def _padded(n_bytes: int) -> int:
    return -(-n_bytes // _ALIGNMENT) * _ALIGNMENT


def _check_room(folder: Path, n_bytes: int) -> None:
    with explained_storage_errors(folder):
        free = shutil.disk_usage(folder).free
    if n_bytes > free:
        raise StorageError(
            f"{folder}: must have room for images and masks. Got "
            f"{free / BYTES_PER_GIGABYTE:.1f} GB that are free. Free some space, or name another "
            "folder with `cache:`."
        )
