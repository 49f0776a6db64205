"""Images of one size in one file, read as they are needed: what networks are trained on.

Every image is read and resized once. The file is mapped into memory, so that any number of images
fits, and several networks that take one size share it. Behind the array stands a checksum: what a
disk has changed is noticed when the file is opened, and prepared again.
"""

from __future__ import annotations

import io
import re
import shutil
import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bioselect.backend import cores_of_worker, scratch_of_worker
from bioselect.data.examined import read_as_examined
from bioselect.data.intensities import apply_ends, scale_ends
from bioselect.data.opencv import opencv
from bioselect.data.preparation import Reading, channels_asked, prepare
from bioselect.data.reading import READING_VERSION
from bioselect.data.records import Source
from bioselect.exceptions import StorageError, UnreadableImageError
from bioselect.execution import submitted_ahead
from bioselect.progress import SILENT, Reporter
from bioselect.storage import (
    BLOCK_BYTES,
    BYTES_PER_GIGABYTE,
    atomic_path,
    crc32_of,
    digest_of,
    explained_storage_errors,
)

#: Raised whenever the way from a file to its place here changes.
PIXEL_FILE_VERSION = 2
KEY_DIGITS = 32
#: Images that are read ahead by each thread.
AHEAD = 2
#: A CRC-32 of all that stands before it, as the last bytes of a file: it is for accidents, and as
#: quick as a disk. Whoever opens the file as a plain `.npy` does not see it.
CHECKSUM_BYTES = 4
_OUR_FILE = re.compile(rf"images-\d+x\d+x\d+-[0-9a-f]{{{KEY_DIGITS}}}\.npy")


@dataclass(frozen=True)
class PixelDemand:
    """Which images, and how they shall lie in the file.

    Attributes
    ----------
    images : tuple of (Path or FilePart, str)
        Each file, or part of one, and the digest of its pixels; equal pixels are kept once.
    reading : Reading
        How pixels become numbers.
    shape : tuple of int
        (height, width, n_channels) that every image is brought to.
    native : tuple of (str, int, int)
        The pixel type, height and width that all images have, or nothing where they differ: what
        needs no resizing is kept in the files' own type, which is exact and smaller.
    """

    images: tuple[tuple[Source, str], ...]
    reading: Reading
    shape: tuple[int, int, int]
    native: tuple[str, int, int] | None = None

    @property
    def key(self) -> str:
        """A digest of everything that the content of the file depends on."""
        return digest_of(
            {
                "version": PIXEL_FILE_VERSION,
                "reading_version": READING_VERSION,
                "reading": self.reading.as_dict(),
                "shape": list(self.shape),
                "native": None if self.native is None else list(self.native),
                "pixels": [digest for _, digest in self.images],
                # Another version may resize to other last bits; what is kept as it is, is exact.
                "opencv": None if self.table is not None else opencv().__version__,
            }
        )

    @property
    def table(self) -> np.ndarray | None:
        """What each value of a file becomes, float32; None where values are kept as floats."""
        if self.native is None or self.reading.intensity.mode == "percentile":
            return None
        dtype, height, width = self.native
        if dtype not in ("uint8", "uint16") or (height, width) != self.shape[:2]:
            return None
        values = np.arange(np.iinfo(dtype).max + 1).astype(dtype)
        ends = scale_ends(values[:, None, None], self.reading.intensity, "")
        return apply_ends(values, ends)


class PixelFile:
    """The images of a study at one size, float32 in [0, 1], in the order of the study.

    Parameters
    ----------
    path : Path
        From :func:`pixel_file`.
    demand : PixelDemand
        What was asked for.
    """

    def __init__(self, path: Path, demand: PixelDemand) -> None:
        self.path, self.key = path, demand.key
        self.shape = demand.shape
        self._table = demand.table
        self._rows = _row_of_each(demand)
        self._mapped = np.load(path, mmap_mode="r", allow_pickle=False)

    def __len__(self) -> int:
        return len(self._rows)

    def batch(self, places: np.ndarray) -> np.ndarray:
        """Return float32 ``(len(places), height, width, n_channels)`` in [0, 1], a copy."""
        # Sorted first: neighbours in the file are read together.
        rows, back = np.unique(self._rows[places], return_inverse=True)
        found = np.asarray(self._mapped[rows])[back.reshape(-1)]
        taken: np.ndarray = found if self._table is None else self._table[found]
        return taken


def pixel_file(demand: PixelDemand, folder: Path, reporter: Reporter, n_threads: int) -> PixelFile:
    """Return the images of a study at one size, from the cache folder or prepared now.

    Parameters
    ----------
    demand : PixelDemand
        Which images, and at what size.
    folder : Path
        The cache folder; made when it is missing.
    reporter : Reporter
        Shows the progress.
    n_threads : int
        Threads that read; the file does not depend on it.

    Raises
    ------
    UnreadableImageError
        If an image cannot be read, or has other channels than it must have.
    StorageError
        If there is no room for the file.
    """
    height, width, n_channels = demand.shape
    name = f"images-{height}x{width}x{n_channels}-{demand.key[:KEY_DIGITS]}.npy"
    path = Path(folder) / name
    damage = _damage(path, demand, reporter) if path.is_file() else ""
    if damage:
        reporter.warn(
            f"{path}: the prepared images cannot be used: {damage}. They are prepared again; if "
            "that happens more than once, check the disk."
        )
    if damage or not path.is_file():
        _write(demand, path, reporter, n_threads)
    return PixelFile(path, demand)


@dataclass(frozen=True)
class PixelsThere:
    """The images at one size for a worker of a cluster: their file, or made anew from the images.

    Called, it opens them. `path` is the file that the process has which asks for the work.
    """

    path: Path
    demand: PixelDemand

    def __call__(self) -> PixelFile:
        """Return the images."""
        scratch = scratch_of_worker()
        if scratch is None or self.path.is_file():
            return PixelFile(self.path, self.demand)
        return pixel_file(self.demand, scratch, SILENT, cores_of_worker() or 1)


def pixel_files(folder: Path) -> list[Path]:
    """Return the files of this kind in a cache folder, sorted."""
    if not Path(folder).is_dir():
        return []
    return sorted(path for path in Path(folder).iterdir() if _OUR_FILE.fullmatch(path.name))


def _sources(demand: PixelDemand) -> list[tuple[Source, str]]:
    """Return one source for each row of the file, of equal pixels the first, with its digest."""
    first: dict[str, Source] = {}
    for source, digest in demand.images:
        first.setdefault(digest, source)
    return [(source, digest) for digest, source in first.items()]


def _row_of_each(demand: PixelDemand) -> np.ndarray:
    rows: dict[str, int] = {}
    return np.array([rows.setdefault(digest, len(rows)) for _, digest in demand.images])


def _stored_type(demand: PixelDemand) -> np.dtype:
    if demand.table is None or demand.native is None:
        return np.dtype("<f4")
    kept: np.dtype = np.dtype(demand.native[0]).newbyteorder("<")
    return kept


def _damage(path: Path, demand: PixelDemand, reporter: Reporter) -> str:
    """Say what is wrong with a file, or nothing: the array that it must be, with its checksum."""
    try:
        mapped = np.load(path, mmap_mode="r", allow_pickle=False)
    except Exception:  # Whatever NumPy says of a file that is none.
        return "it is cut short, or no array"
    expected = (len(_sources(demand)), *demand.shape)
    if mapped.shape != expected or mapped.dtype != _stored_type(demand):
        return "it holds an array of another kind"
    n_bytes = mapped.offset + mapped.nbytes
    del mapped  # Windows replaces no file that is mapped.
    if path.stat().st_size != n_bytes + CHECKSUM_BYTES:
        return "its length is not the one that was written"
    n_blocks = -(-n_bytes // BLOCK_BYTES)
    shown = reporter if n_bytes > BYTES_PER_GIGABYTE else SILENT
    with open(path, "rb") as file, shown.task("checking the prepared images", n_blocks) as task:
        checksum = crc32_of(file, n_bytes, task.advance)
        if file.read() != _as_bytes(checksum):
            return "its checksum is not the one that was written"
    return ""


def _as_bytes(checksum: int) -> bytes:
    return checksum.to_bytes(CHECKSUM_BYTES, "little")


def _write(demand: PixelDemand, path: Path, reporter: Reporter, n_threads: int) -> None:
    sources, dtype = _sources(demand), _stored_type(demand)
    shape = (len(sources), *demand.shape)
    _check_room(path.parent, int(np.prod(shape)) * dtype.itemsize, len(sources))
    size = " x ".join(map(str, demand.shape[:2]))
    with (
        atomic_path(path) as unfinished,
        open(unfinished, "wb") as file,
        reporter.task(f"preparing images of {size} pixels", len(sources)) as task,
    ):
        head = io.BytesIO()
        header = {"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False}
        np.lib.format.write_array_header_2_0(head, {**header, "shape": shape})
        file.write(head.getvalue())
        checksum = zlib.crc32(head.getvalue())
        # Written, and not mapped: a full disk is then an error and no crash.
        for image in _prepared(demand, sources, n_threads):
            written = image.astype(dtype, copy=False).tobytes()
            file.write(written)
            checksum = zlib.crc32(written, checksum)
            task.advance()
        file.write(_as_bytes(checksum))


def _prepared(
    demand: PixelDemand, sources: Sequence[tuple[Source, str]], n_threads: int
) -> Iterator[np.ndarray]:
    """Yield the images in their order, in the numbers that are kept; threads read ahead."""
    table, reading = demand.table, demand.reading
    n_channels = channels_asked(demand.shape[2], reading)

    def load(examined: tuple[Source, str]) -> np.ndarray:
        source, digest = examined
        where = str(source)
        native = read_as_examined(source, reading.stack, digest)
        image = prepare(native, reading, demand.shape[:2], n_channels, where)
        if image.shape != demand.shape:
            raise UnreadableImageError(
                f"{where}: networks take images with equally many channels. Got {image.shape[2]} "
                f"where others have {demand.shape[2]}. Choose some with dataset.channels."
            )
        # The table rises, and of equal values the first is found: exact, whatever it clips.
        return image if table is None else np.searchsorted(table, image)

    with ThreadPoolExecutor(n_threads, thread_name_prefix="reading") as pool:
        try:
            ahead = AHEAD * n_threads
            for future in submitted_ahead(
                lambda source: pool.submit(load, source), sources, lambda: ahead
            ):
                yield future.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _check_room(folder: Path, n_bytes: int, n_images: int) -> None:
    with explained_storage_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder).free
    if n_bytes > free:
        raise StorageError(
            f"{folder}: must have room for the {n_images} images as networks take them, "
            f"{n_bytes / BYTES_PER_GIGABYTE:.1f} GB. Got {free / BYTES_PER_GIGABYTE:.1f} GB that "
            "are free. Free some space, name another folder with `cache:`, or write a smaller "
            "input_size."
        )
