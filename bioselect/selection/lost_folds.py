"""Folds without a result: a process found no memory (one estimator is at fault, not all)."""

from __future__ import annotations

from dataclasses import replace

from bioselect.exceptions import BioselectError, WorkerDiedError
from bioselect.execution import run_alone
from bioselect.selection.fitting import one_line
from bioselect.selection.fold_group import FoldGroup, in_one_line, run_group
from bioselect.selection.journal import JournalEntry
from bioselect.selection.learnt_folds import LearntFold


def one_by_one(group: FoldGroup, error: BioselectError) -> list[JournalEntry]:
    """Try each estimator of a lost group in a process of its own; what fails there is recorded.

    Parameters
    ----------
    group : FoldGroup
        What was lost, though nothing else was computed beside it.
    error : BioselectError
        What the system said, recorded where the group has a single estimator.

    Returns
    -------
    list of JournalEntry
        In the order of the estimators.
    """
    if len(group.estimators) == 1:
        return [failed(error)]
    entries = []
    for estimator in group.estimators:
        try:
            entries += run_alone(run_group, replace(group, estimators=(estimator,)))
        except WorkerDiedError as alone:
            entries.append(failed(alone))
    return entries


def failed(error: BioselectError) -> JournalEntry:
    """Return the entry of a fold that failed."""
    return JournalEntry({"error": one_line(str(error))})


def failed_to_learn(fold: LearntFold) -> JournalEntry:
    """Return the entry of each estimator of a fold in which there was nothing to learn from."""
    return JournalEntry({"error": fold.error, "warning": in_one_line(fold.warnings)})
