"""Predicted numbers beside true ones, drawn: on a line of equality, as errors, by Bland and Altman.

An error is what was predicted less what is true: above zero, too much was predicted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bioselect.drawing.colours import BLACK, BLUE, ORANGE
from bioselect.drawing.panel import Panel, dot, drawing, line, text
from bioselect.drawing.ticks import round_ticks

SIDE = 380
LEFT, TOP, BOTTOM, RIGHT = 80, 54, 54, 20
#: Beside the lines of a Bland-Altman plot, for their numbers.
RIGHT_OF_LIMITS = 120
#: More are not drawn: every so many-th is, and the drawing says so.
MOST_DOTS = 4000
#: With more dots, none has the name of its image.
MOST_NAMES = 1000
#: With more, dots are smaller, so that fewer hide one another.
MOST_LARGE = 300


@dataclass(frozen=True, eq=False)
class Numbers:
    """What is drawn: float ``(n,)`` each, finite, and what each image is called.

    `target` is what the numbers are, with its unit if that is known: ``cells`` or ``age (years)``;
    `noun` what has a number, an image or the row of a table.
    """

    true: np.ndarray
    predicted: np.ndarray
    names: Sequence[str]
    target: str
    noun: str = "image"

    @property
    def drawn(self) -> Numbers:
        """Return every so many-th, few enough to be drawn."""
        n = len(self.true)
        if n <= MOST_DOTS:
            return self
        places = np.unique(np.linspace(0, n - 1, MOST_DOTS).astype(int))
        names = [self.names[place] for place in places]
        return Numbers(self.true[places], self.predicted[places], names, self.target, self.noun)

    def dots(self, panel: Panel, x: np.ndarray, y: np.ndarray) -> list[str]:
        """Return a mark for each image that is drawn."""
        named = len(x) <= MOST_NAMES
        radius = 3 if len(x) <= MOST_LARGE else 2
        return [
            dot(panel.x_of(right), panel.y_of(up), BLUE, name if named else "", radius)
            for right, up, name in zip(x, y, self.names, strict=True)
        ]

    def note(self, what: str) -> str:
        """Return what stands below the title."""
        n, shown = len(self.true), len(self.drawn.true)
        some = f", one in {round(n / shown)} drawn" if shown < n else ""
        return f"{what} ({n} {self.noun}s{some})"


def predicted_against_true_svg(title: str, numbers: Numbers) -> str:
    """Return predicted (upwards) against true numbers, and the line where they are the same.

    Examples
    --------
    >>> numbers = Numbers(np.array([1.0, 4.0]), np.array([2.0, 3.5]), ["a", "b"], "cells")
    >>> predicted_against_true_svg("lbp + ridge", numbers).count("<circle")
    2
    """
    both = np.concatenate([numbers.true, numbers.predicted])
    ticks = round_ticks(float(both.min()), float(both.max()))
    panel = Panel(LEFT, TOP, SIDE, SIDE, ticks, ticks)
    shown = numbers.drawn
    low, high = ticks[0], ticks[-1]
    parts = [
        *panel.frame(f"true {numbers.target}", f"predicted {numbers.target}"),
        line(
            panel.x_of(low), panel.y_of(low), panel.x_of(high), panel.y_of(high), BLACK, 1.5, "6 4"
        ),
        *shown.dots(panel, shown.true, shown.predicted),
    ]
    note = numbers.note(f"each dot is one {numbers.noun}; on the dashed line, predicted is true")
    return drawing(title, (LEFT + SIDE + RIGHT, TOP + SIDE + BOTTOM), parts, note)


def errors_svg(title: str, numbers: Numbers) -> str:
    """Return errors against predicted numbers, with the line of no error.

    Examples
    --------
    >>> numbers = Numbers(np.array([1.0, 4.0]), np.array([2.0, 3.5]), ["a", "b"], "cells")
    >>> "predicted less true" in errors_svg("lbp + ridge", numbers)
    True
    """
    errors = numbers.predicted - numbers.true
    panel = _panel_of(numbers.predicted, [*errors, 0.0])
    shown = numbers.drawn
    parts = [
        *panel.frame(f"predicted {numbers.target}", f"predicted less true {numbers.target}"),
        _level(panel, 0.0, BLACK, "6 4"),
        *shown.dots(panel, shown.predicted, shown.predicted - shown.true),
    ]
    note = numbers.note(
        f"each dot is one {numbers.noun}; above the dashed line, too much was predicted"
    )
    return drawing(title, (LEFT + SIDE + RIGHT, TOP + SIDE + BOTTOM), parts, note)


def bland_altman_svg(title: str, numbers: Numbers, bias: float, limits: tuple[float, float]) -> str:
    """Return errors against the mean of predicted and true, the mean error, limits of agreement.

    Parameters
    ----------
    bias : float
        The mean error.
    limits : tuple of float
        Between these lie 95 % of normally distributed errors.

    References
    ----------
    Bland, Altman (1986), "Statistical methods for assessing agreement between two methods of
    clinical measurement", Lancet 327, 307-310.

    Examples
    --------
    >>> numbers = Numbers(np.array([1.0, 4.0]), np.array([2.0, 3.5]), ["a", "b"], "cells")
    >>> drawn = bland_altman_svg("lbp + ridge", numbers, 0.25, (-1.83, 2.33))
    >>> "upper limit 2.33" in drawn, "bias 0.25" in drawn
    (True, True)
    """
    errors = numbers.predicted - numbers.true
    panel = _panel_of((numbers.predicted + numbers.true) / 2, [*errors, bias, *limits, 0.0])
    shown = numbers.drawn
    middles = (shown.predicted + shown.true) / 2
    parts = [
        *panel.frame(
            f"mean of predicted and true {numbers.target}",
            f"predicted less true {numbers.target}",
        ),
        *shown.dots(panel, middles, shown.predicted - shown.true),
        _level(panel, bias, BLACK, ""),
        *_written(
            panel,
            [("lower limit", limits[0]), ("bias", bias), ("upper limit", limits[1])],
        ),
    ]
    parts += [_level(panel, limit, ORANGE, "6 4") for limit in limits]
    note = numbers.note("dashed: limits of agreement, mean error ± 1.96 deviations")
    size = (LEFT + SIDE + RIGHT_OF_LIMITS, TOP + SIDE + BOTTOM)
    return drawing(title, size, parts, note)


def _panel_of(x: np.ndarray, y: Sequence[float]) -> Panel:
    return Panel.around(x.tolist(), [float(one) for one in y], (LEFT, TOP, SIDE, SIDE))


def _level(panel: Panel, value: float, colour: str, dashes: str) -> str:
    y = panel.y_of(value)
    return line(panel.left, y, panel.right, y, colour, 1.5, dashes)


def _written(panel: Panel, lines: Sequence[tuple[str, float]]) -> list[str]:
    """Return the numbers of lines beside them, moved apart where they would overlap."""
    parts, lowest = [], panel.bottom + 20
    for name, value in lines:
        y = min(panel.y_of(value) + 4, lowest - 15)
        parts.append(text(panel.right + 6, y, f"{name} {value:.3g}"))
        lowest = y
    return parts
