"""A frame with two axes: where a number lies in it, and the frame itself as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from bioselect.drawing.colours import GREY, LIGHT
from bioselect.drawing.ticks import round_ticks, tick_texts

#: A letter is little more than half as wide as high.
LETTER_WIDTH = 0.56
FONT_SIZE = 12
TITLE_SIZE = 14


@dataclass(frozen=True)
class Panel:
    """A rectangle of pixels that shows a range of numbers.

    Attributes
    ----------
    left, top, width, height : float
        In pixels of the drawing.
    x_ticks, y_ticks : list of float
        Ascending; the first and the last are the ends of the axes.
    """

    left: float
    top: float
    width: float
    height: float
    x_ticks: list[float]
    y_ticks: list[float]

    @classmethod
    def around(
        cls,
        x: Sequence[float],
        y: Sequence[float],
        place: tuple[float, float, float, float],
    ) -> Panel:
        """Return one whose axes hold all of some numbers; `place` is left, top, width, height.

        Examples
        --------
        >>> panel = Panel.around([0, 9], [1, 4], (50, 20, 100, 60))
        >>> panel.x_ticks[-1], panel.x_of(5.0), panel.y_of(panel.y_ticks[0])
        (10.0, 100.0, 80.0)
        """
        return cls(*place, round_ticks(min(x), max(x)), round_ticks(min(y), max(y)))

    @property
    def right(self) -> float:
        """The right edge."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """The lower edge."""
        return self.top + self.height

    def x_of(self, value: float) -> float:
        """Return how far right a number lies."""
        low, high = self.x_ticks[0], self.x_ticks[-1]
        return self.left + self.width * (value - low) / (high - low)

    def y_of(self, value: float) -> float:
        """Return how far down a number lies."""
        low, high = self.y_ticks[0], self.y_ticks[-1]
        return self.bottom - self.height * (value - low) / (high - low)

    def frame(self, x_label: str, y_label: str) -> list[str]:
        """Return the frame, light lines at the ticks, what is written there, and what axes show."""
        return [*self.x_axis(x_label), *self._y_axis(y_label), self._box()]

    def x_axis(self, label: str) -> list[str]:
        """Return the horizontal axis alone."""
        parts = []
        for tick, written in zip(self.x_ticks, tick_texts(self.x_ticks), strict=True):
            x = self.x_of(tick)
            parts.append(line(x, self.top, x, self.bottom, LIGHT))
            parts.append(text(x, self.bottom + 16, written, anchor="middle"))
        middle = self.left + self.width / 2
        return [*parts, text(middle, self.bottom + 34, label, anchor="middle")]

    def _y_axis(self, label: str) -> list[str]:
        parts = []
        for tick, written in zip(self.y_ticks, tick_texts(self.y_ticks), strict=True):
            y = self.y_of(tick)
            parts.append(line(self.left, y, self.right, y, LIGHT))
            parts.append(text(self.left - 6, y + 4, written, anchor="end"))
        # Turned by a quarter about its own place, left of the longest number.
        longest = max(map(len, tick_texts(self.y_ticks)))
        x = self.left - 14 - longest * FONT_SIZE * LETTER_WIDTH
        y = self.top + self.height / 2
        parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="middle" '
            f'transform="rotate(-90 {x:.1f} {y:.1f})">{escape(label)}</text>'
        )
        return parts

    def _box(self) -> str:
        return (
            f'<rect x="{self.left:g}" y="{self.top:g}" width="{self.width:g}" '
            f'height="{self.height:g}" fill="none" stroke="{GREY}"/>'
        )


def drawing(title: str, size: tuple[float, float], parts: Sequence[str], note: str = "") -> str:
    """Return a whole SVG: a title, made smaller where it would not fit, a note, and parts.

    Examples
    --------
    >>> drawing("errors", (200, 100), []).splitlines()[-1]
    '</svg>'
    """
    width, height = size
    letters = min(TITLE_SIZE, (width - 20) / (LETTER_WIDTH * max(1, len(title))))
    below = min(FONT_SIZE, (width - 20) / (LETTER_WIDTH * max(1, len(note))))
    head = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}" '
        f'viewBox="0 0 {width:g} {height:g}" font-family="sans-serif" font-size="{FONT_SIZE}">',
        f'<rect width="{width:g}" height="{height:g}" fill="white"/>',
        f'<text x="10" y="20" font-size="{letters:.3g}">{escape(title)}</text>',
    ]
    if note:
        head.append(
            f'<text x="10" y="38" font-size="{below:.3g}" fill="{GREY}">{escape(note)}</text>'
        )
    return "\n".join([*head, *parts, "</svg>", ""])


def text(x: float, y: float, written: str, anchor: str = "start", colour: str = "") -> str:
    """Return a line of text; `anchor` is start, middle or end."""
    fill = f' fill="{colour}"' if colour else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{fill}>{escape(written)}</text>'


def line(
    x1: float, y1: float, x2: float, y2: float, colour: str, width: float = 1, dashes: str = ""
) -> str:
    """Return a straight line; `dashes` as in ``"6 4"``."""
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" '
        f'stroke-width="{width:g}"{dashed}/>'
    )


def dot(x: float, y: float, colour: str, name: str = "", radius: float = 3) -> str:
    """Return a round mark that others show through; its name comes up under the mouse."""
    circle = (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}" fill="{colour}" fill-opacity="0.55" '
        f'stroke="{colour}" stroke-opacity="0.8" stroke-width="0.6"'
    )
    return f"{circle}><title>{escape(name)}</title></circle>" if name else f"{circle}/>"


def shortened(written: str, n_letters: int) -> str:
    """Return a text that is no longer than so many letters: the middle is left out.

    Examples
    --------
    >>> shortened("slide_of_patient_17_b", 13), shortened("slide 3", 13)
    ('slide_…t_17_b', 'slide 3')
    """
    if len(written) <= n_letters:
        return written
    kept = n_letters - 1
    return f"{written[: kept - kept // 2]}…{written[len(written) - kept // 2 :]}"
