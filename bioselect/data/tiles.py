"""The tiles that a large image is cut into: the words of `dataset.tiles`, and where tiles lie.

Nothing heavy is imported here, as a configuration is checked with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bioselect.exceptions import ConfigurationError

SKIP, KEEP = "skip", "keep"
SMALLEST = 16
_KEYS = ("size", "stride", "background")
_EXAMPLE = "{size: 256, stride: 256, background: skip}"


@dataclass(frozen=True)
class Tile:
    """A square part of an image: its first row and column, and how many pixels a side it has.

    Examples
    --------
    >>> str(Tile(512, 0, 256)), Tile.of("512:0:256").row
    ('512:0:256', 512)
    """

    row: int
    column: int
    size: int

    def __str__(self) -> str:
        return f"{self.row}:{self.column}:{self.size}"

    @classmethod
    def of(cls, text: str) -> Tile:
        """Read what `str` gave."""
        row, column, size = map(int, text.split(":"))
        return cls(row, column, size)

    @property
    def window(self) -> tuple[slice, slice]:
        """The rows and columns of the image that it covers."""
        rows = slice(self.row, self.row + self.size)
        return rows, slice(self.column, self.column + self.size)


@dataclass(frozen=True)
class Tiles:
    """How large images are cut into tiles, each of which is then an image of its own.

    Tiles of `size` x `size` pixels begin every `stride` pixels from the upper left corner, as long
    as they lie inside of the image: a margin of less than a stride at the right and the lower edge
    is in no tile. `background` says what becomes of tiles that show nothing:
    ``skip`` or ``keep``; see :func:`bioselect.data.background.background_tiles` for the rule.

    Examples
    --------
    >>> tiles = Tiles.from_config({"size": 256})
    >>> tiles.as_config()
    {'size': 256, 'stride': 256, 'background': 'skip'}
    >>> tiles.grid(600, 300)
    (2, 1)
    """

    size: int
    stride: int
    background: str = SKIP

    def as_config(self) -> dict[str, Any]:
        """Return what stands for this under `dataset.tiles` in a configuration."""
        return {"size": self.size, "stride": self.stride, "background": self.background}

    @classmethod
    def from_config(cls, value: Mapping[str, Any]) -> Tiles:
        """Read what :meth:`as_config` gives; the stride is the size, background is skipped."""
        if problem := tiles_problem(value):
            raise ConfigurationError(f"dataset.tiles: {problem}")
        size = int(value["size"])
        return cls(size, int(value.get("stride", size)), str(value.get("background", SKIP)))

    @property
    def skips_background(self) -> bool:
        """Whether tiles that show nothing are left out."""
        return self.background == SKIP

    def grid(self, height: int, width: int) -> tuple[int, int]:
        """Return how many rows and columns of tiles an image has; (0, 0) where none fits."""
        n_rows, n_columns = (self._n_along(length) for length in (height, width))
        return (n_rows, n_columns) if n_rows and n_columns else (0, 0)

    def _n_along(self, length: int) -> int:
        return 0 if length < self.size else (length - self.size) // self.stride + 1

    def at(self, row: int, column: int) -> Tile:
        """Return the tile in a row and a column of the grid."""
        return Tile(row * self.stride, column * self.stride, self.size)


def tiles_problem(value: Any) -> str:
    """Return what is wrong with a value of `dataset.tiles`, or nothing.

    Examples
    --------
    >>> tiles_problem({"size": 256}), tiles_problem({"size": 8})
    ('', 'size must be a whole number of at least 16. Got 8.')
    """
    if not isinstance(value, Mapping) or "size" not in value or not set(value) <= set(_KEYS):
        return f"must be null or {_EXAMPLE}, of which size must be there. Got {value!r}."
    for key, smallest in (("size", SMALLEST), ("stride", 1)):
        number = value.get(key, smallest)
        if not isinstance(number, int) or isinstance(number, bool) or number < smallest:
            return f"{key} must be a whole number of at least {smallest}. Got {number!r}."
    chosen = value.get("background", SKIP)
    if chosen not in (SKIP, KEEP):
        return f"background must be {SKIP} or {KEEP}. Got {chosen!r}."
    return ""
