"""Declared groups that divide what the names of files say is of one patient or slide."""

from __future__ import annotations

import re
from collections import Counter, defaultdict

from bioselect.checks.findings import NOTE, WARNING, Finding
from bioselect.checks.patients import GroupProposal, group_proposal
from bioselect.data.records import ImageDataset

#: Of whom nothing may lie in training and in test.
_PEOPLE = re.compile(
    r"(?i)(?<![a-z])(patient|pat|pt|subject|subj|sub|donor|case|person|participant|individual"
    r"|mouse|animal|rat|pacient\w*|pazient\w*|proband\w*|spender\w*)[_\- ]?\d"
)


def divided_names(dataset: ImageDataset) -> list[Finding]:
    """Return a finding if images that are together by their names are in several groups.

    It is a warning where names say patient, mouse or the like, and a note where the groups lie
    within larger ones whose name comes first (`slide12` of `slide12_field3`).

    Parameters
    ----------
    dataset : ImageDataset
        With declared groups.
    """
    proposal = group_proposal(dataset)
    if proposal is None:
        return []
    declared: dict[str, set[str]] = defaultdict(set)
    for said, record in zip(proposal.groups, dataset.records, strict=True):
        if record.group is not None:
            declared[said].add(record.group)
    divided = sorted(said for said, groups in declared.items() if len(groups) > 1)
    if not divided or _is_refined(declared):
        return []
    is_person = all(map(_PEOPLE.search, proposal.groups))
    if not is_person and not _lie_within(dataset, proposal):
        return []
    first = divided[0]
    one, two = sorted(declared[first])[:2]
    n_images = Counter(proposal.groups)[first]
    return [
        Finding(
            WARNING if is_person else NOTE,
            "",
            f"the declared groups divide {len(divided)} larger ones that names of files tell of: "
            f"the {n_images} images of {first!r} are in {len(declared[first])} groups, such as "
            f"{one!r} and {two!r}.",
            f"If they are of one patient or slide, write under `dataset:`  group: {proposal.rule}  "
            "(now they can lie in training and in test).",
            "groups divided by name",
        )
    ]


def _is_refined(declared: dict[str, set[str]]) -> bool:
    """Tell whether groups hold what names say and something before it: `siteA_patient3`."""
    return all(
        said in group and not group.startswith(said)
        for said, groups in declared.items()
        for group in groups
    )


def _lie_within(dataset: ImageDataset, proposal: GroupProposal) -> bool:
    """Tell whether groups stand in the names, each within a larger one that stands before it."""
    larger: dict[str, set[str]] = defaultdict(set)
    for said, record in zip(proposal.groups, dataset.records, strict=True):
        if record.group is None or record.group not in record.file_id:
            return False
        if record.file_id.find(said) > record.file_id.find(record.group):
            return False
        larger[record.group].add(said)
    return all(len(one) == 1 for one in larger.values())
