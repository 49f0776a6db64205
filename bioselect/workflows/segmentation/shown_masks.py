"""Masks over small pictures of their images, for the sheet of what augmentation does."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bioselect.data.mask_codes import MaskCodes
from bioselect.data.opencv import opencv
from bioselect.data.pairs import IGNORED
from bioselect.data.reading import read_image
from bioselect.predict.mask_pictures import overlay
from bioselect.workflows.segmentation.examining import ExaminedPairs


@dataclass(frozen=True)
class MaskDisplay:
    """How masks are laid over pictures."""

    codes: MaskCodes

    def over(self, picture: np.ndarray, mask: np.ndarray) -> np.ndarray:
        """Return a picture with the outlines of its classes.

        Parameters
        ----------
        picture : np.ndarray
            uint8 ``(height, width, 3)``; where the channels of an image lie side by side, it is
            wider than the mask.
        mask : np.ndarray
            uint8 ``(height, width)`` of class places.
        """
        height, width = mask.shape
        places = np.full(picture.shape[:2], IGNORED, dtype=np.uint8)
        n_panels = max(1, picture.shape[1] // width)
        gap = 0 if n_panels == 1 else (picture.shape[1] - n_panels * width) // (n_panels - 1)
        for panel in range(n_panels):
            left = panel * (width + gap)
            places[:height, left : left + width] = mask
        return overlay(picture, places, self.codes.n_classes, self.codes.background)


def small_mask(found: ExaminedPairs, place: int, size: tuple[int, int]) -> np.ndarray:
    """Return the class places of a mask at the size of its picture, ``(height, width)``."""
    path = found.masks[place]
    places = found.codes.places(read_image(path), path.name)
    cv2 = opencv()
    small: np.ndarray = cv2.resize(places, size[::-1], interpolation=cv2.INTER_NEAREST)
    return small
