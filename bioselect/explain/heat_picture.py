"""A map of heat over its image, as a picture with a colour bar for a person to look at.

Orange is what speaks for the answer and blue what speaks against it (Okabe and Ito's colours, which
people who see fewer colours can tell apart), over the image in grey, so that the colours of a stain
are not taken for heat. The image itself stands beside it.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bioselect.data.resizing import resize
from bioselect.explain.lettering import (
    INK,
    SOFT,
    TEXT,
    TITLE,
    WHITE,
    cut,
    font,
    line_height,
    wrapped,
)

#: The longer side of each of both pictures, in pixels; smaller images are enlarged to at least so.
LONGEST, SHORTEST = 640, 384
MARGIN, GAP, BAR, TICKS = 18, 14, 18, 58
#: From little to most: sky to blue against, amber to vermilion for.
_FOR = ((230, 159, 0), (213, 94, 0))
_AGAINST = ((86, 180, 233), (0, 114, 178))
#: How much of a colour lies over the image at most; where there is little heat, little.
_SHARE = 0.8
#: The image is shown so much lighter under the colours, so that both dark and light can be seen.
_LIGHTER = 0.25


@dataclass(frozen=True)
class Caption:
    """What stands around the maps.

    `title` is the image, `lines` stand below it; `bar` is what the colours mean, `full` the heat
    that gets the full colour, `decimals` those of the numbers at the bar; `is_signed` whether the
    bar goes below 0.
    """

    title: str
    lines: tuple[str, ...]
    bar: str
    full: float
    decimals: int = 2
    is_signed: bool = True


def heat_picture(picture: np.ndarray, heat: np.ndarray, caption: Caption) -> bytes:
    """Return an image beside itself under its heat, as PNG.

    Parameters
    ----------
    picture : np.ndarray
        uint8 ``(height, width, 3)``: the image as it is shown.
    heat : np.ndarray
        ``(height, width)``.
    caption : Caption
        What stands around.
    """
    from PIL import Image, ImageDraw

    shown = sized(picture)
    height, width = shown.shape[:2]
    tinted = under_heat(shown, heat, caption.full)
    sheet_width = 2 * MARGIN + 2 * width + 2 * GAP + BAR + TICKS
    room = sheet_width - 2 * MARGIN
    below = wrapped(caption.bar, TEXT, room)
    top = MARGIN + line_height(TITLE) + len(caption.lines) * line_height(TEXT) + GAP
    sheet = Image.new(
        "RGB", (sheet_width, top + height + GAP + len(below) * line_height(TEXT) + MARGIN), WHITE
    )
    pen = ImageDraw.Draw(sheet)
    pen.text((MARGIN, MARGIN), cut(caption.title, TITLE, room), fill=INK, font=font(TITLE))
    for number, line in enumerate(caption.lines):
        y = MARGIN + line_height(TITLE) + number * line_height(TEXT)
        pen.text((MARGIN, y), cut(line, TEXT, room), fill=INK, font=font(TEXT))
    sheet.paste(Image.fromarray(shown), (MARGIN, top))
    sheet.paste(Image.fromarray(tinted), (MARGIN + width + GAP, top))
    _draw_bar(sheet, pen, (MARGIN + 2 * (width + GAP), top), height, caption)
    for number, line in enumerate(below):
        y = top + height + GAP + number * line_height(TEXT)
        pen.text((MARGIN, y), line, fill=SOFT, font=font(TEXT))
    buffer = io.BytesIO()
    sheet.save(buffer, format="PNG")
    return buffer.getvalue()


def under_heat(picture: np.ndarray, heat: np.ndarray, full: float) -> np.ndarray:
    """Return a picture in grey under heat ``(height, width)`` of any size.

    `full` is the heat that gets the full colour.
    """
    return over(picture, _sized_heat(heat, picture.shape[:2]) / full)


def over(picture: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Return a picture in grey with heat over it.

    Parameters
    ----------
    picture : np.ndarray
        uint8 ``(height, width, 3)``.
    share : np.ndarray
        ``(height, width)``, from -1 (most against) to 1 (most for); beyond is cut off.

    Examples
    --------
    >>> black = np.zeros((1, 3, 3), dtype=np.uint8)
    >>> over(black, np.array([[0.0, 1.0, -1.0]]))[0].tolist()
    [[64, 64, 64], [183, 88, 13], [13, 104, 155]]
    """
    grey = picture.astype(np.float32) @ np.array([0.299, 0.587, 0.114], dtype=np.float32)
    lighter = 255.0 * _LIGHTER + grey * (1.0 - _LIGHTER)
    strength = np.clip(np.abs(share), 0.0, 1.0)[:, :, np.newaxis].astype(np.float32)
    colour = np.where(share[:, :, np.newaxis] > 0, _between(_FOR, strength), 0.0)
    colour = np.where(share[:, :, np.newaxis] < 0, _between(_AGAINST, strength), colour)
    # The square root lets half the heat be seen as more than half.
    alpha = _SHARE * np.sqrt(strength)
    mixed = lighter[:, :, np.newaxis] * (1.0 - alpha) + colour * alpha
    rounded: np.ndarray = np.rint(np.clip(mixed, 0.0, 255.0))
    return rounded.astype(np.uint8)


def _between(ends: Sequence[tuple[int, int, int]], strength: np.ndarray) -> np.ndarray:
    low, high = (np.array(end, dtype=np.float32) for end in ends)
    mixed: np.ndarray = low + (high - low) * strength
    return mixed


def sized(picture: np.ndarray) -> np.ndarray:
    """Return a picture at the size at which it is shown; small ones as large pixels."""
    from PIL import Image

    longest = max(picture.shape[:2])
    factor = LONGEST / longest if longest > LONGEST else max(1, -(-SHORTEST // longest))
    size = (max(1, round(picture.shape[1] * factor)), max(1, round(picture.shape[0] * factor)))
    method = Image.Resampling.NEAREST if factor >= 1 else Image.Resampling.BOX
    return np.asarray(Image.fromarray(picture).resize(size, method))


def _sized_heat(heat: np.ndarray, size: tuple[int, ...]) -> np.ndarray:
    largest = float(np.abs(heat).max()) or 1.0
    scaled = ((heat / largest + 1.0) / 2.0).astype(np.float32)[:, :, np.newaxis]
    grown: np.ndarray = (2.0 * resize(scaled, (size[0], size[1]))[:, :, 0] - 1.0) * largest
    return grown


def _draw_bar(sheet: Any, pen: Any, corner: tuple[int, int], height: int, caption: Caption) -> None:
    """Draw the colours from most to least, with numbers."""
    from PIL import Image

    left, top = corner
    least = -1.0 if caption.is_signed else 0.0
    shares = np.repeat(np.linspace(1.0, least, height)[:, np.newaxis], BAR, axis=1)
    grey = np.full((height, BAR, 3), 128, dtype=np.uint8)
    sheet.paste(Image.fromarray(over(grey, shares)), (left, top))
    pen.rectangle((left, top, left + BAR - 1, top + height - 1), outline=SOFT)
    marks = (1.0, 0.5, 0.0, -0.5, -1.0) if caption.is_signed else (1.0, 0.75, 0.5, 0.25, 0.0)
    for mark in marks:
        y = top + round((1.0 - mark) / (1.0 - least) * (height - 1))
        pen.line((left + BAR, y, left + BAR + 4, y), fill=SOFT)
        value = mark * caption.full
        sign = "+" if caption.is_signed and mark else ""
        text = f"{value:{sign}.{caption.decimals}f}"
        box = pen.textbbox((0, 0), text, font=font(TEXT))
        middle = y - (box[1] + box[3]) / 2
        inside = min(max(middle, top - box[1]), top + height - box[3])
        pen.text((left + BAR + 7, inside), text, fill=INK, font=font(TEXT))
