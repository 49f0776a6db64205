"""The map of the images by the features of one extractor."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bioselect.data.targets import is_label_sets, is_right, is_values
from bioselect.execution import run_tasks
from bioselect.explain.image_map import (
    FEWEST_IMAGES,
    MAP_VERSION,
    MapTask,
    image_map,
    mapped_images,
)
from bioselect.features.learning import Features
from bioselect.progress import Reporter
from bioselect.run_folder import MAP_COLUMNS, RunFolder, write_table
from bioselect.selection.candidates import Candidate
from bioselect.selection.cross_validation import Problem
from bioselect.selection.fitting import collected_warnings, derived_seed, learnt_rows, read_only
from bioselect.selection.journal import Journal, JournalEntry
from bioselect.selection.unfolding import rows_apart
from bioselect.storage import digest_of, write_json
from bioselect.workflows.evidence_pictures import predictions
from bioselect.workflows.judgement import Judged
from bioselect.workflows.study_inputs import StudyInputs
from bioselect.workflows.study_key import study_key


def write_map(
    folder: RunFolder,
    inputs: StudyInputs,
    problem: Problem,
    judged: Judged,
    candidate: Candidate,
    features: Callable[[Candidate], tuple[Features, str]],
    journal: Journal,
    reporter: Reporter,
) -> None:
    """Write where each image lies; nothing where there are too few."""
    n_images = inputs.dataset.n_images
    if n_images < FEWEST_IMAGES:
        return
    places = mapped_images(n_images, problem.seed)
    points = _kept_points(inputs, problem, candidate, places, features, journal, reporter)
    predicted, _, targets = predictions(judged)
    rows = []
    for place, (x, y) in zip(places.tolist(), points.tolist(), strict=True):
        record = inputs.dataset.records[place]
        given = record.target if inputs.dataset.is_values else record.target_text
        said, error = _said_and_error(predicted[place], targets[place : place + 1], inputs)
        rows.append((record.image_id, x, y, given, record.group, said, error))
    write_table(folder.image_map, MAP_COLUMNS, rows)
    write_json(
        folder.image_map_facts,
        {"extractor": candidate.extractor.label, "n_images": n_images, "n_mapped": len(places)},
    )


def _said_and_error(
    row: np.ndarray, target: np.ndarray, inputs: StudyInputs
) -> tuple[object, object]:
    """Return what was predicted, and 1 or 0 for wrong or right, or how far off a number is."""
    if np.isnan(row).any():
        return None, None
    if is_values(target):
        return float(row[0]), abs(float(row[0] - target[0]))
    wrong = int(not is_right(row[None], target)[0])
    names = inputs.dataset.class_names
    if is_label_sets(target):
        return "; ".join(name for name, p in zip(names, row, strict=True) if p > 0.5), wrong
    return names[int(row.argmax())], wrong


def _kept_points(
    inputs: StudyInputs,
    problem: Problem,
    candidate: Candidate,
    places: np.ndarray,
    features: Callable[[Candidate], tuple[Features, str]],
    journal: Journal,
    reporter: Reporter,
) -> np.ndarray:
    """Return the points of the map, from the journal if nothing has changed."""
    key = digest_of(
        {
            "map": MAP_VERSION,
            "study": study_key(inputs, problem),
            "extractor": candidate.extractor.label,
            "seed": problem.seed,
        }
    )
    kept = journal.get(key)
    if kept is not None and kept.array is not None:
        return kept.array
    found, _ = features(candidate)
    with reporter.task("map of the images", 1) as bar:
        rows = _plain_rows(found, problem.seed)[places]
        [points] = run_tasks(image_map, [MapTask(rows, problem.seed)], n_jobs=1)
        bar.advance()
    journal.put(key, JournalEntry({}, points))
    return points


def _plain_rows(features: Features, seed: int) -> np.ndarray:
    """Return a row of numbers for each image: without its views, behind what is learnt.

    Here it may be learnt from all images: nothing is judged by a map.
    """
    looks = features.looks
    rows = features.rows
    if looks.n_views:
        rows = rows_apart(rows, looks.n_rows)[: len(rows)]
    if features.learning is None:
        return rows
    [learnt] = run_tasks(_learnt, [(features, rows, derived_seed(seed))], n_jobs=1)
    return learnt


def _learnt(task: tuple[Features, np.ndarray, int]) -> np.ndarray:
    features, rows, seed = task
    assert features.learning is not None
    with collected_warnings([]):
        step = features.learning.step(seed)
        step.fit(read_only(rows))
        return learnt_rows(step, read_only(rows))
