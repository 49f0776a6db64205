"""What was noticed about the images is kept, also where an error ends the work."""

from __future__ import annotations

from collections.abc import Sequence

from bioselect.checks.findings import Finding
from bioselect.exceptions import StorageError
from bioselect.progress import Reporter
from bioselect.run_folder import RunFolder
from bioselect.workflows.products import write_findings


def keep_findings(folder: RunFolder, findings: Sequence[Finding], reporter: Reporter) -> None:
    """Write what was noticed before an error, which must come through also if that fails."""
    if folder.study.exists():
        return  # Those of an earlier study stay with its results.
    try:
        write_findings(folder, findings)
    except StorageError as error:
        reporter.warn(str(error))
