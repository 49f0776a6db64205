"""Local binary patterns: how often each pattern of lighter and darker occurs, per scale."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

import numpy as np

from bioselect.data.opencv import opencv
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

UNIFORM = "uniform"
ROTATION_INVARIANT = "rotation_invariant"
ROTATION_INVARIANT_UNIFORM = "rotation_invariant_uniform"

POINTS_PER_RADIUS = 8
#: Of all patterns of 8 points, 36 stay when those that are turns of each other are one; of 24
#: points 699,252 would.
FEW_POINTS = 8
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
    """Histograms of local binary patterns at several scales.

    Around every pixel, points on a circle of radius `r` are interpolated and compared with the
    pixel; which of them are not darker is the pattern. A row holds, per channel and radius, the
    share of each kind of pattern. Only pixels whose circle lies inside the image count. Patterns
    do not change when brightness or contrast do (as long as differences stay above 1e-6 of the
    scale: smaller ones are rounding).

    Parameters
    ----------
    radii : sequence of int
        Radii in pixels, 1 to 5.
    channels : {"each", "mean"}
        Every channel on its own, or the mean of the channels.
    mapping : {"rotation_invariant_uniform", "uniform", "rotation_invariant"}
        Which patterns are one kind. A pattern is uniform when there are at most two changes along
        the circle; all others are then one kind.

        - "rotation_invariant_uniform": `8 r` points; uniform patterns are told apart by how many
          points are not darker, `8 r + 2` kinds.
        - "uniform": `8 r` points; uniform patterns are also told apart by where the points that
          are not darker begin, `8 r (8 r - 1) + 3` kinds (59, 243, 555, 995, 1563 at radius 1 to
          5). Turning the image changes them.
        - "rotation_invariant": 8 points at every radius; patterns are one kind when one is a turn
          of the other, 36 kinds.

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

    def __init__(
        self,
        radii: Sequence[int] = (1, 2, 3),
        channels: str = EACH,
        mapping: str = ROTATION_INVARIANT_UNIFORM,
    ) -> None:
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
        self.mapping = mapping

    def transform(self, images: Sequence[np.ndarray]) -> np.ndarray:
        """Return float32 (n_images, n_channels * sum of n_kinds), each histogram summing to 1.

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
                pattern_shares(plane, radius, self.mapping)
                for plane in planes(image, self.channels)
                for radius in self.radii
            ]
        )

    def feature_names(self, n_channels: int) -> list[str]:
        """Return names such as `lbp_radius1_ones3_c0` and `lbp_radius1_other_c0`."""
        return [
            f"lbp_radius{radius}_{kind}_{channel}"
            for channel in channel_names(self.channels, n_channels)
            for radius in self.radii
            for kind in kind_names(radius, self.mapping)
        ]

    def operations(self, shape: ImageShape = REFERENCE_SHAPE) -> float:
        """Return 14 operations per point, pixel and channel."""
        points = sum(n_points_of(radius, self.mapping) for radius in self.radii)
        n_channels = n_planes(shape, self.channels)
        return float(OPERATIONS_PER_POINT * points * n_channels * shape[0] * shape[1])


def n_points_of(radius: int, mapping: str) -> int:
    """Return how many points the circle of a radius has."""
    return FEW_POINTS if mapping == ROTATION_INVARIANT else POINTS_PER_RADIUS * radius


def kind_names(radius: int, mapping: str) -> list[str]:
    """Return the names of the kinds of pattern, in their order.

    Examples
    --------
    >>> kind_names(1, "rotation_invariant_uniform")[-2:], kind_names(1, "uniform")[7:10]
    (['ones8', 'other'], ['ones1_start6', 'ones1_start7', 'ones2_start0'])
    >>> kind_names(1, "rotation_invariant")[:4]
    ['turns00000000', 'turns00000001', 'turns00000011', 'turns00000101']
    """
    n_points = n_points_of(radius, mapping)
    if mapping == ROTATION_INVARIANT:
        return [f"turns{code:08b}" for code in np.unique(smallest_turns())]
    if mapping == ROTATION_INVARIANT_UNIFORM:
        return [*(f"ones{n}" for n in range(n_points + 1)), "other"]
    some = [f"ones{n}_start{start}" for n in range(1, n_points) for start in range(n_points)]
    return ["ones0", *some, f"ones{n_points}", "other"]


def smallest_turns() -> np.ndarray:
    """Return, for each pattern of 8 points as a number, the smallest number of its turns."""
    codes = np.arange(2**FEW_POINTS)
    turns = [(codes >> by | codes << (FEW_POINTS - by)) & 255 for by in range(FEW_POINTS)]
    smallest: np.ndarray = np.min(turns, axis=0)
    return smallest


def pattern_shares(
    plane: np.ndarray, radius: int, mapping: str = ROTATION_INVARIANT_UNIFORM
) -> np.ndarray:
    """Return the share of each kind of pattern in one channel.

    Parameters
    ----------
    plane : numpy.ndarray
        Float32, (height, width), both at least `2 radius + 1`.
    radius : int
        Radius of the circle in pixels.
    mapping : str
        Which patterns are one kind; see `LocalBinaryPatterns`.

    Returns
    -------
    numpy.ndarray
        Float64, (n_kinds,), in the order of `kind_names`.
    """
    n_kinds = len(kind_names(radius, mapping))
    kernels = circle_kernels(radius, n_points_of(radius, mapping))
    kinds_of = {UNIFORM: _uniform_kinds, ROTATION_INVARIANT: _turned_kinds}.get(
        mapping, _counted_kinds
    )
    counts = np.zeros(n_kinds, dtype=np.int64)
    # Blocks that stay in the processor's cache are three times as fast as the whole image.
    for top in range(0, plane.shape[0] - 2 * radius, BLOCK_ROWS):
        block = plane[top : top + BLOCK_ROWS + 2 * radius]
        counts += np.bincount(kinds_of(block, radius, kernels).ravel(), minlength=n_kinds)
    shares: np.ndarray = counts / counts.sum()
    return shares


def _compared(
    block: np.ndarray, radius: int, kernels: Sequence[np.ndarray]
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield, point by point, whether it is not darker, and whether the one before was not.

    Both are uint8, 0 or 1, for every pixel whose circle lies inside the block, and good until the
    next are asked for. Before the first point there is none: its second array says nothing.
    """
    cv2 = opencv()
    height, width = block.shape
    inside = (slice(radius, height - radius), slice(radius, width - radius))
    difference = np.empty_like(block)
    bits = [np.zeros(block.shape, dtype=bool) for _ in range(2)]
    ones = [whole.view(np.uint8)[inside] for whole in bits]
    for point, kernel in enumerate(kernels):
        now, before = point % 2, (point + 1) % 2
        cv2.filter2D(block, -1, kernel, dst=difference, borderType=cv2.BORDER_REPLICATE)
        np.greater_equal(difference, DARKER, out=bits[now])
        yield ones[now], ones[before]


def _counted_kinds(block: np.ndarray, radius: int, kernels: Sequence[np.ndarray]) -> np.ndarray:
    """Return how many points are not darker, uint8; of patterns that are not uniform one more."""
    height, width = block.shape
    n_ones = np.zeros((height - 2 * radius, width - 2 * radius), dtype=np.uint8)
    n_changes = np.zeros_like(n_ones)
    changed = np.empty_like(n_ones)
    # Round a circle changes come in pairs, so the one from the last point to the first cannot
    # decide whether there are more than two.
    for point, (now, before) in enumerate(_compared(block, radius, kernels)):
        np.add(n_ones, now, out=n_ones)
        if point > 0:
            np.bitwise_xor(now, before, out=changed)
            np.add(n_changes, changed, out=n_changes)
    # The largest number of all, so that a maximum puts it in its place: far faster than a mask.
    others = (n_changes > MOST_CHANGES).view(np.uint8) * np.uint8(len(kernels) + 1)
    kinds: np.ndarray = np.maximum(n_ones, others, out=n_ones)
    return kinds


def _uniform_kinds(block: np.ndarray, radius: int, kernels: Sequence[np.ndarray]) -> np.ndarray:
    """Return the number of each pattern's kind, uint16, in the order of `kind_names`."""
    n_points = len(kernels)
    height, width = block.shape
    n_ones = np.zeros((height - 2 * radius, width - 2 * radius), dtype=np.uint8)
    n_changes, start = np.zeros_like(n_ones), np.zeros_like(n_ones)
    for point, (now, before) in enumerate(_compared(block, radius, kernels)):
        n_ones += now
        if point > 0:
            n_changes += now ^ before
            # A uniform pattern begins once, at this point or at point 0, where nothing is added.
            start += (now & ~before) * np.uint8(point)
    kinds: np.ndarray = 1 + (n_ones.astype(np.uint16) - 1) * np.uint16(n_points) + start
    kinds[n_ones == 0] = 0
    kinds[n_ones == n_points] = 1 + (n_points - 1) * n_points
    kinds[n_changes > MOST_CHANGES] = 2 + (n_points - 1) * n_points
    return kinds


def _turned_kinds(block: np.ndarray, radius: int, kernels: Sequence[np.ndarray]) -> np.ndarray:
    """Return the number of each pattern's kind, uint8, in the order of `kind_names`."""
    height, width = block.shape
    codes = np.zeros((height - 2 * radius, width - 2 * radius), dtype=np.uint8)
    for point, (now, _) in enumerate(_compared(block, radius, kernels)):
        codes |= now << np.uint8(point)
    kinds = np.unique(smallest_turns(), return_inverse=True)[1].astype(np.uint8)
    found: np.ndarray = kinds[codes]
    return found


@cache
def circle_kernels(radius: int, n_points: int) -> tuple[np.ndarray, ...]:
    """Return, per point of the circle, the weights that give point minus centre.

    Each is float32 (2 radius + 1, 2 radius + 1): bilinear weights of the four pixels around the
    point, and -1 at the centre. Points start at the right and go against the clock.

    Examples
    --------
    >>> circle_kernels(1, 8)[0].tolist()
    [[0.0, 0.0, 0.0], [0.0, -1.0, 1.0], [0.0, 0.0, 0.0]]
    """
    side = 2 * radius + 1
    kernels = []
    for point in range(n_points):
        angle = 2 * np.pi * point / n_points
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
    return tuple(kernels)
