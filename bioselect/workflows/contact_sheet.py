"""Pictures in rows with labels, as one PNG."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bioselect.exceptions import ConfigurationError
from bioselect.storage import atomic_path

#: By this text in a PNG bioselect knows its own sheets again.
SOFTWARE = "bioselect augment"
LABEL_WIDTH = 250
GAP, MARGIN, ROW_GAP, GROUP_GAP = 4, 14, 8, 16
SIZE, SMALL, TITLE = 14, 12, 18
_LINE = 1.35
WHITE, BAND, INK, GREY = "#ffffff", "#f3f4f6", "#111827", "#6b7280"


@dataclass(frozen=True)
class Row:
    """A row: what it is called, what is said of it, and for each sample its pictures."""

    label: str
    details: tuple[str, ...]
    tiles: tuple[tuple[np.ndarray, ...], ...]


@dataclass(frozen=True)
class Sheet:
    """Everything on a sheet; `samples` are the lines above each group of pictures.

    `legend` says what colours (red, green, blue) mean.
    """

    title: str
    samples: tuple[tuple[str, ...], ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...]
    tile_size: tuple[int, int]
    legend: tuple[tuple[str, tuple[int, int, int]], ...] = ()


def write_sheet(sheet: Sheet, path: Path) -> None:
    """Draw a sheet and write it.

    Parameters
    ----------
    sheet : Sheet
        Its pictures may have any size; they are fitted into `tile_size` (width, height), small
        ones enlarged so that their pixels can be seen.
    path : Path
        A .png file; it is written over if it is a sheet already.

    Raises
    ------
    ConfigurationError
        If the file must not be written over.
    StorageError
        If it cannot be written.
    """
    check_place(path)
    from PIL import PngImagePlugin

    information = PngImagePlugin.PngInfo()
    information.add_text("Software", SOFTWARE)
    picture = _drawn(sheet)
    with atomic_path(path) as temporary:
        picture.save(temporary, format="PNG", pnginfo=information)


def check_place(path: Path) -> None:
    """Refuse a place that no sheet may be written to."""
    if path.suffix.lower() != ".png":
        raise ConfigurationError(f"{path}: must be a .png file. Write for example -o sheet.png.")
    if path.exists() and not _is_sheet(path):
        raise ConfigurationError(
            f"{path}: is there already, and no sheet of bioselect. Choose another name with -o."
        )


def _is_sheet(path: Path) -> bool:
    from PIL import Image

    try:
        with Image.open(path) as picture:
            return bool(picture.info.get("Software") == SOFTWARE)
    except (OSError, ValueError):
        return False


def _font(size: int) -> Any:
    from PIL import ImageFont

    return ImageFont.load_default(size)


def _drawn(sheet: Sheet) -> Any:
    from PIL import Image, ImageDraw

    lefts = _left_edges(sheet)
    width = max(lefts[-1][-1] + sheet.tile_size[0] + MARGIN, 720)
    notes = [line for note in sheet.notes for line in wrapped(note, SMALL, width - 2 * MARGIN)]
    n_lines = max(len(lines) for lines in sheet.samples)
    top = MARGIN + _height(TITLE) + ROW_GAP + n_lines * _height(SMALL) + GAP
    labels = [_label_lines(row) for row in sheet.rows]
    heights = [max(sheet.tile_size[1], _label_height(lines)) + ROW_GAP for lines in labels]
    legend = _legend_places(sheet, width)
    n_legend_lines = legend[-1][1] + 1 if legend else 0
    below = ROW_GAP + (n_legend_lines + len(notes)) * _height(SMALL)
    height = top + sum(heights) + below + MARGIN
    picture = Image.new("RGB", (width, height), WHITE)
    pen = ImageDraw.Draw(picture)
    title = shortened(sheet.title, TITLE, width - 2 * MARGIN)
    pen.text((MARGIN, MARGIN), title, fill=INK, font=_font(TITLE))
    for group, lines in zip(lefts, sheet.samples, strict=True):
        room = group[-1] + sheet.tile_size[0] - group[0]
        for number, line in enumerate(lines):
            y = MARGIN + _height(TITLE) + ROW_GAP + number * _height(SMALL)
            pen.text((group[0], y), shortened(line, SMALL, room), fill=INK, font=_font(SMALL))
    for place, (row, label) in enumerate(zip(sheet.rows, labels, strict=True)):
        if place % 2 == 0:
            pen.rectangle((0, top, width, top + heights[place] - 1), fill=BAND)
        _draw_label(pen, label, top + ROW_GAP // 2)
        for group, tiles in zip(lefts, row.tiles, strict=True):
            for left, tile in zip(group, tiles, strict=False):
                _paste(picture, tile, (left, top + ROW_GAP // 2), sheet.tile_size)
        top += heights[place]
    for (words, colour), (left, number) in zip(sheet.legend, legend, strict=True):
        _draw_key(pen, words, colour, (left, top + ROW_GAP + number * _height(SMALL)))
    for number, note in enumerate(notes, n_legend_lines):
        y = top + ROW_GAP + number * _height(SMALL)
        pen.text((MARGIN, y), note, fill=GREY, font=_font(SMALL))
    return picture


def _legend_places(sheet: Sheet, width: int) -> list[tuple[int, int]]:
    """Return left edge and line of each key of the legend."""
    places: list[tuple[int, int]] = []
    left, line = MARGIN, 0
    for words, _ in sheet.legend:
        taken = SMALL + GAP + round(_font(SMALL).getlength(words)) + GROUP_GAP
        if places and left + taken > width - MARGIN:
            left, line = MARGIN, line + 1
        places.append((left, line))
        left += taken
    return places


def _draw_key(pen: Any, words: str, colour: tuple[int, int, int], corner: tuple[int, int]) -> None:
    left, top = corner
    pen.rectangle((left, top + 2, left + SMALL, top + SMALL), fill=colour, outline=GREY)
    pen.text((left + SMALL + GAP, top), words, fill=INK, font=_font(SMALL))


def _left_edges(sheet: Sheet) -> list[list[int]]:
    """Return where the pictures of each sample begin."""
    n_draws = max(len(tiles) for row in sheet.rows for tiles in row.tiles)
    step = sheet.tile_size[0] + GAP
    group = n_draws * step - GAP + GROUP_GAP
    first = MARGIN + LABEL_WIDTH
    return [
        [first + place * group + draw * step for draw in range(n_draws)]
        for place in range(len(sheet.samples))
    ]


def _label_lines(row: Row) -> list[tuple[str, int, str]]:
    room = LABEL_WIDTH - 2 * GAP
    lines = [(line, SIZE, INK) for line in wrapped(row.label, SIZE, room)]
    return lines + [
        (line, SMALL, GREY) for detail in row.details for line in wrapped(detail, SMALL, room)
    ]


def _label_height(lines: Sequence[tuple[str, int, str]]) -> int:
    return sum(_height(size) for _, size, _ in lines)


def _draw_label(pen: Any, lines: Iterable[tuple[str, int, str]], top: int) -> None:
    for line, size, colour in lines:
        pen.text((MARGIN, top), line, fill=colour, font=_font(size))
        top += _height(size)


def _paste(picture: Any, tile: np.ndarray, corner: tuple[int, int], size: tuple[int, int]) -> None:
    """Put a picture into a rectangle, in its own proportions."""
    from PIL import Image

    image = Image.fromarray(tile)
    factor = min(size[0] / image.width, size[1] / image.height)
    fitted = (max(1, round(image.width * factor)), max(1, round(image.height * factor)))
    # Enlarged by repeating pixels: smoothing would hide what noise and blur do.
    method = Image.Resampling.NEAREST if factor > 1 else Image.Resampling.BOX
    picture.paste(image.resize(fitted, method), corner)


def _height(size: int) -> int:
    return round(size * _LINE)


def wrapped(text: str, size: int, width: float) -> list[str]:
    """Return a text in lines of at most so many pixels; a longer word is cut off.

    Examples
    --------
    >>> wrapped("one two", 14, 40)
    ['one', 'two']
    """
    font = _font(size)
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and font.getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(shortened(word, size, width))
    return lines


def shortened(text: str, size: int, width: float) -> str:
    """Return a text of at most so many pixels, cut in the middle where it is longer.

    Examples
    --------
    >>> shortened("a.png", 12, 80), "..." in shortened("a_long_name_of_a_file.png", 12, 80)
    ('a.png', True)
    """
    font = _font(size)
    if font.getlength(text) <= width:
        return text
    kept = len(text)
    while kept > 2:
        kept -= 1
        head, tail = text[: (kept + 1) // 2], text[len(text) - kept // 2 :]
        if font.getlength(f"{head}...{tail}") <= width:
            return f"{head}...{tail}"
    return text[:1]
