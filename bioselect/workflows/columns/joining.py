"""Columns of the table that are joined to the row of each extractor."""

from __future__ import annotations

from dataclasses import replace

from bioselect.checks.findings import in_order
from bioselect.checks.kept_rows import kept_row_findings
from bioselect.checks.table_columns import column_findings
from bioselect.checks.table_leaks import leak_findings
from bioselect.checks.table_remedies import ColumnRemedies
from bioselect.config.sections import Config
from bioselect.data.joined_columns import read_joined_columns
from bioselect.data.tables import target_columns
from bioselect.exceptions import ConfigurationError
from bioselect.features.looks import looks_of
from bioselect.workflows.study_inputs import StudyInputs

BESIDE_IMAGES = ColumnRemedies(are_joined=True)


def refuse_with_joined(config: Config) -> None:
    """Refuse what does not go with columns beside images.

    Raises
    ------
    ConfigurationError
        With the key.
    """
    if config.dataset.columns is None:
        return
    place = f"{config.path.name}: "
    if config.ensemble is not None:
        raise ConfigurationError(
            f"{place}ensemble: does not go with dataset.columns: its members share the rows of "
            "several extractors, behind each of which the columns would stand. Leave out one."
        )
    if not config.extractor_specs:
        raise ConfigurationError(
            f"{place}dataset.columns: joins columns to the rows of extractors. Got networks only, "
            "which look at pixels. List extractors, or leave it out."
        )


def with_joined_columns(inputs: StudyInputs) -> StudyInputs:
    """Return the inputs of a study of images with the columns that are joined to them, if any.

    Raises
    ------
    BioselectError
        If a column cannot be read, or does not go with an extractor.
    """
    section = inputs.config.dataset
    if section.columns is None or section.table is None or section.image is None:
        return inputs
    views = [one.spec.label for one in inputs.extractors if looks_of(one.extractor).n_views]
    if views:
        raise ConfigurationError(
            f"dataset.columns: does not go with views of images ({views[0]}), whose rows hold "
            "several looks. Leave out the columns, or the views."
        )
    group = (section.group,) if isinstance(section.group, str) else ()
    used = (*target_columns(section.target_rule), *group)
    table = read_joined_columns(
        section.table, section.image, section.root, inputs.dataset, section.column_choice, used
    )
    target = section.target if isinstance(section.target, str) else "the labels"
    names_of_rows = [record.image_id for record in inputs.dataset.records]
    found = [
        *column_findings(table, names_of_rows, section.categorical or (), BESIDE_IMAGES),
        *leak_findings(table, inputs.dataset.targets(), target, BESIDE_IMAGES),
        *kept_row_findings(inputs.estimators),
    ]
    names = ", ".join(one.name for one in table.columns)
    blind = "; networks trained from pixels do not see them" if inputs.networks else ""
    told = f"columns: {names} joined to the row of each extractor{blind}"
    return replace(
        inputs,
        columns=table,
        findings=tuple(in_order([*inputs.findings, *found])),
        explanations=(*inputs.explanations, told),
    )
