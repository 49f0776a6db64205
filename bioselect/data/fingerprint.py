"""What each file holds, found by reading every image once before any work starts.

Two images are the same when their pixels are, whatever their files are called and however they
are compressed; so pixels, not names, decide about duplicates and about what must be computed
again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from bioselect.data.appearance import appearance
from bioselect.data.checksums import Checksums
from bioselect.data.image_quality import measures
from bioselect.data.known_files import KnownFiles, PixelFacts, known_key
from bioselect.data.miniature import miniature
from bioselect.data.names import as_text, is_text
from bioselect.data.parts import PartName
from bioselect.data.pixel_statistics import pixel_statistics
from bioselect.data.reading import forget_scan, read_image
from bioselect.data.records import ImageDataset, ImageRecord
from bioselect.data.stacks import Stack
from bioselect.data.unreadable import unreadable
from bioselect.data.written import note_version, was_written_again
from bioselect.exceptions import StorageError, UnreadableImageError
from bioselect.progress import Reporter
from bioselect.storage import digest_of

#: A byte and the same byte again: 255 becomes 65535.
_REPEATED_BYTE = 257
#: New files are written to the list of known ones this often, so that a power cut costs little.
N_FILES_PER_SAVE = 2000


@dataclass(frozen=True)
class ImageFingerprint:
    """What was found in one image.

    `sha256` is of the file's bytes (see :class:`bioselect.data.checksums.Checksums` for parts of
    files), `pixels_sha256` of the pixels with their type and shape, `picture_sha256` of the same
    picture in its plainest form (see :func:`plainest`), by which copies are known;
    `miniature` is the image from afar (see :func:`bioselect.data.miniature.miniature`), by which
    near copies are known, empty if all of it is one value; the other facts are those of
    :class:`bioselect.data.pixel_statistics.PixelStatistics` and of
    :class:`bioselect.data.appearance.Appearance`, and `quality` is a row of
    :class:`bioselect.data.image_quality.Measures`. `n_bytes` and `modified` are the size and the
    date (in seconds since 1970) of a file that is one image, 0 of a part of one. For a file that
    cannot be used, `error` says why and the rest is empty or 0.

    Examples
    --------
    >>> ImageFingerprint("a.png", "", minimum=7, maximum=7).is_constant
    True
    """

    image_id: str
    sha256: str
    pixels_sha256: str = ""
    picture_sha256: str = ""
    height: int = 0
    width: int = 0
    n_channels: int = 0
    dtype: str = ""
    minimum: float = 0.0
    maximum: float = 0.0
    error: str = ""
    spread: float = 0.0
    share_at_maximum: float = 0.0
    n_blank_channels: int = 0
    is_two_valued: bool = False
    look: str = ""
    miniature: str = ""
    brightness: tuple[float, ...] = ()
    border: tuple[float, ...] = ()
    focus: float = 0.0
    lettering: float = 0.0
    n_bytes: int = 0
    modified: float = 0.0
    quality: Sequence[float] = ()

    @property
    def is_constant(self) -> bool:
        """Whether the image is readable and every value of every channel is the same."""
        return not self.error and self.minimum == self.maximum


def fingerprint_images(
    records: Sequence[ImageRecord],
    known: Path | None,
    reporter: Reporter,
    n_jobs: int,
    stack: Stack | None = None,
) -> list[ImageFingerprint]:
    """Read every image fully, once, and say what is in it.

    Parameters
    ----------
    records : sequence of ImageRecord
        The images.
    known : Path or None
        A file of ours that remembers what was found, by the SHA-256 of the file's bytes, the part
        of the file and `stack`: what is known is only hashed, not decoded. It is made if missing
        and made anew if damaged. Files that cannot be read are not remembered, but tried again
        each time.
    reporter : Reporter
        Shows the progress.
    n_jobs : int
        Threads; each holds one image in memory.
    stack : Stack or None
        How the planes of a stack become one image.

    Returns
    -------
    list of ImageFingerprint
        One for each record, in the same order. A file that cannot be read is one with an `error`.

    Raises
    ------
    StorageError
        If `known` cannot be written.
    UnavailableError
        If a library that is needed to read an image cannot be loaded.
    """
    memory = KnownFiles.from_file(known, PixelFacts)
    fingerprints: list[ImageFingerprint] = []
    try:
        with reporter.task("reading images", len(records)) as task:
            for fingerprint, facts in _read_all(records, memory, n_jobs, stack):
                fingerprints.append(fingerprint)
                if facts is not None:
                    record = records[len(fingerprints) - 1]
                    memory.add(known_key(fingerprint.sha256, record.part, stack), facts)
                # All is written each time, so the more there is the more must be new.
                if memory.n_new >= max(N_FILES_PER_SAVE, len(memory.facts) // 3):
                    memory.save()
                task.advance()
    except BaseException:
        _save_quietly(memory)
        raise
    finally:
        forget_scan()
    memory.save()
    return fingerprints


def pixel_facts(image: np.ndarray) -> PixelFacts:
    """Return what there is to say about the pixels of an image from `read_image`.

    Examples
    --------
    >>> facts = pixel_facts(np.array([[[3], [9]]], dtype=np.uint16))
    >>> facts.dtype, facts.height, facts.width, facts.minimum, facts.maximum
    ('uint16', 1, 2, 3.0, 9.0)
    """
    height, width, n_channels = image.shape
    pixels_sha256 = pixels_digest(image)
    plain = plainest(image)
    statistics = pixel_statistics(image)
    return PixelFacts(
        pixels_sha256,
        pixels_sha256 if plain is image else pixels_digest(plain),
        height,
        width,
        n_channels,
        image.dtype.name,
        **asdict(statistics),
        **asdict(appearance(image)),
        quality=measures(image).as_row(),
        miniature=miniature(image) if statistics.minimum < statistics.maximum else "",
    )


def plainest(image: np.ndarray) -> np.ndarray:
    """Return the same picture with as few channels and bits as hold it.

    Equal channels are one, and 16 bits that repeat 8 are 8: so programs save a grey picture as
    RGB, or an 8-bit picture with 16 bits.

    Examples
    --------
    >>> plainest(np.array([[[257, 257, 257], [514, 514, 514]]], dtype=np.uint16)).tolist()
    [[[1], [2]]]
    """
    if image.shape[2] > 1 and (image == image[:, :, :1]).all():
        image = image[:, :, :1]
    if image.dtype == np.uint16 and not (image % _REPEATED_BYTE).any():
        image = (image // _REPEATED_BYTE).astype(np.uint8)
    return image


def pixels_digest(image: np.ndarray) -> str:
    """Return the SHA-256 of pixels `(height, width, n_channels)` with their type and form."""
    height, width, n_channels = image.shape
    little_endian = np.ascontiguousarray(image, dtype=image.dtype.newbyteorder("<"))
    digest = hashlib.sha256(f"{image.dtype.name} {height} {width} {n_channels}\n".encode())
    digest.update(little_endian.reshape(-1).view(np.uint8).data)
    return digest.hexdigest()


def dataset_digest(fingerprints: Sequence[ImageFingerprint], dataset: ImageDataset) -> str:
    """Return one SHA-256 of what a study learns from: image ids, pixels, targets and groups.

    Parameters
    ----------
    fingerprints : sequence of ImageFingerprint
        One for each record of `dataset`, in the same order.
    dataset : ImageDataset
        The images.
    """
    rows = [
        [record.image_id, mark.pixels_sha256, record.target, record.group]
        for record, mark in zip(dataset.records, fingerprints, strict=True)
    ]
    return digest_of(rows)


def _save_quietly(memory: KnownFiles[PixelFacts]) -> None:
    """Keep what was read before an interruption, whose own message must come through."""
    try:
        memory.save()
    except StorageError:
        return


_Read = tuple[ImageFingerprint, PixelFacts | None]


def _read_all(
    records: Sequence[ImageRecord], memory: KnownFiles[PixelFacts], n_jobs: int, stack: Stack | None
) -> Iterator[_Read]:
    """Yield what is found, in the order of the records."""
    checksums = Checksums()

    def read(record: ImageRecord) -> _Read:
        return _read_one(record, memory, checksums, stack)

    if n_jobs == 1:
        yield from map(read, records)
        return
    executor = ThreadPoolExecutor(max_workers=n_jobs)
    try:
        yield from executor.map(read, records)
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


def _read_one(
    record: ImageRecord, memory: KnownFiles[PixelFacts], checksums: Checksums, stack: Stack | None
) -> _Read:
    version = note_version(record.path, record.part)
    try:
        sha256 = checksums.of(record.path, record.part)
    except (OSError, UnreadableImageError):
        sha256 = ""  # The reader, which fails as well, says why.
    facts = memory.get(known_key(sha256, record.part, stack)) if sha256 else None
    if facts is None or not is_text(record.path):  # Such a name is refused whatever is in it.
        try:
            facts = pixel_facts(read_image(record.path, record.part, stack))
            if version and was_written_again(record.path, record.part):
                raise unreadable(
                    record.path,
                    "it was written again while it was read. Finish that, and start again",
                )
        except UnreadableImageError as error:
            # By the image's name in the data set: results must not depend on where it lies.
            # (A DICOM series has its folder as path, in which the error may name a file.)
            of_series = PartName.of(record.path, record.part).series
            name = record.file_id if of_series else record.image_id
            source, path = as_text(str(record.source)), as_text(str(record.path))
            reason = str(error)
            reason = reason.replace(source if source in reason else path, name)
            return ImageFingerprint(record.image_id, sha256, error=reason), None
    n_bytes, modified = _of_file(record)
    mark = ImageFingerprint(
        record.image_id, sha256, **asdict(facts), n_bytes=n_bytes, modified=modified
    )
    return mark, facts


def _of_file(record: ImageRecord) -> tuple[int, float]:
    """Return size and date of a file that is one image; parts of a file have those in common."""
    if record.part:
        return 0, 0.0
    try:
        found = record.path.stat()
    except OSError:
        return 0, 0.0  # It vanished after it was read.
    return found.st_size, found.st_mtime
