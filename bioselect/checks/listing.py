"""All findings about a data set that need no image to be read: targets and groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bioselect.checks.classes import class_findings
from bioselect.checks.divided_names import divided_names
from bioselect.checks.divided_patients import divided_patients
from bioselect.checks.findings import Finding
from bioselect.checks.groups import group_findings
from bioselect.checks.labels import label_findings
from bioselect.checks.undeclared_groups import undeclared_groups
from bioselect.checks.values import value_findings
from bioselect.checks.whole_images import whole_images
from bioselect.data.records import ImageDataset


def listing_findings(
    dataset: ImageDataset, columns: Mapping[str, Sequence[str]] | None, is_grouped: bool
) -> list[Finding]:
    """Return everything noticed about classes, labels or numbers, and groups.

    Parameters
    ----------
    dataset : ImageDataset
        The images, as they were listed. Where they have no targets (masks say what is seen), there
        are no classes to look at.
    columns : mapping of str to sequence of str or None
        Of a table, the columns that are not used, with a cell for each record of `dataset`.
    is_grouped : bool
        Whether groups are declared; if they are not, likely ones are proposed.
    """
    findings = target_findings(dataset)
    dataset = without_numbers(dataset)
    if is_grouped:
        by_names = divided_names(whole_images(dataset, None)[0])
        return [*findings, *group_findings(dataset), *divided_patients(dataset), *by_names]
    return [*findings, *undeclared_groups(*whole_images(dataset, columns))]


def target_findings(dataset: ImageDataset) -> list[Finding]:
    """Return everything noticed about classes, labels or numbers; nothing where there are none."""
    if dataset.is_multilabel:
        return label_findings(dataset)
    if dataset.is_values:
        return value_findings(dataset)
    if any(record.target is not None for record in dataset.records):
        return class_findings(dataset)
    return []


def without_numbers(dataset: ImageDataset) -> ImageDataset:
    """Return images that have numbers without them: none is a class that a group has in common."""
    if not dataset.is_values:
        return dataset
    unknown = tuple(replace(record, target=None) for record in dataset.records)
    return replace(dataset, records=unknown)
