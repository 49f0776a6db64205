"""`bioselect predict` with a model of masks: a mask for each image, tables of areas and objects."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from bioselect.data.expansion import expanded_sources
from bioselect.exceptions import ConfigurationError, DataError, StorageError
from bioselect.predict.claimed_folder import check_claimable
from bioselect.predict.crops import CROPS_TABLE
from bioselect.predict.familiarity import doubts_about
from bioselect.predict.files import find_images
from bioselect.predict.mask_folder import CropPlace, write_masks
from bioselect.predict.mask_model import AnyMaskModel
from bioselect.predict.mask_prediction import MASKS, OVERLAYS, PROBABILITIES, Wanted
from bioselect.predict.mask_tables import OBJECTS, SUMMARY, MaskCounts
from bioselect.progress import SILENT, Reporter
from bioselect.workflows.segmentation.mask_options import NOTHING_ELSE, MaskOptions

#: Where masks go unless another folder is named.
DEFAULT_FOLDER = Path("predicted_masks")
#: What a table's name ends in, as a model of classes writes one.
TABLE = ".csv"


def predict_mask_files(
    model: AnyMaskModel,
    paths: Sequence[Path],
    output: Path,
    options: MaskOptions = NOTHING_ELSE,
    image_column: str | None = None,
    reporter: Reporter = SILENT,
) -> str:
    """Write masks and tables of images, folders and tables; say in words what came out.

    Parameters
    ----------
    model : AnyMaskModel
        What predicts.
    paths : sequence of Path
        Images, folders with all their sub-folders, tables.
    output : Path
        A new or empty folder.
    options : MaskOptions
        What else is written.
    image_column : str, optional
        For a table: the column with the paths of the images.
    reporter : Reporter
        Shows the progress.

    Raises
    ------
    DataError
        If there is no image, or not one file could be used.
    StorageError
        If something lies in the folder, or it cannot be written.
    """
    options.check_values()
    size = model.pixel_size if options.pixel_size is None else options.pixel_size
    wanted = Wanted(options.probabilities, options.overlays, options.rule, size)
    output = Path(output)
    if output.suffix.lower() == TABLE:
        raise StorageError(
            f"{output}: a model of masks writes a folder, and no table. Name a new one with -o, "
            f"for example {DEFAULT_FOLDER}."
        )
    files, notes = find_images(paths, image_column)
    for folder, option in ((output, "-o"), (options.crops, "--crops")):
        if folder is not None:
            check_claimable(folder, paths, option)
    _check_apart(output, options.crops)
    for note in notes:
        reporter.say(note)
    sources = expanded_sources(files, model.reading)
    warnings = doubts_about(model.reading, model.image_dtype, sources)
    for line in warnings:
        reporter.warn(line)
    crops = None if options.crops is None else CropPlace(options.crops, options.margin or 0)
    counts = write_masks(model, sources, paths, output, wanted, crops, reporter)
    if counts.n_predicted == 0:
        raise DataError(
            f"none of the {counts.n_failed} images could be used; the column `error` of "
            f"{output / SUMMARY} says why for each. The first: {counts.first_error}"
        )
    lines = [*_found_in_words(counts), *(f"warning: {line}" for line in warnings)]
    return "\n".join([*lines, *_places_in_words(output, options)])


def _check_apart(output: Path, crops: Path | None) -> None:
    """Refuse one folder for masks and crops, or one in the other: each has its own tables."""
    if crops is None:
        return
    first, second = (Path(os.path.realpath(folder)) for folder in (output, crops))
    if first.is_relative_to(second) or second.is_relative_to(first):
        raise ConfigurationError(
            f"--crops: must be a folder beside that of -o ({output}). Got {crops}. Choose another."
        )


def _found_in_words(counts: MaskCounts) -> list[str]:
    n_pixels = max(1, sum(counts.n_pixels.values()))
    found = ", ".join(
        f"{number} {_plural('object', number)} of {name} "
        f"({100 * counts.n_pixels[name] / n_pixels:.1f} % of all pixels)"
        for name, number in counts.n_objects.items()
    )
    lines = [f"{counts.n_predicted} {_plural('mask', counts.n_predicted)} predicted: {found}"]
    if counts.n_failed:
        lines.append(
            f"{counts.n_failed} {_plural('image', counts.n_failed)} could not be used; the column "
            f"`error` of {SUMMARY} says why for each"
        )
    return lines


def _plural(word: str, number: int) -> str:
    return word if number == 1 else f"{word}s"


def _places_in_words(output: Path, options: MaskOptions) -> list[str]:
    lines = [f"masks: {output / MASKS}"]
    if options.probabilities:
        lines.append(f"probabilities: {output / PROBABILITIES}")
    if options.overlays:
        lines.append(f"overlays: {output / OVERLAYS}")
    lines.append(f"tables: {output / SUMMARY}, {output / OBJECTS}")
    if options.crops is not None:
        lines.append(f"objects as images: {options.crops}, listed in {CROPS_TABLE}")
    return lines
