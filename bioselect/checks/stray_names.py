"""A few files that are called otherwise do not hide the patients in the names of all others."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bioselect.checks.patients import GroupProposal, as_yaml, group_proposal
from bioselect.data.layouts import GroupRule
from bioselect.data.names import composed
from bioselect.data.records import ImageDataset
from bioselect.visible import is_visible_line

#: At most so many of the images are called otherwise, and one may be.
MOST_STRAY = 0.02
#: What stands before the group in a pattern of ours, the group itself, and what stands behind.
_PARTS = re.compile(r"(.*?)\((?!\?)([^()]*)\)(.*)")


def proposal_beside_strays(
    dataset: ImageDataset, columns: Mapping[str, Sequence[str]] | None = None
) -> GroupProposal | None:
    r"""Return what :func:`group_proposal` does, also where a few names say nothing of a group.

    Each of these stands for itself then: the rule names it, so that what is misspelt later is not
    taken for one, too.

    Parameters
    ----------
    dataset, columns
        As for :func:`group_proposal`.

    Examples
    --------
    >>> from pathlib import Path
    >>> from bioselect.data.records import ImageRecord
    >>> names = [f"{'ab'[who % 2]}/p{who}_{i}.png" for who in range(30) for i in (1, 2)]
    >>> records = tuple(ImageRecord(name, Path(name), name[0]) for name in [*names, "a/View.png"])
    >>> found = proposal_beside_strays(ImageDataset("demo", Path(), records, ("a", "b")))
    >>> print(found.rule, found.n_groups, found.strays)
    {pattern: '(?:^|/)([^/_]+(?=_[^/]*$)|View\.png$)'} 30 ('a/View.png',)
    """
    proposal = group_proposal(dataset, columns)
    if proposal is not None:
        return proposal
    rest, strays = without_strays(dataset)
    proposal = group_proposal(rest) if strays and all(map(is_visible_line, strays)) else None
    if proposal is None or proposal.files is None:
        return None
    rule = _naming(proposal.files, strays)
    groups = tuple(rule.group_of(composed(one.file_id)) for one in dataset.records)
    return GroupProposal(as_yaml(rule), groups, files=rule, strays=strays)


def _naming(rule: GroupRule, strays: Sequence[str]) -> GroupRule:
    """Return a rule that takes each of these files for a group of its own."""
    names = dict.fromkeys(composed(one).rsplit("/", 1)[-1] for one in strays)
    named = "|".join(f"{re.escape(name)}$" for name in names)
    if rule.folder_level is not None:
        before = rf"^(?:(?:[^/]+/){{{rule.folder_level - 1}}}|(?:.*/)?(?={named}))"
        return GroupRule(pattern=f"{before}([^/]+(?=/)|{named})")
    parts = _PARTS.fullmatch(str(rule.pattern))
    assert parts is not None, f"{rule.pattern}: the patterns of group_proposal have one group"
    before, group, behind = parts.groups()
    if "/" not in str(rule.pattern):  # It is looked for anywhere in the name.
        named = "|".join(f"^{re.escape(name)}$" for name in names)
    return GroupRule(pattern=f"{before}({group}{f'(?={behind})' if behind else ''}|{named})")


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


def strays_in_words(strays: Sequence[str]) -> str:
    """Say what becomes of them.

    Examples
    --------
    >>> strays_in_words(["a/View.png", "b/1.png"])
    'a/View.png (and 1 more), whose name says none, stands for itself'
    """
    others = f" (and {len(strays) - 1} more)" if len(strays) > 1 else ""
    return f"{strays[0]}{others}, whose name says none, stands for itself"


def _form(file: str) -> str:
    """Return how a name is made up, whatever its words and numbers are."""
    name = file.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    return re.sub(r"\d+", "0", re.sub(r"[^\W\d_]+", "a", name)) + "/" * file.count("/")
