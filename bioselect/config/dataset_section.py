"""The section `dataset`: where images and targets are, and how they are read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from bioselect.config.column_keys import ColumnKeys
from bioselect.config.dataset_source import SPLITS_SCHEMA, check_splits
from bioselect.config.mask_codes import (
    CLASSES_SCHEMA,
    IGNORE_SCHEMA,
    check_classes,
    check_ignore,
)
from bioselect.config.rules import (
    CHANNELS_SCHEMA,
    GROUP_SCHEMA,
    INTENSITY_SCHEMA,
    STACK_SCHEMA,
    allowed,
    check_channels,
    check_group,
    check_intensity,
    check_stack,
    checked_by,
    one_of,
    path_rule,
)
from bioselect.config.target import TARGET_SCHEMA, check_target
from bioselect.config.tiles_rule import TileChoice
from bioselect.data.stacks import Stack
from bioselect.data.tiles import Tiles

if TYPE_CHECKING:
    from bioselect.data.layouts import GroupRule
    from bioselect.data.table_labels import LabelTarget

OptionalPath = Annotated[Path | None, path_rule()]
LocalPath = Annotated[Path | None, path_rule(local=True)]
OptionalText = Annotated[str | None, allowed("str", "null")]
Target = Annotated[
    str | tuple[str, ...] | dict[str, Any] | None, checked_by(check_target, TARGET_SCHEMA)
]
Group = Annotated[str | dict[str, Any] | None, checked_by(check_group, GROUP_SCHEMA)]
Channels = Annotated[tuple[int, ...] | None, checked_by(check_channels, CHANNELS_SCHEMA)]
StackChoice = Annotated[str | dict[str, Any] | None, checked_by(check_stack, STACK_SCHEMA)]
Splits = Annotated[tuple[str, ...] | None, checked_by(check_splits, SPLITS_SCHEMA)]
Classes = Annotated[str | dict[str, str] | None, checked_by(check_classes, CLASSES_SCHEMA)]
Ignored = Annotated[tuple[int | str, ...] | None, checked_by(check_ignore, IGNORE_SCHEMA)]
IntensityChoice = Annotated[str | dict[str, float], checked_by(check_intensity, INTENSITY_SCHEMA)]


class DatasetSection(ColumnKeys):
    """The images: either `path`, a folder with one folder per class, or `table` with columns."""

    path: OptionalPath = Field(
        default=None,
        description="Folder with one folder per class, or an .npz file in the form of MedMNIST, "
        "relative to this file. With task: segmentation, the folder with the images.",
    )
    masks: OptionalPath = Field(
        default=None,
        description="With task: segmentation: the folder with the masks, relative to this file. A "
        "mask has the name of its image; the ending may differ.",
    )
    splits: Splits = Field(
        default=None,
        description="With an .npz file: which of its splits are used, for example [train, val]. "
        "null: the only one.",
    )
    table: OptionalPath = Field(
        default=None,
        description="CSV, TSV or Excel table with one row per image, relative to this file; "
        "file.xlsx#Sheet where several sheets hold something.",
    )
    root: OptionalPath = Field(
        default=None,
        description="With a table: the folder that its image paths start from, relative to this "
        "file. null: the folder of the table.",
    )
    image: OptionalText = Field(
        default=None, description="With a table: the column with the image paths."
    )
    target: Target = Field(
        default=None,
        description="With a table: the column with the class, or with task: regression with the "
        "number. Several labels an image, or none: "
        "[nodule, mass], columns that hold 0 or 1, or {column: NAME, separator: '|'}, where all "
        "labels stand in one cell; none_label then says what stands there for none of them.",
    )
    unit: OptionalText = Field(
        default=None,
        description="With task: regression: the unit of the numbers, as errors are told in it. "
        "null: what stands behind the name of the column, as in age (months) or radius [um].",
    )
    mask: OptionalText = Field(
        default=None,
        description="With a table and task: segmentation: the column with the paths of the masks.",
    )
    classes: Classes = Field(
        default=None,
        description="With task: segmentation: which code of the masks is which class, for example "
        "{0: background, 255: nucleus}; colours as '#ff0000'; several codes may be one class; "
        "instances where each object has a number of its own. null: found in the masks.",
    )
    ignore: Ignored = Field(
        default=None,
        description="With task: segmentation: codes whose pixels count neither in training nor in "
        "scores.",
    )
    pixel_size: Annotated[float | None, allowed("float", "null", minimum=1e-6)] = Field(
        default=None,
        description="With task: segmentation: micrometres a pixel. null: measured in pixels.",
    )
    group: Group = Field(
        default=None,
        description="What belongs together (a patient, a slide) and is never split across folds: "
        "a column of the table, {level: N} for a folder level, or {pattern: REGEX} over the "
        "image's path, whose first parentheses are the group.",
    )
    channels: Channels = Field(
        default=None,
        description="Which three channels go to networks, counted from 0, or one that is repeated. "
        "Descriptors look at all channels whatever is written here.",
    )
    stack: StackChoice = Field(
        default=None,
        description="What becomes of a file with several planes (slices, points in time, pages): "
        "one image from all of them ({projection: max}, {projection: mean}), the middle one, all "
        "of them or {every: N} as images of their own, which share a group, or channels: the "
        "planes are the channels of one image. null: such a file is an error.",
    )
    tiles: TileChoice = None
    intensity: IntensityChoice = Field(
        default="auto",
        description="How pixel values become 0 to 1: dtype (divide by the largest value of the "
        "file's type), percentile (0.1 to 99.9 % of each image) or a fixed range.",
    )
    on_bad_image: Annotated[str, one_of("stop", "exclude")] = Field(
        default="stop", description="What to do with files that cannot be read."
    )

    @property
    def is_columns(self) -> bool:
        """Whether it is a table of columns, without images."""
        return self.table is not None and self.image is None and self.masks is None

    @property
    def stack_rule(self) -> Stack | None:
        """What becomes of files with several planes."""
        return None if self.stack is None else Stack.from_config(self.stack)

    @property
    def tiles_rule(self) -> Tiles | None:
        """How large images are cut into tiles."""
        return None if self.tiles is None else Tiles.from_config(self.tiles)

    @property
    def target_rule(self) -> str | LabelTarget | None:
        """The column with the class, or where several labels an image stand."""
        if self.target is None or isinstance(self.target, str):
            return self.target
        from bioselect.data.table_labels import LabelCell, LabelColumns

        if isinstance(self.target, tuple):
            return LabelColumns(self.target)
        return LabelCell(**self.target)

    @property
    def group_rule(self) -> GroupRule | None:
        """The rule that gives each image its group."""
        if self.group is None:
            return None
        from bioselect.data.layouts import GroupRule

        if isinstance(self.group, str):
            return GroupRule(column=self.group, folder_level=None, pattern=None)
        return GroupRule(
            column=None,
            folder_level=self.group.get("level"),
            pattern=self.group.get("pattern"),
        )
