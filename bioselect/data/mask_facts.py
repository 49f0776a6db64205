"""What each mask holds, found by reading every one once: its size and how often each value is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bioselect.data.checksums import Checksums
from bioselect.data.mask_codes import Code
from bioselect.data.reading import read_image
from bioselect.exceptions import UnreadableImageError
from bioselect.progress import Reporter

#: Of more values than this only the commonest are kept.
MOST_VALUES = 256
#: Connected pieces are counted in a window of this side, from the upper left.
WINDOW = 2048
_COLOURS = 3


@dataclass(frozen=True)
class MaskFacts:
    """What was found in one mask.

    Parameters
    ----------
    mask_id : str
        The id of its image.
    sha256 : str
        Of the file's bytes.
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
    error : str
        Why it cannot be used; the rest is then empty.
    """

    mask_id: str
    sha256: str
    height: int = 0
    width: int = 0
    dtype: str = ""
    is_coloured: bool = False
    n_values: int = 0
    values: tuple[tuple[Code, int], ...] = ()
    n_pieces: int = 0
    n_piece_values: int = 0
    error: str = ""

    @property
    def n_pixels(self) -> int:
        """How many pixels there are."""
        return self.height * self.width

    @property
    def counts(self) -> dict[Code, int]:
        """The pixels of each value that was kept."""
        return dict(self.values)


def read_mask_facts(
    names: Sequence[str], masks: Sequence[Path], reporter: Reporter, n_jobs: int
) -> list[MaskFacts]:
    """Read every mask once and say what is in it.

    Parameters
    ----------
    names : sequence of str
        What each is called in findings: the id of its image.
    masks : sequence of Path
        The files.
    reporter : Reporter
        Shows the progress.
    n_jobs : int
        Threads; each holds one mask in memory.
    """
    found = []
    with reporter.task("reading masks", len(masks)) as task:
        for facts in _read_all(names, masks, n_jobs):
            found.append(facts)
            task.advance()
    return found


def facts_of(mask: np.ndarray, mask_id: str, sha256: str) -> MaskFacts:
    """Return what there is to say of a mask as `read_image` gives it.

    Examples
    --------
    >>> facts_of(np.array([[[0], [255], [255]]], np.uint8), "a.png", "").values
    ((255, 2), (0, 1))
    """
    height, width, n_channels = mask.shape
    error = ""
    if n_channels not in (1, _COLOURS):
        error = (
            f"a mask must have one value a pixel, or three that are a colour. Got {n_channels} "
            "channels. Save it as PNG or TIFF with one."
        )
    elif mask.dtype.kind == "f" and not np.array_equal(mask, np.round(mask)):
        error = (
            "a mask must hold whole numbers. Got fractions, as probabilities have them. Save it as "
            "PNG or TIFF with a whole number for each class."
        )
    elif mask.min() < 0:
        error = f"a mask must hold no negative numbers. Got {mask.min():g}. Save it anew."
    if error:
        return MaskFacts(mask_id, sha256, height, width, mask.dtype.name, error=error)
    is_coloured = n_channels == _COLOURS and not (mask == mask[..., :1]).all()
    numbers = _numbers(mask, is_coloured)
    values, counts = _counted(numbers)
    order = np.argsort(-counts, kind="stable")[:MOST_VALUES]
    kept = tuple((_code(int(values[i]), is_coloured), int(counts[i])) for i in order)
    n_pieces = n_piece_values = 0
    if not is_coloured and len(values) > 2:
        n_pieces, n_piece_values = _pieces(numbers[:WINDOW, :WINDOW])
    return MaskFacts(
        mask_id, sha256, height, width, mask.dtype.name, is_coloured, len(values), kept,
        n_pieces, n_piece_values,
    )  # fmt: skip


def _read_all(names: Sequence[str], masks: Sequence[Path], n_jobs: int) -> Iterator[MaskFacts]:
    checksums = Checksums()

    def read(name: str, path: Path) -> MaskFacts:
        try:
            return facts_of(read_image(path), name, checksums.of(path, ""))
        except (OSError, UnreadableImageError) as error:
            return MaskFacts(name, "", error=str(error))

    if n_jobs == 1:
        yield from map(read, names, masks)
        return
    executor = ThreadPoolExecutor(max_workers=n_jobs)
    try:
        yield from executor.map(read, names, masks)
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


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


def _pieces(numbers: np.ndarray) -> tuple[int, int]:
    from skimage.measure import label

    _, n_pieces = label(numbers, background=0, connectivity=2, return_num=True)
    values = np.unique(numbers)
    return int(n_pieces), int((values > 0).sum())
