"""A folder that holds a folder of images and one of their masks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bioselect.data.expansion import expanded
from bioselect.data.mask_pairs import MaskedImages, pairs_of_folders
from bioselect.data.names import as_text
from bioselect.exceptions import DataError
from bioselect.workflows.proposal.choices import Choice, listed
from bioselect.workflows.proposal.source import Source

#: What such folders are called, those that are taken first in front.
IMAGE_NAMES = ("images", "image", "imgs", "img", "raw")
MASK_NAMES = (
    *("masks", "mask", "segmentations", "segmentation", "annotations", "annotation", "outlines"),
    *("ground_truth", "groundtruth", "gt", "labels", "label", "instances"),
)


@dataclass(frozen=True)
class MaskSource:
    """Images with masks that were found; `others` are further folders that look like masks."""

    source: Source
    pairs: MaskedImages
    masks: Path
    others: tuple[str, ...] = ()


def find_masks(path: Path) -> MaskSource | None:
    """Return the images and masks of a folder, or None if it does not hold both.

    Raises
    ------
    DataError
        If it holds both, and no mask has the name of an image.
    """
    if not path.is_dir():
        return None
    folders = {one.name.lower(): one for one in sorted(path.iterdir()) if one.is_dir()}
    image_folders = [folders[name] for name in IMAGE_NAMES if name in folders]
    mask_folders = [folders[name] for name in MASK_NAMES if name in folders]
    if not image_folders or not mask_folders:
        return None
    images, masks = image_folders[0], mask_folders[0]
    pairs = pairs_of_folders(images, masks)
    dataset, more = expanded(pairs.dataset, None, join_series=False)
    if len(dataset.records) != len(pairs.masks):
        raise DataError(f"{images}: each file must be one image with one mask.")
    others = tuple(one.name for one in mask_folders[1:])
    keys = (
        Choice("path", images, "The images, with all folders in it."),
        Choice("masks", masks, _why_masks(others)),
    )
    name = as_text(path.resolve().name) or "dataset"
    source = Source(path, name, dataset, keys, (*pairs.notes, *more))
    return MaskSource(source, pairs, masks, others)


def _why_masks(others: tuple[str, ...]) -> str:
    why = "The masks: each has the name of its image; the ending may differ."
    if others:
        why += f" There are masks in {listed(others)} too, which could stand here instead."
    return why
