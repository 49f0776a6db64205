"""What was said beside what was so: probabilities in bins, as a reliability diagram."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from bioselect.drawing.colours import BLUE, GREY, ORANGE
from bioselect.drawing.panel import Panel, drawing, line, text

SIDE = 380
LEFT, TOP, BOTTOM = 70, 54, 54
BESIDE = 190
TICKS = [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
SMALLEST, LARGEST = 2.5, 11.0
STYLES = ((ORANGE, "6 4"), (BLUE, ""))


@dataclass(frozen=True)
class Said:
    """Some images: the probability that they were given, the share that was right, their number."""

    said: float
    right: float
    n_images: float


def reliability_svg(
    title: str, note: str, series: Sequence[tuple[str, Sequence[Said]]], axes: tuple[str, str]
) -> str:
    """Return one or two series of bins over the diagonal, on which said is so.

    The area of a mark is the number of its images. The first series is rings joined by dashes, the
    second filled dots joined by a line.

    Examples
    --------
    >>> before = ("before", [Said(0.6, 0.5, 10), Said(0.9, 0.7, 30)])
    >>> reliability_svg("", "", [before], ("said", "right")).count("<circle")  # one beside its name
    3
    """
    panel = Panel(LEFT, TOP, SIDE, SIDE, TICKS, TICKS)
    most = max((one.n_images for _, bins in series for one in bins), default=1.0)
    parts = [
        *panel.frame(*axes),
        line(panel.left, panel.bottom, panel.right, panel.top, GREY, 1.2, "2 4"),
    ]
    for place, (name, bins) in enumerate(series):
        colour, dashes = STYLES[place]
        points = " ".join(f"{panel.x_of(one.said):.1f},{panel.y_of(one.right):.1f}" for one in bins)
        dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" '
            f'stroke-width="1.8"{dashed}/>'
        )
        parts += [
            _mark(panel.x_of(one.said), panel.y_of(one.right), _radius(one.n_images, most), place)
            for one in bins
        ]
        y = TOP + 12 + 24 * place
        x = panel.right + 14
        parts += [
            line(x, y, x + 30, y, colour, 1.8, dashes),
            _mark(x + 15, y, 5, place),
            text(x + 38, y + 4, name),
        ]
    y = TOP + 12 + 24 * len(series)
    parts.append(line(panel.right + 14, y, panel.right + 44, y, GREY, 1.2, "2 4"))
    parts.append(text(panel.right + 52, y + 4, "said is so"))
    return drawing(title, (LEFT + SIDE + BESIDE, TOP + SIDE + BOTTOM), parts, note)


def _radius(n_images: float, most: float) -> float:
    return max(SMALLEST, LARGEST * math.sqrt(n_images / most))


def _mark(x: float, y: float, radius: float, place: int) -> str:
    colour = STYLES[place][0]
    fill = ("white", colour)[place]
    opacity = ("0.7", "0.6")[place]
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{fill}" '
        f'fill-opacity="{opacity}" stroke="{colour}" stroke-width="1.8"/>'
    )
