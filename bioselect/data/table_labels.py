"""Several labels an image in a table: a column of 0 and 1 for each label, or all in one cell."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from bioselect.data.names import composed, trimmed
from bioselect.data.records import LABEL_SEPARATOR
from bioselect.data.table_rows import TableRow
from bioselect.exceptions import DataError

#: What people write between labels; looked for when the declared separator does not fit.
USUAL_SEPARATORS = ("|", ";", ",", "/", "+", "&")

#: No and yes, as people and spreadsheets write them; a column keeps to one way.
_WAYS = (
    *(("0", "1"), ("0.0", "1.0"), ("FALSE", "TRUE"), ("False", "True"), ("false", "true")),
    *(("NO", "YES"), ("No", "Yes"), ("no", "yes")),
)
_SPELT_IN_TWO_WAYS = tuple(
    words for no, yes in (("false", "true"), ("no", "yes")) for words in ({no}, {yes}, {no, yes})
)


@dataclass(frozen=True)
class LabelColumns:
    """Each label has a column of its own, which holds 1 where the image has it, else 0."""

    names: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the table that are read."""
        return self.names


@dataclass(frozen=True)
class LabelCell:
    """The labels of an image stand in one cell, with `separator` between them.

    `none_label` is what stands there for an image with none of the labels; the empty text where
    an empty cell says so. Without it each image must have a label, because an empty cell may
    as well mean that nobody looked. With `must_occur` the separator and the `none_label` must stand
    in some cell, or they are taken for mistakes.
    """

    column: str
    separator: str
    none_label: str | None = None
    must_occur: bool = True

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the table that are read."""
        return (self.column,)


LabelTarget: TypeAlias = LabelColumns | LabelCell


def labels_of_rows(
    table: Path, rows: Sequence[TableRow], target: LabelTarget
) -> tuple[list[tuple[str, ...]], tuple[str, ...]]:
    """Return the labels of each row, sorted, and the names of all labels.

    Parameters
    ----------
    table : Path
        Named in errors.
    rows : sequence of TableRow
        The rows; they have the columns of `target`.
    target : LabelColumns or LabelCell
        How labels are written. Names keep the order of the columns, or are sorted if they come
        from cells.

    Raises
    ------
    DataError
        If a cell holds anything else; the first one is named with its line, column and value.
    """
    if isinstance(target, LabelColumns):
        labels, names = _of_columns(table, rows, target), target.names
    else:
        labels = _of_cells(table, rows, target)
        names = tuple(sorted({label for found in labels for label in found}))
    for name in names:
        if LABEL_SEPARATOR in name:
            raise DataError(
                f"{table}: a label must not hold {LABEL_SEPARATOR!r}, which separates labels in "
                f"the results. Got {name!r}. Rename it{_other_separator(rows, target)}."
            )
    return labels, names


def _of_columns(
    table: Path, rows: Sequence[TableRow], target: LabelColumns
) -> list[tuple[str, ...]]:
    yes_of = {name: _yes_of([row.cells[name] for row in rows]) for name in target.names}
    for name in target.names:
        mixed = sorted({row.cells[name] for row in rows})
        if yes_of[name] is None and {cell.casefold() for cell in mixed} in _SPELT_IN_TWO_WAYS:
            raise DataError(
                f"{table}: column {name!r} must write yes and no in one way. Got "
                f"{', '.join(map(repr, mixed))}. Write 1 and 0."
            )
    wrong = [
        (row.line, name, row.cells[name])
        for row in rows
        for name in target.names
        if yes_of[name] is None and row.cells[name] not in ("0", "1")
    ]
    if wrong:
        line, name, value = wrong[0]
        more = f", and {len(wrong) - 1} more such cells" if len(wrong) > 1 else ""
        raise DataError(
            f"{table}:{line}: column {name!r} must hold 1 (the image has this label) or 0 (it has "
            f"not). Got {_shown(value)}{more}. Write 0 or 1 there, or remove the rows nobody "
            "decided on."
        )
    return [tuple(sorted(n for n in target.names if row.cells[n] == yes_of[n])) for row in rows]


def _yes_of(cells: Sequence[str]) -> str | None:
    """Return how a column says yes, if all its cells are written in one of the usual ways."""
    found = set(cells)
    return next((yes for no, yes in _WAYS if found <= {no, yes}), None)


def _of_cells(table: Path, rows: Sequence[TableRow], target: LabelCell) -> list[tuple[str, ...]]:
    said = [row.cells[target.column] for row in rows]
    if target.must_occur and not any(target.separator in cell for cell in said):
        raise DataError(
            f"{table}: column {target.column!r} must hold several labels in some cells, with "
            f"{target.separator!r} between them. Got none with it, for example "
            f"{_shown(rows[0].cells[target.column])} (line {rows[0].line})"
            f"{_other_separator(rows, target)}. Correct dataset.target, or for one class an image "
            f"write target: {target.column}."
        )
    labels = [_of_cell(table, row, target) for row in rows]
    if target.must_occur and target.none_label and not any(found == () for found in labels):
        known = sorted({label for found in labels for label in found})
        folded = {label.casefold(): label for label in known}
        near = difflib.get_close_matches(target.none_label.casefold(), list(folded), 1, 0.6)
        hint = f"Did you mean {folded[near[0]]!r}? " if near else ""
        raise DataError(
            f"{table}: none_label of dataset.target must stand in some cell of column "
            f"{target.column!r}. Got {target.none_label!r}, which stands in none. {hint}Leave it "
            "out if each image has a label."
        )
    return labels


def _of_cell(table: Path, row: TableRow, target: LabelCell) -> tuple[str, ...]:
    cell = row.cells[target.column]
    if cell == target.none_label:
        return ()
    found = [composed(trimmed(label)) for label in cell.split(target.separator)]
    problem, remedy = "", ""
    if not cell:
        problem = "names no label"
        remedy = (
            "Fill it in or remove the row. If it means that the image has none of the labels, "
            "say so with none_label: '' under dataset.target."
        )
    elif "" in found:
        problem, remedy = "has nothing before or after a separator", "Remove the separator."
    elif target.none_label in found:
        problem = f"says {target.none_label!r}, which means no label, beside labels"
        remedy = "Remove it, or them."
    elif len(set(found)) < len(found):
        problem, remedy = "names a label twice", "Remove one."
    if problem:
        raise DataError(
            f"{table}:{row.line}: column {target.column!r} must hold labels with "
            f"{target.separator!r} between them. Got {_shown(cell)}, which {problem}. {remedy}"
        )
    return tuple(sorted(found))


def _other_separator(rows: Sequence[TableRow], target: LabelTarget) -> str:
    """Return a hint at the usual separator that most cells hold, or nothing."""
    if isinstance(target, LabelColumns):
        return ""
    cells = [row.cells[target.column] for row in rows]
    others = [text for text in USUAL_SEPARATORS if text != target.separator]
    counts = {text: sum(text in cell for cell in cells) for text in others}
    likely = max(others, key=lambda text: counts[text])
    if counts[likely] == 0:
        return ""
    return f" ({counts[likely]} cells hold {likely!r}: is it the separator?)"


def _shown(cell: str) -> str:
    """Return the value of a cell for an error, not too long."""
    return "an empty cell" if not cell else repr(cell if len(cell) <= 60 else f"{cell[:57]}...")
