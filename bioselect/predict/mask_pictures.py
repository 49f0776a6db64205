"""Masks as pictures: a colour for every class, outlines on the image, and where two masks differ.

Colours are those of Okabe and Ito, which people who see fewer colours can tell apart.
"""

from __future__ import annotations

import colorsys
from dataclasses import dataclass

import numpy as np

from bioselect.data.opencv import opencv
from bioselect.data.pairs import IGNORED

#: Red, green and blue.
Colour = tuple[int, int, int]

#: In the order of the classes, the background left out.
_OKABE_ITO: tuple[Colour, ...] = (
    (240, 228, 66),
    (0, 158, 115),
    (204, 121, 167),
    (86, 180, 233),
    (230, 159, 0),
    (0, 114, 178),
    (213, 94, 0),
)
BLACK: Colour = (0, 0, 0)
#: Pixels that do not count.
IGNORED_COLOUR: Colour = (110, 110, 110)
#: How much of a class's colour lies over the image.
_SHARE = 0.25
#: An outline is one pixel wide, and one more for so many pixels of the longer side.
_SIDE_OF_A_LINE = 1500
_BAND = 512

RIGHT, MISSED, TOO_MUCH, OTHER_CLASS = "right", "missed", "too much", "another class"


@dataclass(frozen=True)
class DifferenceColours:
    """What is drawn where truth and prediction agree, and where not."""

    right: Colour = (215, 215, 215)
    missed: Colour = (235, 105, 0)
    too_much: Colour = (64, 140, 255)
    other_class: Colour = (204, 121, 167)
    nothing: Colour = (20, 20, 20)


DIFFERENCE = DifferenceColours()


def class_colours(n_classes: int, background: int | None) -> list[Colour]:
    """Return the colour of every class; the background is black.

    Examples
    --------
    >>> class_colours(3, background=0)
    [(0, 0, 0), (240, 228, 66), (0, 158, 115)]
    """
    others = iter(range(n_classes))
    return [BLACK if place == background else _colour(next(others)) for place in range(n_classes)]


def _colour(number: int) -> Colour:
    if number < len(_OKABE_ITO):
        return _OKABE_ITO[number]
    # The golden ratio leaves any number of hues far apart.
    hue = (number * 0.618034) % 1.0
    lightness = (0.35, 0.55, 0.75)[number % 3]
    red, green, blue = colorsys.hls_to_rgb(hue, lightness, 0.8)
    return round(red * 255), round(green * 255), round(blue * 255)


def coloured(places: np.ndarray, n_classes: int, background: int | None) -> np.ndarray:
    """Return a mask in the colours of its classes, uint8 ``(height, width, 3)``.

    Parameters
    ----------
    places : np.ndarray
        uint8 ``(height, width)`` of class places; `IGNORED` becomes grey.
    n_classes : int
        How many classes there are.
    background : int or None
        The class that is black.
    """
    table = np.zeros((256, 3), dtype=np.uint8)
    table[:n_classes] = class_colours(n_classes, background)
    table[IGNORED] = IGNORED_COLOUR
    picture: np.ndarray = table[places]
    return picture


def overlay(
    picture: np.ndarray, places: np.ndarray, n_classes: int, background: int | None
) -> np.ndarray:
    """Return a picture with its classes tinted and outlined.

    Parameters
    ----------
    picture : np.ndarray
        uint8 ``(height, width, 3)``, from :func:`bioselect.predict.as_picture.as_picture`.
    places : np.ndarray
        uint8 ``(height, width)`` of class places.
    n_classes : int
        How many classes there are.
    background : int or None
        The class that is left as it is.

    Returns
    -------
    np.ndarray
        A new picture of the same size.
    """
    drawn = np.empty_like(picture)
    for top in range(0, len(places), _BAND):
        rows = slice(top, min(top + _BAND, len(places)))
        colours = coloured(places[rows], n_classes, background)
        tinted = picture[rows] * np.float32(1 - _SHARE) + colours * np.float32(_SHARE)
        plain = places[rows] == (n_classes if background is None else background)
        plain |= places[rows] == IGNORED
        part = np.rint(tinted).astype(np.uint8)
        part[plain] = picture[rows][plain]
        drawn[rows] = part
        lines = _outlines(places, rows, background)
        drawn[rows][lines] = colours[lines]
    return drawn


def _outlines(places: np.ndarray, rows: slice, background: int | None) -> np.ndarray:
    """Return which pixels of some rows lie at the edge of what they belong to, inside of it."""
    width = 1 + max(places.shape) // _SIDE_OF_A_LINE
    top = max(0, rows.start - width)
    near = places[top : rows.stop + width]
    # Where the neighbourhood holds a lower or a higher value, another class is near.
    square = np.ones((2 * width + 1, 2 * width + 1), dtype=np.uint8)
    cv2 = opencv()
    edge = (cv2.dilate(near, square) != near) | (cv2.erode(near, square) != near)
    if background is not None:
        edge &= near != background
    edge &= near != IGNORED
    found: np.ndarray = edge[rows.start - top : rows.stop - top]
    return found


def difference(true: np.ndarray, predicted: np.ndarray, background: int | None) -> np.ndarray:
    """Return where a prediction is right and how it is wrong, uint8 ``(height, width, 3)``.

    Parameters
    ----------
    true, predicted : np.ndarray
        uint8 ``(height, width)`` of class places; the truth may hold `IGNORED`.
    background : int or None
        With it, what is not found is missed and what is found there is too much; without, every
        error is another class.

    Examples
    --------
    >>> true, predicted = np.array([[1, 1, 0, 0]], np.uint8), np.array([[1, 0, 1, 0]], np.uint8)
    >>> difference(true, predicted, background=0)[0, :, 0].tolist()
    [215, 235, 64, 20]
    """
    words = np.zeros(true.shape, dtype=np.uint8)
    for number, where in enumerate(_kinds(true, predicted, background).values()):
        words[where] = number
    table = np.array(
        [
            DIFFERENCE.nothing,
            DIFFERENCE.right,
            DIFFERENCE.missed,
            DIFFERENCE.too_much,
            DIFFERENCE.other_class,
            IGNORED_COLOUR,
        ],
        dtype=np.uint8,
    )
    picture: np.ndarray = table[words]
    return picture


def difference_counts(
    true: np.ndarray, predicted: np.ndarray, background: int | None
) -> dict[str, int]:
    """Return how many pixels are right, missed, too much, and of another class.

    Examples
    --------
    >>> true, predicted = np.array([[1, 1, 0, 0]], np.uint8), np.array([[1, 0, 1, 0]], np.uint8)
    >>> difference_counts(true, predicted, background=0)
    {'right': 1, 'missed': 1, 'too much': 1, 'another class': 0}
    """
    kinds = _kinds(true, predicted, background)
    wanted = (RIGHT, MISSED, TOO_MUCH, OTHER_CLASS)
    return {name: int(kinds[name].sum()) for name in wanted}


def difference_legend(n_classes: int, background: int | None) -> list[tuple[str, Colour]]:
    """Return what the colours of :func:`difference` mean, as far as they can occur.

    Examples
    --------
    >>> [words for words, _ in difference_legend(2, background=0)]
    ['right', 'missed', 'too much']
    """
    legend = [(RIGHT, DIFFERENCE.right)]
    if background is not None:
        legend += [(MISSED, DIFFERENCE.missed), (TOO_MUCH, DIFFERENCE.too_much)]
    if n_classes > 2 or background is None:
        legend.append((OTHER_CLASS, DIFFERENCE.other_class))
    return legend


def _kinds(
    true: np.ndarray, predicted: np.ndarray, background: int | None
) -> dict[str, np.ndarray]:
    counted = true != IGNORED
    same = (true == predicted) & counted
    if background is None:
        is_true = is_predicted = np.ones(true.shape, dtype=bool)
    else:
        is_true, is_predicted = true != background, predicted != background
    return {
        "nothing": same & ~is_true,
        RIGHT: same & is_true,
        MISSED: counted & is_true & ~is_predicted,
        TOO_MUCH: counted & ~is_true & is_predicted,
        OTHER_CLASS: counted & ~same & is_true & is_predicted,
        "ignored": ~counted,
    }
