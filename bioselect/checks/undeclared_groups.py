"""The warning that images look as if they came in groups that nobody declared."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bioselect.checks.findings import WARNING, Finding
from bioselect.checks.patients import GroupProposal, group_proposal
from bioselect.data.records import ImageDataset

#: A few files that are called otherwise do not hide the patients in the names of all others.
MOST_STRAY = 0.02


def undeclared_groups(
    dataset: ImageDataset, columns: Mapping[str, Sequence[str]] | None = None
) -> list[Finding]:
    """Return a warning that proposes a group, if there is one.

    None is needed for what is together already (as DICOM headers say of whom they are).

    Parameters
    ----------
    dataset, columns
        As for :func:`bioselect.checks.patients.group_proposal`.
    """
    strays: tuple[str, ...] = ()
    proposal = group_proposal(dataset, columns)
    if proposal is None:
        dataset, strays = without_strays(dataset)
        proposal = group_proposal(dataset) if strays else None
    if proposal is None or _are_together(proposal.groups, dataset):
        return []
    (commonest, count) = Counter(proposal.groups).most_common(1)[0]
    return [
        Finding(
            WARNING,
            "",
            f"no group is declared, but the images look as if they were of {proposal.n_groups} "
            f"patients, slides or the like (such as {commonest!r} with {count} images). If they "
            "are, scores without groups are too good.",
            _remedy(proposal, strays),
        )
    ]


def without_strays(dataset: ImageDataset) -> tuple[ImageDataset, tuple[str, ...]]:
    """Return the images without the few that are called otherwise than the rest, and those.

    Examples
    --------
    >>> from pathlib import Path
    >>> from bioselect.data.records import ImageRecord
    >>> names = [f"a/p{who}_{i}.png" for who in range(30) for i in (1, 2)] + ["a/Overview.png"]
    >>> records = tuple(ImageRecord(name, Path(name), "a") for name in names)
    >>> without_strays(ImageDataset("demo", Path(), records, ("a",)))[1]
    ('a/Overview.png',)
    """
    forms = [_form(record.file_id) for record in dataset.records]
    counts = Counter(forms)
    n_stray, rare = 0, set()
    for form, count in sorted(counts.items(), key=lambda item: item[1]):
        n_stray += count
        if n_stray > max(1, MOST_STRAY * dataset.n_images):
            break
        rare.add(form)
    is_stray = [form in rare for form in forms]
    pairs = list(zip(dataset.records, is_stray, strict=True))
    strays = tuple(record.file_id for record, stray in pairs if stray)
    return replace(dataset, records=tuple(one for one, stray in pairs if not stray)), strays


def _form(file: str) -> str:
    """Return how a name is made up, whatever its words and numbers are."""
    name = file.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    return re.sub(r"\d+", "0", re.sub(r"[^\W\d_]+", "a", name)) + "/" * file.count("/")


def _remedy(proposal: GroupProposal, strays: Sequence[str]) -> str:
    write = f"rite under `dataset:`  group: {proposal.rule}"
    if proposal.n_empty:
        return f"Fill its {proposal.n_empty} empty cells, then w{write}"
    if strays:
        others = f" (and {len(strays) - 1} more)" if len(strays) > 1 else ""
        how = "whose name does not say it, or move it away"
        return f"Rename {strays[0]}{others}, {how}; then w{write}"
    return f"W{write}"


def _are_together(groups: Sequence[str], dataset: ImageDataset) -> bool:
    """Tell whether the images of each proposed group have one group already."""
    sizes = Counter(groups)
    found: dict[str, set[str | None]] = defaultdict(set)
    for proposed, record in zip(groups, dataset.records, strict=True):
        found[proposed].add(record.group)
    return all(len(found[one]) == 1 and None not in found[one] for one in sizes if sizes[one] > 1)
