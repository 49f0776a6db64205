"""The sections of a configuration: which keys there are and what each may hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, PrivateAttr

from bioselect.config.augmentation_section import Mix, Ratio, Steps, resolved_augmentation
from bioselect.config.bundle_section import BundleSection
from bioselect.config.column_keys import ColumnKeys
from bioselect.config.combinations import COMBINED
from bioselect.config.compared_sections import (
    ClassifierSection,
    ExtractorSection,
    NetworkSection,
)
from bioselect.config.dataset_source import SPLITS_SCHEMA, check_splits
from bioselect.config.duration import BUDGET_SCHEMA, check_budget
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
from bioselect.config.section import Section
from bioselect.config.statistics_section import StatisticsSection
from bioselect.config.target import TARGET_SCHEMA, check_target
from bioselect.config.task_keys import TASKS, check_task
from bioselect.config.tiles_rule import TileChoice
from bioselect.config.validation_section import ValidationSection
from bioselect.data.stacks import Stack
from bioselect.data.tiles import Tiles
from bioselect.registry import ComponentSpec

if TYPE_CHECKING:
    from bioselect.augmentation.choice import Augmentation
    from bioselect.data.layouts import GroupRule
    from bioselect.data.table_labels import LabelTarget

OptionalPath = Annotated[Path | None, path_rule()]
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
        description="With a table: the column with the class. Several labels an image, or none: "
        "[nodule, mass], columns that hold 0 or 1, or {column: NAME, separator: '|'}, where all "
        "labels stand in one cell; none_label then says what stands there for none of them.",
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


class Config(Section):
    """A whole configuration.

    All paths inside are absolute.
    """

    task: Annotated[str, checked_by(check_task, {"enum": list(TASKS)})] = Field(
        default="classification", description="What is predicted for an image."
    )
    dataset: DatasetSection = Field(description="The images, their classes and their groups.")
    extractors: tuple[ExtractorSection, ...] = Field(
        default=(), strict=False, description=COMBINED["extractors"]
    )
    on_unavailable: Annotated[str, one_of("stop", "skip")] = Field(
        default="stop",
        description="What to do when the weights of an extractor or a network cannot be had: stop "
        "before any work, or skip it and say so in the results.",
    )
    classifiers: tuple[ClassifierSection, ...] = Field(
        default=(), strict=False, description=COMBINED["classifiers"]
    )
    networks: tuple[NetworkSection, ...] = Field(
        default=(),
        strict=False,
        description="Networks trained from pixels: combinations of their own, on the same folds.",
    )
    augmentation: Steps = ()
    augmentation_mix: Mix = "auto"
    augmentation_ratio: Ratio = None
    validation: ValidationSection = Field(
        default_factory=ValidationSection, description="Folds, metric and seed."
    )
    statistics: StatisticsSection = Field(
        default_factory=StatisticsSection, description="How differences are judged."
    )
    bundle: BundleSection = Field(
        default_factory=BundleSection, description="How the exported model is finished."
    )
    ensemble: Annotated[str | None, allowed("null", choices=("tied",))] = Field(
        default=None,
        description="tied: the mean of the probabilities of all combinations that cannot be told "
        "from the best takes part as one more. null: none does.",
    )
    output: Annotated[Path, path_rule(optional=False)] = Field(
        description="The run folder, relative to this file; made when it is missing."
    )
    cache: OptionalPath = Field(
        default=None,
        description="Folder where computed features are kept, relative to this file; several "
        "configurations may share one. null: inside the run folder.",
    )
    modules: OptionalPath = Field(
        default=None,
        description="Folder with your own Python modules, relative to this file. null: the folder "
        "of this file.",
    )
    jobs: Annotated[int | None, allowed("int", "null", minimum=1)] = Field(
        default=None,
        description="Processes at a time. null: all cores. Results do not depend on it.",
    )

    budget: Annotated[str | None, checked_by(check_budget, BUDGET_SCHEMA)] = Field(
        default=None,
        description="How long a run may take, for example 20min: combinations that do not fit are "
        "dropped, and the results say so. null: as long as it needs.",
    )

    _path: Path = PrivateAttr(default=Path())
    _specs: Mapping[str, Sequence[ComponentSpec]] = PrivateAttr(default_factory=dict)
    _lines: Mapping[str, Sequence[int]] = PrivateAttr(default_factory=dict)
    _key_lines: Mapping[str, int] = PrivateAttr(default_factory=dict)

    def placed(
        self,
        path: Path,
        specs: Mapping[str, Sequence[ComponentSpec]],
        lines: Mapping[str, Sequence[int]],
        key_lines: Mapping[str, int],
    ) -> Config:
        """Return this configuration with the file it came from and its checked components.

        `specs` and `lines` have those of each kind, and where they are written; `key_lines` says
        where each key of the file stands.
        """
        copy = self.model_copy()
        copy._path = path
        copy._specs = dict(specs)
        copy._lines = dict(lines)
        copy._key_lines = dict(key_lines)
        return copy

    @property
    def path(self) -> Path:
        """The file that this was read from."""
        return self._path

    @property
    def base_dir(self) -> Path:
        """The folder that your own modules are imported from."""
        return self.modules or self._path.parent

    @property
    def extractor_specs(self) -> list[ComponentSpec]:
        """The extractors, checked; parameters that equal their default are left out."""
        return list(self._specs.get("extractor", ()))

    @property
    def classifier_specs(self) -> list[ComponentSpec]:
        """The classifiers, checked; `search: default` is written out."""
        return list(self._specs.get("classifier", ()))

    @property
    def network_specs(self) -> list[ComponentSpec]:
        """The networks trained from pixels, checked; paths in them are absolute."""
        return list(self._specs.get("network", ()))

    @property
    def segmenter_specs(self) -> list[ComponentSpec]:
        """What is listed under `networks` where masks are learnt, checked."""
        return list(self._specs.get("segmenter", ()))

    @property
    def augmentation_choice(self) -> Augmentation:
        """What is done to which training images; `auto` is resolved."""
        return resolved_augmentation(
            tuple(self._specs.get("augmentation", ())),
            self.augmentation_mix,
            self.augmentation_ratio,
        )

    def place_of(self, spec: ComponentSpec, kind: str = "extractor") -> str:
        """Return where a component is written, as in "study.yaml:7: "."""
        line = self._lines[kind][list(self._specs[kind]).index(spec)]
        return f"{self._path.name}:{line}: "

    def place_of_key(self, key: str) -> str:
        """Return where a key of the file stands, as in "study.yaml:12: "; of others the file."""
        line = f"{self._key_lines[key]}:" if key in self._key_lines else ""
        return f"{self._path.name}:{line} "

    def may_skip(self, spec: ComponentSpec, kind: str = "extractor") -> bool:
        """Tell whether an extractor or a network whose weights cannot be had is left out."""
        listed = self.extractors if kind == "extractor" else self.networks
        place = list(self._specs[kind]).index(spec)
        chosen = listed[place].on_unavailable or self.on_unavailable
        return bool(chosen == "skip")
