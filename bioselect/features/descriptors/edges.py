"""Edges: how strong, how frequent, which way they run, and how well they agree on it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bioselect.data.opencv import opencv
from bioselect.exceptions import ComponentError, UnreadableImageError
from bioselect.features.base import REFERENCE_SHAPE, Extractor, ImageShape
from bioselect.features.descriptors.planes import (
    EACH,
    channel_names,
    described,
    n_planes,
    planes,
    require_list,
)
from bioselect.features.descriptors.thresholds import otsu_threshold

POOLED = "pooled"
#: The outermost pixels lack a neighbour, so that at least one more is needed.
SMALLEST_SIDE = 3
#: Weights 3, 10, 3 beside and -1, 0, 1 along, made to give the difference per pixel.
SCHARR_SCALE = 1.0 / 32.0
#: Standard deviation, in pixels, of the neighbourhood whose edges are compared with each other.
NEIGHBOURHOOD = 4.0
RELATIVE_ROUNDING = 1e-4
#: So close to the border of two classes, in parts of a class, directions count as on it.
BETWEEN_CLASSES = 1e-4
#: Smoothing 30, gradient 20, direction and histogram 30, neighbourhoods 150, sorting 20.
OPERATIONS_PER_PIXEL = 250


class Edges(Extractor):
    """Strength, frequency and direction of edges per channel.

    The channel is smoothed and its gradient taken (Scharr's weights); strength is the gradient's
    length, in units of the image's values per pixel. A row holds, per channel: mean, standard
    deviation and quantiles of the strength; `density`, the share of pixels whose strength is above
    Otsu's threshold of the strengths, and the mean strength of those (`edge_strength`);
    `coherence`, how well directions agree all over the image, and `local_coherence`, how well
    they do within neighbourhoods of 4 pixels' standard deviation (0: every direction alike, 1: all
    parallel); the `entropy` of the histogram of directions in bits; and the histogram. All but
    quantiles and density are weighted: by strength the histogram, by its square coherences. A flat
    channel has only zeros. The outermost pixels do not count.

    Parameters
    ----------
    smoothing : float
        Standard deviation of the Gaussian that smooths before, in pixels; 0 for none.
    quantiles : sequence of float
        Which quantiles of the strength, from 0 to 1.
    directions : int
        Classes of direction over 180 degrees. The first is centred on 0 degrees: values change
        from left to right; those that change from bottom to top are at 90 degrees.
    orientations : {"each", "pooled"}
        "each" has the histogram of directions; "pooled" leaves it out, so that turning the image
        by 90 degrees changes nothing; it needs an even number of directions.
    channels : {"each", "mean"}
        Every channel on its own, or the mean of the channels.

    References
    ----------
    Jähne, Scharr, Körkel (1999), "Principles of filter design", Handbook of Computer Vision and
    Applications 2, 125-151; Bigün, Granlund (1987), "Optimal orientation detection of linear
    symmetry", ICCV, 433-438; Otsu (1979), IEEE Trans. Systems, Man, and Cybernetics 9(1), 62-66.

    Examples
    --------
    A ramp has the same edge everywhere, from left to right:

    >>> ramp = np.tile(np.arange(20, dtype=np.float32) / 20, (20, 1))[:, :, None]
    >>> extractor = Edges(smoothing=0, quantiles=(0.5,), directions=2)
    >>> row = extractor.transform([ramp])[0]
    >>> found = dict(zip(extractor.feature_names(1), row.tolist()))
    >>> [round(found[f"edges_{what}_c0"], 3) for what in ("mean", "coherence", "o0", "o90")]
    [0.05, 1.0, 1.0, 0.0]
    """

    def __init__(
        self,
        smoothing: float = 1.0,
        quantiles: Sequence[float] = (0.25, 0.5, 0.75, 0.9, 0.99),
        directions: int = 8,
        orientations: str = EACH,
        channels: str = EACH,
    ) -> None:
        require_list(
            "edges: params.quantiles",
            quantiles,
            "different numbers from 0 to 1",
            whole=False,
            low=0.0,
            high=1.0,
        )
        if orientations == POOLED and directions % 2:
            raise ComponentError(
                "edges: params.directions must be even where orientations are pooled. Got "
                f"{directions}. Write {directions + 1}."
            )
        self.smoothing = smoothing
        self.quantiles = quantiles
        self.directions = directions
        self.orientations = orientations
        self.channels = channels

    def transform(self, images: Sequence[np.ndarray]) -> np.ndarray:
        """Return float32 (n_images, n_channels * k); `k` is 7, the quantiles and the directions.

        Raises
        ------
        UnreadableImageError
            If an image has a side of less than 3 pixels.
        DataError
            If the images differ in their number of channels.
        """
        return described("edges", images, self._row)

    def _row(self, image: np.ndarray) -> np.ndarray:
        height, width = image.shape[:2]
        if min(height, width) < SMALLEST_SIDE:
            raise UnreadableImageError(
                f"edges: images must be at least {SMALLEST_SIDE} x {SMALLEST_SIDE} pixels. Got "
                f"{height} x {width}. Leave such images out."
            )
        return np.concatenate([self._of(plane) for plane in planes(image, self.channels)])

    def _of(self, plane: np.ndarray) -> np.ndarray:
        if plane.min() == plane.max():
            return np.zeros(len(self._kinds()))
        right, up = gradient(plane, self.smoothing)
        strength = np.sqrt(right * right + up * up)
        is_edge = standing_out(strength)
        histogram = direction_shares(right, up, strength, self.directions)
        shares = histogram[histogram > 0]
        numbers = [
            strength.mean(dtype=np.float64),
            strength.std(dtype=np.float64),
            *np.quantile(strength.ravel(), self.quantiles),
            is_edge.mean(),
            strength[is_edge].mean(dtype=np.float64) if is_edge.any() else 0.0,
            *coherences(right, up),
            -(shares * np.log2(shares)).sum() + 0.0,
        ]
        return np.array(numbers if self.orientations == POOLED else [*numbers, *histogram])

    def _kinds(self) -> list[str]:
        quantiles = [f"quantile{share:.12g}" for share in self.quantiles]
        kinds = ["mean", "sd", *quantiles, "density", "edge_strength"]
        kinds += ["coherence", "local_coherence", "entropy"]
        if self.orientations == EACH:
            kinds += [f"o{180.0 * place / self.directions:g}" for place in range(self.directions)]
        return kinds

    def feature_names(self, n_channels: int) -> list[str]:
        """Return names such as `edges_density_c0` and, for a direction, `edges_o22.5_c0`."""
        return [
            f"edges_{kind}_{channel}"
            for channel in channel_names(self.channels, n_channels)
            for kind in self._kinds()
        ]

    def operations(self, shape: ImageShape = REFERENCE_SHAPE) -> float:
        """Return 250 operations per pixel and channel."""
        n_channels = n_planes(shape, self.channels)
        return float(OPERATIONS_PER_PIXEL * n_channels * shape[0] * shape[1])


def gradient(plane: np.ndarray, smoothing: float) -> tuple[np.ndarray, np.ndarray]:
    """Return by how much values grow per pixel to the right and upwards.

    Parameters
    ----------
    plane : numpy.ndarray
        Float32, (height, width).
    smoothing : float
        Standard deviation of the Gaussian in pixels; the channel is mirrored at its border.

    Returns
    -------
    right, up : numpy.ndarray
        Float32, (height - 2, width - 2): the outermost pixels have no neighbour.
    """
    cv2 = opencv()
    if smoothing > 0:
        plane = cv2.GaussianBlur(plane, (0, 0), smoothing, borderType=cv2.BORDER_REFLECT)
    right = cv2.Scharr(plane, cv2.CV_32F, 1, 0, scale=SCHARR_SCALE)
    up = cv2.Scharr(plane, cv2.CV_32F, 0, 1, scale=-SCHARR_SCALE)
    return np.ascontiguousarray(right[1:-1, 1:-1]), np.ascontiguousarray(up[1:-1, 1:-1])


def standing_out(strength: np.ndarray) -> np.ndarray:
    """Tell which pixels are edges: those above Otsu's threshold of all strengths.

    Where strengths differ by no more than rounding (a ramp), none is.
    """
    high = float(strength.max())
    if high - float(strength.min()) <= RELATIVE_ROUNDING * high:
        return np.zeros(strength.shape, dtype=bool)
    is_edge: np.ndarray = strength > otsu_threshold(strength)
    return is_edge


def direction_shares(
    right: np.ndarray, up: np.ndarray, strength: np.ndarray, n_directions: int
) -> np.ndarray:
    """Return which share of all strength has which direction, float64 (n_directions,).

    Examples
    --------
    >>> right, up = np.array([[2.0, 0.0]]), np.array([[0.0, -6.0]])
    >>> direction_shares(right, up, np.hypot(right, up), 4).tolist()  # 0, 45, 90, 135 degrees
    [0.25, 0.0, 0.75, 0.0]
    """
    # From -n_directions to n_directions: twice around, and the first once more.
    # What lies between two classes (45 degrees, of 6) goes to the larger in spite of rounding.
    angles = np.arctan2(up, right) * np.float32(n_directions / np.pi)
    steps = np.floor(angles + np.float32(0.5 + BETWEEN_CLASSES))
    numbers = steps.astype(np.int64).ravel() + n_directions
    twice = np.bincount(numbers, strength.ravel(), 2 * n_directions + 1)
    weights = twice[:n_directions] + twice[n_directions:-1]
    weights[0] += twice[-1]
    total = weights.sum()
    return weights / total if total > 0.0 else weights


def coherences(right: np.ndarray, up: np.ndarray) -> tuple[float, float]:
    """Return how well directions agree over the whole channel, and within neighbourhoods.

    Both are the length of the sum of squared gradients as complex numbers, which have the same
    direction for opposite gradients, divided by the sum of their lengths; the second has that
    per neighbourhood, weighted by the neighbourhoods' lengths.

    Examples
    --------
    >>> right = np.zeros((64, 64), dtype=np.float32)
    >>> right[:, :32] = 1.0
    >>> up = 1.0 - right  # left half one way, right half the other
    >>> whole, local = coherences(right, up)
    >>> whole, local > 0.9
    (0.0, True)
    """
    cv2 = opencv()
    tensor = (right * right - up * up, 2 * right * up, right * right + up * up)
    cosine, sine, length = (float(part.sum(dtype=np.float64)) for part in tensor)
    if length == 0.0:
        return 0.0, 0.0
    cosines, sines, lengths = (
        cv2.GaussianBlur(part, (0, 0), NEIGHBOURHOOD, borderType=cv2.BORDER_REFLECT)
        for part in tensor
    )
    agreeing = float(cv2.magnitude(cosines, sines).sum(dtype=np.float64))
    all_lengths = float(lengths.sum(dtype=np.float64))
    return float(np.hypot(cosine, sine)) / length, agreeing / all_lengths if all_lengths else 0.0
