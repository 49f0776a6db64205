"""What a model knows of its training images that says whether a new one is like them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bioselect.bundle.novelty import NOVELTY_FILE, Novelty, novelty_of, parse_novelty
from bioselect.bundle.opening import ModelPlace, explained, opened_bundle
from bioselect.bundle.quality import QUALITY_FILE, UsualQuality, parse_quality
from bioselect.bundle.reading import Model, read_manifest
from bioselect.bundle.reference import Reference, read_reference
from bioselect.data.image_quality import Measures
from bioselect.features.looks import looks_of

NOVELTY, QUALITY = "novelty", "quality"


@dataclass(frozen=True, eq=False)
class Familiar:
    """What is known; each part may be missing: of an older model, or of other things than images.

    Networks that were trained from pixels have no novelty: they were fitted to every training
    image, so that how far these lie from one another says too little of new ones; and what their
    last layer sees is not there when they predict.
    """

    reference: Reference | None = None
    novelty: Novelty | None = None
    quality: UsualQuality | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """What can be said of each image, as columns of a table are called."""
        known = ((NOVELTY, self.novelty), (QUALITY, self.quality))
        return tuple(name for name, one in known if one is not None)

    def novelty_of(self, model: Model, rows: np.ndarray) -> list[float | None]:
        """Return the novelty of images for rows ``(n_images, n_features)`` of the extractor."""
        if self.reference is None or self.novelty is None or not len(rows):
            return [None] * len(rows)
        from bioselect.bundle.described import described

        compared = described(model.estimator, rows, looks_of(model.extractor).n_rows)
        if compared is None or compared.shape[1] != self.reference.n_features:
            return [None] * len(rows)
        found: list[float | None] = novelty_of(self.reference, self.novelty, compared).tolist()
        return found

    def measures_of(self, measured: np.ndarray) -> list[Measures]:
        """Return the measures of images, for numbers ``(n_images, N_MEASURES)``."""
        rows: Sequence[list[float]] = measured.astype(np.float64).tolist()
        return [Measures.of_row(row) for row in rows]

    def flags_of(self, found: Measures | None) -> tuple[str, ...]:
        """Return what is unusual in an image."""
        return () if self.quality is None or found is None else self.quality.flags(found)


def read_familiar(place: ModelPlace) -> Familiar:
    """Return what a bundle, its zip or a run folder knows of its training images.

    Opening the model (:func:`bioselect.bundle.reading.load_bundle`) compares the checksums.

    Raises
    ------
    BundleError
        If a file is damaged, or of a later version.
    """
    found: dict[str, Any] = {}
    with opened_bundle(place) as bundle, explained(bundle.path):
        folder, path = bundle.folder, bundle.path
        files = read_manifest(folder, path).files
        reference = read_reference(bundle)
        if NOVELTY_FILE in files and reference is not None:
            data = (folder / NOVELTY_FILE).read_bytes()
            found[NOVELTY] = parse_novelty(data, len(reference.points), path)
        if QUALITY_FILE in files:
            found[QUALITY] = parse_quality((folder / QUALITY_FILE).read_bytes(), path)
    return Familiar(reference, **found)
