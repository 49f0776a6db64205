"""Which images a report shows, their small pictures, and all images by how suspect they are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bioselect.data.reading import forget_scan
from bioselect.data.records import ImageDataset
from bioselect.data.targets import BORDER, is_label_sets, is_values
from bioselect.exceptions import UnreadableImageError
from bioselect.explain.shown_images import Shown, shown_images
from bioselect.explain.suspicion import common_prediction, mean_over_repeats, trust
from bioselect.progress import Reporter
from bioselect.run_folder import PICTURE_COLUMNS, SUSPICION_COLUMNS, RunFolder, write_table
from bioselect.storage import atomic_write_bytes
from bioselect.workflows.judgement import Judged
from bioselect.workflows.study_inputs import StudyInputs
from bioselect.workflows.thumbnails import thumbnail

COPY = "copy"
#: Pairs of copies that are shown; findings.csv has all.
MOST_PAIRS = 12


def write_pictures(
    folder: RunFolder, inputs: StudyInputs, judged: Judged, reporter: Reporter
) -> None:
    """Write the lists, the small pictures unless they are not wanted, and all by suspicion."""
    exported, together, targets = predictions(judged)
    dataset = inputs.dataset
    _write_suspicion(folder, dataset, together, targets)
    shown = shown_images(exported, together, targets)
    pairs = _pairs(inputs)
    wanted = sorted({one.image for one in shown} | {place for pair in pairs for place in pair})
    names = _write_thumbnails(folder, inputs, wanted, reporter)
    rows: list[Sequence[object]] = []
    counts: dict[str, int] = {}
    for one in shown:
        counts[one.kind] = counts.get(one.kind, 0) + 1
        name = names.get(one.image, "")
        rows.append(
            (
                one.kind,
                counts[one.kind],
                dataset.records[one.image].image_id,
                "" if one.label is None else dataset.class_names[one.label],
                _said(one.given, one, dataset),
                _said(one.predicted, one, dataset),
                one.probability,
                one.score,
                name,
            )
        )
    for number, pair in enumerate(pairs, start=1):
        for place in pair:
            record = dataset.records[place]
            given = record.target_text if not dataset.is_values else record.target
            rows.append(
                (COPY, number, record.image_id, "", given, "", None, None, names.get(place, ""))
            )
    write_table(folder.pictures, PICTURE_COLUMNS, rows)


def predictions(judged: Judged) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return what the exported combination predicted, what the better half says, what is given."""
    found = judged.all_predictions
    by_label = {
        (one.extractor.label, one.estimator.label): table
        for one, table in zip(judged.candidates, found.probabilities, strict=True)
    }
    exported = by_label[judged.exported.extractor.label, judged.exported.estimator.label]
    if exported is None:
        raise ValueError(f"{judged.exported.label} must have predictions. Got none: it failed.")
    guessing = {
        (one.extractor.label, one.estimator.label)
        for one in judged.candidates
        if one.estimator.name == "dummy"
    }
    ranked = [
        table
        for row in judged.verdict.ranking
        if row.rank is not None and (row.extractor, row.estimator) not in guessing
        if (table := by_label.get((row.extractor, row.estimator))) is not None
    ]
    better = ranked[: (len(ranked) + 1) // 2] or [exported]
    own, together = mean_over_repeats(exported), common_prediction(better, found.class_indices)
    # The test part of one split was predicted by the exported combination alone.
    return own, np.where(np.isnan(together), own, together), found.class_indices


def _said(value: float | None, one: Shown, dataset: ImageDataset) -> object:
    """Return a target as it is written: the name of a class, yes or no to a label, a number."""
    if value is None or dataset.is_values:
        return value
    if one.label is not None:
        return "yes" if value else "no"
    return dataset.class_names[int(value)]


def _pairs(inputs: StudyInputs) -> list[tuple[int, int]]:
    """Return the places of images that are copies of, or look like, another one."""
    places = {record.image_id: place for place, record in enumerate(inputs.dataset.records)}
    pairs = dict.fromkeys(
        (places[one.other], places[one.image])
        for one in inputs.findings
        if one.other and one.other in places and one.image in places
    )
    return list(pairs)[:MOST_PAIRS]


def _write_thumbnails(
    folder: RunFolder, inputs: StudyInputs, wanted: Sequence[int], reporter: Reporter
) -> dict[int, str]:
    """Write the small pictures of images; return their names by the places of the images."""
    if not inputs.config.report.pictures or inputs.config.dataset.is_columns or not wanted:
        return {}
    names = {}
    with reporter.task("small pictures for the report", len(wanted)) as bar:
        for place in wanted:
            record = inputs.dataset.records[place]
            try:
                png = thumbnail(record, inputs.reading)
            except UnreadableImageError as error:
                reporter.warn(f"the report shows {record.image_id} without a picture: {error}")
            else:
                names[place] = f"{place:06d}.png"
                atomic_write_bytes(folder.thumbnails / names[place], png)
            bar.advance()
    forget_scan()
    return names


def _write_suspicion(
    folder: RunFolder, dataset: ImageDataset, together: np.ndarray, targets: np.ndarray
) -> None:
    believed = trust(together, targets)
    of_labels = is_label_sets(targets)
    flat = believed.ravel()
    # Images that were not tested come last.
    order = np.argsort(np.where(np.isnan(flat), np.inf, flat), kind="stable")
    n_labels = targets.shape[1] if of_labels else 1
    rows = []
    for place, number in enumerate(order.tolist(), start=1):
        image, label = divmod(number, n_labels)
        row = together[image]
        record = dataset.records[image]
        if of_labels:
            said: object = _yes(row[label] > BORDER)
            given: object = _yes(targets[image, label])
            probability = max(row[label], 1.0 - row[label])
        elif is_values(targets):
            said, given, probability = row[0], targets[image], None
        else:
            said, given = dataset.class_names[int(row.argmax())], record.target
            probability = row.max()
        if np.isnan(row).any():
            said = probability = None
        name = dataset.class_names[label] if of_labels else ""
        rows.append((place, record.image_id, name, given, said, probability, flat[number]))
    write_table(folder.suspicion, SUSPICION_COLUMNS, rows)


def _yes(value: object) -> str:
    return "yes" if value else "no"
