"""`bioselect reproduce`: a finished run once more, from its own configuration and images."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from bioselect.addresses import is_address
from bioselect.config.loading import load_config
from bioselect.config.sections import Config
from bioselect.config.task_keys import SEGMENTATION
from bioselect.config.tracking_section import TrackingSection
from bioselect.data.remote_files import brought
from bioselect.exceptions import ConfigurationError, DataError
from bioselect.progress import SILENT, Reporter
from bioselect.report.results import Row, RunResults, table_rows
from bioselect.run_folder import RunFolder
from bioselect.storage import atomic_path
from bioselect.workflows.columns.inputs import read_inputs
from bioselect.workflows.compared_images import OTHER_FOLD, Change, compared_images
from bioselect.workflows.compared_runs import (
    DIFFERENT,
    ROUNDING,
    SAME,
    Comparison,
    compared_runs,
)
from bioselect.workflows.output_places import check_output_places
from bioselect.workflows.products import write_inputs
from bioselect.workflows.remote_places import bring_config
from bioselect.workflows.run import run
from bioselect.workflows.segmentation.inputs import read_segmentation_inputs
from bioselect.workflows.segmentation.products import write_mask_inputs


@dataclass(frozen=True)
class Reproduction:
    """A run that was made again: where it lies, how it compares, and that in words."""

    folder: Path
    comparison: Comparison
    text: str


def reproduce(
    run_dir: Path | str,
    output: Path | str | None = None,
    jobs: int | None = None,
    reporter: Reporter = SILENT,
) -> Reproduction:
    """Run a study again as it was run, and say whether it comes out the same.

    The images are looked at first: if one is not the one of the run, nothing is computed. Then
    everything is computed again, features too; nothing is taken from the run but its configuration
    and, where it had a limit of time, what that made it leave out.

    Parameters
    ----------
    run_dir : path
        The folder of a finished run.
    output : path, optional
        The folder for the second run; by default that of the run with `-reproduced` behind. Stopped
        and started again, it goes on where it was.
    jobs : int, optional
        Processes at a time; all cores by default.
    reporter : Reporter
        Told about progress.

    Raises
    ------
    DataError
        If images are missing, new or changed, with their names.
    BioselectError
        If there is no finished run, or it cannot be run again.
    """
    if output is not None and is_address(output):
        raise ConfigurationError(
            "reproduce: -o must be a folder on this computer, where both runs are compared. Got an "
            "address."
        )
    if is_address(run_dir) and output is None:
        output = f"{PurePath(run_dir).name}-reproduced"
    then = RunResults(brought(run_dir, reporter))
    folder = RunFolder(_output(then.folder.root, output))
    config = _stored_config(then, folder)
    bring_config(config, reporter)
    check_output_places(config, folder, folder.features)
    _check_images(then, config, folder, jobs, reporter)
    _check_unfinished(folder)
    if then.folder.budget.is_file() and not folder.budget.exists():
        with atomic_path(folder.budget) as unfinished:
            shutil.copyfile(then.folder.budget, unfinished)
    run(config, jobs=jobs, reporter=reporter)
    now = RunResults(folder.root)
    comparison = compared_runs(then, now)
    return Reproduction(folder.root, comparison, in_words(then, now, comparison))


def _output(run_dir: Path, output: Path | str | None) -> Path:
    if output is None:
        run_dir = run_dir.resolve()
        output = run_dir.with_name(f"{run_dir.name}-reproduced")
    return Path(output)


def _check_unfinished(folder: RunFolder) -> None:
    if folder.study.exists():
        raise ConfigurationError(
            f"{folder.root}: must be a folder without a finished run, as everything is computed "
            "anew. Remove it, or name another with -o."
        )


def _stored_config(then: RunResults, folder: RunFolder) -> Config:
    """Return the configuration as it was run, with results and features in the new folder."""
    if not then.folder.config.is_file():
        raise ConfigurationError(
            f"{then.folder.root}: must hold the configuration of its run. There is no "
            f"{then.folder.config.name} in it; use another copy of the folder."
        )
    config = load_config(then.folder.config)
    told = {
        "tracking": TrackingSection()
    }  # It is the study that is told of, and not its repetition.
    return config.model_copy(update={"output": folder.root, "cache": None, **told})


def _check_images(
    then: RunResults, config: Config, folder: RunFolder, jobs: int | None, reporter: Reporter
) -> None:
    reporter.say("the images: are they those of the run")
    changes = compared_images(then.images, _images_now(config, folder, jobs, reporter))
    noun = f"{then.noun}s"
    if [change.what for change in changes] == [OTHER_FOLD]:
        version = then.environment.get("bioselect", "unknown")
        raise DataError(
            f"{then.folder.root}: must be reproduced with the folds of its run. Its {noun} are as "
            f"they were, but {len(changes[0].image_ids)} fall into another fold today. Nothing was "
            f"computed. Use the versions in {then.folder.environment.name} (bioselect {version})."
        )
    if changes:
        raise DataError(
            f"{then.folder.root}: must be reproduced with the {noun} of its run. Got "
            f"{_listed(changes)}. Nothing was computed. Put them back, or use `bioselect run` "
            f"for a study of the {noun} as they are."
        )


def _images_now(
    config: Config, folder: RunFolder, jobs: int | None, reporter: Reporter
) -> list[Row]:
    """Return the rows of `dataset.csv` that a run would write today."""
    with tempfile.TemporaryDirectory() as temporary:
        looked_at = RunFolder(Path(temporary))
        # A finished run, which is refused afterwards, stays as it is.
        kept = (looked_at if folder.study.exists() else folder).features
        if config.task == SEGMENTATION:
            masks = read_segmentation_inputs(config, kept, jobs, reporter)
            write_mask_inputs(looked_at, masks)
        else:
            write_inputs(looked_at, read_inputs(config, kept, jobs, reporter))
        return table_rows(looked_at.dataset.read_text(encoding="utf-8"))


def _listed(changes: Sequence[Change]) -> str:
    return "; ".join(change.in_words for change in changes)


def in_words(then: RunResults, now: RunResults, comparison: Comparison) -> str:
    """Return what came out of a second run, for people."""
    lines = [_answer(then, comparison)]
    lines += [f"  {reason}." for reason in comparison.reasons]
    for name, results in (("then", then), ("now", now)):
        honest = results.study["honest_score"]
        lines.append(
            f"{name.capitalize()}: {' + '.join(results.exported)}, expected "
            f"{honest['metric']} {_number(honest['value'])} "
            f"({_number(honest['ci_low'])} to {_number(honest['ci_high'])})."
        )
    others = comparison.other_versions
    if others:
        listed = ", ".join(f"{name} {then} -> {now}" for name, (then, now) in others.items())
        lines.append(f"Not as it was: {listed}.")
    else:
        lines.append("Programs and machine are as they were.")
    lines.append(f"The second run: {now.folder.root}")
    return "\n".join(lines)


def _answer(then: RunResults, comparison: Comparison) -> str:
    if comparison.answer == SAME:
        exactly = "to the last digit" if comparison.is_exact else f"to {ROUNDING:g}"
        return f"SAME: {comparison.n_scores} scores {exactly}, the same ranking, the same choice."
    largest = f"{then.metric} of a fold by up to {comparison.largest_difference:.3g}"
    if comparison.answer == DIFFERENT:
        return f"DIFFERENT: the conclusion is another one ({largest})."
    return (
        f"TIED: scores differ ({largest}), the conclusion stands: what each run exports is among "
        "the best and tied of the other, and the expected scores lie in each other's interval."
    )


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:.4g}"
