"""How numbers, lists and reasons are written in sentences."""

from __future__ import annotations

import math
import textwrap

from bioselect.metrics.base import Metric

#: Width of the text in a terminal.
WIDTH = 92

#: So many names are listed; of more, the rest is counted.
NAMES_LISTED = 5


#: What somebody does who does not look at the images, by what the metric takes.
GUESSES = {
    "labels": "Always guessing the commonest class",
    "probabilities": "Guessing from how common the classes are",
    "label_sets": "At best, giving all images the same labels",
    "label_probabilities": "Guessing from how common the labels are",
    "values": "Always predicting the same number, at best,",
}


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


def figures(value: float, digits: int = 3) -> str:
    """Write a number of any size with so many digits, but whole ones in full.

    Examples
    --------
    >>> figures(0.043712), figures(47.0624), figures(12345.6), figures(3.2e-7), figures(0.0)
    ('0.0437', '47.1', '12346', '3.2e-07', '0')
    """
    if value == 0 or not math.isfinite(value) or not 1e-4 <= abs(value) < 1e7:
        return f"{value + 0.0:.{digits}g}"
    places = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    return f"{value:.{places}f}"


def unit_words(metric: Metric) -> str:
    """Return the unit behind a number, with the blank before it; mostly nothing."""
    return f" {metric.unit}" if metric.unit else ""


def is_error_of_numbers(metric: Metric) -> bool:
    """Tell whether values of a metric may be of any size: errors in the units of the target."""
    return metric.takes_values and not math.isfinite(metric.bounds[1])


def guess_words(metric: Metric) -> str:
    """Return what somebody does who does not look at the images, as the end of a sentence."""
    return "always predicting the same number" if metric.takes_values else "guessing"


def difference_words(difference: float, metric: Metric, signed: bool = False) -> str:
    """Write a difference: in points (hundredths) for a metric between 0 and 1."""
    sign = "+" if signed else ""
    if is_error_of_numbers(metric):
        plus = "+" if signed and difference >= 0 else ""
        return f"{plus}{figures(difference)}{unit_words(metric)}"
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
    if is_error_of_numbers(metric):
        return f"{figures(difference, 2)}{unit_words(metric)}"
    if tuple(metric.bounds) != (0, 1):
        return f"{difference:.2g}"
    points = max(1, round(100 * difference))
    return f"{points} point" if points == 1 else f"{points} points"


def long_score(value: float, metric: Metric) -> str:
    """Return a score with three digits behind the point; an error of numbers with its unit."""
    if is_error_of_numbers(metric):
        return f"{figures(value)}{unit_words(metric)}"
    return f"{value:.3f}"


def short_score(value: float, metric: Metric) -> str:
    """Return a score with two digits, or three where two would make a perfect one of it."""
    if is_error_of_numbers(metric):
        return long_score(value, metric)
    ideal = metric.bounds[0 if metric.direction == "lower" else 1]
    is_made_perfect = f"{value:.2f}" == f"{ideal:.2f}" and value != ideal
    return f"{value:.3f}" if is_made_perfect else f"{value:.2f}"


def guess_score(value: float, metric: Metric) -> str:
    """Return the score of guessing."""
    return short_score(value, metric) if is_error_of_numbers(metric) else f"{value:.2f}"


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
