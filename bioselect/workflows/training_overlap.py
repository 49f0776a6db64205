"""Which images of an evaluation a model was trained on: figures about them flatter."""

from __future__ import annotations

from collections.abc import Collection

from bioselect.data.checksums import Checksums
from bioselect.data.records import ImageDataset, ImageRecord
from bioselect.exceptions import UnreadableImageError
from bioselect.workflows.seen_images import N_CHECKSUM_DIGITS

_N_NAMED = 5


def training_overlap(trained: Collection[str], dataset: ImageDataset) -> list[str]:
    """Say on how many of the images the model was trained, so that nobody is misled by them.

    Parameters
    ----------
    trained : collection of str
        The first digits of the checksums of the training images, from the model's manifest.
    dataset : ImageDataset
        The images of the evaluation.

    Returns
    -------
    list of str
        One line, or none.
    """
    known, checksums = frozenset(trained), Checksums()
    seen = [
        record
        for record in dataset.records
        if _checksum(checksums, record)[:N_CHECKSUM_DIGITS] in known
    ]
    if not seen:
        return []
    return [
        f"{len(seen)} of {dataset.n_images} images are the very files that this model was "
        f"trained on, or copies of them ({', '.join(one.image_id for one in seen[:_N_NAMED])}"
        f"{', ...' if len(seen) > _N_NAMED else ''}): the figures here are flattering. Evaluate on "
        "others."
    ]


def _checksum(checksums: Checksums, record: ImageRecord) -> str:
    try:
        return checksums.of(record.path, record.part)
    except (OSError, UnreadableImageError):
        return ""  # A file that cannot be read gets a row with its error.
