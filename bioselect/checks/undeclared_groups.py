"""The warning that images look as if they came in groups that nobody declared."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from bioselect.checks.findings import WARNING, Finding
from bioselect.checks.patients import GroupProposal
from bioselect.checks.stray_names import proposal_beside_strays, strays_in_words
from bioselect.data.records import ImageDataset


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
    proposal = proposal_beside_strays(dataset, columns)
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
            _remedy(proposal),
        )
    ]


def _remedy(proposal: GroupProposal) -> str:
    write = f"rite under `dataset:`  group: {proposal.rule}"
    if proposal.n_empty:
        return f"Fill its {proposal.n_empty} empty cells, then w{write}"
    if proposal.strays:
        return f"W{write}  ({strays_in_words(proposal.strays)})"
    return f"W{write}"


def _are_together(groups: Sequence[str], dataset: ImageDataset) -> bool:
    """Tell whether the images of each proposed group have one group already."""
    sizes = Counter(groups)
    found: dict[str, set[str | None]] = defaultdict(set)
    for proposed, record in zip(groups, dataset.records, strict=True):
        found[proposed].add(record.group)
    return all(len(found[one]) == 1 and None not in found[one] for one in sizes if sizes[one] > 1)
