"""What results and bundles say of columns, where a study has any."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np

from bioselect.bundle.column_part import ColumnPart, column_facts
from bioselect.data.row_words import of_rows, told_of_rows
from bioselect.features.columns import COLUMNS_VERSION
from bioselect.workflows.judgement import Judged
from bioselect.workflows.study_inputs import StudyInputs


def column_part(inputs: StudyInputs, judged: Judged) -> ColumnPart | None:
    """Return what a bundle says of the columns that its model takes; None without any.

    A network that was trained from pixels takes none.
    """
    if inputs.columns is None or judged.exported.is_network:
        return None
    section = inputs.config.dataset
    target, group = section.target, section.group
    return ColumnPart(
        columns=column_facts(inputs.columns),
        decimal="," if section.decimal == "," else ".",
        target=target if isinstance(target, str) else None,
        id=section.id,
        group=group if isinstance(group, str) else None,
        with_images=not section.is_columns,
    )


def column_facts_of_key(inputs: StudyInputs) -> dict[str, Any]:
    """Return what tells the training on these columns from that on others; nothing without any."""
    table = inputs.columns
    if table is None:
        return {}
    values = hashlib.sha256(np.ascontiguousarray(table.rows, dtype="<f8").tobytes()).hexdigest()
    columns = [[one.name, one.categories] for one in table.columns]
    return {"columns": [COLUMNS_VERSION, columns, values]}


def n_joined(inputs: StudyInputs) -> int:
    """Return how many columns stand behind the row of an image."""
    is_joined = inputs.columns is not None and not inputs.config.dataset.is_columns
    return len(inputs.columns.columns) if is_joined and inputs.columns is not None else 0


def image_of_joined(inputs: StudyInputs) -> str | None:
    """Return the column with the images, where other columns of the table are joined to them."""
    return inputs.config.dataset.image if n_joined(inputs) else None


def told_of_columns(inputs: StudyInputs, results: Any) -> Any:
    """Return results as they are written: of a table of columns, sentences speak of rows.

    A text is a card as a whole; in a mapping only what holds sentences is changed.
    """
    if not inputs.config.dataset.is_columns:
        return results
    return of_rows(results) if isinstance(results, str) else told_of_rows(results)
