"""The text that says which image of a file is meant, taken apart and put together."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from bioselect.data.tiles import Tile
from bioselect.data.unreadable import unreadable

_SERIES, _TILE, _OF = "series:", "tile:", "@"
_FORM = re.compile(
    r"(?:series:(?P<series>[^#@]+)(?:#(?P<slice>\d+))?"
    r"|(?P<split>[^/#]+)/(?P<image>\d+)|(?P<plane>\d+))"
)
_TILE_FORM = re.compile(r"(?:(?P<whole>.+)@)?tile:(?P<tile>\d+:\d+:[1-9]\d*)")


@dataclass(frozen=True)
class PartName:
    """What `part` of an :class:`bioselect.data.records.ImageRecord` says.

    `series` is a SeriesInstanceUID, `split` a split of an .npz file; `number` is the plane, or
    the image of the split, counted from 0; `tile` is the part of that image.

    Examples
    --------
    >>> PartName.of(Path("a.tif"), "7").number
    7
    >>> str(PartName(series="1.2.3", number=7)), str(PartName(split="train", number=12))
    ('series:1.2.3#7', 'train/12')
    >>> str(PartName(number=7, tile=Tile(512, 0, 256)))
    '7@tile:512:0:256'
    """

    series: str = ""
    split: str = ""
    number: int | None = None
    tile: Tile | None = None

    def __str__(self) -> str:
        whole = self._whole_text()
        if self.tile is None:
            return whole
        return f"{whole}{_OF if whole else ''}{_TILE}{self.tile}"

    def _whole_text(self) -> str:
        if self.split:
            return f"{self.split}/{self.number}"
        number = "" if self.number is None else str(self.number)
        if self.series:
            return f"{_SERIES}{self.series}" + (f"#{number}" if number else "")
        return number

    @classmethod
    def of(cls, path: Path, part: str) -> PartName:
        """Take apart what `str` gave.

        Raises
        ------
        UnreadableImageError
            If the text has no such form.
        """
        cut = _TILE_FORM.fullmatch(part)
        tile = Tile.of(cut["tile"]) if cut else None
        whole = part if cut is None else cut["whole"] or ""
        if not whole:
            return cls(tile=tile)
        found = _FORM.fullmatch(whole)
        if found is None:
            raise unreadable(
                path,
                "an image in it is named by its number (7), its split and number (train/12), its "
                "DICOM series (series:UID) or its first row, first column and size (tile:0:0:256). "
                f"Got {part!r}. Correct the name",
            )
        number = found["slice"] or found["image"] or found["plane"]
        place = int(number) if number else None
        return cls(found["series"] or "", found["split"] or "", place, tile)

    @property
    def is_whole_file(self) -> bool:
        """Whether `dataset.stack` decides what the image is; else it is one plane of several."""
        return self.number is None
