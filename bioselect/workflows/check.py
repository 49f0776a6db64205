"""`bioselect check`: everything a run does before it computes, and what it would then do."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from bioselect.checks.findings import Finding, in_order, in_words
from bioselect.config.sections import Config
from bioselect.config.task_keys import SEGMENTATION
from bioselect.estimators.search_plan import search_in_words
from bioselect.progress import SILENT, Reporter
from bioselect.run_folder import RunFolder
from bioselect.workflows.budget_words import budget_plan_in_words
from bioselect.workflows.columns.inputs import read_inputs
from bioselect.workflows.execution_place import executed_for
from bioselect.workflows.nested_study import nested_plan_in_words
from bioselect.workflows.output_places import check_output_places
from bioselect.workflows.remote_places import bring_config, check_result_place
from bioselect.workflows.segmentation.checking import plan_in_words as mask_plan_in_words
from bioselect.workflows.segmentation.inputs import read_segmentation_inputs
from bioselect.workflows.study_inputs import StudyInputs, as_config
from bioselect.workflows.tracking.telling import check_tracking

CAN_BE_RUN = "The configuration can be run."


@dataclass(frozen=True)
class Checked:
    """What a look at configuration and images told: findings, what a run would do, all in words."""

    findings: tuple[Finding, ...]
    plan: str
    text: str


def check(config: Config | Path | str, jobs: int | None = None, reporter: Reporter = SILENT) -> str:
    """Check a configuration and its images, and return in words what a run would do; see `look`."""
    return look(config, jobs, reporter).text


def look(
    config: Config | Path | str, jobs: int | None = None, reporter: Reporter = SILENT
) -> Checked:
    """Check a configuration and its images.

    Parameters
    ----------
    config : Config or path
        The configuration, or its YAML file.
    jobs : int, optional
        Threads that read images; all cores by default.
    reporter : Reporter
        Told about progress.

    Raises
    ------
    BioselectError
        If a run would fail; the message says why and what to do.
    """
    config = as_config(config)
    bring_config(config, reporter)
    check_result_place(config.output)
    folder = RunFolder(config.output)
    cache_folder = config.cache or folder.features
    check_output_places(config, folder, cache_folder)
    check_tracking(config)
    with executed_for(config, jobs, reporter, for_work=False):
        pass
    with ExitStack() as kept:
        if not cache_folder.is_dir():
            cache_folder = Path(kept.enter_context(tempfile.TemporaryDirectory()))
        if config.task == SEGMENTATION:
            of_masks = read_segmentation_inputs(config, cache_folder, jobs, reporter)
            findings, plan = of_masks.findings, mask_plan_in_words(of_masks)
        else:
            inputs = read_inputs(config, cache_folder, jobs, reporter)
            findings, plan = inputs.findings, plan_in_words(inputs)
    lines = [*in_words(findings), plan, budget_plan_in_words(config.budget), CAN_BE_RUN]
    return Checked(tuple(in_order(findings)), plan, "\n".join(filter(None, lines)))


def findings_in_words(inputs: StudyInputs) -> list[str]:
    """Return a line per finding; of many alike only the first ones."""
    return in_words(inputs.findings)


def plan_in_words(inputs: StudyInputs) -> str:
    """Return what a run would do, with every `auto` resolved."""
    n_extractors, n_estimators = len(inputs.extractors), len(inputs.estimators)
    n_candidates = n_extractors * n_estimators + (
        len(inputs.networks) + 1 if inputs.networks else 0
    )
    plan = inputs.plan
    n_fits = n_candidates * len(plan.folds)
    lines = [
        *inputs.explanations,
        f"plan: {_combined(inputs)} = {_counted(n_candidates, 'combination')}, "
        f"{_division(inputs)} = {n_fits} fits, "
        f"chosen by {inputs.metric}",
    ]
    lines += filter(None, map(search_in_words, inputs.estimators))
    if inputs.outer_folds:
        n_compared = n_extractors * sum(spec.name != "dummy" for spec in inputs.estimators)
        lines.append(nested_plan_in_words(inputs.outer_folds, n_compared, n_fits))
    if inputs.design.exploratory:
        lines.append("exploratory: too few images for claims about which combination is better")
    return "\n".join(lines)


def _combined(inputs: StudyInputs) -> str:
    """Return what is compared, in words."""
    parts = []
    estimators = f"{_counted(len(inputs.estimators), inputs.config.estimator_kind)}"
    if inputs.columns is not None and inputs.config.dataset.is_columns:
        n_columns = len(inputs.columns.columns)
        parts = [f"{estimators} (the dummy included) on {_counted(n_columns, 'column')}"]
    elif inputs.extractors:
        parts = [
            f"{_counted(len(inputs.extractors), 'extractor')} x {estimators} (the dummy included)"
        ]
    if inputs.networks:
        parts.append(f"{_counted(len(inputs.networks), 'network')} and the dummy")
    return " + ".join(parts)


def _division(inputs: StudyInputs) -> str:
    plan, holdout = inputs.plan, inputs.holdout
    if holdout is not None or plan.n_folds == 1:
        return plan.design
    return f"{plan.n_folds} folds x {_counted(plan.n_repeats, 'repeat')}"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
