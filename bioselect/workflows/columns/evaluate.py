"""What is evaluated of a model of columns: the rows of a labelled table, with their predictions."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from bioselect.bundle.column_part import ColumnPart
from bioselect.bundle.familiar import Familiar
from bioselect.bundle.opening import ModelPlace
from bioselect.bundle.reading import Model, load_bundle
from bioselect.data.column_cells import is_nothing
from bioselect.data.column_roles import unknown_column
from bioselect.data.feature_table import FeatureTable
from bioselect.data.names import composed
from bioselect.data.records import ImageDataset, ImageRecord
from bioselect.data.row_marks import row_marks
from bioselect.data.table_labels import labels_of_rows
from bioselect.data.table_numbers import NumberColumn, numbers_of_rows
from bioselect.data.table_rows import TableRow, is_table
from bioselect.exceptions import DataError
from bioselect.predict.files import NOTHING_KNOWN, Prediction
from bioselect.predict.rows import ROW, NewRows, column_part_of, predict_rows, read_new_rows
from bioselect.workflows.evaluated_labels import check_targets, target_of_labels
from bioselect.workflows.seen_images import N_CHECKSUM_DIGITS

_N_NAMED = 5


@dataclass(frozen=True, eq=False)
class LabelledPredictions:
    """Images or rows with their true targets, and what a model says of each, in one order.

    `first` is what the first column of a table of predictions is called, `familiar` what the model
    knows of its training images.
    """

    model: Model
    dataset: ImageDataset
    predictions: Iterable[Prediction]
    warnings: Sequence[str] = ()
    first: str = "path"
    familiar: Familiar = NOTHING_KNOWN


class ChosenColumns(Protocol):
    """The columns that were named on the command line."""

    @property
    def target(self) -> str | None:
        """The column with the class."""

    @property
    def group(self) -> str | None:
        """The column with what belongs together."""

    def given(self, but: Sequence[str]) -> list[str]:
        """Return what was given but for some of them, as options."""


def read_labelled_rows(
    place: ModelPlace, table: Path, columns: ChosenColumns, components_dir: Path | None
) -> LabelledPredictions:
    """Read a table with targets and predict its rows.

    Parameters
    ----------
    place : Path or OpenBundle
        A model of columns.
    table : Path
        With the columns that it takes, and the target: by default the column of the training.
    columns : ChosenColumns
        Which columns hold target and group, where they are called otherwise.
    components_dir : Path or None
        Where the user's own components lie.

    Raises
    ------
    BioselectError
        If the table or the model cannot be used.
    """
    if not is_table(table):
        raise DataError(
            f"{table}: must be a table (.csv, .tsv, .xlsx) with the columns that this model takes "
            "and the target. It looks at no images."
        )
    if given := columns.given(("target", "group")):
        raise DataError(
            f"{table}: {', '.join(given)}: must go with a model of images. This one takes the "
            "columns of a table. Leave it out."
        )
    model = load_bundle(place, components_dir)
    part = column_part_of(model)
    new = read_new_rows(table, part)
    dataset = _dataset(table, new, model, part, columns)
    check_targets(model, dataset, table)
    features = FeatureTable(part.as_columns(), new.rows)
    seen = _seen(model.manifest.dataset.get("sha256", []), dataset, features)
    return LabelledPredictions(model, dataset, predict_rows(model, new), (*seen, *new.doubts), ROW)


def _dataset(
    table: Path, new: NewRows, model: Model, part: ColumnPart, columns: ChosenColumns
) -> ImageDataset:
    header = list(new.cells[0])
    target = columns.target or part.target
    labels = model.manifest.labels
    targets: Sequence[str | float | tuple[str, ...]]
    class_names: tuple[str, ...] = ()
    if labels is not None:
        rule = target_of_labels(columns.target, labels, model.class_names)
        for name in rule.columns:
            _check_there(table, name, header, "--target")
        targets, class_names = labels_of_rows(table, _table_rows(new), rule)
    else:
        if target is None:
            raise DataError(f"{table}: the column with the target is not known. Add --target NAME.")
        name = composed(target)
        _check_there(table, name, header, "which holds the target; --target NAME names another")
        targets = [composed(cells[name]) for cells in new.cells]
        empty = [
            new.names[place]
            for place, one in enumerate(targets)
            if is_nothing(str(one), among_numbers=model.number is not None)
        ]
        if empty:
            raise DataError(
                f"{table}: column {name!r}, the target, must be filled in every row. Got "
                f"{len(empty)} empty ({', '.join(empty[:_N_NAMED])}). Fill them in or remove the "
                "rows."
            )
        if model.number is not None:
            column = NumberColumn(name, part.decimal)
            targets = numbers_of_rows(table, _table_rows(new), column)
        else:
            class_names = tuple(sorted({str(one) for one in targets}))
    groups = _groups(table, new, part, columns.group, header)
    records = tuple(
        ImageRecord(name, table, one, group, name)
        for name, one, group in zip(new.names, targets, groups, strict=True)
    )
    return ImageDataset(table.name, table.parent, records, class_names)


def _table_rows(new: NewRows) -> list[TableRow]:
    return [TableRow(line, cells) for line, cells in zip(new.lines, new.cells, strict=True)]


def _groups(
    table: Path, new: NewRows, part: ColumnPart, asked: str | None, header: Sequence[str]
) -> list[str | None]:
    """Return the group of each row: of the column that is named, or that of the training."""
    name = asked if asked is not None else part.group
    if name is None or (asked is None and composed(name) not in header):
        return [None] * len(new.names)
    _check_there(table, composed(name), header, "--group")
    return [composed(cells[composed(name)]) or None for cells in new.cells]


def _check_there(table: Path, name: str, header: Sequence[str], option: str) -> None:
    if name not in header:
        raise DataError(f"{table}: {unknown_column(name, header, option)}")


def _seen(trained: Collection[str], dataset: ImageDataset, features: FeatureTable) -> list[str]:
    """Say how many of the rows the model was trained on."""
    known = frozenset(trained)
    marks = row_marks(dataset, features)
    is_known = np.array([mark.sha256[:N_CHECKSUM_DIGITS] in known for mark in marks])
    names = [dataset.records[int(place)].image_id for place in np.flatnonzero(is_known)]
    if not names:
        return []
    more = ", ..." if len(names) > _N_NAMED else ""
    return [
        f"{len(names)} of {dataset.n_images} rows are equal in all columns to some that this model "
        f"was trained on ({', '.join(names[:_N_NAMED])}{more}): the figures here are flattering. "
        "Evaluate on others."
    ]
