"""`bioselect run` for masks: from a configuration to a verdict, tables, masks and a model.

One segmenter at a time on all folds (from the journal or computed), so that a killed run goes on
where it was.
"""

from __future__ import annotations

import shutil
from functools import partial

from bioselect.checks.findings import Finding, in_words
from bioselect.config.sections import Config
from bioselect.exceptions import BioselectError, ConfigurationError
from bioselect.run_folder import RunFolder
from bioselect.selection.journal import Journal
from bioselect.workflows.kept_findings import keep_findings
from bioselect.workflows.replaced_results import written_or_later
from bioselect.workflows.report import forget_report, report_in_words
from bioselect.workflows.reporting import LoggingReporter
from bioselect.workflows.run_result import RunResult
from bioselect.workflows.segmentation.checking import plan_in_words
from bioselect.workflows.segmentation.export import export_segmenter
from bioselect.workflows.segmentation.inputs import read_segmentation_inputs
from bioselect.workflows.segmentation.judgement import judge_masks
from bioselect.workflows.segmentation.mask_study import MaskStudy
from bioselect.workflows.segmentation.planned import with_plans
from bioselect.workflows.segmentation.products import (
    config_text,
    write_mask_inputs,
    write_mask_results,
)
from bioselect.workflows.segmentation.study_examples import write_study_examples
from bioselect.workflows.segmentation.words import mask_model_in_words, mask_results_in_words
from bioselect.workflows.training_histories import copy_refit


def run_segmentation(
    config: Config, folder: RunFolder, jobs: int | None, reporter: LoggingReporter
) -> RunResult:
    """Run a study of masks in a folder that is locked; what was done before is not done again.

    Raises
    ------
    BioselectError
        If something is wrong that the user can put right.
    """
    if config.budget is not None:
        raise ConfigurationError(
            "--budget: does not go with task: segmentation: a network that was trained on some of "
            "the folds cannot be compared. Leave it out, and list fewer or smaller networks."
        )
    cache_folder = config.cache or folder.features
    findings: list[Finding] = []
    try:
        inputs = read_segmentation_inputs(config, cache_folder, jobs, reporter, findings)
    except BioselectError:
        keep_findings(folder, findings, reporter)
        raise
    for line in [*in_words(inputs.findings), plan_in_words(inputs)]:
        reporter.say(line)
    study = MaskStudy(inputs, cache_folder, folder, reporter)
    n_told = len(inputs.explanations)
    study.inputs = inputs = with_plans(inputs, study.pairs)
    for line in inputs.explanations[n_told:]:
        reporter.say(line)
    write = partial(write_mask_inputs, folder, inputs)
    write_later = written_or_later(folder, config_text(folder, inputs), write, reporter)
    with Journal(folder.journal) as journal:
        for note in journal.notes:
            reporter.warn(note)
        results = folds = study.all_folds(journal)
        judged = judge_masks(inputs, folds)
        if inputs.holdout is not None:
            opened = study.test_part(judged.exported, journal)
            judged = judge_masks(inputs, folds, opened, judged)
            results = [*folds, opened]
    write_later()
    shown = {one.spec.label: one.short_name for one in inputs.segmenters}
    study.remove_other_masks(results)
    forget_report(folder)
    write_mask_results(folder, inputs, judged)
    write_study_examples(study, judged)
    reporter.say(f"the models are judged: {folder.ranking}, {folder.study}")
    words = mask_results_in_words(folder, inputs, judged, shown)
    try:
        export_segmenter(study, judged)
        copy_refit(folder, judged.exported)
        report = report_in_words(folder)
    except BaseException:
        # Hours of work are done and kept: nobody should think that they are lost.
        reporter.say(words)
        raise
    # Of one split, trainings are kept until the test part was met.
    shutil.rmtree(folder.training, ignore_errors=True)
    summary = "\n".join([words, report, mask_model_in_words(folder, judged)])
    reporter.keep(summary)
    reporter.say("finished")
    return RunResult(folder.root, judged.verdict, summary)
