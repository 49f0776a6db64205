"""A data set that was found: its images, and the keys of `dataset` that name it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bioselect.data.records import ImageDataset
from bioselect.workflows.proposal.choices import Choice


@dataclass(frozen=True)
class ColumnNames:
    """The columns of a table that a person has named."""

    image: str | None = None
    target: str | None = None
    group: str | None = None

    @property
    def given(self) -> bool:
        """Whether any is named."""
        return any(name is not None for name in (self.image, self.target, self.group))


@dataclass(frozen=True)
class Source:
    """A data set that was found: its images, and the keys of `dataset` that name it.

    `unused` are the cells of a table's columns that nothing was read from, a cell for each image;
    `remark` is on several labels an image, where the table looks so.
    """

    path: Path
    name: str
    dataset: ImageDataset
    keys: tuple[Choice, ...]
    notes: tuple[str, ...] = ()
    unused: Mapping[str, Sequence[str]] | None = None
    group_column: str | None = None
    remark: str = ""

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder of class folders, where no results may lie."""
        return self.path.is_dir()
