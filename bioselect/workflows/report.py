"""The report of a run: at its end, and again later."""

from __future__ import annotations

import shutil
from pathlib import Path

from bioselect.report.results import RunResults
from bioselect.report.writing import write_report
from bioselect.run_folder import RunFolder
from bioselect.storage import exclusive_lock, explained_storage_errors


def report(run_dir: Path) -> Path:
    """Write the report of a finished run again, and return where it lies.

    Raises
    ------
    BioselectError
        If there is no finished run, one of its files cannot be read, or a run writes there: its
        tables would be half of it and half of the one before.
    """
    folder = RunResults(run_dir).folder
    busy = f"{folder.root}: a run writes here. Wait for it: it writes the report at its end."
    with exclusive_lock(folder.lock, busy):
        return write_report(folder.root)


def forget_report(folder: RunFolder) -> None:
    """Remove the report of an earlier run: it must not lie beside tables of this one."""
    with explained_storage_errors(folder.report, "removed"):
        folder.report.unlink(missing_ok=True)
    if folder.report_parts.exists():
        with explained_storage_errors(folder.report_parts, "removed"):
            shutil.rmtree(folder.report_parts)


def report_in_words(folder: RunFolder) -> str:
    """Write the report of a run that has just been judged, and return where it lies."""
    return f"Report: {write_report(folder.root)}"
