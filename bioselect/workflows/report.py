"""The report of a run: at its end, and again later."""

from __future__ import annotations

import shutil
from pathlib import Path

from bioselect.progress import SILENT, Reporter
from bioselect.report.results import RunResults
from bioselect.report.writing import write_report
from bioselect.run_folder import RunFolder
from bioselect.storage import exclusive_lock, explained_storage_errors
from bioselect.workflows.remote_places import result_place, run_folder_delivered


def forget_report(folder: RunFolder) -> None:
    """Remove the report of an earlier run: it must not lie beside tables of this one."""
    with explained_storage_errors(folder.report, "removed"):
        folder.report.unlink(missing_ok=True)
    if folder.report_parts.exists():
        with explained_storage_errors(folder.report_parts, "removed"):
            shutil.rmtree(folder.report_parts)


def rebuild_report(run_dir: Path, reporter: Reporter = SILENT) -> Path:
    """Write the report of a run folder again, and return where it lies.

    Of a run folder at an address, the report there is replaced.

    Raises
    ------
    BioselectError
        If there is no finished run, one of its files cannot be read, nobody may write there, or a
        run does: the tables would be half of it and half of the one before.
    """
    place = result_place(run_dir)
    with run_folder_delivered(place, reporter):
        folder = RunResults(place).folder
        busy = f"{folder.root}: a run writes here. Wait for it: it writes the report at its end."
        with exclusive_lock(folder.lock, busy):
            return write_report(folder.root)


def report_in_words(folder: RunFolder) -> str:
    """Write the report of a run that has just been judged, and return where it lies."""
    return f"Report: {write_report(folder.root)}"
