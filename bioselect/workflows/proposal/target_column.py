"""Which column of a table is the class, or the number: the one that says so, else it is asked."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bioselect.checks.patients import WORDS
from bioselect.data.table_labels import USUAL_SEPARATORS
from bioselect.data.table_numbers import is_number
from bioselect.exceptions import DataError
from bioselect.workflows.proposal.cells import (
    MOST_NUMBERED_CLASSES,
    has_word,
    is_zero_or_one,
    why_no_class,
)
from bioselect.workflows.proposal.choices import counted, listed

#: What people call the column with the class, ...
TARGET_WORDS = frozenset(
    {"class", "label", "target", "diagnosis", "category", "classification", "annotation"}
    | {"klasse", "diagnose", "clase", "classe", "y"}
)
#: ... what may be it, if no column is called so, ...
LIKELY_WORDS = frozenset(
    {"type", "phenotype", "disease", "condition", "grade", "stage", "outcome", "finding", "tissue"}
    | {"species", "strain", "group", "genotype", "treatment", "status", "pathology", "dx", "phase"}
)
#: ... and what else is known of an image, beside its patient or slide.
OTHER_WORDS = frozenset(
    {"sex", "gender", "split", "fold", "set", "subset", "partition", "usage", "side", "laterality"}
    | {"site", "centre", "center", "hospital", "scanner", "microscope", "camera", "operator"}
    | {"date", "day", "time", "age", "id", "index", "view", "channel", "magnification", "reader"}
    | {"width", "height", "mask"}
)
GROUP_WORDS = frozenset(WORDS)
#: Numbers that nobody predicts.
NO_NUMBERS = frozenset({"id", "index", "width", "height", "date", "fold", "row", "col", "column"})
_N_VALUES = 4
#: Labels that stand together in cells are few, and so many of the cells hold several.
_MOST_LABELS = 50
_SHARE_WITH_SEVERAL = 0.02


@dataclass(frozen=True)
class TargetColumn:
    """The chosen column; `others` could also be meant, `remark` is on several labels an image.

    `is_number` says that it holds a number to be predicted, and no class.
    """

    name: str
    others: tuple[str, ...] = ()
    remark: str = ""
    is_number: bool = False


def choose_target(table: Path, columns: Mapping[str, Sequence[str]]) -> TargetColumn:
    """Return the column with the class, or where none can be it the one with a number.

    Parameters
    ----------
    table : Path
        Named in errors.
    columns : mapping of str to sequence of str
        The columns that may be it, without those of images and groups.

    Raises
    ------
    DataError
        If none can be it, or several; the message lists them.

    Examples
    --------
    >>> columns = {"cell": ["B", "T"] * 9, "age": ["31", "44", "52"] * 6, "sex": ["f", "m"] * 9}
    >>> choose_target(Path("labels.csv"), columns).name
    'cell'
    """
    possible = [name for name, cells in columns.items() if not why_no_class(cells)]
    remark = several_labels(columns)
    rest = [name for name in possible if not has_word(name, GROUP_WORDS | OTHER_WORDS)]
    for candidates in (
        [name for name in possible if has_word(name, TARGET_WORDS)],
        [name for name in possible if has_word(name, LIKELY_WORDS)],
        rest,
    ):
        if not candidates:
            continue
        chosen = _same_classes(candidates, columns)
        if chosen is None:
            raise DataError(_several(table, candidates, columns, remark))
        others = tuple(
            name for name in possible if name != chosen and not has_word(name, GROUP_WORDS)
        )
        return TargetColumn(chosen, others, remark)
    if numbers := _numbers(columns, any_at_all=not possible):
        return TargetColumn(_only_number(table, numbers, columns), is_number=True)
    raise DataError(_none(table, possible, columns, remark))


def holds_numbers(cells: Sequence[str]) -> bool:
    """Tell whether cells are numbers to be predicted, and neither classes nor their codes.

    Examples
    --------
    >>> holds_numbers([str(size / 8) for size in range(20)]), holds_numbers(["0", "1"] * 9)
    (True, False)
    """
    return all(map(is_number, cells)) and why_no_class(cells) in ("measurements", "numbers")


def _numbers(columns: Mapping[str, Sequence[str]], any_at_all: bool) -> list[str]:
    """Return the columns that may hold the number: those called so, else measurements.

    With `any_at_all`, those that tell of something else (an age) count if there is no other.
    """
    numbers = [
        name
        for name, cells in columns.items()
        if holds_numbers(cells)
        and len(set(cells)) > MOST_NUMBERED_CLASSES
        and not has_word(name, GROUP_WORDS | NO_NUMBERS)
    ]
    for wanted in (
        [name for name in numbers if has_word(name, TARGET_WORDS)],
        [name for name in numbers if not has_word(name, OTHER_WORDS)],
    ):
        if wanted:
            return wanted
    return numbers if any_at_all else []


def _only_number(table: Path, names: Sequence[str], columns: Mapping[str, Sequence[str]]) -> str:
    if len(names) == 1:
        return names[0]
    found = "; ".join(f"{name} ({', '.join(columns[name][:3])}, ...)" for name in names)
    raise DataError(
        f"{table}: no column looks like a class, and {len(names)} columns could be the number to "
        f"be predicted: {found}. Say which one with --target, for example --target "
        f"{shlex.quote(names[0])}."
    )


def _same_classes(names: Sequence[str], columns: Mapping[str, Sequence[str]]) -> str | None:
    """Return the only column, or the most readable of several that divide the rows alike."""

    def divides(name: str) -> list[int]:
        first_seen: dict[str, int] = {}
        return [first_seen.setdefault(cell, len(first_seen)) for cell in columns[name]]

    if any(divides(name) != divides(names[0]) for name in names[1:]):
        return None
    return max(names, key=lambda name: sum(map(str.isalpha, "".join(set(columns[name])))))


def several_labels(columns: Mapping[str, Sequence[str]]) -> str:
    """Say which columns look as if an image could have several labels, or nothing."""
    zero_one = [name for name, cells in columns.items() if is_zero_or_one(cells)]
    if len(zero_one) > 1:
        one_each = all(
            sum(row) == 1
            for row in zip(*(map(int, columns[name]) for name in zero_one), strict=True)
        )
        if one_each:
            return (
                f"Columns {listed(zero_one)} hold one 1 in each row: they are one class, which "
                "wants a column with its name."
            )
        return (
            f"Columns {listed(zero_one)} hold 0 and 1 only. If these are labels of which an image "
            f"may have several, write `target: [{', '.join(zero_one)}]` under `dataset:`."
        )
    for name, cells in columns.items():
        if separator := _separator(cells):
            return (
                f"Column {name} seems to hold several labels in a cell, with {separator!r} between "
                f"them. If so, write `target: {{column: {name}, separator: {separator!r}}}` under "
                "`dataset:`."
            )
    return ""


def _separator(cells: Sequence[str]) -> str:
    """Return what stands between labels, if each of several stands alone elsewhere as well."""
    for separator in USUAL_SEPARATORS:
        several = [cell for cell in cells if separator in cell]
        if len(several) <= _SHARE_WITH_SEVERAL * len(cells):
            continue
        labels = {label.strip() for cell in several for label in cell.split(separator)}
        if len(labels) <= _MOST_LABELS and len(labels & set(cells)) >= len(labels) / 2:
            return separator
    return ""


def values_in_words(cells: Sequence[str], most: int = _N_VALUES) -> str:
    """Return the values of a column with how often each is there, the commonest first.

    Examples
    --------
    >>> values_in_words(["b", "a", "b"])
    'b 2, a 1'
    """
    counts = Counter(cells)
    ordered = sorted(counts, key=lambda value: (-counts[value], value))
    return listed([f"{value or '(empty)'} {counts[value]}" for value in ordered], most)


def _several(
    table: Path, names: Sequence[str], columns: Mapping[str, Sequence[str]], remark: str
) -> str:
    found = "; ".join(f"{name} ({values_in_words(columns[name])})" for name in names)
    return (
        f"{table}: {len(names)} columns could be the class: {found}. Say which one with --target, "
        f"for example --target {shlex.quote(names[0])}.{' ' + remark if remark else ''}"
    )


def _none(
    table: Path, possible: Sequence[str], columns: Mapping[str, Sequence[str]], remark: str
) -> str:
    named = [name for name in columns if has_word(name, TARGET_WORDS)]
    if named and why_no_class(columns[named[0]]) in ("measurements", "numbers"):
        return (
            f"{table}: column {named[0]!r} must hold classes, or numbers with a decimal point in "
            f"every row. Got numbers ({values_in_words(columns[named[0]])}), of which some are no "
            "plain ones or too few differ. Name another column by --target, or write one with "
            "classes such as low and high."
        )
    if possible:
        found = "; ".join(f"{name} ({values_in_words(columns[name])})" for name in possible)
        what = f"no column is called like a class, but these could be one: {found}"
    else:
        found = ", ".join(f"{name} ({why_no_class(cells)})" for name, cells in columns.items())
        what = f"no column looks like the class. It has {found or 'no other columns'}"
    hint = f" {remark}" if remark else ""
    name = possible[0] if possible else "COLUMN"
    return (
        f"{table}: {what}. Name it with --target {shlex.quote(name)}; a study needs at least "
        f"{counted(2, 'class', 'classes')}.{hint}"
    )
