"""A table of tiles, darker where there is more: combinations, confusions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from bioselect.drawing.colours import BLACK, BLUE, GREY, LIGHT
from bioselect.drawing.panel import FONT_SIZE, LETTER_WIDTH, drawing, shortened, text

LONGEST_NAME = 26
HEAD, BELOW = 48, 14
#: Names of columns lean by so many degrees; above narrow tiles more, to keep clear of each other.
LEAN, STEEP = 40, 62
NARROW = 19
#: The darkest tile: what is written on it must be read on a light and on a dark page.
DARKEST = 0.5
LINE_HEIGHT = 14


@dataclass(frozen=True)
class Tile:
    """One tile: how dark from 0 to 1, what is written on it, and whether it has a frame.

    `name` comes up under the mouse. Without `shade` nothing is filled.
    """

    shade: float | None
    lines: Sequence[str] = ()
    framed: bool = False
    name: str = ""


def tile_map_svg(
    title: str,
    note: str,
    rows: Sequence[str],
    columns: Sequence[str],
    tiles: Sequence[Sequence[Tile]],
    tile_size: tuple[float, float] = (62, 34),
    axes: tuple[str, str] = ("", ""),
) -> str:
    """Return tiles in rows and columns, with the names of both.

    Parameters
    ----------
    rows, columns : sequence of str
        Names; long ones are shortened.
    tiles : sequence of sequence of Tile
        For each row one tile a column.
    tile_size : tuple of float
        Width and height of a tile.
    axes : tuple of str
        What rows and columns are, where it needs saying.

    Examples
    --------
    >>> svg = tile_map_svg("scores", "", ["hog"], ["svm"], [[Tile(0.5, ["0.81"])]])
    >>> "0.81" in svg, 'fill-opacity="0.25"' in svg
    (True, True)
    """
    width, height = tile_size
    names = [shortened(name, LONGEST_NAME) for name in rows]
    heads = [shortened(name, LONGEST_NAME) for name in columns]
    letter = FONT_SIZE * LETTER_WIDTH
    lean = LEAN if width >= NARROW else STEEP
    longest = max(map(len, heads), default=0) * letter
    left = 20 + max(map(len, names), default=0) * letter + (20 if axes[0] else 0)
    top = HEAD + longest * math.sin(math.radians(lean)) + 14 + (18 if axes[1] else 0)
    parts = [
        text(left - 8, top + height * (place + 0.5) + 4, name, anchor="end")
        for place, name in enumerate(names)
    ]
    for place, name in enumerate(heads):
        x, y = left + width * (place + 0.5), top - 8
        parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" transform="rotate(-{lean} {x:.1f} {y:.1f})">'
            f"{escape(name)}</text>"
        )
    for down, row in enumerate(tiles):
        for right, tile in enumerate(row):
            parts.append(_drawn(tile, left + right * width, top + down * height, tile_size))
    inside = (left, top, width * len(columns), height * len(rows))
    parts += _axes(axes, inside)
    # The last name leans out to the right of the last tile.
    end = left + inside[2] - width / 2 + longest * math.cos(math.radians(lean)) + 10
    size = (max(end, left + inside[2] + 10, 420), top + inside[3] + BELOW)
    return drawing(title, size, parts, note)


def _axes(axes: tuple[str, str], inside: tuple[float, float, float, float]) -> list[str]:
    left, top, width, height = inside
    parts = []
    if axes[1]:
        parts.append(text(left + width / 2, HEAD + 12, axes[1], anchor="middle", colour=GREY))
    if axes[0]:
        x, y = 16, top + height / 2
        parts.append(
            f'<text x="{x}" y="{y:.1f}" text-anchor="middle" fill="{GREY}" '
            f'transform="rotate(-90 {x} {y:.1f})">{escape(axes[0])}</text>'
        )
    return parts


def _drawn(tile: Tile, x: float, y: float, size: tuple[float, float]) -> str:
    width, height = size
    shade = 0.0 if tile.shade is None else DARKEST * min(1.0, max(0.0, tile.shade))
    gap = 1.0 if min(size) > 20 else 0.0
    name = f"<title>{escape(tile.name)}</title>" if tile.name else ""
    parts = [
        f'<rect x="{x + gap:.1f}" y="{y + gap:.1f}" width="{width - 2 * gap:.1f}" '
        f'height="{height - 2 * gap:.1f}" fill="{BLUE}" fill-opacity="{shade:.3g}" '
        f'stroke="{LIGHT}" stroke-width="0.5">{name}</rect>'
    ]
    if tile.framed:
        parts.append(
            f'<rect x="{x + 1.5:.1f}" y="{y + 1.5:.1f}" width="{width - 3:.1f}" '
            f'height="{height - 3:.1f}" fill="none" stroke="{BLACK}" stroke-width="2.5"/>'
        )
    first = y + height / 2 + 4 - LINE_HEIGHT / 2 * (len(tile.lines) - 1)
    for number, written in enumerate(tile.lines):
        colour = "" if tile.shade is not None else GREY
        parts.append(
            text(
                x + width / 2,
                first + LINE_HEIGHT * number,
                written,
                anchor="middle",
                colour=colour,
            )
        )
    return "".join(parts)
