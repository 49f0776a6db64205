"""The sections of a configuration: which keys there are and what each may hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import Field, PrivateAttr

from bioselect.config.augmentation_section import Mix, Ratio, Steps, resolved_augmentation
from bioselect.config.bundle_section import BundleSection
from bioselect.config.combinations import COMBINED, COMBINED_FOR_NUMBERS
from bioselect.config.compared_sections import (
    ClassifierSection,
    ExtractorSection,
    NetworkSection,
    RegressorSection,
)
from bioselect.config.dataset_section import DatasetSection, LocalPath
from bioselect.config.duration import BUDGET_SCHEMA, check_budget
from bioselect.config.execution_section import ExecutionSection
from bioselect.config.report_section import ReportSection
from bioselect.config.rules import allowed, checked_by, one_of, path_rule
from bioselect.config.section import Section
from bioselect.config.statistics_section import StatisticsSection
from bioselect.config.task_keys import REGRESSION, TASKS, check_task
from bioselect.config.tracking_section import TrackingSection
from bioselect.config.validation_section import ValidationSection
from bioselect.registry import ComponentSpec

if TYPE_CHECKING:
    from bioselect.augmentation.choice import Augmentation


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
    regressors: tuple[RegressorSection, ...] = Field(
        default=(), strict=False, description=COMBINED_FOR_NUMBERS["regressors"]
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
    report: ReportSection = Field(
        default_factory=ReportSection, description="What the report shows of the images."
    )
    tracking: TrackingSection = Field(
        default_factory=TrackingSection,
        description="Where a finished study is told of besides its run folder.",
    )
    ensemble: Annotated[str | None, allowed("null", choices=("tied",))] = Field(
        default=None,
        description="tied: the mean of the probabilities of all combinations that cannot be told "
        "from the best takes part as one more. null: none does.",
    )
    output: Annotated[Path, path_rule(optional=False, written=True)] = Field(
        description="The run folder, relative to this file; made when it is missing. An address "
        "(s3://...) is written when the run has ended."
    )
    cache: LocalPath = Field(
        default=None,
        description="Folder where computed features are kept, relative to this file; several "
        "configurations may share one. null: inside the run folder.",
    )
    modules: LocalPath = Field(
        default=None,
        description="Folder with your own Python modules, relative to this file. null: the folder "
        "of this file.",
    )
    jobs: Annotated[int | None, allowed("int", "null", minimum=1)] = Field(
        default=None,
        description="Processes at a time. null: all cores. Results do not depend on it.",
    )
    execution: ExecutionSection = Field(
        default_factory=ExecutionSection,
        description="Which machines compute. Results do not depend on it; those of networks that "
        "are trained do on how many cores and which graphics processor a machine has.",
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
        where each key of the file stands; of a configuration that was never in a file, nowhere.
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
    def component_specs(self) -> list[ComponentSpec]:
        """All components of all kinds."""
        return [spec for specs in self._specs.values() for spec in specs]

    @property
    def extractor_specs(self) -> list[ComponentSpec]:
        """The extractors, checked; parameters that equal their default are left out."""
        return list(self._specs.get("extractor", ()))

    @property
    def classifier_specs(self) -> list[ComponentSpec]:
        """The classifiers, checked; `search: default` is written out."""
        return list(self._specs.get("classifier", ()))

    @property
    def regressor_specs(self) -> list[ComponentSpec]:
        """The regressors, checked; `search: default` is written out."""
        return list(self._specs.get("regressor", ()))

    @property
    def estimator_specs(self) -> list[ComponentSpec]:
        """The classifiers, or where a number is predicted the regressors."""
        return list(self._specs.get(self.estimator_kind, ()))

    @property
    def estimator_kind(self) -> str:
        """What the estimators of the task are, as the registry calls them."""
        return "regressor" if self.task == REGRESSION else "classifier"

    @property
    def network_specs(self) -> list[ComponentSpec]:
        """The networks trained from pixels, checked; paths in them are absolute."""
        return list(self._specs.get(self.network_kind, ()))

    @property
    def network_kind(self) -> str:
        """What the networks of the task are, as the registry calls them; see `segmenter_specs`."""
        return "value_network" if self.task == REGRESSION else "network"

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
        """Return where a component is written, as in "study.yaml:7: "; nothing without a file."""
        if not self._key_lines:
            return ""
        line = self._lines[kind][list(self._specs[kind]).index(spec)]
        return f"{self._path.name}:{line}: "

    def place_of_key(self, key: str) -> str:
        """Return where a key of the file stands, as in "study.yaml:12: "; of others the file."""
        if not self._key_lines:
            return ""
        line = f"{self._key_lines[key]}:" if key in self._key_lines else ""
        return f"{self._path.name}:{line} "

    def may_skip(self, spec: ComponentSpec, kind: str = "extractor") -> bool:
        """Tell whether an extractor or a network whose weights cannot be had is left out."""
        listed = self.extractors if kind == "extractor" else self.networks
        place = list(self._specs[kind]).index(spec)
        chosen = listed[place].on_unavailable or self.on_unavailable
        return bool(chosen == "skip")
