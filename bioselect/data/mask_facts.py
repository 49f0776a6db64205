"""What each mask holds, found by reading every one once: its size and how often each value is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from bioselect.data.checksums import Checksums
from bioselect.data.fingerprint import pixels_digest
from bioselect.data.known_files import KnownFiles
from bioselect.data.mask_codes import Code
from bioselect.data.names import as_text
from bioselect.data.reading import read_image
from bioselect.exceptions import UnreadableImageError
from bioselect.progress import Reporter

#: Of more values than this only the commonest are kept.
MOST_VALUES = 256
#: Connected pieces are counted in a window of this side, from the upper left.
WINDOW = 2048
#: More values than this are not looked for pieces, which photographs have very many of.
MOST_NUMBERED = 20_000
_COLOURS = 3


@dataclass(frozen=True)
class MaskContents:
    """What the pixels of one mask are.

    Parameters
    ----------
    pixels_sha256 : str
        Of the pixels with their type and form, whatever the file is.
    height, width : int
        In pixels.
    dtype : str
        The type of the file's pixels.
    is_coloured : bool
        Whether its channels differ, so that values are colours.
    n_values : int
        How many different values there are.
    values : tuple of (Code, int)
        The commonest of them with their pixels, the commonest first.
    n_pieces, n_piece_values : int
        Connected pieces of one value above 0, and the values they have, in a window of `WINDOW`;
        of a mask of two values, and of a coloured one, they are not counted.
    n_bodies : int
        Connected pieces of anything above 0 there: fewer where pieces of different values touch.
    error : str
        Why it is no mask.
    """

    pixels_sha256: str = ""
    height: int = 0
    width: int = 0
    dtype: str = ""
    is_coloured: bool = False
    n_values: int = 0
    values: tuple[tuple[Code, int], ...] = ()
    n_pieces: int = 0
    n_piece_values: int = 0
    n_bodies: int = 0
    error: str = ""

    def __post_init__(self) -> None:
        # JSON has lists in place of tuples.
        values = tuple((_code_of(code), int(n_pixels)) for code, n_pixels in self.values)
        object.__setattr__(self, "values", values)

    @property
    def n_pixels(self) -> int:
        """How many pixels there are."""
        return self.height * self.width

    @property
    def counts(self) -> dict[Code, int]:
        """The pixels of each value that was kept."""
        return dict(self.values)


@dataclass(frozen=True)
class MaskFacts(MaskContents):
    """What was found in one mask: its contents, the id of its image, the SHA-256 of its file.

    For a mask that cannot be used, `error` says why, and the rest may be empty.
    """

    mask_id: str = ""
    sha256: str = ""


def read_mask_facts(
    names: Sequence[str],
    masks: Sequence[Path],
    known: Path | None,
    reporter: Reporter,
    n_jobs: int,
) -> list[MaskFacts]:
    """Read every mask once and say what is in it.

    Parameters
    ----------
    names : sequence of str
        What each is called in findings: the id of its image.
    masks : sequence of Path
        The files.
    known : Path or None
        A file of ours that remembers what was found, by the SHA-256 of the file's bytes. Files
        that cannot be read are not remembered.
    reporter : Reporter
        Shows the progress.
    n_jobs : int
        Threads; each holds one mask in memory.

    Raises
    ------
    StorageError
        If `known` cannot be written.
    """
    memory = KnownFiles.from_file(known, MaskContents)
    found = []
    with reporter.task("reading masks", len(masks)) as task:
        for facts in _read_all(names, masks, memory, n_jobs):
            found.append(facts)
            if facts.sha256:
                memory.add(facts.sha256, _contents_in(facts))
            task.advance()
    memory.save()
    return found


def contents_of(mask: np.ndarray) -> MaskContents:
    """Return what there is to say of a mask as `read_image` gives it.

    Examples
    --------
    >>> contents_of(np.array([[[0], [255], [255]]], np.uint8)).values
    ((255, 2), (0, 1))
    """
    height, width, n_channels = mask.shape
    size = {"height": height, "width": width, "dtype": mask.dtype.name}
    if problem := _problem(mask):
        return MaskContents(**size, error=problem)
    is_coloured = n_channels == _COLOURS and not bool((mask == mask[..., :1]).all())
    numbers = _numbers(mask, is_coloured)
    values, counts = _counted(numbers)
    order = np.argsort(-counts, kind="stable")[:MOST_VALUES]
    pieces = (0, 0, 0)
    if not is_coloured and 2 < len(values) < MOST_NUMBERED:
        pieces = _pieces(numbers[:WINDOW, :WINDOW])
    return MaskContents(
        pixels_digest(mask),
        height,
        width,
        mask.dtype.name,
        is_coloured,
        len(values),
        tuple((_code(int(values[place]), is_coloured), int(counts[place])) for place in order),
        *pieces,
    )


def _problem(mask: np.ndarray) -> str:
    """Say why this is no mask, or nothing."""
    n_channels = mask.shape[2]
    if n_channels not in (1, _COLOURS):
        return (
            f"a mask must have one value a pixel, or three that are a colour. Got {n_channels} "
            "channels. Save it as PNG or TIFF with one."
        )
    if mask.dtype.kind == "f" and not np.array_equal(mask, np.round(mask)):
        return (
            "a mask must hold whole numbers. Got fractions, as probabilities have them. Save it as "
            "PNG or TIFF with a whole number for each class."
        )
    if mask.min() < 0:
        return (
            f"a mask must hold no negative numbers. Got {mask.min():g}. Save it with numbers from "
            "0 on."
        )
    return ""


def _read_all(
    names: Sequence[str], masks: Sequence[Path], memory: KnownFiles[MaskContents], n_jobs: int
) -> Iterator[MaskFacts]:
    checksums = Checksums()

    def read(name: str, path: Path) -> MaskFacts:
        try:
            sha256 = checksums.of(path)
            contents = memory.get(sha256)
            if contents is None:
                contents = contents_of(read_image(path))
        except (OSError, UnreadableImageError) as error:
            # By its name: results must not depend on where the masks lie.
            reason = str(error).replace(as_text(str(path)), path.name)
            return MaskFacts(mask_id=name, error=reason)
        return MaskFacts(**vars(contents), mask_id=name, sha256=sha256)

    if n_jobs == 1:
        yield from map(read, names, masks)
        return
    executor = ThreadPoolExecutor(max_workers=n_jobs)
    try:
        yield from executor.map(read, names, masks)
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


def _contents_in(facts: MaskFacts) -> MaskContents:
    names = (one.name for one in fields(MaskContents))
    return MaskContents(**{name: getattr(facts, name) for name in names})


def _numbers(mask: np.ndarray, is_coloured: bool) -> np.ndarray:
    """Return one whole number a pixel."""
    if not is_coloured:
        plane = mask[..., 0]
        return plane if plane.dtype.kind in "ui" else plane.astype(np.int64)
    whole = mask.astype(np.int64)
    packed: np.ndarray = (whole[..., 0] << 32) | (whole[..., 1] << 16) | whole[..., 2]
    return packed


def _counted(numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    if numbers.dtype in (np.uint8, np.uint16):
        counts = np.bincount(numbers.ravel())
        values = np.flatnonzero(counts)
        return values, counts[values]
    return np.unique(numbers, return_counts=True)


def _code(number: int, is_coloured: bool) -> Code:
    if not is_coloured:
        return number
    return number >> 32, (number >> 16) & 0xFFFF, number & 0xFFFF


def _code_of(written: int | Sequence[int]) -> Code:
    if isinstance(written, int):
        return written
    red, green, blue = written
    return red, green, blue


def _pieces(numbers: np.ndarray) -> tuple[int, int, int]:
    """Return how many connected pieces of one value there are, of how many values, and bodies."""
    from skimage.measure import label

    values, places = np.unique(numbers, return_inverse=True)
    shifted = 0 if values[0] == 0 else 1  # 0 is no piece.
    _, n_pieces = label(
        places.reshape(numbers.shape) + shifted, background=0, connectivity=2, return_num=True
    )
    _, n_bodies = label(numbers > 0, background=0, connectivity=2, return_num=True)
    return int(n_pieces), int((values > 0).sum()), int(n_bodies)
