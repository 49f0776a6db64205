"""What is remembered of features that may go: the digest of the rows that the folds belong to.

The folds in the journal belong to a digest of rows. Beside them stands which extractor and images
gave rows of this digest; rows of the same key are the same, which the cache itself relies on.
"""

from __future__ import annotations

from dataclasses import dataclass

from bioselect.features.keys import feature_key
from bioselect.features.learning import Features
from bioselect.selection.journal import Journal, JournalEntry
from bioselect.storage import digest_of
from bioselect.workflows.study_inputs import StudyInputs
from bioselect.workflows.usable_extractors import UsableExtractor


@dataclass(frozen=True)
class KnownRows:
    """Rows that were there once: their digest, and how many numbers each has."""

    digest: str
    n_features: int


def remember_rows(
    usable: UsableExtractor, inputs: StudyInputs, features: Features, digest: str, journal: Journal
) -> None:
    """Note the digest of an extractor's rows, unless something is learnt from them."""
    n_features = features.rows.shape[1]
    if features.learning is None and known_rows(usable, inputs, journal) != KnownRows(
        digest, n_features
    ):
        values = {"digest": digest, "n_features": n_features}
        journal.put(_key(usable, inputs), JournalEntry(values))


def known_rows(usable: UsableExtractor, inputs: StudyInputs, journal: Journal) -> KnownRows | None:
    """Return what is known of an extractor's rows; None if they were never there."""
    entry = journal.get(_key(usable, inputs))
    return None if entry is None else KnownRows(**entry.values)


def _key(usable: UsableExtractor, inputs: StudyInputs) -> str:
    base_dir = inputs.config.base_dir
    rows = feature_key(usable.spec, usable.extractor, inputs.reading, base_dir)
    return digest_of({"rows_of": rows, "images": [digest for _, digest in inputs.images]})
