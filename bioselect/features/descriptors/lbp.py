"""Local binary patterns: how often each rotation-invariant uniform pattern occurs, per scale."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bioselect.data.opencv import opencv
from bioselect.features.base import Extractor
from bioselect.features.descriptors.planes import (
    EACH,
    REFERENCE_CHANNELS,
    REFERENCE_PIXELS,
    described,
    planes,
    require_list,
    require_size,
)

POINTS_PER_RADIUS = 8
#: A neighbour counts as darker when it is so by more than the rounding of float32 weights; the
#: step of a 16-bit image is fifteen times as large.
DARKER = np.float32(-1e-6)
LARGEST_RADIUS = 5
#: Uniform patterns change at most twice along the circle.
MOST_CHANGES = 2
BLOCK_ROWS = 128
#: A point of the circle: weights of five pixels (10), comparison, two sums, one transition.
OPERATIONS_PER_POINT = 14


class LocalBinaryPatterns(Extractor):
    """Histograms of uniform, rotation-invariant local binary patterns at several scales.

    Around every pixel, `8 r` points on a circle of radius `r` are interpolated and compared with
    the pixel. Patterns with at most two changes along the circle are told apart by how many points
    are not darker (`8 r + 1` kinds); all others are one kind. A row holds, per channel and radius,
    the share of each kind. Only pixels whose circle lies inside the image count. Patterns do not
    change when brightness or contrast do.

    Parameters
    ----------
    radii : sequence of int
        Radii in pixels, 1 to 5.
    channels : {"each", "mean"}
        Every channel on its own, or the mean of the channels.

    References
    ----------
    Ojala, Pietikäinen, Mäenpää (2002), "Multiresolution gray-scale and rotation invariant texture
    classification with local binary patterns", IEEE TPAMI 24(7), 971-987.

    Examples
    --------
    On a flat image no neighbour is darker: all pixels are of the kind "8 of 8 points".

    >>> flat = np.full((5, 5, 1), 0.5, dtype=np.float32)
    >>> LocalBinaryPatterns(radii=(1,)).transform([flat]).tolist()
    [[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0]]
    """

    def __init__(self, radii: Sequence[int] = (1, 2, 3), channels: str = EACH) -> None:
        require_list(
            "lbp: params.radii",
            radii,
            f"different whole numbers from 1 to {LARGEST_RADIUS}",
            whole=True,
            low=1,
            high=LARGEST_RADIUS,
        )
        self.radii = radii
        self.channels = channels

    def transform(self, images: Sequence[np.ndarray]) -> np.ndarray:
        """Return float32 (n_images, n_channels * sum of (8 r + 2)), each histogram summing to 1.

        Raises
        ------
        UnreadableImageError
            If an image is smaller than the largest circle.
        DataError
            If the images differ in their number of channels.
        """
        return described("lbp", images, self._row)

    def _row(self, image: np.ndarray) -> np.ndarray:
        require_size("lbp", image, 2 * max(self.radii) + 1, "params.radii")
        return np.concatenate(
            [
                pattern_shares(plane, radius)
                for plane in planes(image, self.channels)
                for radius in self.radii
            ]
        )

    def feature_names(self, n_features: int) -> list[str]:
        """Return names such as `channel0_radius1_ones3` and `channel0_radius1_other`."""
        one = [
            f"radius{radius}_{kind}"
            for radius in self.radii
            for kind in (*(f"ones{n}" for n in range(POINTS_PER_RADIUS * radius + 1)), "other")
        ]
        return [f"channel{c}_{name}" for c in range(n_features // len(one)) for name in one]

    def operations(self) -> float:
        """Return 14 operations per point, pixel and channel, for 512 x 512 pixels, 3 channels."""
        n_points = POINTS_PER_RADIUS * sum(self.radii)
        n_channels = REFERENCE_CHANNELS if self.channels == EACH else 1
        return float(OPERATIONS_PER_POINT * n_points * n_channels * REFERENCE_PIXELS)


def pattern_shares(plane: np.ndarray, radius: int) -> np.ndarray:
    """Return the share of each kind of pattern in one channel.

    Parameters
    ----------
    plane : numpy.ndarray
        Float32, (height, width), both at least `2 radius + 1`.
    radius : int
        Radius of the circle in pixels; it has `8 radius` points.

    Returns
    -------
    numpy.ndarray
        Float64, (8 radius + 2,): patterns with 0, 1, ... points that are not darker, then all
        patterns that are not uniform.
    """
    n_kinds = POINTS_PER_RADIUS * radius + 2
    kernels = circle_kernels(radius)
    counts = np.zeros(n_kinds, dtype=np.int64)
    # Blocks that stay in the processor's cache are three times as fast as the whole image.
    for top in range(0, plane.shape[0] - 2 * radius, BLOCK_ROWS):
        block = plane[top : top + BLOCK_ROWS + 2 * radius]
        counts += np.bincount(_kinds(block, radius, kernels).ravel(), minlength=n_kinds)
    shares: np.ndarray = counts / counts.sum()
    return shares


def _kinds(block: np.ndarray, radius: int, kernels: Sequence[np.ndarray]) -> np.ndarray:
    """Return the kind of pattern, uint8, of every pixel whose circle lies inside the block."""
    cv2 = opencv()
    height, width = block.shape
    inside = (slice(radius, height - radius), slice(radius, width - radius))
    difference = np.empty_like(block)
    bits = [np.empty(block.shape, dtype=bool) for _ in range(2)]
    ones = [whole.view(np.uint8)[inside] for whole in bits]
    n_ones = np.zeros((height - 2 * radius, width - 2 * radius), dtype=np.uint8)
    n_changes = np.zeros_like(n_ones)
    changed = np.empty_like(n_ones)
    # Round a circle changes come in pairs, so the one from the last point to the first cannot
    # decide whether there are more than two.
    for point, kernel in enumerate(kernels):
        now, before = point % 2, (point + 1) % 2
        cv2.filter2D(block, -1, kernel, dst=difference, borderType=cv2.BORDER_REPLICATE)
        np.greater_equal(difference, DARKER, out=bits[now])
        np.add(n_ones, ones[now], out=n_ones)
        if point > 0:
            np.bitwise_xor(ones[now], ones[before], out=changed)
            np.add(n_changes, changed, out=n_changes)
    n_ones[n_changes > MOST_CHANGES] = len(kernels) + 1
    return n_ones


def circle_kernels(radius: int) -> list[np.ndarray]:
    """Return, per point of the circle, the weights that give point minus centre.

    Each is float32 (2 radius + 1, 2 radius + 1): bilinear weights of the four pixels around the
    point, and -1 at the centre. Points start at the right and go against the clock.

    Examples
    --------
    >>> circle_kernels(1)[0].tolist()
    [[0.0, 0.0, 0.0], [0.0, -1.0, 1.0], [0.0, 0.0, 0.0]]
    """
    side = 2 * radius + 1
    kernels = []
    for point in range(POINTS_PER_RADIUS * radius):
        angle = 2 * np.pi * point / (POINTS_PER_RADIUS * radius)
        # Rounding puts the points on the axes exactly on a pixel.
        row = radius - round(radius * np.sin(angle), 6)
        column = radius + round(radius * np.cos(angle), 6)
        top, left = int(np.floor(row)), int(np.floor(column))
        kernel = np.zeros((side + 1, side + 1))
        kernel[top : top + 2, left : left + 2] = np.outer(
            [top + 1 - row, row - top], [left + 1 - column, column - left]
        )
        kernel[radius, radius] -= 1.0
        kernels.append(kernel[:side, :side].astype(np.float32))
    return kernels
