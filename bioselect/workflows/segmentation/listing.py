"""Which images with which masks a configuration names, and what the list alone shows."""

from __future__ import annotations

from dataclasses import replace

from bioselect.checks.findings import NOTE, Finding
from bioselect.checks.listing import listing_findings
from bioselect.checks.mask_partners import partner_findings
from bioselect.config.dataset_section import DatasetSection
from bioselect.config.sections import Config
from bioselect.data.expansion import expanded
from bioselect.data.mask_pairs import MaskedImages, pairs_of_folders, pairs_of_table
from bioselect.data.records import ImageDataset
from bioselect.data.tables import unused_columns
from bioselect.exceptions import ConfigurationError


def list_pairs(config: Config) -> tuple[MaskedImages, list[Finding]]:
    """Return the pairs of a study, and what is noticed before a file is read.

    Raises
    ------
    BioselectError
        If folders or table cannot be used.
    """
    section = config.dataset
    stack = section.stack_rule
    if stack is not None and stack.lists_planes:
        raise ConfigurationError(
            f"dataset.stack: {stack.in_words()} does not go with task: segmentation, where each "
            "file is one image with one mask. Write {projection: max}, middle or channels, or save "
            "the planes as files."
        )
    pairs = _listed(section)
    mask_of = dict(zip((one.image_id for one in pairs.dataset.records), pairs.masks, strict=True))
    dataset, more = expanded(pairs.dataset, stack, join_series=False)
    masks = tuple(mask_of[record.image_id] for record in dataset.records)
    pairs = replace(pairs, dataset=dataset, masks=masks)
    findings = [Finding(NOTE, "", note, "") for note in (*pairs.notes, *more)]
    is_grouped = section.group is not None
    columns = None if is_grouped else _unused_columns(section, dataset)
    findings += listing_findings(dataset, columns, is_grouped)
    excluding = section.on_bad_image == "exclude"
    findings += partner_findings(pairs.without_mask, pairs.without_image, excluding)
    return pairs, findings


def _unused_columns(section: DatasetSection, dataset: ImageDataset) -> dict[str, list[str]] | None:
    """Return the columns of a table that nothing was read from, in the order of the images."""
    if section.table is None or section.image is None:
        return None
    used = [section.image, section.mask]
    return unused_columns(section.table, section.image, section.root, dataset, used)


def _listed(section: DatasetSection) -> MaskedImages:
    if section.path is not None and section.masks is not None:
        return pairs_of_folders(section.path, section.masks, section.group_rule)
    if section.table is None or section.image is None or section.mask is None:
        raise ConfigurationError("dataset: neither two folders nor a table with masks is named.")
    return pairs_of_table(
        section.table, section.image, section.mask, section.group_rule, section.root
    )
