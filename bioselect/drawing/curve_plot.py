"""Curves over a square from 0 to 1, with what each is called beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bioselect.drawing.colours import GREY, IN_TURN
from bioselect.drawing.panel import Panel, drawing, line, shortened, text

SIDE = 380
LEFT, TOP, BOTTOM = 70, 54, 54
BESIDE = 230
LONGEST_NAME = 27
TICKS = [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
#: One for each colour, so that curves can be told apart without it.
DASHES = ("", "8 4", "2 3", "10 3 2 3", "5 2", "14 4")
MOST_CURVES = len(IN_TURN)


@dataclass(frozen=True)
class Curve:
    """One line: what it is called, and its points from left to right."""

    name: str
    x: Sequence[float]
    y: Sequence[float]


def curves_svg(
    title: str, note: str, axes: tuple[str, str], curves: Sequence[Curve], diagonal: bool = False
) -> str:
    """Return curves in a square, each with colour and dashes of its own.

    Parameters
    ----------
    axes : tuple of str
        What goes to the right, and what goes up.
    curves : sequence of Curve
        At most :data:`MOST_CURVES`.
    diagonal : bool
        Whether a thin line leads from the lower left to the upper right.

    Raises
    ------
    ValueError
        If there are more curves than can be told apart.

    Examples
    --------
    >>> once = Curve("spiky", [0.0, 0.0, 1.0], [0.0, 1.0, 1.0])
    >>> curves_svg("ROC", "", ("false", "found"), [once]).count("<polyline")
    1
    """
    if len(curves) > MOST_CURVES:
        raise ValueError(f"curves must be at most {MOST_CURVES}. Got {len(curves)}.")
    panel = Panel(LEFT, TOP, SIDE, SIDE, TICKS, TICKS)
    parts = panel.frame(*axes)
    if diagonal:
        parts.append(line(panel.left, panel.bottom, panel.right, panel.top, GREY, 1, "3 4"))
    for place, curve in enumerate(curves):
        colour, dashes = IN_TURN[place], DASHES[place]
        points = " ".join(
            f"{panel.x_of(x):.1f},{panel.y_of(y):.1f}"
            for x, y in zip(curve.x, curve.y, strict=True)
        )
        dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
        y = TOP + 12 + 24 * place
        parts += [
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2.2" '
            f'stroke-linejoin="round"{dashed}/>',
            line(panel.right + 14, y, panel.right + 44, y, colour, 2.2, dashes),
            text(panel.right + 50, y + 4, shortened(curve.name, LONGEST_NAME)),
        ]
    return drawing(title, (LEFT + SIDE + BESIDE, TOP + SIDE + BOTTOM), parts, note)
