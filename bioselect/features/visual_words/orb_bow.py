"""ORB descriptors of the strongest corners, to be counted as visual words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from bioselect.data.opencv import opencv
from bioselect.features.base import REFERENCE_SHAPE, Extractor, ImageShape
from bioselect.features.descriptors.planes import MEAN, described, n_planes
from bioselect.features.visual_words.eight_bit import IMAGE
from bioselect.features.visual_words.kinds import KINDS, ORB
from bioselect.features.visual_words.planes_packed import (
    OPERATIONS_PER_PIXEL,
    packed_planes,
)

if TYPE_CHECKING:
    from bioselect.features.visual_words.vocabulary import VisualWords

#: Side of a patch in pixels; the pairs that are compared were chosen for it (Rublee et al. 2011).
PATCH_SIDE = 31
#: Each level of the pyramid is so much smaller than the one before.
SCALE = 1.2
MOST_LEVELS = 8
#: FAST looks at a circle of radius 3.
BORDER = 3

_PIXEL_OPERATIONS = 80  # a pixel of a level: FAST, smoothing by 7 x 7, resizing
_CORNER_OPERATIONS = 10_000  # strength, direction, 256 comparisons


class OrbBow(Extractor):
    """Local descriptors of an image: ORB at its strongest corners, in several sizes.

    The row of an image holds its descriptors. What they are counted as, the visual words, is learnt
    from the training images of each fold, see
    :class:`~bioselect.features.visual_words.vocabulary.VisualWords`. The descriptors stay the same
    when an image is turned by 90 degrees, and nearly by others, as each patch is turned to its own
    direction. An image without corners has no descriptor; `sift_bow` needs none.

    Parameters
    ----------
    words : int
        Size of the vocabulary (for each plane). Concerns the learnt step only.
    keypoints : int
        Most corners of a plane: the strongest. A row takes 44 bytes for each.
    threshold : int
        A corner has 9 neighbours of the 16 pixels around it lighter, or darker, by more than so
        many of 256 grey levels. Low, as the strongest are chosen afterwards by another measure.
    channels : {"mean", "each"}
        The mean of the channels, or every channel on its own with a vocabulary of its own.
    range : {"image", "unit"}
        What becomes black and white in the 8 bits that OpenCV describes: the quantiles 0.001 and
        0.999 of the plane itself, or 0 and 1.

    References
    ----------
    Rublee, Rabaud, Konolige, Bradski (2011), "ORB: an efficient alternative to SIFT or SURF", ICCV,
    2564-2571.

    Examples
    --------
    >>> image = np.random.default_rng(0).random((64, 64, 3)).astype(np.float32)
    >>> extractor = OrbBow(keypoints=100)
    >>> rows = extractor.transform([image, np.zeros_like(image)])
    >>> rows.shape, rows[:, 0].tolist()
    ((2, 1101), [100.0, 0.0])
    """

    learnt_parameters = ("words",)

    def __init__(
        self,
        words: int = 200,
        keypoints: int = 256,
        threshold: int = 10,
        channels: str = MEAN,
        range: str = IMAGE,
    ) -> None:
        self.words = words
        self.keypoints = keypoints
        self.threshold = threshold
        self.channels = channels
        self.range = range

    def transform(self, images: Sequence[np.ndarray]) -> np.ndarray:
        """Return float32 (n_images, n_planes * (1 + 11 * keypoints)): packed descriptors.

        Raises
        ------
        DataError
            If the images differ in their number of channels and each is described on its own.
        """
        return described("orb_bow", images, self._row)

    def learnt_step(self, seed: int) -> VisualWords:
        """Return the vocabulary, to be learnt from the training images of a fold."""
        from bioselect.features.visual_words.vocabulary import VisualWords

        return VisualWords(ORB, self.keypoints, self.words, seed)

    def operations(self, shape: ImageShape = REFERENCE_SHAPE) -> float:
        """Return the operations for the pixels, and to find the words of all corners."""
        scaled = sum(SCALE ** (-2 * level) for level in range(MOST_LEVELS))
        pixels = shape[0] * shape[1] * (OPERATIONS_PER_PIXEL + _PIXEL_OPERATIONS * scaled)
        a_corner = _CORNER_OPERATIONS + 2 * KINDS[ORB].n_values * self.words
        return float(n_planes(shape, self.channels) * (pixels + self.keypoints * a_corner))

    def _row(self, image: np.ndarray) -> np.ndarray:
        return packed_planes(image, self.channels, self.range, self.keypoints, self._describe)

    def _describe(self, plane: np.ndarray) -> np.ndarray:
        cv2 = opencv()
        orb = cv2.ORB_create(
            nfeatures=self.keypoints,
            scaleFactor=SCALE,
            nlevels=n_levels(min(plane.shape)),
            edgeThreshold=BORDER,
            patchSize=PATCH_SIDE,
            fastThreshold=self.threshold,
        )
        corners, descriptors = orb.detectAndCompute(plane, None)
        if descriptors is None:
            return np.empty((0, KINDS[ORB].n_bytes), dtype=np.uint8)
        # Equally strong ones may be more than asked for; the order must not be left to OpenCV.
        order = sorted(range(len(corners)), key=lambda place: _rank(corners[place]))
        chosen: np.ndarray = descriptors[order[: self.keypoints]]
        return chosen


def _rank(corner: Any) -> tuple[float, ...]:
    x, y = corner.pt
    return (-corner.response, corner.octave, y, x)


def n_levels(shorter_side: int) -> int:
    """Return how many sizes of patches fit into an image, at least 1.

    Examples
    --------
    >>> n_levels(20), n_levels(40), n_levels(1000)
    (1, 2, 8)
    """
    fitting = [level for level in range(MOST_LEVELS) if PATCH_SIDE * SCALE**level <= shorter_side]
    return max(1, len(fitting))
