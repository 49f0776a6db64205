"""Haralick's texture features: which grey levels lie beside which, and how regularly."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bioselect.features.base import REFERENCE_SHAPE, Extractor, ImageShape
from bioselect.features.descriptors.planes import (
    EACH,
    channel_names,
    described,
    n_planes,
    planes,
    require_list,
    require_size,
)

UNIT = "unit"
IMAGE = "image"
#: (rows down, columns right) of a neighbour at distance 1: 0, 45, 90 and 135 degrees.
DIRECTIONS = ((0, 1), (-1, 1), (-1, 0), (-1, -1))
LARGEST_DISTANCE = 64
MEASURES = (
    "angular_second_moment",
    "contrast",
    "correlation",
    "variance",
    "inverse_difference_moment",
    "sum_average",
    "sum_variance",
    "sum_entropy",
    "entropy",
    "difference_variance",
    "difference_entropy",
    "information_1",
    "information_2",
)
#: A pair of pixels: one product, one sum, one count; an entry of a matrix: all 13 measures.
OPERATIONS_PER_PAIR = 3
OPERATIONS_PER_ENTRY = 40


class Haralick(Extractor):
    """The 13 measures of Haralick on grey-level co-occurrence matrices.

    Each channel is rounded down to `levels` grey levels. Per distance, pairs of pixels are counted
    in four directions (0, 45, 90, 135 degrees), both ways round. A row holds, per channel,
    distance and measure, the mean over the directions and the range (largest less smallest).

    Parameters
    ----------
    levels : int
        Grey levels, 2 to 256.
    distances : sequence of int
        Distances in pixels between the two pixels of a pair (diagonally: rows and columns).
    range : {"unit", "image"}
        What the levels cover: [0, 1], for all images alike; or the channel's own smallest to
        largest value, so that texture counts and brightness and contrast do not.
    channels : {"each", "mean"}
        Every channel on its own, or the mean of the channels.

    Notes
    -----
    Entropies are in bits. "sum_variance" is taken around "sum_average" (the original says "sum
    entropy", a misprint). On a channel with one grey level "correlation" is 1 and both measures of
    information are 0.

    References
    ----------
    Haralick, Shanmugam, Dinstein (1973), "Textural features for image classification", IEEE
    Transactions on Systems, Man, and Cybernetics 3(6), 610-621.

    Examples
    --------
    >>> image = np.random.default_rng(0).random((40, 50, 3)).astype(np.float32)
    >>> Haralick(distances=(1, 2)).transform([image]).shape  # 3 channels x 2 x 13 x 2
    (1, 156)
    """

    def __init__(
        self,
        levels: int = 64,
        distances: Sequence[int] = (1, 2, 4),
        range: str = UNIT,
        channels: str = EACH,
    ) -> None:
        require_list(
            "haralick: params.distances",
            distances,
            f"different whole numbers from 1 to {LARGEST_DISTANCE}",
            whole=True,
            low=1,
            high=LARGEST_DISTANCE,
        )
        self.levels = levels
        self.distances = distances
        self.range = range
        self.channels = channels

    def transform(self, images: Sequence[np.ndarray]) -> np.ndarray:
        """Return float32 (n_images, n_channels * n_distances * 26).

        Raises
        ------
        UnreadableImageError
            If an image has a side that is not longer than the largest distance.
        DataError
            If the images differ in their number of channels.
        """
        return described("haralick", images, self._row)

    def _row(self, image: np.ndarray) -> np.ndarray:
        require_size("haralick", image, max(self.distances) + 1, "params.distances")
        matrices = []
        for plane in planes(image, self.channels):
            levels = grey_levels(plane, self.levels, self.range)
            matrices += [
                cooccurrences(levels, self.levels, distance * down, distance * right)
                for distance in self.distances
                for down, right in DIRECTIONS
            ]
        measures = haralick_measures(np.stack(matrices))
        by_direction = measures.reshape(-1, len(DIRECTIONS), len(MEASURES))
        spread = by_direction.max(axis=1) - by_direction.min(axis=1)
        return np.concatenate([by_direction.mean(axis=1), spread], axis=1).ravel()

    def feature_names(self, n_channels: int) -> list[str]:
        """Return names such as `haralick_distance1_contrast_mean_c0`."""
        return [
            f"haralick_distance{distance}_{measure}_{statistic}_{channel}"
            for channel in channel_names(self.channels, n_channels)
            for distance in self.distances
            for statistic in ("mean", "range")
            for measure in MEASURES
        ]

    def operations(self, shape: ImageShape = REFERENCE_SHAPE) -> float:
        """Return 3 operations per pair and 40 per entry.

        Pairs: one per pixel, distance and direction. Entries: levels squared per matrix.
        """
        n_channels = n_planes(shape, self.channels)
        n_matrices = n_channels * len(self.distances) * len(DIRECTIONS)
        pairs = OPERATIONS_PER_PAIR * shape[0] * shape[1]
        return float(n_matrices * (pairs + OPERATIONS_PER_ENTRY * self.levels**2))


def grey_levels(plane: np.ndarray, n_levels: int, range: str) -> np.ndarray:
    """Return a channel in whole grey levels, 0 to `n_levels - 1`, int64, same shape.

    Examples
    --------
    >>> plane = np.array([[0.2, 0.3, 0.4]], dtype=np.float32)
    >>> grey_levels(plane, 4, "unit").tolist(), grey_levels(plane, 4, "image").tolist()
    ([[0, 1, 1]], [[0, 2, 3]])
    """
    low, high = (0.0, 1.0) if range == UNIT else (float(plane.min()), float(plane.max()))
    if high <= low:
        return np.zeros(plane.shape, dtype=np.int64)
    scaled = (plane - np.float32(low)) * np.float32(n_levels / (high - low))
    levels: np.ndarray = np.minimum(scaled.astype(np.int64), n_levels - 1)
    return levels


def cooccurrences(levels: np.ndarray, n_levels: int, down: int, right: int) -> np.ndarray:
    """Return how often level i lies beside level j, both ways round, as shares.

    Parameters
    ----------
    levels : numpy.ndarray
        Int64, (height, width), 0 to `n_levels - 1`.
    n_levels : int
        Rows and columns of the matrix.
    down, right : int
        Where the neighbour lies, in pixels; negative is up or left.

    Returns
    -------
    numpy.ndarray
        Float64, (n_levels, n_levels), symmetric, summing to 1.

    Examples
    --------
    >>> cooccurrences(np.array([[0, 0, 1]]), 2, 0, 1).tolist()
    [[0.5, 0.25], [0.25, 0.0]]
    """
    height, width = levels.shape
    here = levels[max(0, -down) : height - max(0, down), max(0, -right) : width - max(0, right)]
    there = levels[max(0, down) : height - max(0, -down), max(0, right) : width - max(0, -right)]
    pairs = (here * n_levels + there).ravel()
    counts = np.bincount(pairs, minlength=n_levels * n_levels).reshape(n_levels, n_levels)
    shares: np.ndarray = (counts + counts.T) / (2.0 * pairs.size)
    return shares


def haralick_measures(matrices: np.ndarray) -> np.ndarray:
    """Return the 13 measures of each co-occurrence matrix, in the order of `MEASURES`.

    Parameters
    ----------
    matrices : numpy.ndarray
        Float64, (n, n_levels, n_levels), each symmetric and summing to 1.

    Returns
    -------
    numpy.ndarray
        Float64, (n, 13).
    """
    n_levels = matrices.shape[1]
    level = np.arange(n_levels, dtype=np.float64)
    marginal = matrices.sum(axis=2)
    mean = (marginal * level).sum(axis=1)
    variance = (marginal * (level - mean[:, None]) ** 2).sum(axis=1)
    sums, differences = _diagonals(matrices)
    two_levels = np.arange(2 * n_levels - 1, dtype=np.float64)
    sum_average = (sums * two_levels).sum(axis=1)
    difference_mean = (differences * level).sum(axis=1)
    contrast = (differences * level**2).sum(axis=1)
    covariance = (matrices * np.multiply.outer(level, level)).sum(axis=(1, 2)) - mean**2
    flat = variance < np.finfo(np.float64).eps
    entropy = _entropy(matrices.reshape(len(matrices), -1))
    return np.stack(
        [
            (matrices**2).sum(axis=(1, 2)),
            contrast,
            np.where(flat, 1.0, covariance / np.where(flat, 1.0, variance)),
            variance,
            (differences / (1.0 + level**2)).sum(axis=1),
            sum_average,
            (sums * (two_levels - sum_average[:, None]) ** 2).sum(axis=1),
            _entropy(sums),
            entropy,
            (differences * (level - difference_mean[:, None]) ** 2).sum(axis=1),
            _entropy(differences),
            *_information(matrices, marginal, entropy),
        ],
        axis=1,
    )


def _diagonals(matrices: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the shares of each sum of levels, and of each difference without its sign."""
    n_matrices, n_levels, _ = matrices.shape
    row, column = np.indices((n_levels, n_levels))
    entries = matrices.reshape(n_matrices, -1)

    def collected(key: np.ndarray, n_keys: int) -> np.ndarray:
        return np.stack([np.bincount(key.ravel(), one, n_keys) for one in entries])

    return collected(row + column, 2 * n_levels - 1), collected(abs(row - column), n_levels)


def _entropy(shares: np.ndarray) -> np.ndarray:
    """Return the entropy in bits along the last axis; an empty class adds nothing."""
    entropy: np.ndarray = -(shares * _log2(shares)).sum(axis=-1)
    return entropy


def _log2(shares: np.ndarray) -> np.ndarray:
    return np.log2(np.where(shares > 0, shares, 1.0))


def _information(
    matrices: np.ndarray, marginal: np.ndarray, entropy: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return both measures of how much one level tells of its neighbour, (n,) each."""
    # log of the product of marginals, as a sum: the product itself can underflow.
    log_marginal = _log2(marginal)
    expected_entropy = 2.0 * _entropy(marginal)
    cross_entropy = -(matrices * (log_marginal[:, :, None] + log_marginal[:, None, :])).sum(
        axis=(1, 2)
    )
    alone = _entropy(marginal)
    flat = alone < np.finfo(np.float64).eps
    first = np.where(flat, 0.0, (entropy - cross_entropy) / np.where(flat, 1.0, alone))
    # Entropies in bits: exp(-2 nats) is 2**(-2 bits).
    second = np.sqrt(np.maximum(0.0, 1.0 - 2.0 ** (-2.0 * (expected_entropy - entropy))))
    return first, second
