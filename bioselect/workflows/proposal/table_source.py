"""A table with one row per image: its columns are found, or asked for where they are unclear."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bioselect.data.expansion import expanded
from bioselect.data.layouts import GroupRule, is_image_name
from bioselect.data.names import as_text
from bioselect.data.sheets import split_sheet
from bioselect.data.table_numbers import NumberColumn
from bioselect.data.table_rows import read_rows
from bioselect.data.tables import from_table, unused_columns
from bioselect.exceptions import DataError
from bioselect.workflows.proposal.choices import Choice, listed, unit_choice
from bioselect.workflows.proposal.image_column import ImageColumn, choose_images
from bioselect.workflows.proposal.source import ColumnNames, Source
from bioselect.workflows.proposal.target_column import (
    TargetColumn,
    choose_target,
    holds_numbers,
    several_labels,
    values_in_words,
)

#: What tables are called everywhere; their folder then names the data set.
_COMMON_NAMES = frozenset(
    {"labels", "label", "table", "index", "metadata", "meta", "annotations", "data", "images"}
    | {"samples", "train", "list", "dataset"}
)
_N_VALUES = 12


def source_of_table(path: Path, named: ColumnNames) -> Source:
    """Find the columns of a table and list its images.

    Parameters
    ----------
    path : Path
        The table.
    named : ColumnNames
        Columns that are not to be looked for.

    Raises
    ------
    DataError
        If a column is unclear, or the table cannot be read with them.
    """
    header, rows = read_rows(path, named.image or "")
    if any(is_image_name(Path(name)) for name in header):
        raise DataError(
            f"{path}: the first line must name the columns. Got what looks like an image "
            f"({listed(header)}). Write a line with names above it, such as file and class."
        )
    columns = {name: [row.cells[name] for row in rows] for name in header}
    image = choose_images(path, columns, named.image)
    is_number = named.target in columns and holds_numbers(columns[named.target or ""])
    target = TargetColumn(named.target or "", is_number=is_number)
    if named.target is None:
        taken = (image.name, named.group)
        target = choose_target(path, {k: v for k, v in columns.items() if k not in taken})
    group = GroupRule(column=named.group) if named.group else None
    dataset, notes = from_table(path, image.name, _rule(target), group, image.root)
    dataset, more = expanded(dataset, None, join_series=False)
    name = split_sheet(path)[0].stem
    if name.lower() in _COMMON_NAMES:
        name = path.resolve().parent.name or name
    return Source(
        path=path,
        name=as_text(name),
        dataset=dataset,
        keys=tuple(_keys(path, image, target, columns[target.name], named)),
        notes=(*notes, *more),
        unused=unused_columns(
            path, image.name, image.root, dataset, (image.name, target.name, named.group)
        ),
        group_column=named.group,
        remark="" if target.is_number else several_labels({target.name: columns[target.name]}),
    )


def _rule(target: TargetColumn) -> str | NumberColumn:
    return NumberColumn(target.name) if target.is_number else target.name


def _keys(
    path: Path,
    image: ImageColumn,
    target: TargetColumn,
    cells: Sequence[str],
    named: ColumnNames,
) -> list[Choice]:
    keys = [
        Choice("table", path, "One row per image."),
        Choice("image", image.name, "The column with the paths of the images ..."),
    ]
    if image.root is not None:
        words = f"the paths of the table start from {image.root}."
        keys.append(Choice("root", image.root, "... which start from this folder.", words))
    else:
        keys.append(Choice("root", None, "... which start from the folder of the table."))
    if target.is_number:
        why = "The column with the number."
        words = f"the number to be predicted is in the column {target.name!r}."
        said = "" if named.target else words
        chosen = Choice("target", target.name, why, said, to_look_at=True)
        return [*keys, chosen, unit_choice(target.name)]
    why = f"The column with the class: {values_in_words(cells, _N_VALUES)}."
    if target.others:
        why += f" Others that could be meant: {listed(target.others)}."
    words = f"the class is in the column {target.name!r}."
    if target.others:
        words = f"{words[:-1]}; others that could be meant: {listed(target.others)}."
    if target.remark:
        why, words = f"{why} {target.remark}", f"{words} {target.remark}"
    to_look_at = bool(target.others or target.remark)
    in_words = "" if named.target else words
    return [*keys, Choice("target", target.name, why, in_words, to_look_at)]
