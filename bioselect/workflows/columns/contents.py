"""What results and bundles say of columns, where a study has any."""

from __future__ import annotations

from typing import Any

from bioselect.bundle.column_part import ColumnPart, column_facts
from bioselect.data.row_words import of_rows, told_of_rows
from bioselect.workflows.study_inputs import StudyInputs


def column_part(inputs: StudyInputs) -> ColumnPart | None:
    """Return what a bundle says of the columns that its model takes; None without any."""
    if inputs.columns is None:
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


def told_of_columns(inputs: StudyInputs, results: Any) -> Any:
    """Return results as they are written: of a table of columns, sentences speak of rows.

    A text is a card as a whole; in a mapping only what holds sentences is changed.
    """
    if not inputs.config.dataset.is_columns:
        return results
    return of_rows(results) if isinstance(results, str) else told_of_rows(results)
