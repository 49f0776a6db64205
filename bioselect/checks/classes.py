"""Findings about the classes: one only, nearly empty, spelt in two ways, numbers, far rarer."""

from __future__ import annotations

import difflib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable

from bioselect.checks.findings import ERROR, NOTE, WARNING, Finding
from bioselect.data.names import composed
from bioselect.data.records import ImageDataset
from bioselect.data.splitting import MINIMUM_UNITS

#: The rarest class is told of if the commonest has so many times its images.
FAR_RARER = 10
_NUMBER = re.compile(r"[-+]?\d+([.,]\d+)?([eE][-+]?\d+)?%?")
#: More values than this that are numbers are measurements rather than classes.
_MOST_NUMBERED_CLASSES = 20
_N_LISTED = 5
#: More folders that are the same in every class are patients, plates or days.
_MOST_FOLDERS_INSIDE = 5
_NUMBERED_PATIENT = re.compile(
    r"(?i)(patient|pat|pt|subject|donor|mouse|animal|slide|plate|case)[_\- ]?\d+"
)
_TABLE_INSTEAD = (
    "If so, sort the images into one folder per class, with such folders inside, or describe them "
    "in a table."
)
_PLAIN_NUMBER = re.compile(r"[-+]?\d+(\.\d+)?")
#: A float tells all numbers of so many characters apart; longer ones are codes.
_LONGEST_NUMBER = 15
_MISSING = frozenset({"na", "n/a", "#n/a", "nan", "none", "null", "?", "-", "--", "missing"})
#: What may stand between two parts of a name, or not; at least one side is a letter.
_LETTER = r"[^\W\d_]"
_JOINTS = re.compile(
    rf"(?<={_LETTER})[\s_-]+(?={_LETTER})|(?<={_LETTER})[\s_]+(?=\w)|(?<=\w)[\s_]+(?={_LETTER})"
)
#: Shorter names may be meant so: AA, Aa and aa are genotypes.
_SHORTEST_WORD = 3


def class_findings(dataset: ImageDataset) -> list[Finding]:
    """Return everything noticed about the classes, before any image is read.

    Parameters
    ----------
    dataset : ImageDataset
        With one class an image.
    """
    counts = Counter(str(record.target) for record in dataset.records)
    if len(dataset.class_names) < 2:
        return [_one_class(dataset)]
    if measurements := _measurements(dataset, counts):
        return [measurements]
    # Written alike, they may have enough images.
    return [
        *_wrong_level(dataset),
        *_missing(counts),
        *(_alike(dataset.class_names, counts) or _few(counts) or _rare(counts)),
    ]


def spelt_alike(names: Iterable[str]) -> list[list[str]]:
    """Return the names that differ only in capitals, blanks, ``_``, and ``-`` between letters.

    Numbers are alike if they are equal (``1`` and ``1.0``, ``7`` and ``007``). Other signs have a
    meaning (``CD4+`` and ``CD4-``, ``-1`` and ``1``).

    Examples
    --------
    >>> spelt_alike(["Tumour", "tumour ", "T_cell", "T-cell", "CD4+", "CD4-"])
    [['Tumour', 'tumour '], ['T_cell', 'T-cell']]
    >>> spelt_alike(["1", "1.0", "-1", "10"])
    [['1', '1.0']]
    """
    spellings: dict[str, list[str]] = defaultdict(list)
    for name in names:
        word = composed(name).casefold().strip()
        is_number = _PLAIN_NUMBER.fullmatch(word) and len(word) <= _LONGEST_NUMBER
        spellings[str(float(word)) if is_number else _JOINTS.sub("", word)].append(name)
    return [same for same in spellings.values() if len(same) > 1]


def looks_missing(name: str) -> bool:
    """Tell whether a name is what programs write where there is no value.

    Examples
    --------
    >>> looks_missing("NaN"), looks_missing("normal")
    (True, False)
    """
    return name.strip().casefold() in _MISSING


def _one_class(dataset: ImageDataset) -> Finding:
    found = ", ".join(dataset.class_names) or "none"
    below = [record.image_id.split("/")[1:-1] for record in dataset.records]
    inside = sorted({folders[0] for folders in below if folders})
    is_folder = all(str(one.target) == one.image_id.split("/")[0] for one in dataset.records)
    remedy = "Check the target column of the table."
    if is_folder:
        remedy = "Put the images of each class into a folder of their own."
    if is_folder and len(inside) > 1:
        deeper = (dataset.root / dataset.class_names[0]).as_posix()
        listed = ", ".join(inside[:_N_LISTED])
        remedy = f"If the folders inside ({listed}) are the classes, write dataset.path: {deeper}."
    return Finding(ERROR, "", f"must have at least 2 classes. Got {found}.", remedy)


def _measurements(dataset: ImageDataset, counts: Counter[str]) -> Finding | None:
    names = dataset.class_names
    if len(names) <= _MOST_NUMBERED_CLASSES or not all(map(_NUMBER.fullmatch, names)):
        return None
    if min(counts.values()) >= MINIMUM_UNITS:
        return None
    return Finding(
        ERROR,
        "",
        f"must have classes as targets. Got {len(names)} different numbers for "
        f"{dataset.n_images} images ({', '.join(names[:3])}, ...), which look like measurements.",
        "To predict the number itself write task: regression, with regressors; else write a column "
        "with classes, such as low and high.",
    )


def _wrong_level(dataset: ImageDataset) -> list[Finding]:
    """Tell of class folders that look like experiments or patients, with the classes inside."""
    inside: dict[str, set[str]] = defaultdict(set)
    for record in dataset.records:
        first, *folders = record.image_id.split("/")[:-1] or [""]
        if first != str(record.target):
            return []
        inside[first].update(folders[:1] or [""])
    same = next(iter(inside.values()))
    is_same = all(names == same for names in inside.values())
    if is_same and "" not in same and 1 < len(same) <= _MOST_FOLDERS_INSIDE:
        listed = ", ".join(sorted(same))
        what = f"each class folder holds the same folders: {listed}. Are these the classes?"
        return [Finding(WARNING, "", what, _TABLE_INSTEAD)]
    if all(map(_NUMBERED_PATIENT.fullmatch, inside)):
        what = f"the classes are called like patients or slides: {', '.join(sorted(inside)[:3])}."
        return [Finding(WARNING, "", what, _TABLE_INSTEAD)]
    return []


def _missing(counts: Counter[str]) -> list[Finding]:
    return [
        Finding(
            WARNING,
            "",
            f"the class {name!r} ({count} images) looks like a missing value.",
            "If nobody knows the class of these images, leave them out; otherwise rename it.",
        )
        for name, count in sorted(counts.items())
        if looks_missing(name)
    ]


def _alike(names: tuple[str, ...], counts: Counter[str]) -> list[Finding]:
    return [
        Finding(
            ERROR if len(same[0].strip()) >= _SHORTEST_WORD else WARNING,
            "",
            f"has classes that differ only in capitals, blanks, hyphens or the form of a number: "
            f"{', '.join(f'{name!r} ({counts[name]})' for name in same)}.",
            "Write them alike; if they are different classes, rename one.",
        )
        for same in spelt_alike(names)
    ]


def _few(counts: Counter[str]) -> list[Finding]:
    """Name the classes with fewer images than any study needs, and what they may be typos of."""
    few = {name: count for name, count in sorted(counts.items()) if count < MINIMUM_UNITS}
    if not few:
        return []
    listed = ", ".join(f"{name!r} has {count}" for name, count in list(few.items())[:_N_LISTED])
    more = f" and {len(few) - _N_LISTED} more have too few" if len(few) > _N_LISTED else ""
    large = [name for name in counts if name not in few]
    near = [(name, difflib.get_close_matches(name, large, n=1, cutoff=0.75)) for name in few]
    typo = next((f" Is {name!r} a slip of {found[0]!r}?" for name, found in near if found), "")
    return [
        Finding(
            ERROR,
            "",
            f"must have at least {MINIMUM_UNITS} images of each class. Class {listed}{more}.{typo}",
            "Collect more, merge such a class with another, or leave it out.",
        )
    ]


def _rare(counts: Counter[str]) -> list[Finding]:
    (commonest, n_most), *_, (rarest, n_least) = sorted(
        counts.items(), key=lambda item: (-item[1], item[0])
    )
    if n_most < FAR_RARER * n_least:
        return []
    return [
        Finding(
            NOTE,
            "",
            f"class {rarest!r} is far rarer than {commonest!r}: {n_least} images against {n_most}.",
            "What is found out about it is uncertain; `accuracy` would hardly notice it, "
            "`balanced_accuracy` does.",
        )
    ]
