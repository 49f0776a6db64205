"""What the candidates of a study go by: computed on the folds of its first repeat."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from bioselect.data.splitting import Fold
from bioselect.estimators.ensemble_spec import estimator_identity
from bioselect.execution import run_tasks
from bioselect.explain.blocks import Block, close_blocks
from bioselect.explain.fold_importance import (
    FoldImportance,
    ImportanceTask,
    importance_of_fold,
    without_importance,
)
from bioselect.explain.importance_plot import importances_svg
from bioselect.explain.importance_table import COLUMNS, ImportanceRow, importance_rows
from bioselect.explain.permutation import N_SHUFFLES
from bioselect.features.cache import FeatureCache
from bioselect.features.columns import ColumnLearning
from bioselect.features.learning import Features
from bioselect.metrics.base import get_metric, in_units, metric_identity
from bioselect.progress import Reporter
from bioselect.run_folder import RunFolder, table_text
from bioselect.selection.candidates import Candidate
from bioselect.selection.cross_validation import Problem, array_digest
from bioselect.selection.fitting import TrainingRows
from bioselect.selection.journal import Journal, JournalEntry
from bioselect.storage import atomic_write_text, digest_of
from bioselect.workflows.export import versions
from bioselect.workflows.extractor_study import features_of
from bioselect.workflows.judgement import Judged
from bioselect.workflows.study_inputs import StudyInputs

#: Raised whenever an importance changes for the same inputs.
IMPORTANCE_VERSION = 2
#: Of random splits, whose repeats have one test part each, so many are taken.
N_SPLITS = 5
TABLE_FILE, PLOT_FILE = "importances.csv", "importances.svg"


@dataclass(frozen=True, eq=False)
class Explained:
    """Rows with names: the columns of a table, alone or behind the numbers of an image.

    `blocks` are what is shuffled: the numbers of the image as one, each column, and columns that
    are alike together. `columns` and `widths` are names of the columns and how many numbers the
    estimator gets of each.
    """

    features: Features
    blocks: tuple[Block, ...]
    columns: tuple[str, ...]
    widths: tuple[int, ...]


def explained_rows(features: Features) -> Explained | None:
    """Return the rows of an extractor as blocks; None where there is but one."""
    learning = features.learning
    if not isinstance(learning, ColumnLearning) or features.looks.n_views:
        return None
    edge = learning.n_before
    image = [Block(features.spec.label, tuple(range(edge)))] if edge else []
    single = [Block(one.name, (edge + place,)) for place, one in enumerate(learning.columns)]
    if len(image) + len(single) < 2:
        return None
    # The places of categories are no numbers that could be correlated.
    numeric = [block for block, one in zip(single, learning.columns, strict=True) if one.is_numeric]
    together = close_blocks(np.asarray(features.rows, dtype=np.float64), numeric)
    return Explained(
        features,
        (*image, *single, *together),
        tuple(one.name for one in learning.columns),
        tuple(len(one.categories) if one.categories else 1 for one in learning.columns),
    )


def write_importances(
    folder: RunFolder,
    inputs: StudyInputs,
    problem: Problem,
    judged: Judged,
    cache: FeatureCache,
    reporter: Reporter,
) -> list[str]:
    """Write the table and the drawing; return in words which columns are alike.

    Nothing is written where no rows have parts with names (an extractor alone), or nothing was
    found.
    """
    if inputs.columns is None:
        return []
    rows: list[ImportanceRow] = []
    alike: dict[str, None] = {}
    ranked = [(row.extractor, row.estimator) for row in judged.verdict.ranking if row.rank]
    with Journal(folder.journal) as journal:
        for usable in inputs.extractors:
            candidates = [
                one
                for one in judged.candidates
                if one.extractor == usable.spec
                and one.estimator.name != "dummy"
                and (one.extractor.label, one.estimator.label) in ranked
            ]
            if not candidates:
                continue
            explained = explained_rows(features_of(usable, inputs, cache, reporter))
            if explained is None:
                continue
            alike |= dict.fromkeys(block.name for block in explained.blocks if block.members)
            rows += _of_candidates(candidates, explained, inputs, problem, journal, reporter)
    if not rows:
        return []
    table = [[getattr(row, name) for name in COLUMNS] for row in rows]
    atomic_write_text(folder.plots / TABLE_FILE, table_text(COLUMNS, table))
    first = (judged.exported.extractor.label, judged.exported.estimator.label)
    title = f"What predictions go by: {judged.exported.label} first"
    order = sorted(ranked, key=lambda labels: labels != first)  # Otherwise the best first.
    drawn = importances_svg(title, rows, order, TABLE_FILE)
    atomic_write_text(folder.plots / PLOT_FILE, drawn)
    return list(alike)


def _of_candidates(
    candidates: Sequence[Candidate],
    explained: Explained,
    inputs: StudyInputs,
    problem: Problem,
    journal: Journal,
    reporter: Reporter,
) -> list[ImportanceRow]:
    n_folds = problem.plan.n_folds if problem.plan.n_folds > 1 else N_SPLITS
    folds = problem.plan.folds[:n_folds]
    tasks = [_task(one, fold, explained, problem) for one in candidates for fold in folds]
    digest = hashlib.sha256(np.ascontiguousarray(explained.features.rows).data).hexdigest()
    keys = [_key(task, digest, problem, inputs) for task in tasks]
    found = [journal.get(key) for key in keys]
    missing = [place for place, entry in enumerate(found) if entry is None]
    label = f"shuffling the columns of {explained.features.spec.label}"
    if missing:
        with reporter.task(label, len(missing)) as progress:
            results = run_tasks(
                importance_of_fold,
                [tasks[place] for place in missing],
                inputs.n_jobs,
                without_importance,
                reporter.warn,
            )
            for place, result in zip(missing, results, strict=True):
                found[place] = _entry(result)
                if not result.error:
                    journal.put(keys[place], _entry(result))
                progress.advance(1)
    metric = metric_with_unit(inputs)
    rows: list[ImportanceRow] = []
    for number, candidate in enumerate(candidates):
        own = found[number * len(folds) : (number + 1) * len(folds)]
        results_of = [_result(entry) for entry in own if entry is not None]
        labels = (candidate.extractor.label, candidate.estimator.label)
        units = (metric, inputs.unit)
        widths = dict(zip(explained.columns, explained.widths, strict=True))
        rows += importance_rows(labels, results_of, explained.blocks, widths, units)
        errors = [one.error for one in results_of if one.error]
        if errors:
            reporter.warn(f"{candidate.label}: what it goes by is not known: {errors[0]}")
    return rows


def metric_with_unit(inputs: StudyInputs) -> str:
    """Return the metric with its unit, as an axis has it."""
    name = str(inputs.metric)
    unit = in_units(get_metric(inputs.metric, inputs.config.base_dir), inputs.unit).unit
    return f"{name}, {unit}" if unit else name


def _task(
    candidate: Candidate, fold: Fold, explained: Explained, problem: Problem
) -> ImportanceTask:
    return ImportanceTask(
        candidate.estimator,
        TrainingRows(
            explained.features.rows, problem.class_indices, problem.units, problem.n_classes
        ),
        fold.train,
        fold.test,
        (fold.repeat, fold.index),
        explained.blocks,
        explained.widths,
        problem.metric_name,
        problem.seed,
        problem.base_dir,
        explained.features.learning,
    )


def _key(task: ImportanceTask, digest: str, problem: Problem, inputs: StudyInputs) -> str:
    """Return all that an importance depends on."""
    learning = task.learning
    return digest_of(
        {
            "importance_version": IMPORTANCE_VERSION,
            "n_shuffles": N_SHUFFLES,
            "versions": versions(),
            "features": digest,
            "learnt": None if learning is None else learning.key,
            "targets": array_digest(problem.class_indices),
            "units": array_digest(problem.units),
            "n_classes": problem.n_classes,
            "estimator": estimator_identity(
                task.spec, problem.base_dir, inputs.config.estimator_kind
            ),
            "spec": task.spec.as_dict(),
            "metric": metric_identity(problem.metric_name, problem.base_dir),
            "blocks": [asdict(block) for block in task.blocks],
            "seed": task.seed,
            "fold": [array_digest(task.train), array_digest(task.test), *task.fold],
        }
    )


def _entry(found: FoldImportance) -> JournalEntry:
    own = None
    if found.native is not None:  # JSON knows no NaN.
        own = [None if np.isnan(value) else float(value) for value in found.native]
    values = {"kind": found.kind, "native": own, "error": found.error}
    return JournalEntry(values, found.permutation)


def _result(entry: JournalEntry) -> FoldImportance:
    own = entry.values["native"]
    permutation = np.array([]) if entry.array is None else entry.array
    native = None if own is None else np.array(own, dtype=np.float64)
    return FoldImportance(permutation, entry.values["kind"], native, entry.values["error"])
