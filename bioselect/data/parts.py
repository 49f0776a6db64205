"""The text that says which image of a file is meant, taken apart and put together."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from bioselect.data.unreadable import unreadable

_SERIES = "series:"
_FORM = re.compile(
    r"(?:series:(?P<series>[^#]+)(?:#(?P<slice>\d+))?"
    r"|(?P<split>[^/#]+)/(?P<image>\d+)|(?P<plane>\d+))"
)


@dataclass(frozen=True)
class PartName:
    """What `part` of an :class:`bioselect.data.records.ImageRecord` says.

    `series` is a SeriesInstanceUID, `split` a split of an .npz file; `number` is the plane, or
    the image of the split, counted from 0.

    Examples
    --------
    >>> PartName.of(Path("a.tif"), "7").number
    7
    >>> str(PartName(series="1.2.3", number=7)), str(PartName(split="train", number=12))
    ('series:1.2.3#7', 'train/12')
    """

    series: str = ""
    split: str = ""
    number: int | None = None

    def __str__(self) -> str:
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
        if not part:
            return cls()
        found = _FORM.fullmatch(part)
        if found is None:
            raise unreadable(
                path,
                "an image in it is named by its number (7), its split and number (train/12) or "
                f"its DICOM series (series:UID). Got {part!r}. Correct the name",
            )
        number = found["slice"] or found["image"] or found["plane"]
        return cls(found["series"] or "", found["split"] or "", int(number) if number else None)

    @property
    def is_whole_file(self) -> bool:
        """Whether `dataset.stack` decides what the image is; else it is one plane of several."""
        return self.number is None
