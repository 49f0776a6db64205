"""Text in pictures: how high and wide it is, and how it is made to fit."""

from __future__ import annotations

from typing import Any

TITLE, TEXT = 17, 13
INK, SOFT, WHITE = "#111827", "#4b5563", "#ffffff"
_LINE = 1.4


def font(size: int) -> Any:
    """Return the font that Pillow brings along."""
    from PIL import ImageFont

    return ImageFont.load_default(size)


def line_height(size: int) -> int:
    """Return how high a line of text is, in pixels."""
    return round(size * _LINE)


def cut(text: str, size: int, room: float) -> str:
    """Return a text without its middle, where it is wider than there is room.

    Examples
    --------
    >>> cut("a.png", 13, 80), "..." in cut("a_long_name_of_a_file.png", 13, 80)
    ('a.png', True)
    """
    letters, kept, found = font(size), len(text), text
    while kept > 2 and letters.getlength(found) > room:
        kept -= 1
        found = f"{text[: (kept + 1) // 2]}...{text[len(text) - kept // 2 :]}"
    return found


def wrapped(text: str, size: int, room: float) -> list[str]:
    """Return a text in lines that fit; a longer word stays whole.

    Examples
    --------
    >>> wrapped("one two", 13, 40)
    ['one', 'two']
    """
    letters = font(size)
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and letters.getlength(longer) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
