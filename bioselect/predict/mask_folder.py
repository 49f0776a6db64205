"""The masks of many images in one folder, with their tables, and objects as images in another."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from bioselect.data.records import Source
from bioselect.predict.claimed_folder import claimed
from bioselect.predict.crops import crop_writer
from bioselect.predict.mask_model import AnyMaskModel
from bioselect.predict.mask_prediction import Wanted, predict_masks
from bioselect.predict.mask_tables import MaskCounts, mask_tables
from bioselect.predict.output_names import output_names
from bioselect.progress import SILENT, Reporter


@dataclass(frozen=True)
class CropPlace:
    """Where objects are written as images, with so many pixels around each."""

    folder: Path
    margin: int = 0


def write_masks(
    model: AnyMaskModel,
    sources: Sequence[Source],
    given: Sequence[Path],
    output: Path,
    wanted: Wanted,
    crops: CropPlace | None = None,
    reporter: Reporter = SILENT,
) -> MaskCounts:
    """Write masks, tables and what else is wanted; return what was found.

    Parameters
    ----------
    model : AnyMaskModel
        What predicts.
    sources : sequence of Path or FilePart
        The images.
    given : sequence of Path
        The paths that were named, below which sub-folders are kept.
    output : Path
        A folder that passed :func:`bioselect.predict.claimed_folder.check_claimable`.
    wanted : Wanted
        What is written beside the masks.
    crops : CropPlace, optional
        Another such folder, for each object as an image.
    reporter : Reporter
        Shows the progress.
    """
    names, counts = output_names(sources, given), MaskCounts()
    with ExitStack() as until_written:
        results = until_written.enter_context(claimed(output))
        write = until_written.enter_context(mask_tables(model, wanted.pixel_size, results, counts))
        cut = None
        if crops is not None:
            cut = until_written.enter_context(crop_writer(crops.folder, crops.margin))
        for found in predict_masks(model, sources, names, results, wanted, cut, reporter):
            write(found)
            del found  # It holds an image and its mask, while the next are predicted.
    return counts
