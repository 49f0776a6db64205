"""`bioselect evaluate`: a finished model judged on labelled images it never saw."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from bioselect.bundle.reading import Model, load_bundle
from bioselect.data.expansion import expanded
from bioselect.data.layouts import from_class_folders
from bioselect.data.npz_datasets import from_npz, is_npz
from bioselect.data.records import ImageDataset
from bioselect.data.row_words import of_rows
from bioselect.data.sheets import split_sheet
from bioselect.data.splitting import independent_units
from bioselect.data.table_labels import LabelTarget
from bioselect.data.table_rows import is_table
from bioselect.data.tables import from_table
from bioselect.data.targets import counted, is_label_sets, is_right
from bioselect.exceptions import ConfigurationError, DataError
from bioselect.execution import resolve_jobs
from bioselect.metrics.base import Metric, UndefinedMetricError
from bioselect.metrics.base import evaluate as evaluate_metric
from bioselect.metrics.intervals import bootstrap_interval
from bioselect.predict.familiarity import doubts
from bioselect.predict.files import Prediction, predict_files
from bioselect.predict.rows import ROW
from bioselect.predict.tables import write_predictions
from bioselect.progress import SILENT, Reporter
from bioselect.run_folder import write_table
from bioselect.workflows.columns.evaluate import LabelledPredictions, read_labelled_rows
from bioselect.workflows.columns.predict import takes_columns
from bioselect.workflows.confusion import confusion_table
from bioselect.workflows.evaluated_labels import (
    check_targets,
    target_of_labels,
    true_targets,
    true_text,
)
from bioselect.workflows.evaluated_metrics import evaluated_metrics
from bioselect.workflows.listed_images import group_rule_of_column
from bioselect.workflows.model_task import (
    check_options_of_classes,
    check_options_of_masks,
    gives_masks,
    open_mask_model,
)
from bioselect.workflows.output_places import check_not_read, check_table_place
from bioselect.workflows.predict import check_model_first, decision_words
from bioselect.workflows.segmentation.evaluate import evaluate_masks
from bioselect.workflows.segmentation.labelled_pairs import NO_MASKS, MaskPlaces
from bioselect.workflows.training_overlap import training_overlap

PRODUCTS = ("metrics.csv", "confusion.csv", "groups.csv", "predictions.csv")
#: An interval may miss the value by this much for rounding.
ROUNDING = 1e-9
METRIC_COLUMNS = ("metric", "value", "ci_low", "ci_high", "error")


@dataclass(frozen=True)
class TableColumns:
    """The columns of a labelled table; of an .npz file the splits, None for the only one."""

    image: str | None = None
    target: str | None = None
    group: str | None = None
    splits: tuple[str, ...] | None = None

    def given(self, but: Sequence[str]) -> list[str]:
        """Return what was given, as options of the command line, but for some of them."""
        return [f"--{name}" for name, value in vars(self).items() if value and name not in but]


@dataclass(frozen=True)
class Labelled:
    """Predictions of the usable images beside their labels."""

    y_true: np.ndarray
    probabilities: np.ndarray
    groups: list[str | None]


def evaluate(
    model_path: Path,
    dataset_path: Path,
    output: Path,
    columns: TableColumns = TableColumns(),
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
    if seed < 0:
        raise ConfigurationError(f"seed: must be at least 0. Got {seed}.")
    check_model_first(model_path, [dataset_path])
    if gives_masks(model_path):
        check_options_of_masks(columns.given(("image", "group")), components_dir, jobs)
        model, known = open_mask_model(model_path)
        places = replace(masks, image=columns.image, group=columns.group)
        return evaluate_masks(model, known, Path(dataset_path), places, output, seed, reporter)
    check_options_of_classes(model_path, masks.written())
    if takes_columns(model_path):
        read = read_labelled_rows(model_path, Path(dataset_path), columns, components_dir)
        return _evaluated(read, Path(dataset_path), output, components_dir, seed, reporter)
    return _evaluate_classes(
        model_path, Path(dataset_path), output, columns, components_dir, seed, jobs, reporter
    )


def _evaluate_classes(
    model_path: Path,
    dataset_path: Path,
    output: Path,
    columns: TableColumns,
    components_dir: Path | None,
    seed: int,
    jobs: int | None,
    reporter: Reporter,
) -> str:
    model = load_bundle(model_path, components_dir)
    dataset, notes = _read_labelled(dataset_path, columns, model)
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
    source = predict_files(model, dataset.sources, reporter, resolve_jobs(jobs))
    read = LabelledPredictions(model, dataset, source, warnings)
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
    check_not_read(
        [output / name for name in PRODUCTS], [split_sheet(dataset_path)[0], *dataset.paths]
    )
    predictions: list[Prediction] = []

    def kept() -> Any:
        for item in read.predictions:
            predictions.append(item)
            yield item

    known = [(true_text(model, one), one.group or "") for one in dataset.records]
    counts = write_predictions(
        output / "predictions.csv", model.class_names, kept(), known, read.first
    )
    if counts.n_predicted == 0:
        raise DataError(
            f"{dataset_path}: none of the {counts.n_failed} images could be used; the column "
            f"`error` of {output / 'predictions.csv'} says why for each. The first: "
            f"{counts.first_error}"
        )
    labelled = _labelled(model, dataset, predictions)
    metrics, missing = evaluated_metrics(
        model.manifest.scores, model.class_names, components_dir, is_label_sets(labelled.y_true)
    )
    rows = _metric_rows(metrics, labelled, seed, reporter)
    rows += [(name, None, None, None, reason) for name, reason in missing.items()]
    header, cells, table_lines = confusion_table(
        labelled.y_true, labelled.probabilities, model.class_names
    )
    write_table(output / "confusion.csv", header, cells)
    _write_tables(output, labelled, rows)
    lines = _in_words(labelled, model.class_names, rows, counts.n_failed)
    lines += table_lines
    lines += filter(None, [decision_words(model)])
    # Said once, beside the figures that they are about.
    lines += [f"warning: {warning}" for warning in read.warnings]
    lines = [of_rows(line) for line in lines] if read.first == ROW else lines
    return "\n".join([*lines, f"tables: {output}"])


def _read_labelled(
    path: Path, columns: TableColumns, model: Model
) -> tuple[ImageDataset, list[str]]:
    if columns.splits is not None and not is_npz(path):
        raise DataError(
            f"{path}: --splits names splits, which only an .npz file has. Leave it out, or give "
            "such a file."
        )
    if is_table(path):
        labels = model.manifest.labels
        if columns.image is None or (columns.target is None and labels is None):
            raise DataError(
                f"{path}: a table must come with the names of its columns. Add --image NAME and "
                "--target NAME."
            )
        rule = group_rule_of_column(columns.group)
        target: str | LabelTarget | None = columns.target
        if labels is not None:
            target = target_of_labels(columns.target, labels, model.class_names)
        return from_table(path, columns.image, target, rule, None)
    if columns != TableColumns(splits=columns.splits):
        raise DataError(
            f"{path}: --image, --target and --group name columns, which only a table has. Leave "
            "them out, or give a table (.csv, .tsv, .xlsx)."
        )
    if is_npz(path):
        return from_npz(path, columns.splits)
    return from_class_folders(path, None)


def _labelled(model: Model, dataset: ImageDataset, predictions: Sequence[Prediction]) -> Labelled:
    used = [
        (record, item.probabilities)
        for record, item in zip(dataset.records, predictions, strict=True)
        if item.probabilities is not None
    ]
    return Labelled(
        true_targets(model, [record for record, _ in used]),
        np.stack([probabilities for _, probabilities in used]),
        [record.group for record, _ in used],
    )


def _metric_rows(
    metrics: Sequence[Metric], labelled: Labelled, seed: int, reporter: Reporter
) -> list[tuple[Any, ...]]:
    n_images = len(labelled.y_true)
    units = independent_units(
        labelled.groups, [str(place) for place in range(n_images)], [False] * n_images
    )
    rows: list[tuple[Any, ...]] = []
    with reporter.task("confidence intervals", len(metrics)) as task:
        for metric in metrics:
            rows.append(_metric_row(metric, labelled, units, seed))
            task.advance()
    return rows


def _metric_row(
    metric: Metric, labelled: Labelled, units: np.ndarray, seed: int
) -> tuple[Any, ...]:
    try:
        value = evaluate_metric(metric, labelled.y_true, labelled.probabilities)
    except UndefinedMetricError as error:
        return (metric.name, None, None, None, str(error))
    except Exception as error:  # of somebody's own, which may raise anything
        return (metric.name, None, None, None, f"{type(error).__name__}: {error}")
    try:
        low, high = bootstrap_interval(metric, labelled.y_true, labelled.probabilities, units, seed)
    except UndefinedMetricError as error:
        return (metric.name, value, None, None, str(error))
    if not low - ROUNDING <= value <= high + ROUNDING:
        # Calibration error, for one: images that a draw holds twice make it worse.
        why = (
            f"{metric.name}: random draws of these images ({low:.3f} to {high:.3f}) lie beside the "
            "value of the images themselves; evaluate on more images."
        )
        return (metric.name, value, None, None, why)
    return (metric.name, value, low, high, "")


def _write_tables(output: Path, labelled: Labelled, rows: list[tuple[Any, ...]]) -> None:
    write_table(output / "metrics.csv", METRIC_COLUMNS, rows)
    if any(group is not None for group in labelled.groups):
        _write_groups(output / "groups.csv", labelled)
    else:
        # One from an earlier evaluation would be taken for this one's.
        (output / "groups.csv").unlink(missing_ok=True)


def _write_groups(path: Path, labelled: Labelled) -> None:
    """Write, per group, how many images it has and which share of them is right."""
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
    labelled: Labelled, class_names: Sequence[str], rows: list[tuple[Any, ...]], n_failed: int
) -> list[str]:
    lines = [f"{len(labelled.y_true)} images evaluated"]
    if n_failed:
        lines[0] += f", {n_failed} could not be used (see predictions.csv)"
    counts = counted(labelled.y_true, len(class_names))
    absent = [name for name, count in zip(class_names, counts, strict=True) if count == 0]
    if absent:
        what = "has the label" if is_label_sets(labelled.y_true) else "is of class"
        lines.append(f"no image here {what} {', '.join(absent)}: nothing is said about it")
    for name, value, low, high, error in rows:
        if value is None:
            lines.append(f"  {name}: cannot be computed: {error}")
        elif error:
            lines.append(f"  {name}: {value:.3f} (no interval: {error})")
        else:
            lines.append(f"  {name}: {value:.3f} (95 % interval {low:.3f} to {high:.3f})")
    return lines
