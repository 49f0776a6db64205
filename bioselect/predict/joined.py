"""Columns of a table beside the images that it names, as a model takes them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bioselect.bundle.column_part import ColumnPart
from bioselect.bundle.reading import Model
from bioselect.data.records import FilePart, Source
from bioselect.data.table_rows import is_table
from bioselect.data.tables import rows_by_image
from bioselect.predict.files import refuse_images_alone
from bioselect.predict.rows import NewRows, read_new_rows


@dataclass(frozen=True, eq=False)
class JoinedRows:
    """The columns of each image, found by the path of its file."""

    place_of: dict[str, int]
    new: NewRows

    def behind(self, rows: np.ndarray, sources: Sequence[Source]) -> np.ndarray:
        """Return rows of images with their columns behind, float64."""
        places = [self.place_of[_path_of(source)] for source in sources]
        return np.hstack([rows.astype(np.float64), self.new.rows[places]])

    def error_of(self, source: Source) -> str:
        """Return what is wrong with the columns of an image; empty if nothing is."""
        return self.new.errors[self.place_of[_path_of(source)]]

    def strange_in(self, source: Source) -> str:
        """Return what in the columns of an image is unlike the training; empty if nothing is."""
        return self.new.strange[self.place_of[_path_of(source)]]


def joined_part(model: Model) -> ColumnPart | None:
    """Return the columns that a model takes beside an image; None where it takes none."""
    part = model.manifest.columns
    return part if part is not None and part.with_images else None


def read_joined(model: Model, paths: Sequence[Path], image_column: str | None) -> JoinedRows | None:
    """Read the columns beside the images of a table; None for a model that takes none.

    Raises
    ------
    DataError
        If they are not there: images without a table, or a table without the columns.
    """
    part = joined_part(model)
    if part is None:
        return None
    table = Path(paths[0]) if len(paths) == 1 else None
    if table is None or not is_table(table) or image_column is None:
        refuse_images_alone(model)
        return None
    _, rows = rows_by_image(table, image_column, None)
    new = read_new_rows(table, part)
    # Both list the filled rows of one file, in its order.
    paths_of_rows = [os.path.abspath(table.parent / image_id) for image_id in rows]
    return JoinedRows({path: place for place, path in enumerate(paths_of_rows)}, new)


def _path_of(source: Source) -> str:
    return os.path.abspath(source.path if isinstance(source, FilePart) else source)
