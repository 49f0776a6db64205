"""How numbers, lists and reasons are written in sentences."""

from __future__ import annotations

import textwrap

from bioselect.metrics.base import Metric

#: Width of the text in a terminal.
WIDTH = 92

#: So many names are listed; of more, the rest is counted.
NAMES_LISTED = 5


def p_words(p: float) -> str:
    """Write a p-value; a small one is never rounded to zero.

    Examples
    --------
    >>> p_words(0.0001), p_words(0.0342)
    ('p < 0.001', 'p = 0.034')
    """
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def percent_words(probability: float) -> str:
    """Write a probability in percent; never as certain.

    Examples
    --------
    >>> percent_words(0.4813), percent_words(1.0), percent_words(0.0)
    ('48 %', 'over 99 %', 'under 1 %')
    """
    if probability < 0.01:
        return "under 1 %"
    if probability > 0.99:
        return "over 99 %"
    return f"{100 * probability:.0f} %"


def difference_words(difference: float, metric: Metric, signed: bool = False) -> str:
    """Write a difference: in points (hundredths) for a metric between 0 and 1."""
    sign = "+" if signed else ""
    if tuple(metric.bounds) != (0, 1):
        return f"{difference + 0.0:{sign}.3g}"
    points = round(100 * difference, 1) + 0.0
    if signed:
        return f"{points:+.1f} points"
    if points == 0 and difference != 0:
        return "less than 0.1 points"
    return "1 point" if points == 1 else f"{points:.1f}".removesuffix(".0") + " points"


def names_words(names: list[str], where: str) -> str:
    """List the first names and count the rest.

    Examples
    --------
    >>> names_words(["a", "b"], "ranking.csv")
    'a, b'
    >>> names_words(list("abcdefg"), "ranking.csv")
    'a, b, c, d, e and 2 more (see ranking.csv)'
    """
    listed = ", ".join(names[:NAMES_LISTED])
    rest = len(names) - NAMES_LISTED
    return f"{listed} and {rest} more (see {where})" if rest > 0 else listed


def rough_words(difference: float, metric: Metric) -> str:
    """Write a difference that is only known roughly: whole points, at least one."""
    if tuple(metric.bounds) != (0, 1):
        return f"{difference:.2g}"
    points = max(1, round(100 * difference))
    return f"{points} point" if points == 1 else f"{points} points"


def short_score(value: float, metric: Metric) -> str:
    """Return a score with two digits, or three where two would make a perfect one of it."""
    ideal = metric.bounds[0 if metric.direction == "lower" else 1]
    is_made_perfect = f"{value:.2f}" == f"{ideal:.2f}" and value != ideal
    return f"{value:.3f}" if is_made_perfect else f"{value:.2f}"


def short_reason(text: str) -> str:
    r"""Return the first line of a reason, at most 300 characters, without its full stop.

    Examples
    --------
    >>> short_reason("ValueError: boom.\nmore")
    'ValueError: boom'
    """
    line = text.strip().split("\n")[0].rstrip(".")
    return line if len(line) <= 300 else f"{line[:297]}..."


def wrapped(paragraph: str, indent: int = 2) -> str:
    """Return a paragraph in lines that fit into a terminal; all but the first are indented.

    The first is indented by two less, or not at all.
    """
    return textwrap.fill(
        paragraph,
        WIDTH,
        initial_indent=" " * (indent - 2),
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
