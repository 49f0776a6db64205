"""The report at the end of a run."""

from __future__ import annotations

from bioselect.report.writing import write_report
from bioselect.run_folder import RunFolder


def report_in_words(folder: RunFolder) -> str:
    """Write the report of a run that has just been judged, and return where it lies."""
    return f"Report: {write_report(folder.root)}"
