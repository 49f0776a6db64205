"""The images that a configuration names, with what is known of each, before one of them is read."""

from __future__ import annotations

from bioselect.config.sections import Config
from bioselect.config.task_keys import REGRESSION
from bioselect.data.expansion import expanded
from bioselect.data.layouts import GroupRule, from_class_folders
from bioselect.data.npz_datasets import from_npz, is_npz
from bioselect.data.records import ImageDataset
from bioselect.data.table_numbers import NumberColumn, unit_of
from bioselect.data.tables import Target, from_table
from bioselect.exceptions import DataError
from bioselect.progress import Reporter
from bioselect.workflows.targets import counts_in_words


def read_dataset(config: Config, reporter: Reporter) -> tuple[ImageDataset, list[str]]:
    """Read the folder or table that the configuration names, with a record for every image."""
    section = config.dataset
    dataset, notes = _listed(config)
    is_folder, tiles = section.table is None, section.tiles_rule
    whole, more = expanded(dataset, section.stack_rule, is_folder, tiles=tiles, reporter=reporter)
    return whole, [*notes, *more]


def _listed(config: Config) -> tuple[ImageDataset, list[str]]:
    section = config.dataset
    if section.path is not None and is_npz(section.path):
        return from_npz(section.path, section.splits)
    if section.path is not None:
        return from_class_folders(section.path, section.group_rule)
    if section.table is None or section.image is None:  # the configuration makes sure of it
        raise DataError("dataset: neither a folder nor a table with an image column is named.")
    return from_table(
        section.table, section.image, target_of(config), section.group_rule, section.root
    )


def target_of(config: Config) -> Target:
    """Return where the targets stand in the table: with task: regression the numbers."""
    rule = config.dataset.target_rule
    if config.task == REGRESSION and isinstance(rule, str):
        return NumberColumn(rule, config.dataset.decimal)
    return rule


def unit_of_target(config: Config) -> str:
    """Return the unit of the numbers that are predicted, or nothing if it is not known."""
    if config.dataset.unit is not None:
        return config.dataset.unit
    return unit_of(config.dataset.target) if isinstance(config.dataset.target, str) else ""


def group_rule_of_column(column: str | None) -> GroupRule | None:
    """Return the rule that reads the group from a table's column."""
    return None if column is None else GroupRule(column=column, folder_level=None, pattern=None)


def dataset_in_words(dataset: ImageDataset) -> str:
    """Return how many images there are, what is known of them, and how many groups."""
    groups = {record.group for record in dataset.records if record.group is not None}
    grouped = f", {len(groups)} groups" if groups else ", no groups declared"
    return f"{dataset.name}: {dataset.n_images} images ({counts_in_words(dataset)}){grouped}"
