"""`bioselect evaluate`: a finished model judged on labelled images it never saw."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from bioselect.bundle.familiar import read_familiar
from bioselect.bundle.opening import OpenBundle, opened_bundle
from bioselect.bundle.reading import Model, load_bundle
from bioselect.data.expansion import expanded
from bioselect.data.remote_files import brought
from bioselect.data.row_words import of_rows
from bioselect.data.sheets import split_sheet
from bioselect.data.targets import counted, is_label_sets, is_right, is_values
from bioselect.exceptions import ConfigurationError, DataError
from bioselect.execution import resolve_jobs
from bioselect.metrics.base import in_units
from bioselect.predict.familiarity import doubts
from bioselect.predict.files import Prediction, predict_files
from bioselect.predict.joined import read_joined
from bioselect.predict.rows import ROW
from bioselect.predict.tables import PredictionCounts, columns_beside, write_predictions
from bioselect.progress import SILENT, Reporter
from bioselect.run_folder import write_table
from bioselect.workflows.columns.evaluate import LabelledPredictions, read_labelled_rows
from bioselect.workflows.columns.predict import takes_columns
from bioselect.workflows.evaluated_confusion import write_confusion
from bioselect.workflows.evaluated_drift import DRIFT_FILE, Drift, drift, write_or_remove
from bioselect.workflows.evaluated_figures import (
    METRIC_COLUMNS,
    Labelled,
    figures_in_words,
    labelled_of,
    metric_rows,
)
from bioselect.workflows.evaluated_labels import (
    check_targets,
    true_text,
)
from bioselect.workflows.evaluated_metrics import evaluated_metrics
from bioselect.workflows.evaluated_numbers import (
    GROUP_COLUMNS,
    coverage,
    coverage_lines,
    group_errors,
    mean_error,
    number_lines,
)
from bioselect.workflows.evaluated_sets import set_coverage_lines, set_metrics, stated_rows
from bioselect.workflows.labelled_images import NO_COLUMNS, TableColumns, read_labelled
from bioselect.workflows.model_task import (
    check_options_of_classes,
    check_options_of_masks,
    gives_masks,
    open_mask_model,
)
from bioselect.workflows.output_places import check_not_read, check_table_place
from bioselect.workflows.predict import (
    check_model_first,
    decision_words,
    numbers_of,
    outside_words,
)
from bioselect.workflows.remote_places import with_addresses
from bioselect.workflows.segmentation.evaluate import evaluate_masks
from bioselect.workflows.segmentation.labelled_pairs import NO_MASKS, MaskPlaces
from bioselect.workflows.training_overlap import training_overlap

PRODUCTS = ("metrics.csv", "confusion.csv", "groups.csv", "predictions.csv", DRIFT_FILE)


@with_addresses(reads=("model_path", "dataset_path"), writes="output", over=PRODUCTS)
def evaluate(
    model_path: Path,
    dataset_path: Path,
    output: Path,
    columns: TableColumns = NO_COLUMNS,
    components_dir: Path | None = None,
    seed: int = 0,
    jobs: int | None = None,
    reporter: Reporter = SILENT,
    masks: MaskPlaces = NO_MASKS,
) -> str:
    """Write `metrics.csv`, `confusion.csv`, `groups.csv`, `predictions.csv`; return the summary.

    With a model of masks, see :func:`bioselect.workflows.segmentation.evaluate.evaluate_masks`.

    Parameters
    ----------
    model_path : Path
        A bundle, its zip, or a run folder.
    dataset_path : Path
        A folder with one folder per class, a table, or an .npz file in the form of MedMNIST.
    output : Path
        The folder that is written.
    columns : TableColumns
        For a table: which columns hold image, target and group. For an .npz file: which splits.
    components_dir : Path, optional
        The folder with the user's own components, if the model uses any.
    seed : int
        Of the bootstrap.
    jobs : int, optional
        Processes at a time; all cores by default.
    reporter : Reporter
        Told about progress.
    masks : MaskPlaces
        For a model of masks: where the true masks are.
    """
    if masks.folder is not None:
        masks = replace(masks, folder=brought(masks.folder, reporter))
    if seed < 0:
        raise ConfigurationError(f"seed: must be at least 0. Got {seed}.")
    check_model_first(model_path, [dataset_path])
    dataset_path = Path(dataset_path)
    with opened_bundle(model_path) as bundle:
        if gives_masks(bundle):
            check_options_of_masks(columns.given(("image", "group")), components_dir, jobs)
            model, known = open_mask_model(bundle)
            places = replace(masks, image=columns.image, group=columns.group)
            return evaluate_masks(model, known, dataset_path, places, output, seed, reporter)
        check_options_of_classes(bundle, masks.written())
        if takes_columns(bundle):
            rows = read_labelled_rows(bundle, dataset_path, columns, components_dir)
            return _evaluated(rows, dataset_path, output, components_dir, seed, reporter)
        return _evaluate_classes(
            bundle, dataset_path, output, columns, components_dir, seed, jobs, reporter
        )


def _evaluate_classes(
    bundle: OpenBundle,
    dataset_path: Path,
    output: Path,
    columns: TableColumns,
    components_dir: Path | None,
    seed: int,
    jobs: int | None,
    reporter: Reporter,
) -> str:
    model = load_bundle(bundle, components_dir)
    dataset, notes = read_labelled(dataset_path, columns, model)
    how = model.reading
    dataset, more = expanded(
        dataset, how.stack, how.join_series, tiles=how.tiles, reporter=reporter
    )
    check_targets(model, dataset, dataset_path)
    for note in [*notes, *more]:
        reporter.say(note)
    warnings = [
        *training_overlap(model.manifest.dataset.get("sha256", []), dataset),
        *doubts(model, dataset.sources),
    ]
    joined = read_joined(model, [dataset_path], columns.image)
    known, n_jobs = read_familiar(bundle), resolve_jobs(jobs)
    predictions = predict_files(model, dataset.sources, reporter, n_jobs, joined, known)
    read = LabelledPredictions(model, dataset, predictions, warnings, familiar=known)
    return _evaluated(read, dataset_path, output, components_dir, seed, reporter)


def _evaluated(
    read: LabelledPredictions,
    dataset_path: Path,
    output: Path,
    components_dir: Path | None,
    seed: int,
    reporter: Reporter,
) -> str:
    """Write the tables about predictions of labelled images or rows; return the summary."""
    model, dataset = read.model, read.dataset
    output = Path(output)
    check_table_place(output / "predictions.csv")
    were_there = (output / "predictions.csv").is_file()
    check_not_read(
        [output / name for name in PRODUCTS], [split_sheet(dataset_path)[0], *dataset.paths]
    )
    predictions, counts = _written_predictions(read, dataset_path, output / "predictions.csv")
    labelled = labelled_of(model, dataset, predictions)
    metrics, missing = evaluated_metrics(
        model.manifest.scores, model.class_names, components_dir, is_label_sets(labelled.y_true)
    )
    if model.number is not None:
        metrics.append(mean_error())
    if model.interval is not None:
        metrics.append(coverage(model.interval))
    metrics += set_metrics(model)
    rows = metric_rows(metrics, labelled, seed, reporter)
    rows += [(name, None, None, None, reason) for name, reason in missing.items()]
    table_lines = write_confusion(output / "confusion.csv", labelled, model)
    _write_tables(output, labelled, rows, model)
    found = _drift(read, predictions)
    write_or_remove(output / DRIFT_FILE, found)
    units = None
    if model.number is not None:
        units = {metric.name: in_units(metric, model.number.unit).unit for metric in metrics}
    lines = _in_words(labelled, model, rows, counts.n_failed, units)
    lines += table_lines
    lines += filter(None, [decision_words(model)])
    lines += [f"unlike the training: {line}" for line in found.lines]
    # Said once, beside the figures that they are about.
    warnings = [*read.warnings, *outside_words(model, counts.numbers)]
    lines += [f"warning: {warning}" for warning in warnings]
    lines = [of_rows(line) for line in lines] if read.first == ROW else lines
    lines.append(f"tables: {output}{' (earlier ones were written over)' * were_there}")
    return "\n".join(lines)


def _written_predictions(
    read: LabelledPredictions, dataset_path: Path, table: Path
) -> tuple[list[Prediction], PredictionCounts]:
    """Write the table of predictions beside what is true; return them.

    Raises
    ------
    DataError
        If there is none: no image could be used.
    """
    model = read.model
    predictions: list[Prediction] = []

    def kept() -> Iterator[Prediction]:
        for item in read.predictions:
            predictions.append(item)
            yield item

    known = [(true_text(model, one), one.group or "") for one in read.dataset.records]
    counts = write_predictions(
        table,
        model.class_names,
        kept(),
        known,
        numbers_of(model),
        read.first,
        columns_beside(model, familiar=read.familiar),
    )
    if counts.n_predicted == 0:
        raise DataError(
            f"{dataset_path}: none of the {counts.n_failed} images could be used; the column "
            f"`error` of {table} says why for each. The first: {counts.first_error}"
        )
    return predictions, counts


def _drift(read: LabelledPredictions, predictions: Sequence[Prediction]) -> Drift:
    """Compare the images with those of the training."""
    model, records = read.model, read.dataset.records
    plain = model.number is None and model.manifest.labels is None
    trained = model.manifest.dataset.get("n_images_per_class") if plain else None
    here = [str(one.target) for one in records] if trained else []
    return drift(read.familiar, predictions, [one.group for one in records], trained, here)


def _write_tables(
    output: Path, labelled: Labelled, rows: list[tuple[Any, ...]], model: Model
) -> None:
    # Beside what intervals hold stands what they were made to hold.
    stated = [("interval_level", model.interval.level, None, None, "")] if model.interval else []
    stated += stated_rows(model)
    write_table(output / "metrics.csv", METRIC_COLUMNS, [*rows, *stated])
    if any(group is not None for group in labelled.groups):
        _write_groups(output / "groups.csv", labelled, model)
    else:
        # One from an earlier evaluation would be taken for this one's.
        (output / "groups.csv").unlink(missing_ok=True)


def _write_groups(path: Path, labelled: Labelled, model: Model) -> None:
    """Write, per group, how many images it has and which share is right, or how far off it is."""
    if is_values(labelled.y_true):
        write_table(path, GROUP_COLUMNS, group_errors(labelled, model.interval))
        return
    correct: dict[str, list[bool]] = defaultdict(list)
    right = is_right(labelled.probabilities, labelled.y_true)
    for group, hit in zip(labelled.groups, right, strict=True):
        correct["" if group is None else group].append(bool(hit))
    rows = [
        (group, len(values), sum(values), sum(values) / len(values))
        for group, values in sorted(correct.items())
    ]
    write_table(path, ("group", "n_images", "n_correct", "accuracy"), rows)


def _in_words(
    labelled: Labelled,
    model: Model,
    rows: list[tuple[Any, ...]],
    n_failed: int,
    units: Mapping[str, str] | None,
) -> list[str]:
    lines = [f"{len(labelled.y_true)} images evaluated"]
    if n_failed:
        lines[0] += f", {n_failed} could not be used (see predictions.csv)"
    if model.number is not None:
        return [
            f"{lines[0]}: {model.number.in_words}",
            *figures_in_words(rows, units),
            *number_lines(labelled, model.number),
            *coverage_lines(rows, model.interval),
        ]
    class_names = model.class_names
    counts = counted(labelled.y_true, len(class_names))
    absent = [name for name, count in zip(class_names, counts, strict=True) if count == 0]
    if absent:
        what = "has the label" if is_label_sets(labelled.y_true) else "is of class"
        lines.append(f"no image here {what} {', '.join(absent)}: nothing is said about it")
    return [*lines, *figures_in_words(rows), *set_coverage_lines(rows, model, labelled)]
