"""At the end of a run: tell of it where `tracking` says. Whatever fails there harms no study."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import shorten

from bioselect.config.sections import Config
from bioselect.config.tracking_section import TrackingSection
from bioselect.extras import check_installed
from bioselect.progress import Reporter
from bioselect.report.results import RunResults
from bioselect.run_folder import RunFolder

#: What each needs. A database in a folder is SQLAlchemy's work.
NEEDED = {"mlflow": ("mlflow", "sqlalchemy", "alembic"), "tensorboard": ("tensorboard",)}
#: Servers answer with pages of it.
LONGEST_REASON = 200


def check_tracking(config: Config) -> None:
    """Stop before the work where what `tracking` asks for is not installed.

    Raises
    ------
    UnavailableError
        With the command that installs it.
    """
    section = config.tracking
    asked = {"mlflow": section.mlflow is not None, "tensorboard": section.tensorboard}
    for key, is_asked in asked.items():
        if is_asked:
            what = f"{config.place_of_key('tracking')}tracking.{key}"
            check_installed(what, NEEDED[key], "tracking", ", or leave it out")


def tell(section: TrackingSection, folder: RunFolder, reporter: Reporter) -> list[str]:
    """Tell of a finished study; return in words where.

    Parameters
    ----------
    section : TrackingSection
        Who is to be told.
    folder : RunFolder
        The study.
    reporter : Reporter
        Warned, in one line each, where it failed.
    """
    from bioselect.workflows.tracking.mlflow_runs import log_study
    from bioselect.workflows.tracking.tensorboard_events import write_events

    results = RunResults(folder.root)
    lines = []
    address = section.mlflow
    if address is not None:
        lines += _tried(
            lambda: log_study(results, section, reporter), f"MLflow {address}", reporter
        )
    if section.tensorboard:
        lines += _tried(lambda: write_events(folder), "TensorBoard", reporter)
    return lines


def _tried(work: Callable[[], str], where: str, reporter: Reporter) -> list[str]:
    try:
        return [work()]
    except Exception as error:  # Servers, databases and their libraries may raise anything.
        why = shorten(str(error), LONGEST_REASON, placeholder=" ...") or type(error).__name__
        reporter.warn(
            f"{where}: the study is done, and was not told of there ({why}). Run the same command "
            "again to do so: nothing is computed again."
        )
        return []
