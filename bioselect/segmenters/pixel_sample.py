"""Which pixels of the training images are learnt from: some of each class, of every image."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from bioselect.data.pairs import Pairs

_PIXELS_AT_A_TIME = 1 << 22


def class_counts(pairs: Pairs, place: int, n_classes: int) -> np.ndarray:
    """Return how many pixels of each class an image has, int64 ``(n_classes,)``."""
    counts = np.zeros(256, dtype=np.int64)
    height, width = pairs.size(place)
    n_rows = max(1, _PIXELS_AT_A_TIME // width)
    for top in range(0, height, n_rows):
        mask = pairs.mask(place, slice(top, min(top + n_rows, height)))
        counts += np.bincount(mask.ravel(), minlength=256)
    return counts[:n_classes]


def quotas(counts: np.ndarray, n_pixels: int, balance: str) -> np.ndarray:
    """Return how many pixels of each class to draw from each image.

    Parameters
    ----------
    counts : np.ndarray
        int ``(n_images, n_classes)``, how many there are.
    n_pixels : int
        About how many to draw in all; fewer where a class has not enough.
    balance : {"equal", "square_root", "as_is"}
        Shares of the classes: equal; as the square roots of how many pixels they have, so that
        rare ones are drawn more often than they occur and still less often than common ones; or as
        they occur. Each class that occurs gets one pixel at least.

    Returns
    -------
    np.ndarray
        int64 ``(n_images, n_classes)``: equally many of a class from each image that has so many.

    Examples
    --------
    >>> quotas(np.array([[1000, 3], [1000, 50]]), 40, "equal").tolist()
    [[10, 3], [10, 17]]
    >>> quotas(np.array([[900, 100]]), 40, "square_root").tolist()
    [[30, 10]]
    """
    totals = counts.sum(axis=0)
    power = {"equal": 0.0, "square_root": 0.5, "as_is": 1.0}[balance]
    shares = np.where(totals > 0, totals.astype(np.float64) ** power, 0.0)
    wanted = np.round(n_pixels * shares / max(shares.sum(), 1.0)).astype(np.int64)
    wanted = np.minimum(np.maximum(wanted, totals > 0), totals)
    return np.stack([_levelled(counts[:, place], int(n)) for place, n in enumerate(wanted)], axis=1)


def _levelled(counts: np.ndarray, wanted: int) -> np.ndarray:
    """Divide a number among images as equally as their counts allow."""
    found = np.zeros(len(counts), dtype=np.int64)
    left = wanted
    order = np.argsort(counts, kind="stable")
    for done, image in enumerate(order):
        # The smallest first: what they lack is shared by the others.
        found[image] = min(counts[image], left // (len(order) - done))
        left -= int(found[image])
    return found


def drawn_pixels(
    pairs: Pairs, place: int, wanted: Mapping[int, int], n_there: Sequence[int], seed: int
) -> dict[int, np.ndarray]:
    """Draw pixels of an image: class -> their numbers, row after row, ascending.

    Parameters
    ----------
    pairs : Pairs
        Images with masks.
    place : int
        Of the image; seed and place decide what is drawn, and nothing else does.
    wanted : mapping
        Class -> how many.
    n_there : sequence of int
        How many pixels of each class the image has.
    seed : int
        At least 0.

    Examples
    --------
    >>> from bioselect.data.pairs import ArrayPairs
    >>> mask = np.array([[0, 1, 1], [1, 0, 0]], np.uint8)
    >>> pairs = ArrayPairs([np.zeros((2, 3, 1))], [mask])
    >>> drawn_pixels(pairs, 0, {1: 3}, (3, 3), seed=0)
    {1: array([1, 2, 3])}
    """
    random = np.random.default_rng((seed, place))
    ranks = {
        one: np.sort(random.choice(n_there[one], size=wanted[one], replace=False))
        for one in sorted(wanted)
    }
    found: dict[int, list[np.ndarray]] = {one: [] for one in ranks}
    seen = dict.fromkeys(ranks, 0)
    height, width = pairs.size(place)
    n_rows = max(1, _PIXELS_AT_A_TIME // width)
    for top in range(0, height, n_rows):
        mask = pairs.mask(place, slice(top, min(top + n_rows, height))).ravel()
        for one, of_class in ranks.items():
            places = np.flatnonzero(mask == one)
            first, end = np.searchsorted(of_class, (seen[one], seen[one] + len(places)))
            found[one].append(places[of_class[first:end] - seen[one]] + top * width)
            seen[one] += len(places)
    return {one: np.concatenate(parts) for one, parts in found.items()}
