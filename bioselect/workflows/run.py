"""`bioselect run`: from a configuration to a verdict, tables and a model.

First the features that the cache lacks, of all extractors in one pass over the files. Then one
extractor at a time: its features from the cache, and all its classifiers on all folds (from the
journal or computed), so that the features of one extractor are in memory and a killed run goes on
where it was.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from bioselect.addresses import named
from bioselect.checks.findings import Finding
from bioselect.config.duration import duration_problem
from bioselect.config.sections import Config
from bioselect.config.task_keys import SEGMENTATION
from bioselect.data.remote_files import is_remote
from bioselect.exceptions import BioselectError, ConfigurationError
from bioselect.features.cache import FeatureCache
from bioselect.features.cache_folder import remove_if_empty
from bioselect.leftovers import remove_all_leftovers
from bioselect.metrics.base import get_metric, in_units
from bioselect.progress import SILENT, Reporter
from bioselect.run_folder import RunFolder
from bioselect.selection.cross_validation import Problem
from bioselect.selection.journal import Journal
from bioselect.storage import exclusive_lock
from bioselect.workflows.all_features import compute_all_features
from bioselect.workflows.budget import Budget, Clock
from bioselect.workflows.budget_words import budget_in_words
from bioselect.workflows.budgeted_study import study_within_budget
from bioselect.workflows.changed_images import begun_anew_if_changed
from bioselect.workflows.check import findings_in_words, plan_in_words
from bioselect.workflows.class_table import class_table_lines
from bioselect.workflows.columns.contents import image_of_joined, told_of_columns
from bioselect.workflows.columns.inputs import read_inputs
from bioselect.workflows.columns.study import study_columns
from bioselect.workflows.columns.telling import LoggingRowReporter, judged_of_rows
from bioselect.workflows.evidence import write_evidence
from bioselect.workflows.execution_place import executed_for, refuse_masks_there, with_backend
from bioselect.workflows.export import export_model
from bioselect.workflows.extractor_study import ExtractorStudy, study_extractor
from bioselect.workflows.extractor_times import time_extractors
from bioselect.workflows.finished_study import finished_study
from bioselect.workflows.importances import write_importances
from bioselect.workflows.judgement import Judged, judge
from bioselect.workflows.kept_findings import keep_findings
from bioselect.workflows.nested_study import n_inner_fits
from bioselect.workflows.network_study import shown_names, study_networks
from bioselect.workflows.network_times import networks_in_words, time_networks
from bioselect.workflows.number_table import number_table_lines
from bioselect.workflows.open_test_part import open_test_part
from bioselect.workflows.output_places import check_output_places
from bioselect.workflows.products import begin_folder, write_findings, write_results
from bioselect.workflows.remote_places import bring_config, result_place, run_folder_delivered
from bioselect.workflows.report import forget_report, report_in_words
from bioselect.workflows.reporting import LoggingReporter
from bioselect.workflows.run_result import RunResult
from bioselect.workflows.segmentation.study import run_segmentation
from bioselect.workflows.short_labels import ShortNames
from bioselect.workflows.study_inputs import StudyInputs, as_config
from bioselect.workflows.study_key import study_key
from bioselect.workflows.study_plots import plots_in_words, write_plots
from bioselect.workflows.summary import model_in_words, results_in_words
from bioselect.workflows.time_plan import all_folds_seconds, learners, time_in_words
from bioselect.workflows.told_beside import told_beside
from bioselect.workflows.tracking.telling import check_tracking, tell
from bioselect.workflows.training_histories import copy_refit

#: Without a budget: an extractor that lacks fewer images is not timed, as timing would take a good
#: part of what the work itself takes; and no further one after so many seconds.
MIN_IMAGES_TIMED = 60
PATIENCE_SECONDS = 20.0


def run(
    config: Config | Path | str,
    output: Path | str | None = None,
    jobs: int | None = None,
    fresh: bool = False,
    reporter: Reporter = SILENT,
    budget: str | None = None,
    clock: Clock = time.monotonic,
    began: float | None = None,
    backend: str | None = None,
) -> RunResult:
    """Run the study that a configuration describes; what was done before is not done again.

    Parameters
    ----------
    config : Config or path
        The configuration, or its YAML file.
    output : path, optional
        The run folder, instead of the configuration's `output`.
    jobs : int, optional
        Processes at a time; all cores by default. The results do not depend on it.
    fresh : bool
        Forget the finished folds of an earlier run, and what a budget decided; the features stay
        cached.
    reporter : Reporter
        Told about progress; silent by default.
    budget : str, optional
        How long it may take ("20min"), instead of the configuration's `budget`. What does not fit
        is dropped, and the results say so.
    clock : callable
        Tells the seconds, for the budget and for estimates of the time needed.
    began : float, optional
        What the clock said when the time of the budget began; now by default.
    backend : str, optional
        "local" or "dask", instead of the configuration's `execution.backend`.

    Raises
    ------
    BioselectError
        If something is wrong that the user can put right.
    """
    began = clock() if began is None else began
    config = with_backend(with_budget(as_config(config), budget), backend)
    folder = RunFolder(result_place(Path(output)) if output is not None else config.output)
    refuse_masks_there(config)
    bring_config(config, reporter)
    cache_folder = config.cache or folder.features
    check_output_places(config, folder, cache_folder)
    check_tracking(config)
    busy = f"{folder.root}: another run writes here. Wait for it, or choose another --output."
    with exclusive_lock(folder.lock, busy), run_folder_delivered(folder.root, reporter):
        if is_remote(folder.root):  # Earlier results were brought here just now.
            check_output_places(config, folder, cache_folder)
        remove_all_leftovers(folder.root, folder.features)
        kind = LoggingRowReporter if config.dataset.is_columns else LoggingReporter
        told = kind(reporter, folder.log)
        with executed_for(config, jobs, told):
            if fresh:  # Not before: without workers nothing is done, and nothing forgotten.
                _forget(folder)
            limit = Budget(config.budget, folder.budget, clock, began)
            result = _studied(config, folder, jobs, told, limit)
        return _told(result, config, folder, told)


def _forget(folder: RunFolder) -> None:
    """Remove the finished folds of an earlier run, and what a budget decided."""
    folder.journal.unlink(missing_ok=True)
    folder.budget.unlink(missing_ok=True)
    shutil.rmtree(folder.training, ignore_errors=True)


def _studied(
    config: Config, folder: RunFolder, jobs: int | None, told: LoggingReporter, limit: Budget
) -> RunResult:
    study = partial(_run_locked, config, folder, jobs, told, limit)
    if config.task == SEGMENTATION:
        study = partial(run_segmentation, config, folder, jobs, told)
    return begun_anew_if_changed(study, config.dataset.on_bad_image == "exclude", told)


def _told(
    result: RunResult, config: Config, folder: RunFolder, reporter: LoggingReporter
) -> RunResult:
    """Tell of a finished study where `tracking` says."""
    if not config.tracking.is_asked_for:
        return result
    lines = tell(config.tracking, folder, reporter)
    for line in lines:
        reporter.keep(line)
    return replace(result, summary="\n".join([result.summary, *lines]))


def _run_locked(
    config: Config,
    folder: RunFolder,
    jobs: int | None,
    reporter: LoggingReporter,
    budget: Budget,
) -> RunResult:
    cache = FeatureCache(config.cache or folder.features)
    findings: list[Finding] = []
    try:
        inputs = read_inputs(config, cache.folder, jobs, reporter, findings)
    except BioselectError:
        keep_findings(folder, findings, reporter)
        raise
    for line in [*findings_in_words(inputs), plan_in_words(inputs)]:
        reporter.say(line)
    problem = _problem(inputs)
    write_later = begin_folder(folder, inputs, reporter)
    shown = shown_names(inputs)
    naming = ShortNames(reporter, shown)
    studies = _study_all(inputs, problem, cache, folder, naming, budget)
    write_later()
    judged = _judge_all(inputs, problem, studies, cache, folder, reporter)
    forget_report(folder)
    write_results(folder, inputs, problem, studies, judged, budget.decisions)
    write_plots(folder, inputs, problem, judged)
    reporter.say(f"the combinations are judged: {folder.ranking}, {folder.study}")
    results = _results(inputs, judged, folder, shown)
    try:
        export_model(folder, inputs, problem, judged, cache, naming)
        if judged.exported.is_network:
            copy_refit(folder, judged.exported)
        remove_if_empty(folder.training)
        alike = write_importances(folder, inputs, problem, judged, cache, naming)
        write_evidence(folder, inputs, problem, judged, cache, naming)
        report = report_in_words(folder)
    except BaseException:
        # Hours of work are done and kept: nobody should think that they are lost.
        reporter.say(results)
        raise
    model = model_in_words(folder, judged.exported, image_of_joined(inputs))
    ending = [report, model, plots_in_words(folder, alike), budget_in_words(budget)]
    summary = "\n".join([results, *filter(None, ending)])
    reporter.keep(summary)
    reporter.say("finished")
    return RunResult(folder.root, judged.verdict, named(summary))


def _judge_all(
    inputs: StudyInputs,
    problem: Problem,
    studies: Sequence[ExtractorStudy],
    cache: FeatureCache,
    folder: RunFolder,
    reporter: Reporter,
) -> Judged:
    """Return the verdict, that of the test part where there is one, and what is told beside it."""
    judged = judge(inputs, problem, studies)
    if inputs.holdout is not None:
        opened = open_test_part(inputs, problem, judged, cache, folder, reporter)
        judged = judge(inputs, problem, studies, opened)
    judged, noticed = told_beside(inputs, problem, judged)
    if noticed:
        write_findings(folder, [*inputs.findings, *noticed])
    return judged_of_rows(judged) if inputs.config.dataset.is_columns else judged


def _results(
    inputs: StudyInputs, judged: Judged, folder: RunFolder, shown: Mapping[str, str]
) -> str:
    """Return what came out, in words, before there is a model."""
    if inputs.dataset.is_values:
        figures = number_table_lines(judged, inputs.unit)
    else:
        figures = class_table_lines(judged, inputs.dataset.class_names)
    unit = in_units(get_metric(inputs.metric, inputs.config.base_dir), inputs.unit).unit
    told = results_in_words(
        folder,
        judged.verdict,
        shown,
        judged.reliability,
        figures,
        unit,
        judged.sets_in_words,
    )
    results: str = told_of_columns(inputs, told)
    return results


def _problem(inputs: StudyInputs) -> Problem:
    return Problem(
        class_indices=inputs.dataset.targets(),
        n_classes=inputs.dataset.n_columns,
        units=inputs.units,
        plan=inputs.plan,
        metric_name=inputs.metric,
        seed=inputs.config.validation.seed,
        base_dir=inputs.config.base_dir,
    )


def _study_all(
    inputs: StudyInputs,
    problem: Problem,
    cache: FeatureCache,
    folder: RunFolder,
    reporter: Reporter,
    budget: Budget,
) -> list[ExtractorStudy]:
    with Journal(folder.journal) as journal:
        if inputs.config.dataset.is_columns:
            return study_columns(inputs, problem, cache, journal, reporter)
        if budget.duration is not None:
            budget.begin(study_key(inputs, problem))
            return study_within_budget(inputs, problem, cache, journal, budget, reporter)
        finished = {
            usable.spec: study
            for usable in inputs.extractors
            if (study := finished_study(usable, inputs, problem, cache, journal, reporter))
        }
        if finished:
            reporter.say(
                f"all tests of {len(finished)} of {len(inputs.extractors)} extractors are kept "
                "from before: their features are not needed"
            )
        seconds = time_networks(inputs, problem, cache, journal, reporter, budget.clock)
        for line in networks_in_words(seconds):
            reporter.say(line)
        to_do = tuple(one for one in inputs.extractors if one.spec not in finished)
        if to_do:
            missing = replace(inputs, extractors=to_do)
            n_finished = sum(len(study.results) for study in finished.values())
            n_kept = len(journal) - n_finished
            _tell_time_needed(missing, cache, n_kept, reporter, budget.clock)
            compute_all_features(missing, cache, reporter)
        studies = [
            finished.get(usable.spec)
            or study_extractor(usable, inputs, problem, cache, journal, reporter)
            for usable in inputs.extractors
        ]
        if inputs.networks:
            studies.append(
                study_networks(inputs, problem, cache, folder, journal, reporter, seconds)
            )
        return studies


def _tell_time_needed(
    inputs: StudyInputs, cache: FeatureCache, n_kept: int, reporter: Reporter, clock: Clock
) -> None:
    times = time_extractors(
        inputs, cache, clock, PATIENCE_SECONDS, MIN_IMAGES_TIMED, reporter=reporter
    )
    n_candidates = len(inputs.extractors) * len(inputs.estimators)
    n_folds = n_candidates * len(inputs.plan.folds)
    n_fits = n_folds + n_inner_fits(inputs.outer_folds, n_candidates)
    # Folds of another configuration may be among those that are finished: it is a rough guess.
    n_missing = max(0, n_fits - n_kept)
    testing = all_folds_seconds(inputs, times) * n_missing / n_folds
    for line in time_in_words(times, testing, learners(inputs)):
        reporter.say(line)


def with_budget(config: Config, budget: str | None) -> Config:
    """Return the configuration with another budget; without one, as it is.

    Raises
    ------
    ConfigurationError
        If it is no duration.
    """
    if budget is None:
        return config
    if problem := duration_problem(budget):
        raise ConfigurationError(f"budget: {problem}")
    return config.model_copy(update={"budget": budget})
