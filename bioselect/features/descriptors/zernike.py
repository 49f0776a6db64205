"""Zernike moments: how what lies in a disc is spread, whichever way it is turned."""

from __future__ import annotations

from collections.abc import Sequence
from math import factorial

import numpy as np

from bioselect.features.base import REFERENCE_SHAPE, Extractor, ImageShape
from bioselect.features.descriptors.planes import (
    EACH,
    channel_names,
    described,
    n_planes,
    planes,
)
from bioselect.features.descriptors.thresholds import otsu_threshold

AUTO = "auto"
IMAGE = "image"
BRIGHT = "bright"
DARK = "dark"
#: Of a disc at least twice as large, square blocks of pixels are summed first, so that its radius
#: is 64 to 127 blocks: the polynomials are smooth, and the moments do not change visibly.
LEAST_BLOCKS = 64
#: Distance from the middle, comparison, mean, deviation, square, sum over blocks, threshold.
OPERATIONS_PER_PIXEL = 20


class Zernike(Extractor):
    """Magnitudes of the Zernike moments of a disc, as parts of the variation inside it.

    The values inside the disc, less their mean, are projected on the orthonormal Zernike
    polynomials. A row holds, per channel and polynomial of order `n` with `m` periods around the
    disc, the length of the projection divided by the length of the whole. So the squares of a
    channel's numbers sum to at most 1, and they do not change when the disc's content is turned or
    mirrored, nor with brightness or contrast. A flat disc has only zeros. On a disc of few pixels
    (a radius below the degree, say) polynomials are alike there, and the squares can sum to more;
    none of the numbers is above 1.

    Parameters
    ----------
    degree : int
        Largest order of a polynomial; order 0, which the mean holds, is left out.
    radius : float or "auto"
        Radius of the disc in pixels; "auto" is half the image's shorter side. Where the disc
        reaches beyond the image nothing is known, and the mean is taken.
    center : {"bright", "dark", "image"}
        Middle of the disc: the centre of mass of what is brighter than Otsu's threshold of the
        channel (fluorescence), of what is darker (stained tissue), both weighted by the difference
        from the mean of the rest; or the middle of the image.
    channels : {"each", "mean"}
        Every channel on its own, or the mean of the channels.

    References
    ----------
    Khotanzad, Hong (1990), "Invariant image recognition by Zernike moments", IEEE TPAMI 12(5),
    489-497. There the moments are divided by the number of pixels of a binary shape.

    Examples
    --------
    A ramp is Zernike's tilt (n = 1, m = 1) and nothing else:

    >>> ramp = np.tile(np.linspace(0, 1, 101, dtype=np.float32), (101, 1))[:, :, None]
    >>> extractor = Zernike(degree=2, center="image")
    >>> extractor.transform([ramp]).round(2).tolist()
    [[1.0, 0.0, 0.0]]
    >>> extractor.feature_names(1)
    ['zernike_n1_m1_c0', 'zernike_n2_m0_c0', 'zernike_n2_m2_c0']
    """

    def __init__(
        self,
        degree: int = 8,
        radius: float | str = AUTO,
        center: str = BRIGHT,
        channels: str = EACH,
    ) -> None:
        self.degree = degree
        self.radius = radius
        self.center = center
        self.channels = channels

    def transform(self, images: Sequence[np.ndarray]) -> np.ndarray:
        """Return float32 (n_images, n_channels * n_polynomials), all within [0, 1].

        Raises
        ------
        DataError
            If the images differ in their number of channels.
        """
        return described("zernike", images, self._row)

    def _row(self, image: np.ndarray) -> np.ndarray:
        radius = min(image.shape[:2]) / 2 if isinstance(self.radius, str) else self.radius
        return np.concatenate(
            [
                zernike_shares(plane, middle_of(plane, self.center), radius, self.degree)
                for plane in planes(image, self.channels)
            ]
        )

    def feature_names(self, n_channels: int) -> list[str]:
        """Return names such as `zernike_n4_m2_c0`."""
        return [
            f"zernike_n{n}_m{m}_{channel}"
            for channel in channel_names(self.channels, n_channels)
            for n, m in polynomials(self.degree)
        ]

    def operations(self, shape: ImageShape = REFERENCE_SHAPE) -> float:
        """Return 20 operations per pixel and channel and the projections.

        A projection takes two sums of products per block of pixels and polynomial.
        """
        n_channels = n_planes(shape, self.channels)
        projections = 4 * len(polynomials(self.degree)) * (2 * LEAST_BLOCKS) ** 2
        return float(n_channels * (OPERATIONS_PER_PIXEL * shape[0] * shape[1] + projections))


def polynomials(degree: int) -> list[tuple[int, int]]:
    """Return order and periods (n, m) of all polynomials up to a degree but the constant.

    Examples
    --------
    >>> polynomials(3)
    [(1, 1), (2, 0), (2, 2), (3, 1), (3, 3)]
    """
    return [(n, m) for n in range(1, degree + 1) for m in range(n % 2, n + 1, 2)]


def middle_of(plane: np.ndarray, center: str) -> tuple[float, float]:
    """Return the middle of the disc, (row, column) in pixels; of a flat channel the image's.

    Examples
    --------
    >>> plane = np.zeros((9, 9), dtype=np.float32)
    >>> plane[2, 5:7] = 1.0
    >>> [float(round(place, 6)) for place in middle_of(plane, "bright")], middle_of(plane, "image")
    ([2.0, 5.5], (4.0, 4.0))
    """
    height, width = plane.shape
    is_bright = plane > otsu_threshold(plane) if center != IMAGE else np.zeros(plane.shape, bool)
    if not is_bright.any():
        return (height - 1) / 2, (width - 1) / 2
    is_object = is_bright if center == BRIGHT else ~is_bright
    rest = plane[~is_object].mean(dtype=np.float64)
    weights = np.where(is_object, np.abs(plane - np.float32(rest)), np.float32(0.0))
    down, right = (weights.sum(axis=axis, dtype=np.float64) for axis in (1, 0))
    return (
        float((down * np.arange(height)).sum() / down.sum()),
        float((right * np.arange(width)).sum() / right.sum()),
    )


def zernike_shares(
    plane: np.ndarray, middle: tuple[float, float], radius: float, degree: int
) -> np.ndarray:
    """Return the part of the variation in a disc that each polynomial holds.

    Parameters
    ----------
    plane : numpy.ndarray
        Float32, (height, width).
    middle : tuple of float
        (row, column) of the disc's middle, in pixels.
    radius : float
        Radius of the disc in pixels.
    degree : int
        Largest order.

    Returns
    -------
    numpy.ndarray
        Float64, one for each of `polynomials(degree)`, within [0, 1].
    """
    pairs = polynomials(degree)
    deviation, down, right = disc_deviations(plane, middle, radius)
    length = float(np.sqrt((deviation * deviation).sum()))
    if length == 0.0:
        return np.zeros(len(pairs))
    block = block_side(radius)
    n_down, n_right = len(down) // block, len(right) // block
    sums = deviation.reshape(n_down, block, n_right, block).sum(axis=(1, 3)).ravel()
    down, right = (side.reshape(-1, block).mean(axis=1) for side in (down, right))
    place = (right[None, :] - 1j * down[:, None]).ravel()
    square = place.real**2 + place.imag**2
    # All moments are sums of a few: value times (x + iy)^m times rho^(2 j).
    turns = np.stack([place.conj() ** m for m in range(degree + 1)])
    even = np.stack([sums * square**j for j in range(degree // 2 + 1)])
    simple = even @ turns.T
    shares = [
        abs(sum(factor * simple[j, m] for j, factor in enumerate(radial_factors(n, m))))
        * np.sqrt((n + 1) * (1 if m == 0 else 2) / np.pi)
        for n, m in pairs
    ]
    # On few pixels the polynomials are not orthonormal, and may be longer than 1.
    return np.minimum(np.array(shares) / (length * radius), 1.0)


def block_side(radius: float) -> int:
    """Return the side in pixels of the blocks that are summed first.

    Examples
    --------
    >>> [block_side(radius) for radius in (20, 127.5, 128, 256)]
    [1, 1, 2, 4]
    """
    return max(1, int(radius // LEAST_BLOCKS))


def disc_deviations(
    plane: np.ndarray, middle: tuple[float, float], radius: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the values of a disc less their mean, 0 elsewhere, and where each pixel lies.

    Returns
    -------
    deviation : numpy.ndarray
        Float64, (n_rows, n_columns); the part of the square around the disc that the image lies
        in, each side a multiple of the block's.
    down, right : numpy.ndarray
        Float64, (n_rows,) and (n_columns,): distance from the middle in radii.
    """
    block = block_side(radius)
    half = block * int(np.ceil((radius + 1) / block))
    # Blocks that lie wholly outside of the image hold nothing.
    starts, sides = [], []
    for place, side in zip(middle, plane.shape, strict=True):
        start, end = round(place) - half, round(place) + half
        first = start + block * max(0, -start // block)
        starts.append(first)
        sides.append(end - block * max(0, (end - side) // block) - first)
    down, right = (
        (np.arange(start, start + length) - place) / radius
        for start, length, place in zip(starts, sides, middle, strict=True)
    )
    deviation = np.zeros(sides)
    rows, columns = (
        slice(max(0, -start), min(length, side - start))
        for start, length, side in zip(starts, sides, plane.shape, strict=True)
    )
    is_inside = down[rows, None] ** 2 + right[None, columns] ** 2 <= 1.0
    values = plane[
        rows.start + starts[0] : rows.stop + starts[0],
        columns.start + starts[1] : columns.stop + starts[1],
    ]
    known = values[is_inside].astype(np.float64)
    if known.size and known.max() > known.min():
        deviation[rows, columns][is_inside] = known - known.mean()
    return deviation, down, right


def radial_factors(n: int, m: int) -> list[float]:
    """Return the radial polynomial's factors of rho^m, rho^(m + 2), ... rho^n.

    Examples
    --------
    >>> radial_factors(4, 0)  # 6 rho^4 - 6 rho^2 + 1
    [1.0, -6.0, 6.0]
    """
    factors = []
    for s in range((n - m) // 2, -1, -1):
        below = factorial(s) * factorial((n + m) // 2 - s) * factorial((n - m) // 2 - s)
        factors.append(float((-1) ** s * factorial(n - s) // below))
    return factors
