"""`bioselect predict`: a model and some paths -> a table of predictions, or masks."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from bioselect.bundle.familiar import Familiar, read_familiar
from bioselect.bundle.opening import OpenBundle, holds_model, opened_bundle
from bioselect.bundle.reading import Model, load_bundle
from bioselect.bundle.reopening import Reopened
from bioselect.config.execution_section import ExecutionSection
from bioselect.data.expansion import expanded_sources
from bioselect.data.names import exists
from bioselect.data.row_words import of_rows
from bioselect.data.sheets import split_sheet
from bioselect.estimators.threshold_words import threshold_words
from bioselect.exceptions import BundleError, DataError, StorageError
from bioselect.execution import resolve_jobs
from bioselect.predict.abstaining import abstaining, check_can_abstain
from bioselect.predict.familiarity import doubts
from bioselect.predict.files import NOTHING_KNOWN, Prediction, find_images, predict_files
from bioselect.predict.joined import read_joined
from bioselect.predict.rows import ROW, predict_rows
from bioselect.predict.tables import (
    PredictedNumbers,
    PredictionCounts,
    columns_beside,
    write_predictions,
)
from bioselect.progress import SILENT, Reporter
from bioselect.selection.interval_words import percent
from bioselect.workflows.columns.predict import read_for_prediction, takes_columns
from bioselect.workflows.columns.telling import errors_of_rows
from bioselect.workflows.execution_place import HERE, executed, places_of, refuse_cluster
from bioselect.workflows.model_task import (
    check_options_of_classes,
    check_options_of_masks,
    gives_masks,
    open_mask_model,
)
from bioselect.workflows.output_places import check_not_read, check_table_place
from bioselect.workflows.remote_places import with_addresses
from bioselect.workflows.segmentation.mask_options import NOTHING_ELSE, MaskOptions
from bioselect.workflows.segmentation.predict import DEFAULT_FOLDER, predict_mask_files
from bioselect.workflows.set_lines import set_lines

DEFAULT_TABLE = Path("predictions.csv")


def check_model_first(model_path: Path, paths: Sequence[Path]) -> None:
    """Refuse a model and images that are named in the wrong order.

    Raises
    ------
    BundleError
        If what should be the model is none, and one of the others is, or the first word of a
        name with blanks was taken for it.
    """
    if paths and not exists(model_path) and exists(Path(f"{model_path} {paths[0]}")):
        raise BundleError(
            f"{model_path}: there is no such model. A name with a blank needs quotes: "
            f'"{model_path} {paths[0]}".'
        )
    swapped = [path for path in paths if holds_model(path)]
    if swapped and Path(model_path).is_dir() and not holds_model(model_path):
        raise BundleError(
            f"{model_path}: must be the model, which comes first. Got it after the images "
            f"({swapped[0]}). Name {swapped[0]} first and {model_path} after it."
        )


def _is_table(place: Path) -> bool:
    """Tell whether a table is written at a place, and no folder with masks."""
    return place.suffix.lower() == ".csv"


@with_addresses(reads=("model_path", "paths"), writes="output", is_file=_is_table)
def predict(
    model_path: Path,
    paths: Sequence[Path],
    output: Path | None = None,
    image_column: str | None = None,
    components_dir: Path | None = None,
    jobs: int | None = None,
    reporter: Reporter = SILENT,
    masks: MaskOptions = NOTHING_ELSE,
    abstain: bool = False,
    execution: ExecutionSection = HERE,
) -> str:
    """Predict images, folders and tables, write the table, and say in words what came out.

    With a model of masks, `output` is a folder; see
    :func:`bioselect.workflows.segmentation.predict.predict_mask_files`. With `abstain`, images that
    :func:`bioselect.predict.abstaining.reasons_against` has a reason against are left to a person.
    `execution` says which machines turn images into rows.

    Raises
    ------
    ConfigurationError
        If options of masks are given to a model of classes, or `abstain` to one of masks; if a
        cluster is named for what this machine does alone (masks, tables).
    BundleError
        If there is no model, or it cannot be used, or cannot abstain.
    DataError
        If there is no image, or not one file could be used.
    StorageError
        If the table cannot be written, or would be written over a file that is read.
    """
    check_model_first(model_path, paths)
    with opened_bundle(model_path) as bundle:
        if gives_masks(bundle):
            check_options_of_masks(["--abstain"] if abstain else [], components_dir, jobs)
            refuse_cluster(execution, "a model of masks")
            model, _ = open_mask_model(bundle)
            folder = DEFAULT_FOLDER if output is None else Path(output)
            return predict_mask_files(model, paths, folder, masks, image_column, reporter)
        check_options_of_classes(bundle, masks.written())
        output = DEFAULT_TABLE if output is None else Path(output)
        if takes_columns(bundle):
            refuse_cluster(execution, "a model of tables without images")
            given = ["--image-column"] if image_column is not None else []
            return _predict_rows(bundle, paths, output, components_dir, reporter, given, abstain)
        return _predict_classes(
            bundle, paths, output, image_column, components_dir, jobs, reporter, abstain, execution
        )


def _predict_rows(
    bundle: OpenBundle,
    paths: Sequence[Path],
    output: Path,
    components_dir: Path | None,
    reporter: Reporter,
    of_images: Sequence[str],
    abstain: bool,
) -> str:
    _check_is_no_folder(output)
    is_there = os.path.isfile(output)
    model, new = read_for_prediction(bundle, paths, output, components_dir, of_images)
    if abstain:
        check_can_abstain(model)
    for note in new.notes:
        reporter.say(note)
    for line in new.doubts:
        reporter.warn(line)
    with errors_of_rows():
        found = predict_rows(model, new)
        words = _written(model, found, output, new.doubts, is_there, abstain, ROW)
    return of_rows(words)


def _predict_classes(
    bundle: OpenBundle,
    paths: Sequence[Path],
    output: Path,
    image_column: str | None,
    components_dir: Path | None,
    jobs: int | None,
    reporter: Reporter,
    abstain: bool,
    execution: ExecutionSection,
) -> str:
    _check_is_no_folder(output)
    check_table_place(Path(output))
    is_there = os.path.isfile(output)
    files, notes = find_images(paths, image_column)
    check_not_read([Path(output)], [*(split_sheet(path)[0] for path in map(Path, paths)), *files])
    for note in notes:
        reporter.say(note)
    model = load_bundle(bundle, components_dir)
    if abstain:
        check_can_abstain(model)
    joined = read_joined(model, paths, image_column)
    sources = expanded_sources(files, model.reading, reporter)
    warnings = [*doubts(model, sources), *(joined.new.doubts if joined is not None else ())]
    for line in warnings:
        reporter.warn(line)
    familiar = read_familiar(bundle)
    opened = Reopened.of(bundle.path, components_dir, model.manifest)
    with executed(execution, jobs, reporter, places_of(bundle.path, sources), components_dir):
        predictions = predict_files(
            model, sources, reporter, resolve_jobs(jobs), joined, familiar, opened
        )
        return _written(model, predictions, output, warnings, is_there, abstain, familiar=familiar)


def _check_is_no_folder(output: Path) -> None:
    if os.path.isdir(output):
        raise StorageError(
            f"{output}: must be a file, the table to write. Got a folder. Write "
            f"{Path(output) / 'predictions.csv'}."
        )


def _written(
    model: Model,
    predictions: Iterable[Prediction],
    output: Path,
    warnings: Sequence[str],
    is_there: bool,
    abstain: bool,
    first: str = "path",
    familiar: Familiar = NOTHING_KNOWN,
) -> str:
    """Write the table of predictions, and say in words what came out."""
    numbers = numbers_of(model)
    counts = write_predictions(
        output,
        model.class_names,
        abstaining(predictions) if abstain else predictions,
        numbers=numbers,
        first=first,
        beside=columns_beside(model, abstain, familiar),
    )
    if counts.n_predicted == 0:
        raise DataError(
            f"none of the {counts.n_failed} images could be used; the column `error` of {output} "
            f"says why for each. The first: {counts.first_error}"
        )
    n_answered = counts.n_predicted - counts.n_left
    lines = [f"{_images(n_answered)} predicted: {_predicted_words(model, counts)}"]
    lines += filter(None, [decision_words(model), bounds_words(model)])
    lines += set_lines(model, counts, abstain)
    if counts.n_failed:
        lines.append(
            f"{_images(counts.n_failed)} could not be used; the column `error` says why for each"
        )
    lines += counts.unusual.in_words(counts.n_predicted)
    lines += [f"warning: {line}" for line in [*warnings, *outside_words(model, numbers)]]
    lines.append(f"table: {output}{' (an earlier one was written over)' * is_there}")
    return "\n".join(lines)


def _predicted_words(model: Model, counts: PredictionCounts) -> str:
    if model.number is not None and counts.numbers is not None:
        found, mean = counts.numbers, counts.numbers.total / counts.n_predicted
        return (
            f"{model.number.in_words} from {found.lowest:.4g} to {found.highest:.4g}, mean "
            f"{mean:.4g}"
        )
    classes = ", ".join(f"{name} {n}" for name, n in counts.per_class.items())
    if model.manifest.labels is not None:
        classes += f", none of these {counts.n_none}"
    return classes


def numbers_of(model: Model) -> PredictedNumbers | None:
    """Return what is to be told of the numbers that a model predicts; None of classes."""
    if model.number is None:
        return None
    return PredictedNumbers((model.number.lowest, model.number.highest))


def outside_words(model: Model, numbers: PredictedNumbers | None) -> list[str]:
    """Say how many predictions lie outside of the numbers that a model was trained with, if any."""
    if numbers is None or model.number is None or not numbers.n_outside:
        return []
    known, unit = model.number, f" {model.number.unit}" if model.number.unit else ""
    number = numbers.n_outside
    return [
        f"{number} prediction{'s lie' if number > 1 else ' lies'} outside of the numbers of the "
        f"training images ({known.lowest:g} to {known.highest:g}{unit}), where nothing is known of "
        "the model."
    ]


def bounds_words(model: Model) -> str:
    """Say what low and high of a predicted number mean; empty for a model without."""
    if model.number is None:
        return ""
    if model.interval is None:
        return "low and high are empty: nothing is known of how far off a prediction may be"
    return (
        f"low and high: the true number lies between them in {percent(model.interval.level)} of "
        "images like those of the training, on average"
    )


def decision_words(model: Model) -> str:
    """Return where a model divides two classes, if that is not at one half."""
    manifest = model.manifest
    return threshold_words(manifest.estimator.params, manifest.chosen, manifest.class_names)


def _images(number: int) -> str:
    return f"{number} image" if number == 1 else f"{number} images"
