"""Large images -> their tiles, each an image of its own; one large image in memory at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from bioselect.data.background import RULE, background_tiles
from bioselect.data.parts import PartName
from bioselect.data.reading import read_source
from bioselect.data.records import ImageRecord
from bioselect.data.stacks import Stack
from bioselect.data.tiles import Tile, Tiles
from bioselect.exceptions import DataError, UnreadableImageError
from bioselect.progress import SILENT, Reporter

#: So many large images are named in one sentence.
N_NAMED = 5


@dataclass(frozen=True, eq=False)
class TiledScan:
    """A large image and which of its tiles are looked at.

    `is_kept` is bool ``(n_rows, n_columns)``, the grid of its tiles. For an image that
    cannot be read, or is smaller than a tile, it has no row and no column: then the one record
    says, when it is read, why.
    """

    record: ImageRecord
    tiles: Tiles
    is_kept: np.ndarray
    is_readable: bool = True

    @cached_property
    def records(self) -> list[ImageRecord]:
        """A record for each tile that is looked at, row by row; they share a group."""
        if not self.is_readable:
            return [self.record]
        if self.is_kept.size == 0:
            return [self._of_tile(Tile(0, 0, self.tiles.size))]
        places = np.argwhere(self.is_kept).tolist()
        return [self._of_tile(self.tiles.at(row, column)) for row, column in places]

    def _of_tile(self, tile: Tile) -> ImageRecord:
        record = self.record
        part = str(replace(PartName.of(record.path, record.part), tile=tile))
        return replace(
            record,
            image_id=f"{record.image_id}{'@' if record.part else '#'}{PartName(tile=tile)}",
            part=part,
            group=record.image_id if record.group is None else record.group,
        )


def tiled_scans(
    records: Sequence[ImageRecord],
    tiles: Tiles,
    stack: Stack | None = None,
    reporter: Reporter = SILENT,
) -> Iterator[TiledScan]:
    """Read one large image after the other and yield it with its tiles.

    Parameters
    ----------
    records : sequence of ImageRecord
        The large images.
    tiles : Tiles
        How they are cut, and whether background is left out.
    stack : Stack or None
        How the planes of a stack become one image.
    reporter : Reporter
        Shows the progress.
    """
    with reporter.task("cutting into tiles", len(records)) as task:
        for record in records:
            try:
                image = read_source(record.source, stack)
            except (UnreadableImageError, OSError):
                yield TiledScan(record, tiles, np.zeros((0, 0), dtype=bool), is_readable=False)
            else:
                kept = np.ones(tiles.grid(*image.shape[:2]), dtype=bool)
                if tiles.skips_background and kept.size:
                    kept = ~background_tiles(image, tiles)
                del image
                yield TiledScan(record, tiles, kept)
            task.advance()


def tiled(
    records: Sequence[ImageRecord],
    tiles: Tiles,
    stack: Stack | None = None,
    reporter: Reporter = SILENT,
) -> tuple[list[ImageRecord], list[str]]:
    """Return a record for every tile of some large images, and in words what was left out.

    Raises
    ------
    DataError
        If every tile is background.
    """
    scans = list(tiled_scans(records, tiles, stack, reporter))
    check_not_all_background(scans)
    notes = tiles_in_words(scans)
    if notes:
        notes.insert(
            1, "The tiles of one image have its class, share a group and stay in the same fold."
        )
    return [one for scan in scans for one in scan.records], notes


def check_not_all_background(scans: Sequence[TiledScan]) -> None:
    """Refuse large images of which nothing is left.

    Raises
    ------
    DataError
        If every tile is background.
    """
    n_tiles = sum(scan.is_kept.size for scan in scans)
    if n_tiles and not any(scan.is_kept.any() or not scan.is_kept.size for scan in scans):
        raise DataError(
            f"{scans[0].record.image_id}: at least one tile must show something. Got "
            f"{_counted(n_tiles, 'tile')} of {_counted(len(scans), 'image')}, all of them "
            f"background ({RULE}). Look at the images; `background: keep` under dataset.tiles "
            "keeps such tiles."
        )


def tiles_in_words(scans: Sequence[TiledScan]) -> list[str]:
    """Return how many tiles there are, and how many are background and so left out."""
    cut = [scan for scan in scans if scan.is_kept.size]
    if not cut:
        return []
    tiles = cut[0].tiles
    n_tiles = sum(scan.is_kept.size for scan in cut)
    n_skipped = n_tiles - sum(int(scan.is_kept.sum()) for scan in cut)
    every = "" if tiles.stride == tiles.size else f", one every {tiles.stride} pixels"
    notes = [
        f"{_counted(len(cut), 'image')} cut into {_counted(n_tiles, 'tile')} of {tiles.size} x "
        f"{tiles.size} pixels{every}."
    ]
    if tiles.skips_background:
        notes.append(
            f"{n_skipped} of {n_tiles} tiles ({n_skipped / n_tiles:.0%}) left out as background: "
            f"{RULE} (`background: keep` under dataset.tiles keeps them)."
        )
    empty = [scan.record.image_id for scan in cut if not scan.is_kept.any()]
    if empty:
        named = ", ".join(empty[:N_NAMED]) + (", ..." if len(empty) > N_NAMED else "")
        notes.append(
            f"Nothing is used of {_counted(len(empty), 'image')}, all background: {named}."
        )
    return notes


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"
