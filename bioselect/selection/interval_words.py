"""How far from a predicted number the truth may lie, for somebody who knows no statistics."""

from __future__ import annotations

import numpy as np

from bioselect.estimators.prediction_interval import PredictionInterval
from bioselect.selection.model_intervals import ModelIntervals


def interval_words(found: ModelIntervals, label: str, unit: str = "", noun: str = "image") -> str:
    """Return a paragraph on the intervals of the exported model.

    Parameters
    ----------
    found : ModelIntervals
        What was made and measured.
    label : str
        Of the exported candidate.
    unit : str
        Of the numbers, if it is known.
    noun : str
        What has a number: an image, or the row of a table.

    Examples
    --------
    >>> words = interval_words(ModelIntervals(None, None, 6, 9), "lbp + ridge")
    >>> "at least 9 independent images or groups, and there are 6" in words
    True
    """
    question = f"How far off may a predicted number be ({label})?"
    if found.interval is None:
        return (
            f"{question} That is not known: intervals need at least {found.n_needed} independent "
            f"{noun}s or groups, and there are {found.n_units} (bundle.interval)."
        )
    sentences = [
        question,
        f"With each prediction come low and high, between which the true number is to lie in "
        f"{percent(found.interval.level)} of new {noun}s: {_width(found.interval, unit)}.",
        f"They follow from the errors on {noun}s that it was not trained on ({found.n_units} "
        f"independent {noun}s or groups).",
    ]
    if found.measured is None:
        sentences.append("How often they hold could not be measured: there are too few for that.")
    else:
        sentences.append(
            "On such as they were not made from, they held "
            f"{percent(found.measured.coverage)} of the true numbers (mean width "
            f"{with_unit(found.measured.mean_width, unit)})."
        )
    sentences.append(
        f"That holds on average over {noun}s like these, approximately, and not for every kind of "
        f"{noun} alike."
    )
    return " ".join(sentences)


def _width(interval: PredictionInterval, unit: str) -> str:
    if interval.scale is None:
        return f"{with_unit(interval.half_width, unit)} below and above the predicted one"
    ends = np.array([interval.scale.lowest, interval.scale.highest])
    at_low, at_high = interval.half_widths(ends)
    return (
        f"{with_unit(at_low, unit)} below and above a predicted {ends[0]:.3g}, "
        f"{with_unit(at_high, unit)} at {ends[1]:.3g}"
    )


def with_unit(number: float, unit: str) -> str:
    """Return a number with its unit.

    Examples
    --------
    >>> with_unit(3.14159, "um"), with_unit(3.14159, "")
    ('3.14 um', '3.14')
    """
    return f"{number:.3g} {unit}".rstrip()


def percent(share: float) -> str:
    """Return a share as percent.

    Examples
    --------
    >>> percent(0.9), percent(0.975)
    ('90 %', '97.5 %')
    """
    return f"{100 * share:.3g} %"
