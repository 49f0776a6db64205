"""A sheet of examples: input, truth, prediction and difference of the best and worst images."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bioselect.data.pairs import IGNORED
from bioselect.predict.as_picture import as_picture
from bioselect.predict.mask_pictures import (
    IGNORED_COLOUR,
    class_colours,
    coloured,
    difference,
    difference_counts,
    difference_legend,
)
from bioselect.workflows.contact_sheet import Row, Sheet, write_sheet

#: What the pictures of a row are.
COLUMNS = ("input", "truth", "prediction", "difference")
TILE = 224
BEST, MEDIAN, WORST = "best", "median", "worst"


@dataclass(frozen=True, eq=False)
class Example:
    """One judged image.

    Parameters
    ----------
    role : str
        Why it is shown: best, median, worst.
    name : str
        Its image id.
    score : float
        Of the deciding metric.
    image : np.ndarray
        ``(height, width, n_channels)`` of any type.
    true, predicted : np.ndarray
        uint8 ``(height, width)`` of class places; the truth may hold `IGNORED`.
    """

    role: str
    name: str
    score: float
    image: np.ndarray
    true: np.ndarray
    predicted: np.ndarray


def chosen_examples(
    scores: np.ndarray, higher_is_better: bool = True, n_each: int = 2
) -> list[tuple[str, int]]:
    """Return which images are shown, and why: the best, those in the middle, the worst.

    Parameters
    ----------
    scores : np.ndarray
        One an image; those without a score (NaN) are never shown.
    higher_is_better : bool
        Of the metric.
    n_each : int
        How many of each kind; fewer where there are not so many images.

    Returns
    -------
    list of (str, int)
        Role and place of the image, from the best to the worst, each image once; of equal scores
        the first.

    Examples
    --------
    >>> chosen_examples(np.array([0.2, 0.9, 0.5, np.nan, 0.7, 0.8]), n_each=1)
    [('best', 1), ('median', 4), ('worst', 0)]
    """
    keys = -scores if higher_is_better else scores
    order = [int(place) for place in np.argsort(keys, kind="stable") if math.isfinite(keys[place])]
    n_each = min(n_each, max(1, len(order) // 3))
    best, worst = order[:n_each], order[n_each:][-n_each:]
    between = order[n_each : len(order) - len(worst)]
    first = max(0, (len(between) - n_each) // 2)
    middle = between[first : first + n_each]
    return [
        (role, place)
        for role, places in ((BEST, best), (MEDIAN, middle), (WORST, worst))
        for place in places
    ]


def write_examples(
    path: Path,
    title: str,
    examples: Sequence[Example],
    class_names: Sequence[str],
    background: int | None,
    metric_in_words: str,
    are_colours: bool | None = None,
    notes: Sequence[str] = (),
) -> None:
    """Write a sheet with a row for each image: input, truth, prediction, difference.

    Parameters
    ----------
    path : Path
        A .png file.
    title : str
        What stands above.
    examples : sequence of Example
        At least one.
    class_names : sequence of str
        In the order of their places.
    background : int or None
        The class that is black.
    metric_in_words : str
        What the scores are: ``"Dice"``.
    are_colours : bool, optional
        Whether channels are red, green and blue; see
        :func:`bioselect.predict.as_picture.as_picture`.
    notes : sequence of str
        Lines below the pictures.
    """
    write_sheet(
        Sheet(
            title=title,
            samples=tuple((name,) for name in COLUMNS),
            rows=tuple(
                _row(one, len(class_names), background, metric_in_words, are_colours)
                for one in examples
            ),
            notes=tuple(notes),
            tile_size=(TILE, TILE),
            legend=_legend(examples, class_names, background),
        ),
        path,
    )


def _row(
    one: Example,
    n_classes: int,
    background: int | None,
    metric_in_words: str,
    are_colours: bool | None,
) -> Row:
    height, width = one.true.shape
    return Row(
        f"{one.role}: {metric_in_words} {one.score:.3f}",
        (
            one.name,
            f"{width} x {height} pixels",
            *_in_words(difference_counts(one.true, one.predicted, background)),
        ),
        tuple(
            (picture,)
            for picture in (
                as_picture(one.image, are_colours),
                coloured(one.true, n_classes, background),
                coloured(one.predicted, n_classes, background),
                difference(one.true, one.predicted, background),
            )
        ),
    )


def _in_words(counts: dict[str, int]) -> list[str]:
    """Return the kinds of pixels that there are, each with how many."""
    return [f"{name}: {count} px" for name, count in counts.items() if count]


def _legend(
    examples: Sequence[Example], class_names: Sequence[str], background: int | None
) -> tuple[tuple[str, tuple[int, int, int]], ...]:
    colours = class_colours(len(class_names), background)
    legend = list(zip(class_names, colours, strict=True))
    legend += [
        (f"difference: {words}", colour)
        for words, colour in difference_legend(len(class_names), background)
    ]
    if any((one.true == IGNORED).any() for one in examples):
        legend.append(("does not count", IGNORED_COLOUR))
    return tuple(legend)
