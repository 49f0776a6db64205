"""Scores after trainings on more and more images, the curve through them, and where it leads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bioselect.drawing.colours import BLUE, GREY, ORANGE
from bioselect.drawing.panel import Panel, drawing, line, text

WIDTH, HEIGHT = 640, 360
_LEFT, _TOP, _BOTTOM, _RIGHT = 74, 44, 54, 60
_N_STEPS = 60
#: Between two labels at least.
_LABEL_WIDTH = 60
_ROOM = 6


@dataclass(frozen=True)
class Reached:
    """A score that was measured: after `n` images, on average and between which folds."""

    n: float
    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Ahead:
    """A score that is forecast, with its interval; `label` stands beside it."""

    n: float
    score: float
    low: float
    high: float
    label: str


def learning_curve_svg(
    title: str,
    axis: str,
    reached: Sequence[Reached],
    ahead: Sequence[Ahead],
    curve: Callable[[float], float],
) -> str:
    """Return dots for what was measured, the curve, dashed where it is a forecast, and intervals.

    Examples
    --------
    >>> measured = [Reached(20, 0.6, 0.5, 0.7), Reached(80, 0.8, 0.75, 0.85)]
    >>> drawn = learning_curve_svg("t", "score", measured, [], lambda n: 0.9 - 1.3 / n**0.5)
    >>> drawn.count("<circle")
    2
    """
    shown: list[Reached | Ahead] = [*reached, *ahead]
    ends = [end for one in shown for end in (one.low, one.high)]
    ends += [one.mean for one in reached]  # which need not lie in the middle half
    sizes = [0.0, *(one.n for one in shown)]
    place = (_LEFT, _TOP, WIDTH - _LEFT - _RIGHT, HEIGHT - _TOP - _BOTTOM)
    panel = Panel.around(sizes, ends, place)
    now = max(one.n for one in reached)
    first, last = min(one.n for one in reached), max(sizes)
    parts = panel.frame("images trained on", axis)
    parts.append(_path(panel, curve, first, now, ""))
    if last > now:
        parts.append(_path(panel, curve, now, last, "6 4"))
    for one in reached:
        x = panel.x_of(one.n)
        parts.append(line(x, panel.y_of(one.low), x, panel.y_of(one.high), GREY, 1.5))
        parts.append(f'<circle cx="{x:.1f}" cy="{panel.y_of(one.mean):.1f}" r="4" fill="{BLUE}"/>')
    for lead in ahead:
        x, y = panel.x_of(lead.n), panel.y_of(lead.score)
        parts.append(line(x, panel.y_of(lead.low), x, panel.y_of(lead.high), ORANGE, 2.5))
        parts.append(
            f'<path d="M{x - 5:.1f} {y:.1f} L{x:.1f} {y - 5:.1f} L{x + 5:.1f} {y:.1f} '
            f'L{x:.1f} {y + 5:.1f} Z" fill="{ORANGE}"/>'
        )
    parts += _labels(panel, ahead)
    return drawing(title, (WIDTH, HEIGHT), parts)


def _labels(panel: Panel, ahead: Sequence[Ahead]) -> list[str]:
    """Write what is forecast beside it; of two that lie close only the farther one."""
    kept: list[Ahead] = []
    for one in sorted(ahead, key=lambda lead: -lead.n):
        if all(panel.x_of(other.n) - panel.x_of(one.n) > _LABEL_WIDTH for other in kept):
            kept.append(one)
    return [text(panel.x_of(one.n) + _ROOM, panel.y_of(one.score) + 18, one.label) for one in kept]


def _path(
    panel: Panel, curve: Callable[[float], float], start: float, end: float, dashes: str
) -> str:
    low, high = panel.y_ticks[0], panel.y_ticks[-1]
    points = []
    for step in range(_N_STEPS + 1):
        n = start + (end - start) * step / _N_STEPS
        y = panel.y_of(min(max(curve(n), low), high))
        points.append(f"{panel.x_of(n):.1f},{y:.1f}")
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return (
        f'<polyline points="{" ".join(points)}" fill="none" stroke="{BLUE}" '
        f'stroke-width="2"{dashed}/>'
    )
