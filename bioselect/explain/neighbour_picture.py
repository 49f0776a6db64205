"""The nearest training images side by side, where a model was allowed to carry pictures of them."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np

from bioselect.explain.lettering import INK, SOFT, TEXT, TITLE, WHITE, cut, font, line_height

#: Pictures are drawn so large, in pixels.
SIDE = 144
MARGIN, GAP = 18, 12


def neighbour_picture(
    title: str,
    note: str,
    image: np.ndarray,
    neighbours: Sequence[tuple[bytes, Sequence[str]]],
) -> bytes:
    """Return an image and the training images nearest to it, as PNG.

    Parameters
    ----------
    title, note : str
        What stands above and below.
    image : np.ndarray
        uint8 ``(height, width, 3)``, as it is shown.
    neighbours : sequence of (bytes, sequence of str)
        The picture (PNG) of each, and the lines below it.
    """
    from PIL import Image, ImageDraw

    pictures = [Image.fromarray(image)]
    pictures += [Image.open(io.BytesIO(data)).convert("RGB") for data, _ in neighbours]
    lines = [("this image",), *(words for _, words in neighbours)]
    width = 2 * MARGIN + len(pictures) * (SIDE + GAP) - GAP + GAP
    top = MARGIN + line_height(TITLE) + GAP
    n_lines = max(map(len, lines))
    height = top + SIDE + (n_lines + 1) * line_height(TEXT) + GAP + MARGIN
    sheet = Image.new("RGB", (width, height), WHITE)
    pen = ImageDraw.Draw(sheet)
    pen.text((MARGIN, MARGIN), cut(title, TITLE, width - 2 * MARGIN), fill=INK, font=font(TITLE))
    for place, (picture, words) in enumerate(zip(pictures, lines, strict=True)):
        left = MARGIN + place * (SIDE + GAP) + (GAP if place else 0)
        factor = SIDE / max(picture.size)
        size = (max(1, round(picture.width * factor)), max(1, round(picture.height * factor)))
        method = Image.Resampling.NEAREST if factor > 1 else Image.Resampling.BOX
        sheet.paste(picture.resize(size, method), (left, top))
        for number, line in enumerate(words):
            y = top + SIDE + 4 + number * line_height(TEXT)
            pen.text((left, y), cut(line, TEXT, SIDE), fill=INK, font=font(TEXT))
    y = height - MARGIN - line_height(TEXT)
    pen.text((MARGIN, y), cut(note, TEXT, width - 2 * MARGIN), fill=SOFT, font=font(TEXT))
    buffer = io.BytesIO()
    sheet.save(buffer, format="PNG")
    return buffer.getvalue()
