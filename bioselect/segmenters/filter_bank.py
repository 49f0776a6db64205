"""What surrounds each pixel, in numbers: responses of filters at several scales, each channel.

With the image smoothed by a Gaussian of each scale they are the ones of ilastik and of Trainable
Weka Segmentation: its value, the difference to the next finer scale (difference of Gaussians), the
size of its gradient, its Laplacian, the eigenvalues of its Hessian (is it a blob, a ridge, a
saddle) and those of its structure tensor (is there an edge, a corner). Derivatives are differences
of neighbouring pixels of the smoothed image, times the scale (second ones times its square), so
that numbers of all scales are comparable.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from bioselect.data.pairs import WHOLE, Scene

#: A Gaussian ends after so many standard deviations.
TRUNCATE = 3.0
#: Numbers of each channel and scale.
PER_SCALE = 8
_NUMBERS_AT_A_TIME = 1 << 27


@dataclass(frozen=True)
class FilterBank:
    """Filters of some scales.

    Parameters
    ----------
    scales : tuple of float
        Standard deviations of the Gaussians in pixels, ascending.

    References
    ----------
    Berg and others (2019), "ilastik: interactive machine learning for (bio)image analysis", Nature
    Methods 16, 1226-1232. Arganda-Carreras and others (2017), "Trainable Weka Segmentation",
    Bioinformatics 33, 2424-2426.

    Examples
    --------
    >>> bank = FilterBank((1.0, 2.0))
    >>> bank.responses(np.zeros((5, 4, 3), np.float32)).shape, bank.margin
    ((51, 5, 4), 13)
    """

    scales: tuple[float, ...]

    @property
    def margin(self) -> int:
        """How many pixels away something may lie that changes the numbers of a pixel."""
        return 2 * _radius(max(self.scales)) + 1

    def n_responses(self, n_channels: int) -> int:
        """Return how many numbers a pixel has."""
        return n_channels * (1 + PER_SCALE * len(self.scales))

    def names(self, n_channels: int) -> list[str]:
        """Return what each number is.

        Examples
        --------
        >>> FilterBank((1.0,)).names(1)[:4]
        ['c0', 'c0_gaussian_1', 'c0_difference_1', 'c0_gradient_1']
        """
        kinds = ["gaussian", "difference", "gradient", "laplacian"]
        kinds += ["hessian_high", "hessian_low", "structure_high", "structure_low"]
        return [
            name
            for channel in range(n_channels)
            for name in (
                f"c{channel}",
                *(f"c{channel}_{kind}_{scale:g}" for scale in self.scales for kind in kinds),
            )
        ]

    def responses(self, image: np.ndarray, rows: slice = WHOLE) -> np.ndarray:
        """Return the numbers of every pixel; beyond the border the image is mirrored.

        Parameters
        ----------
        image : np.ndarray
            float32 ``(height, width, n_channels)``.
        rows : slice
            Of which rows to return them.

        Returns
        -------
        np.ndarray
            float32 ``(n_responses, n_rows, width)``, channel after channel as in `names`.
        """
        height, width, n_channels = image.shape
        first, end, _ = rows.indices(height)
        out = np.empty((self.n_responses(n_channels), end - first, width), dtype=np.float32)
        each = self.n_responses(1)
        for channel in range(n_channels):
            plane = np.ascontiguousarray(image[..., channel], dtype=np.float32)
            _of_channel(plane, self.scales, rows, out[channel * each : (channel + 1) * each])
        return out

    def responses_in(self, scene: Scene, rows: slice) -> np.ndarray:
        """Return the numbers of some rows of a large image, with the bits that all would have.

        They are computed from a window with a margin. It is as wide as the image, because the last
        columns of an array may be computed with other roundings than the rest.
        """
        top, bottom = max(0, rows.start - self.margin), min(scene.shape[0], rows.stop + self.margin)
        window = scene.window(slice(top, bottom), WHOLE)
        return self.responses(window, slice(rows.start - top, rows.stop - top))

    def bands(self, scene: Scene) -> Iterator[slice]:
        """Give rows from top to bottom, so many at a time that their numbers need half a GB."""
        height = scene.shape[0]
        n_rows = self._rows_at_a_time(scene.shape)
        for top in range(0, height, n_rows):
            yield slice(top, min(top + n_rows, height))

    def bytes_at_a_time(self, shape: tuple[int, int, int]) -> int:
        """Return what the numbers of the rows take that are computed at a time of an image.

        Examples
        --------
        >>> FilterBank((1.0, 2.0)).bytes_at_a_time((5, 4, 3)) == 5 * 4 * 51 * 4
        True
        """
        height, width, n_channels = shape
        n_numbers = width * self.n_responses(n_channels)
        return 4 * n_numbers * min(height, self._rows_at_a_time(shape))

    def _rows_at_a_time(self, shape: tuple[int, int, int]) -> int:
        _, width, n_channels = shape
        return max(1, _NUMBERS_AT_A_TIME // (width * self.n_responses(n_channels)))


def _of_channel(plane: np.ndarray, scales: Sequence[float], rows: slice, out: np.ndarray) -> None:
    out[0] = plane[rows]
    finer = plane
    for number, scale in enumerate(scales):
        first = 1 + PER_SCALE * number
        smooth = _smoothed(plane, scale)
        dx, dy = _slopes(smooth, scale)
        out[first] = smooth[rows]
        np.subtract(finer[rows], smooth[rows], out=out[first + 1])
        np.hypot(dx[rows], dy[rows], out=out[first + 2])
        xx, yy, xy = (part[rows] for part in _curvatures(smooth, scale))
        np.add(xx, yy, out=out[first + 3])
        _eigenvalues(xx, yy, xy, out[first + 4 : first + 6])
        products = (dx * dx, dy * dy, dx * dy)
        xx, yy, xy = (_smoothed(product, scale)[rows] for product in products)
        _eigenvalues(xx, yy, xy, out[first + 6 : first + 8])
        finer = smooth


def _radius(scale: float) -> int:
    return math.ceil(TRUNCATE * scale)


def _filtered(plane: np.ndarray, along_x: np.ndarray, along_y: np.ndarray) -> np.ndarray:
    import cv2

    found: np.ndarray = cv2.sepFilter2D(
        plane, cv2.CV_32F, along_x, along_y, borderType=cv2.BORDER_REFLECT_101
    )
    return found


def _smoothed(plane: np.ndarray, scale: float) -> np.ndarray:
    import cv2

    kernel = cv2.getGaussianKernel(2 * _radius(scale) + 1, scale, cv2.CV_32F)
    return _filtered(plane, kernel, kernel)


_SAME = np.array([0, 1, 0], dtype=np.float32)
_SLOPE = np.array([-0.5, 0, 0.5], dtype=np.float32)
_CURVE = np.array([1, -2, 1], dtype=np.float32)


def _slopes(smooth: np.ndarray, scale: float) -> tuple[np.ndarray, np.ndarray]:
    slope = np.float32(scale) * _SLOPE
    return _filtered(smooth, slope, _SAME), _filtered(smooth, _SAME, slope)


def _curvatures(smooth: np.ndarray, scale: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the second derivatives along x, along y and along both."""
    curve, slope = np.float32(scale**2) * _CURVE, np.float32(scale) * _SLOPE
    return (
        _filtered(smooth, curve, _SAME),
        _filtered(smooth, _SAME, curve),
        _filtered(smooth, slope, slope),
    )


def _eigenvalues(xx: np.ndarray, yy: np.ndarray, xy: np.ndarray, out: np.ndarray) -> None:
    """Write the higher and the lower eigenvalue of ``[[xx, xy], [xy, yy]]``."""
    half_sum = (xx + yy) * np.float32(0.5)
    half_difference = (xx - yy) * np.float32(0.5)
    root = np.sqrt(half_difference * half_difference + xy * xy)
    np.add(half_sum, root, out=out[0])
    np.subtract(half_sum, root, out=out[1])
