"""SIFT descriptors on a grid of patches, to be counted as visual words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from bioselect.data.opencv import opencv
from bioselect.exceptions import ComponentError
from bioselect.features.base import REFERENCE_SHAPE, Extractor, ImageShape
from bioselect.features.descriptors.planes import MEAN, described, n_planes, require_list
from bioselect.features.visual_words.eight_bit import IMAGE
from bioselect.features.visual_words.grid import PatchGrid, patch_grids
from bioselect.features.visual_words.kinds import KINDS, SIFT
from bioselect.features.visual_words.planes_packed import (
    OPERATIONS_PER_PIXEL,
    packed_planes,
)

if TYPE_CHECKING:
    from bioselect.features.visual_words.vocabulary import VisualWords

#: Larger and smaller patches are described in an image resized so that they have this side.
PATCH_SIDE = 16
#: A patch has 4 x 4 cells, each 3 standard deviations of its Gaussian wide (Lowe 2004).
SIGMA = PATCH_SIDE / 12
#: How far from the centre of a patch its descriptor looks, with the smoothing before it.
REACH = 24
#: Bands of an image that are described at a time, in rows: they bound the memory.
BAND_ROWS = 512
SMALLEST_PATCH, LARGEST_PATCH = 8, 512

_BLUR_OPERATIONS = 180  # a pixel: 4 Gaussians, 11 taps in each direction
_PATCH_OPERATIONS = 29 * 29 * 40  # a gradient, its weight and the cells it counts in


class SiftBow(Extractor):
    """Local descriptors of an image: RootSIFT of patches on a grid in several sizes.

    The row of an image holds its descriptors. What they are counted as, the visual words, is learnt
    from the training images of each fold, see
    :class:`~bioselect.features.visual_words.vocabulary.VisualWords`.

    Patches are taken on a grid and not where a detector finds corners: counting words works best
    with many samples of the whole image (Nowak, Jurie, Triggs 2006), and a cell of 40 pixels, or
    smooth tissue, has next to no corners. Patches are not turned; `orb_bow` has descriptors that
    hardly change when an image is turned.

    Parameters
    ----------
    words : int
        Size of the vocabulary (for each plane). Concerns the learnt step only. With 5,000 images
        and one core, 200 words take 2 s a fold to learn and count, and 500 take twice to three
        times as long; the default was chosen by that, not by scores.
    keypoints : int
        Most patches of a plane. A row takes 172 bytes for each: 220 MB for 5,000 images with 256.
    step : int
        Smallest distance between patches in pixels; larger images have it larger, so that there
        are at most `keypoints`.
    patches : sequence of int
        Sides of the patches in pixels, 8 to 512; those larger than an image are left out there.
    channels : {"mean", "each"}
        The mean of the channels, or every channel on its own with a vocabulary of its own.
    range : {"image", "unit"}
        What becomes black and white in the 8 bits that OpenCV describes: the quantiles 0.001 and
        0.999 of the plane itself, or 0 and 1.

    References
    ----------
    Lowe (2004), "Distinctive image features from scale-invariant keypoints", Int. J. Computer
    Vision 60(2), 91-110; Nowak, Jurie, Triggs (2006), "Sampling strategies for bag-of-features
    image classification", ECCV; Bosch, Zisserman, Muñoz (2007), "Image classification using random
    forests and ferns", ICCV (dense, in several sizes).

    Examples
    --------
    >>> image = np.random.default_rng(0).random((40, 40, 3)).astype(np.float32)
    >>> row = SiftBow().transform([image])[0]
    >>> row.shape, int(row[0])  # 13 x 13 patches of 16 and 5 x 5 of 32 pixels
    ((11009,), 194)
    """

    learnt_parameters = ("words",)

    def __init__(
        self,
        words: int = 200,
        keypoints: int = 256,
        step: int = 2,
        patches: Sequence[int] = (16, 32, 64),
        channels: str = MEAN,
        range: str = IMAGE,
    ) -> None:
        require_list(
            "sift_bow: params.patches",
            patches,
            f"different whole numbers from {SMALLEST_PATCH} to {LARGEST_PATCH}",
            whole=True,
            low=SMALLEST_PATCH,
            high=LARGEST_PATCH,
        )
        if len(patches) > keypoints:
            raise ComponentError(
                f"sift_bow: params.keypoints must be at least as many as there are patches. Got "
                f"{keypoints} for {len(patches)} sizes. Choose more, or fewer sizes."
            )
        self.words = words
        self.keypoints = keypoints
        self.step = step
        self.patches = patches
        self.channels = channels
        self.range = range

    def transform(self, images: Sequence[np.ndarray]) -> np.ndarray:
        """Return float32 (n_images, n_planes * (1 + 43 * keypoints)): packed descriptors.

        Raises
        ------
        DataError
            If the images differ in their number of channels and each is described on its own.
        """
        return described("sift_bow", images, self._row)

    def learnt_step(self, seed: int) -> VisualWords:
        """Return the vocabulary, to be learnt from the training images of a fold."""
        from bioselect.features.visual_words.vocabulary import VisualWords

        return VisualWords(SIFT, self.keypoints, self.words, seed)

    def operations(self, shape: ImageShape = REFERENCE_SHAPE) -> float:
        """Return the operations for the pixels, and to find the words of all patches."""
        scaled = sum((PATCH_SIDE / side) ** 2 for side in self.patches)
        pixels = shape[0] * shape[1] * (OPERATIONS_PER_PIXEL + _BLUR_OPERATIONS * scaled)
        a_patch = _PATCH_OPERATIONS + 2 * KINDS[SIFT].n_values * self.words
        return float(n_planes(shape, self.channels) * (pixels + self.keypoints * a_patch))

    def _row(self, image: np.ndarray) -> np.ndarray:
        return packed_planes(image, self.channels, self.range, self.keypoints, self._describe)

    def _describe(self, plane: np.ndarray) -> np.ndarray:
        height, width = plane.shape
        grids = patch_grids(height, width, self.patches, self.step, self.keypoints)
        return np.vstack([_descriptors(plane, grid) for grid in grids])


def _descriptors(plane: np.ndarray, grid: PatchGrid) -> np.ndarray:
    """Return uint8 ``(n_patches, 128)``, row by row of the grid."""
    cv2 = opencv()
    height, width = plane.shape
    factor = PATCH_SIDE / grid.side
    if factor != 1:
        size = (max(1, round(width * factor)), max(1, round(height * factor)))
        plane = cv2.resize(plane, size, interpolation=cv2.INTER_AREA)
    # Edges of pixels lie half a pixel before and behind their centres, which are whole numbers.
    # SIFT takes the nearest pixel; of two equally near ones here always the later.
    rows = np.floor((grid.rows + 0.5) * (plane.shape[0] / height))
    columns = np.floor((grid.columns + 0.5) * (plane.shape[1] / width))
    sift = cv2.SIFT_create(nOctaveLayers=1, sigma=SIGMA)
    found = []
    for band in bands(rows):
        first = max(0, int(band[0]) - REACH)
        strip = plane[first : int(band[-1]) + REACH + 1]
        points = [
            cv2.KeyPoint(float(column), float(row) - first, 2 * SIGMA, 0)
            for row in band
            for column in columns
        ]
        # Whole numbers in float32.
        found.append(sift.compute(strip, points)[1].astype(np.uint8))
    return np.vstack(found)


def bands(rows: np.ndarray) -> Iterator[np.ndarray]:
    """Yield neighbouring rows of a grid that are described together.

    Between two bands the image is large or unused; SIFT needs about 30 bytes for each pixel.

    Examples
    --------
    >>> [band.tolist() for band in bands(np.array([10.0, 20.0, 30.0, 90.0]))]
    [[10.0, 20.0, 30.0], [90.0]]
    """
    starts = [0]
    for place, (before, row) in enumerate(pairwise(rows), start=1):
        if row - before > 2 * REACH or row - rows[starts[-1]] > BAND_ROWS:
            starts.append(place)
    for first, last in pairwise([*starts, len(rows)]):
        yield rows[first:last]
