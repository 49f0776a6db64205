"""Who met a test part before: it is honest for the first model that was chosen without it."""

from __future__ import annotations

from collections.abc import Sequence

from bioselect.progress import Reporter
from bioselect.selection.journal import Journal, JournalEntry
from bioselect.storage import digest_of


def tell_opening(
    journal: Journal, tested: Sequence[str], label: str, reporter: Reporter
) -> tuple[str, ...]:
    """Keep in the journal that a model meets a test part; warn if another one did before.

    Parameters
    ----------
    journal : Journal
        Of the run folder.
    tested : sequence of str
        The digests of the pixels of the test part.
    label : str
        The model that meets it now.
    reporter : Reporter
        Told about it.

    Returns
    -------
    tuple of str
        The others that met it before, in their order.
    """
    key = digest_of({"opened": sorted(tested)})
    entry = journal.get(key)
    labels: list[str] = [] if entry is None else list(entry.values["labels"])
    if label not in labels:
        journal.put(key, JournalEntry({"labels": [*labels, label]}))
    others = tuple(one for one in labels if one != label)
    if others:
        reporter.warn(
            f"test part: it is to be opened for one model only. Got {label}, after "
            f"{' and '.join(others)} in this run folder: who takes the one that does better here "
            "will find it worse on new images. Report all of them, or test the one you choose on "
            "images that none has met."
        )
    return others
