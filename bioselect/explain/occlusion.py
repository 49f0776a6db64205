"""Where in an image a prediction comes from: parts of it are hidden, one after the other.

A patch is laid over the image at many places, and the model is asked each time. Where it hides what
the prediction rests on, the probability of the class drops (a predicted number changes). That asks
the same of every model: nothing is known of it but what it says of images.

A patch shows the local mean of what it hides, without its detail. So brightness and colour stay
what they are around it, which a grey patch would change too: it is an object of its own on many
backgrounds.

Large patches find what is large but blur its outline, and small ones are drowned in small changes
that any patch makes anywhere. So both are tried, and the drops by small patches count as much as
those by the large patches at the same place: heat is where both say the same. Its highest value is
the change by the one patch that changes most.

References
----------
Zeiler, Fergus (2014), "Visualizing and understanding convolutional networks", ECCV, section 4.2.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from bioselect.data.resizing import resize

#: A patch is a quarter of the image high and wide, then an eighth; steps are half a patch.
SCALES = (4, 8)
#: How often the model is asked for one image of at least 8 pixels a side: 7 x 7 and 15 x 15 places,
#: and once for the image as it is.
N_PREDICTIONS = 1 + sum((2 * scale - 1) ** 2 for scale in SCALES)
#: Changed images that are kept in memory at a time: as many, and of large ones so many bytes.
_MOST_AT_ONCE, _BYTES_AT_ONCE = 32, 128 << 20

#: Images as they were read, to predictions ``(n_images, n_columns)``.
PredictImages = Callable[[list[np.ndarray]], np.ndarray]


@dataclass(frozen=True, eq=False)
class Occlusion:
    """What hiding parts of an image changes.

    `said` is float64 ``(n_columns,)``, the prediction for the image as it is; `heat` float32
    ``(height, width, n_places)``, for each of `places` (columns of the prediction) how far hiding
    the surroundings of a pixel lowers it. Below 0, it is raised. `largest` is float64
    ``(n_places,)``, the drop by the one patch that changes it most.
    """

    said: np.ndarray
    places: tuple[int, ...]
    heat: np.ndarray
    largest: np.ndarray

    def of(self, place: int) -> np.ndarray:
        """Return the heat ``(height, width)`` of one column."""
        found: np.ndarray = self.heat[:, :, self.places.index(place)]
        return found


def occlusion(
    image: np.ndarray,
    predict: PredictImages,
    chosen: Callable[[np.ndarray], Sequence[int]] = lambda said: (int(np.argmax(said)),),
    advance: Callable[[int], None] = lambda n_images: None,
) -> Occlusion:
    """Hide parts of an image, one after the other, and see what the model says.

    Parameters
    ----------
    image : np.ndarray
        ``(height, width, n_channels)`` of any type, as it was read from its file.
    predict : callable
        What the model says of such images, float64 ``(n_images, n_columns)``.
    chosen : callable
        Which columns are explained, for what is said of the image; by default the highest.
    advance : callable
        Told how many more predictions are done.

    Returns
    -------
    Occlusion
        The same for the same image and model.

    Examples
    --------
    >>> image = np.zeros((16, 16, 1))
    >>> image[4:6, 4:6] = 1.0
    >>> brightest = lambda images: np.array([[one.max()] for one in images])
    >>> heat = occlusion(image, brightest).of(0)
    >>> bool(heat[4:6, 4:6].min() > heat[8:, 8:].max())
    True
    """
    said = predict([image])[0]
    advance(1)
    places = tuple(chosen(said))
    (coarse, first), (fine, second) = (
        _drops(image, predict, said, places, scale, advance) for scale in SCALES
    )
    largest = np.where(np.abs(second) > np.abs(first), second, first)
    return Occlusion(said, places, _together(coarse, fine, largest), largest)


def _drops(
    image: np.ndarray,
    predict: PredictImages,
    said: np.ndarray,
    places: Sequence[int],
    scale: int,
    advance: Callable[[int], None],
) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean drop by patches over each pixel, and the largest change by one of them.

    float32 ``(height, width, n_places)`` and float64 ``(n_places,)``.
    """
    height, width = image.shape[:2]
    rows, columns = _spans(height, scale), _spans(width, scale)
    patches = [(row, column) for row in rows for column in columns]
    smooth = _smoothed(image, scale)
    total = np.zeros((height, width, len(places)), dtype=np.float32)
    count = np.zeros((height, width, 1), dtype=np.float32)
    weight = np.outer(_tent(rows[0]), _tent(columns[0]))[:, :, np.newaxis]
    each = np.zeros((len(patches), len(places)))
    n_at_once = min(_MOST_AT_ONCE, max(1, _BYTES_AT_ONCE // max(image.nbytes, 1)))
    for start in range(0, len(patches), n_at_once):
        some = patches[start : start + n_at_once]
        got = predict([_hidden(image, smooth, patch) for patch in some])
        each[start : start + len(some)] = (said - got)[:, list(places)]
        for patch, drop in zip(some, each[start:], strict=False):
            total[patch] += weight * drop.astype(np.float32)
            count[patch] += weight
        advance(len(some))
    largest: np.ndarray = each[np.abs(each).argmax(axis=0), np.arange(len(places))]
    return total / count, largest


def _spans(length: int, scale: int) -> list[slice]:
    """Return where patches lie along a side: evenly, from edge to edge, half over one another.

    Examples
    --------
    >>> [(one.start, one.stop) for one in _spans(8, 4)]
    [(0, 2), (1, 3), (2, 4), (3, 5), (4, 6), (5, 7), (6, 8)]
    """
    size = math.ceil(length / scale)
    starts = np.rint(np.linspace(0, length - size, 2 * scale - 1)).astype(int)
    return [slice(start, start + size) for start in dict.fromkeys(starts.tolist())]


def _tent(span: slice) -> np.ndarray:
    """Return how much a drop counts along a patch: most in its middle, so that maps are smooth.

    Examples
    --------
    >>> _tent(slice(2, 6)).tolist()
    [0.25, 0.75, 0.75, 0.25]
    """
    size = span.stop - span.start
    centres = np.arange(size, dtype=np.float32) + np.float32(0.5)
    weight: np.ndarray = 1.0 - np.abs(centres - size / 2) / np.float32(size / 2)
    return weight


def _smoothed(image: np.ndarray, scale: int) -> np.ndarray:
    """Return an image without what is smaller than a patch, float32."""
    height, width = image.shape[:2]
    low, high = np.float32(image.min()), np.float32(image.max())
    if low == high:
        return image.astype(np.float32)
    scaled = (image.astype(np.float32) - low) / (high - low)  # `resize` takes 0 to 1.
    means = resize(scaled, (min(scale, height), min(scale, width)))
    smooth: np.ndarray = low + resize(means, (height, width)) * (high - low)
    return smooth


def _hidden(image: np.ndarray, smooth: np.ndarray, patch: tuple[slice, slice]) -> np.ndarray:
    """Return a copy of an image with the detail below a patch taken away, in its own type."""
    hidden: np.ndarray = image.copy()
    values = smooth[patch]
    hidden[patch] = np.rint(values) if image.dtype.kind in "iu" else values
    return hidden


def _together(coarse: np.ndarray, fine: np.ndarray, largest: np.ndarray) -> np.ndarray:
    """Return where both drops have one sign, in proportion to both; the most of it is `largest`."""
    both = np.where(coarse * fine > 0, coarse * np.abs(fine), 0.0)
    most = np.abs(both).max(axis=(0, 1))
    factor = np.abs(largest) / np.where(most > 0, most, 1.0)
    scaled: np.ndarray = (both * factor).astype(np.float32)
    return scaled


def parts_of_heat(heat: np.ndarray, where: np.ndarray) -> float:
    """Return which share of the heat above 0 lies in a part of the image; NaN without any.

    Parameters
    ----------
    heat : np.ndarray
        ``(height, width)``.
    where : np.ndarray
        bool of the same shape.

    Examples
    --------
    >>> parts_of_heat(np.array([[3.0, 1.0, -2.0]]), np.array([[True, False, False]]))
    0.75
    """
    raising = np.clip(np.asarray(heat, dtype=np.float64), 0.0, None)
    total = float(raising.sum())
    return float(raising[where].sum()) / total if total > 0 else float("nan")


def explained_places(
    said: np.ndarray, named: Sequence[int], is_multi_label: bool
) -> tuple[int, ...]:
    """Return which columns are explained: those named, else the class, or the labels, predicted.

    Of labels of which none is predicted, the one with the highest probability.

    Examples
    --------
    >>> explained_places(np.array([0.9, 0.2, 0.6]), (), True)
    (0, 2)
    >>> explained_places(np.array([0.2, 0.3]), (), True)
    (1,)
    """
    places = tuple(named)
    if places:
        return places
    if is_multi_label:
        places = tuple(np.flatnonzero(said > 0.5).tolist())
    return places or (int(np.argmax(said)),)
