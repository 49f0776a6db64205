"""Patients, slides or plates that nobody declared, as folders, names of files and columns show.

Images of one patient on both sides of a fold make a score worthless, so what looks like a group
is proposed, ready to be written into the configuration. It is never used by itself.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bioselect.checks.classes import looks_missing
from bioselect.checks.tile_grids import are_rows_of_grid
from bioselect.data.layouts import GroupRule
from bioselect.data.names import composed
from bioselect.data.records import ImageDataset, ImageRecord
from bioselect.data.splitting import MINIMUM_UNITS
from bioselect.exceptions import DataError

#: What people call that of which there are several images.
WORDS = (
    *("patient", "pat", "pt", "subject", "subj", "sub", "donor", "case", "person", "participant"),
    *("individual", "mouse", "animal", "rat", "fish", "embryo", "plant", "slide", "smear"),
    *("section", "biopsy", "specimen", "sample", "plate", "well", "dish", "culture", "batch"),
    *("scan", "wsi", "eye"),
)
#: Beginnings of such words in other languages, and in compounds of German.
_BEGINNINGS = ("patient", "pacient", "pazient", "proband", "spender")
#: Of these there is often one image each, numbered anew in every class.
_ALSO_IMAGES = frozenset({"sample", "specimen", "section", "scan", "slide", "well", "case"})
#: Fewer groups than this are conditions or days rather than patients; where nothing calls them
#: so, fewer than a study needs of each class, which stains and magnifications are.
FEWEST_GROUPS = 3
#: So much of the images must be in a group of several, and no group may hold more than half.
SHARE_IN_GROUPS = 0.5
#: Where names do not say what they count, in classes of so many images ...
_N_TELLING = 5
#: ... most images must be in a group of several, unless groups reach over the classes.
_SHARE_ACROSS = 0.2
_SEPARATORS = "_- ."
_WORD_IN_NAME = re.compile(rf"(?i)(?<![a-z])({'|'.join(WORDS)})[_\- ]?[0-9]+")


@dataclass(frozen=True)
class GroupProposal:
    """What looks like the group of the images, and what to write for it.

    `rule` is the value of ``dataset.group`` as YAML; `groups` is the group of each image. Of a
    column, `n_empty` cells name none and have to be filled before it can be used. `files` is the
    rule for names of files; `strays` are files whose names say none, each a group by itself.
    """

    rule: str
    groups: tuple[str, ...]
    n_empty: int = 0
    files: GroupRule | None = None
    strays: tuple[str, ...] = ()

    @property
    def n_groups(self) -> int:
        """How many groups there are, without those of strays."""
        return len(set(self.said))

    @property
    def said(self) -> list[str]:
        """The groups of the images without strays."""
        own = {composed(stray).rsplit("/", 1)[-1] for stray in self.strays}
        return [group for group in self.groups if group not in own]


def group_proposal(
    dataset: ImageDataset, columns: Mapping[str, Sequence[str]] | None = None
) -> GroupProposal | None:
    """Return the most likely group of images for which none is declared, or nothing.

    Parameters
    ----------
    dataset : ImageDataset
        The images, with one class each or with labels.
    columns : mapping of str to sequence of str or None
        Of a table, the columns that are not used, with a cell for each record of `dataset`.

    Examples
    --------
    >>> from pathlib import Path
    >>> from bioselect.data.records import ImageRecord
    >>> names = [f"{'ab'[who % 2]}/p{who}_{i}.png" for who in range(10) for i in (1, 2)]
    >>> records = tuple(ImageRecord(name, Path(name), name[0]) for name in names)
    >>> group_proposal(ImageDataset("demo", Path(), records, ("a", "b"))).rule
    "{pattern: '(?:^|/)([^/_]+)_[^/]*$'}"
    """
    called = [_of_column(name, cells) for name, cells in (columns or {}).items() if _is_word(name)]
    named = [one for one in called if _are_groups(one.groups, dataset, named=True)]
    if named:
        return _coarsest(named)
    files = [_file(record) for record in dataset.records]
    targets = [record.target_text for record in dataset.records]
    found = []
    for rule, text in _candidates(files) if files else ():
        try:
            groups = tuple(rule.group_of(file) for file in files)
        except DataError:
            continue
        if are_rows_of_grid(groups, files):
            continue
        is_named = all(map(_is_word, groups)) and not _number_images(groups, targets)
        if _are_groups(groups, dataset, is_named):
            found.append(GroupProposal(text, groups, files=rule))
            named += [found[-1]] if is_named else []
    # The largest groups of which there are enough for folds; else just the largest.
    enough = [one for one in found if _fewest_in_a_class(one.groups, targets) >= MINIMUM_UNITS]
    best = next(iter(enough or found), None)
    return _coarsest([best, *(one for one in enough if one in named)]) if best in named else best


def _of_column(name: str, cells: Sequence[str]) -> GroupProposal:
    """Return what a column says; where it says nothing, an image stands for itself."""
    empty = [not cell or looks_missing(cell) for cell in cells]
    pairs = enumerate(zip(cells, empty, strict=True))
    groups = (f"row {place}" if gap else cell for place, (cell, gap) in pairs)
    return GroupProposal(_quoted(name), tuple(groups), sum(empty))


def _coarsest(proposals: Sequence[GroupProposal]) -> GroupProposal:
    """Return the first, or the one that its groups lie in: of slides of a patient the patient."""
    chosen = proposals[0]
    for other in proposals[1:]:
        pairs = set(zip(chosen.groups, other.groups, strict=True))
        if other.n_groups < chosen.n_groups == len(pairs):
            chosen = other
    return chosen


def _candidates(files: Sequence[str]) -> list[tuple[GroupRule, str]]:
    """Return rules to try, the most telling first."""
    words = dict.fromkeys(found[1] for found in _WORD_IN_NAME.finditer(files[0]))
    rules = [GroupRule(pattern=rf"(?i)({word}[_\- ]?[0-9]+)") for word in words]
    depth = min(file.count("/") for file in files)
    rules += [GroupRule(folder_level=level) for level in range(2, depth + 1)]
    stems = [file.rsplit("/", 1)[-1] for file in files]
    for separator in _SEPARATORS:
        # The ending has a dot of its own.
        if all(separator in stem.rsplit(".", 1)[0] for stem in stems):
            rules += [GroupRule(pattern=pattern) for pattern in _patterns(separator)]
    # A letter and a number, and more without a sign between: P012img3.png.
    rules.append(GroupRule(pattern=r"(?:^|/)([A-Za-z]+[0-9]+)[A-Za-z][^/]*$"))
    # Letters count the images of one: 12a.png and 12b.png, p7L.png and p7R.png.
    rules.append(GroupRule(pattern=r"([^/]*\d)[A-Za-z]\.[^/]*$"))
    return [(rule, as_yaml(rule)) for rule in rules]


def _patterns(separator: str) -> list[str]:
    """Return patterns for the first field, the first two or three, and all but the last."""
    s = re.escape(separator) if separator == "." else separator
    field = rf"[^/{s}]+"
    if separator == ".":
        return [rf"({field})\.[^/]*\.[^/]*$", r"([^/]+)\.[^/.]*\.[^/.]*$"]
    return [
        rf"(?:^|/)({field}){s}[^/]*$",
        rf"(?:^|/)({field}{s}{field}){s}[^/]*$",
        rf"(?:^|/)({field}{s}{field}{s}{field}){s}[^/]*$",
        rf"([^/]+){s}[^/{s}]*$",
    ]


def _are_groups(groups: Sequence[str], dataset: ImageDataset, named: bool) -> bool:
    """Tell whether values look like patients: several images each, and not like classes.

    `named`: they are called a patient, a slide, ...; then less has to speak for it.
    """
    sizes = Counter(groups)
    n_images = len(groups)
    n_classes = 0 if dataset.is_multilabel else len(dataset.class_names)
    fewest = FEWEST_GROUPS if named else MINIMUM_UNITS
    if "" in sizes or len(sizes) < max(fewest, n_classes + 1):
        return False
    in_groups = sum(size for size in sizes.values() if size > 1)
    if in_groups < SHARE_IN_GROUPS * n_images or 2 * max(sizes.values()) > n_images:
        return False
    targets = [record.target_text for record in dataset.records]
    return named or _reach_over_classes(groups, dataset) or _several_in_each_class(groups, targets)


def _number_images(groups: Sequence[str], targets: Sequence[str]) -> bool:
    """Tell whether ``scan 1`` and the like are one image in each class, numbered anew there."""
    words = {re.sub(r"[\W\d_]", "", group).lower() for group in groups}
    return words <= _ALSO_IMAGES and len(set(zip(targets, groups, strict=True))) == len(groups)


def _reach_over_classes(groups: Sequence[str], dataset: ImageDataset) -> bool:
    """Tell whether groups hold several classes: then they do not number the images of a class.

    Where the same names come again in several classes (but for the class in the name), each class
    is numbered by itself, and equal numbers mean nothing.
    """
    names = {_name_without_class(record) for record in dataset.records}
    if len(names) < len({_file(record) for record in dataset.records}):
        return False
    sizes = Counter(groups)
    classes: dict[str, set[str]] = defaultdict(set)
    for group, record in zip(groups, dataset.records, strict=True):
        classes[group].add(record.target_text)
    several = [group for group, size in sizes.items() if size > 1]
    n_over = sum(len(classes[group]) > 1 for group in several)
    return n_over >= _SHARE_ACROSS * len(several) and n_over > 0


def _name_without_class(record: ImageRecord) -> str:
    name = _file(record).rsplit("/", 1)[-1].lower()
    word = re.escape(composed(record.target_text).lower())
    return re.sub(rf"(?<![^\W\d_]){word}(?![^\W\d_])", "", name)


def _fewest_in_a_class(groups: Sequence[str], targets: Sequence[str]) -> int:
    return min(Counter(target for target, _ in set(zip(targets, groups, strict=True))).values())


def _file(record: ImageRecord) -> str:
    """Return the path of the file that an image is in, below the data set's folder."""
    return composed(record.file_id)


def _several_in_each_class(groups: Sequence[str], targets: Sequence[str]) -> bool:
    """Tell whether most images of each class are in a group of several.

    Where a grid numbers the images (``G1_07_27``), a small class fills one row of it.
    """
    sizes = Counter(zip(targets, groups, strict=True))
    in_several: Counter[str] = Counter()
    for (target, _), size in sizes.items():
        in_several[target] += size if size > 1 else 0
    totals = Counter(targets)
    return all(
        in_several[target] > SHARE_IN_GROUPS * total
        for target, total in totals.items()
        if total >= _N_TELLING
    )


def _is_word(name: str) -> bool:
    """Tell whether a name has one of `WORDS` in it, as a word.

    Examples
    --------
    >>> _is_word("Patient_ID"), _is_word("Patientennummer"), _is_word("p_wellness")
    (True, True, False)
    """
    parts = re.split(r"[^a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower())
    return any(
        part.removesuffix("s") in WORDS or part in WORDS or part.startswith(_BEGINNINGS)
        for part in parts
    )


def as_yaml(rule: GroupRule) -> str:
    """Return a rule as the value of `dataset.group`."""
    if rule.folder_level is not None:
        return f"{{level: {rule.folder_level}}}"
    return f"{{pattern: {_quoted(str(rule.pattern), always=True)}}}"


def _quoted(text: str, always: bool = False) -> str:
    """Return text as a YAML value; single quotes leave backslashes alone."""
    if not always and re.fullmatch(r"[A-Za-z][\w ]*\w", text):
        return text
    return "'" + text.replace("'", "''") + "'"
