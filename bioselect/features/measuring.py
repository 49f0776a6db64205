"""Measures of image quality, taken when an image is read for an extractor: nothing is read twice.

They travel behind the rows of the extractor, as the row of one more part would.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bioselect.data.image_quality import N_MEASURES, measures
from bioselect.features.transforming import Part, flat_parts


class QualityMeasures:
    """Stands among extractors; its "images" are the measures of images as they were read.

    Parameters
    ----------
    batch_size : int
        That of the extractors beside it, which shall keep theirs.
    """

    in_processes = True
    input_size = (1, N_MEASURES)
    n_channels = 1

    def __init__(self, batch_size: int) -> None:
        self.batch_size = batch_size

    def taken(self, image: np.ndarray) -> np.ndarray:
        """Return what `transform` takes, of an image in its file's own dtype."""
        row = np.array(measures(image).as_row(), dtype=np.float32)
        return np.nan_to_num(row).reshape(1, N_MEASURES, 1)

    def transform(self, images: Sequence[np.ndarray]) -> np.ndarray:
        """Return float32 ``(n_images, N_MEASURES)``."""
        return np.stack([image.reshape(-1) for image in images])


def with_measures(parts: Sequence[Part]) -> tuple[Part, ...]:
    """Return the parts with that of the measures behind."""
    largest = max(part.traits.batch_size for part in parts)
    return (*parts, *flat_parts(QualityMeasures(largest), "quality"))
