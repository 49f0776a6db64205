"""The report at the end of a run."""

from __future__ import annotations

import shutil

from bioselect.report.writing import write_report
from bioselect.run_folder import RunFolder
from bioselect.storage import explained_storage_errors


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
