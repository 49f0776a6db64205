"""Which part of one split each image is in, as a table or a data set says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from bioselect.config.sections import Config
from bioselect.config.validation_design import OFFICIAL
from bioselect.data.names import composed
from bioselect.data.parts import PartName
from bioselect.data.records import ImageDataset
from bioselect.data.tables import unused_columns
from bioselect.exceptions import ConfigurationError, DataError

PARTS = ("train", "validation", "test")
#: What people write for the parts.
PART_WORDS: Mapping[str, int] = {
    "train": 0, "training": 0,
    "validation": 1, "valid": 1, "val": 1, "dev": 1,
    "test": 2, "testing": 2,
}  # fmt: skip


def written_parts(config: Config, dataset: ImageDataset) -> list[str]:
    """Return the word that stands for the part of each image."""
    section, split = config.dataset, config.validation.split
    if split == OFFICIAL:
        return [PartName.of(record.path, record.part).split for record in dataset.records]
    if not isinstance(split, dict) or section.table is None or section.image is None:
        raise ConfigurationError("validation.split: must name a column of the table.")
    column = composed(split["column"])
    cells = unused_columns(section.table, section.image, section.root, dataset, ())
    if cells is None:
        raise DataError(
            "validation.split: the images are series of several files, which are not the rows of "
            "the table. Write shares, or a table with one row a file."
        )
    if column not in cells:
        raise DataError(
            f"{section.table}: validation.split: has no column {column!r}. Its columns: "
            f"{', '.join(cells)}."
        )
    return cells[column]


def part_numbers(words: Sequence[str], dataset: ImageDataset) -> np.ndarray:
    """Return the number of the part of each image, as in `PARTS`; other words are refused."""
    numbers = [PART_WORDS.get(word.strip().lower(), -1) for word in words]
    if -1 in numbers:
        place = numbers.index(-1)
        raise DataError(
            f"validation.split: must say train, validation or test for every image. Got "
            f"{words[place]!r} for {dataset.records[place].image_id}. Correct it."
        )
    return np.array(numbers, dtype=np.int64)


def _refuse_divided_groups(part_of: np.ndarray, dataset: ImageDataset, members: np.ndarray) -> None:
    """Refuse a group that lies in several parts; two groups with a copy each may do so."""
    parts_of: dict[str, set[int]] = defaultdict(set)
    for place in members.tolist():
        group = dataset.records[place].group
        if group is not None:
            parts_of[group].add(int(part_of[place]))
    for group, parts in parts_of.items():
        if len(parts) > 1:
            raise DataError(
                f"validation.split: a group must lie in one part. Got {group!r} in "
                f"{' and '.join(PARTS[part] for part in sorted(parts))}. Correct the split, or "
                "leave out dataset.group if its images are independent."
            )


def crossing(part_of: np.ndarray, dataset: ImageDataset, units: np.ndarray) -> list[str]:
    """Refuse groups that lie in several parts; warn of copies that do."""
    copies = 0
    for unit in np.unique(units):
        members = np.flatnonzero(units == unit)
        parts = sorted({int(part) for part in part_of[members]})
        if len(parts) == 1:
            continue
        _refuse_divided_groups(part_of, dataset, members)
        copies += 1
    if not copies:
        return []
    return [
        f"validation.split: {copies} pictures lie in several parts as copies: what is known "
        "from training is tested, so scores are too good by that."
    ]
