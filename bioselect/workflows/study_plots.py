"""`plots/` of a run folder: what is drawn of a study, and the figures behind it."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Sequence

from bioselect.run_folder import RunFolder
from bioselect.selection.cross_validation import Problem
from bioselect.selection.phrases import WIDTH
from bioselect.storage import explained_storage_errors
from bioselect.workflows.judgement import Judged
from bioselect.workflows.number_products import write_number_products
from bioselect.workflows.study_inputs import StudyInputs

#: More columns that are alike are in the table only.
_N_LISTED = 3


def write_plots(folder: RunFolder, inputs: StudyInputs, problem: Problem, judged: Judged) -> None:
    """Write what follows from the predictions; what an earlier run drew is removed."""
    if folder.plots.exists():
        with explained_storage_errors(folder.plots, "removed"):
            shutil.rmtree(folder.plots)
    if inputs.dataset.is_values:
        write_number_products(folder, inputs, problem, judged)


def plots_in_words(folder: RunFolder, alike: Sequence[str]) -> str:
    """Return where the drawings lie and which columns tell nearly the same; empty without any.

    Examples
    --------
    >>> from pathlib import Path
    >>> plots_in_words(RunFolder(Path("no-such-run")), [])
    ''
    """
    if not folder.plots.is_dir():
        return ""
    lines = [f"Drawings and their figures: {folder.plots}"]
    if alike:
        more = f"; and {len(alike) - _N_LISTED} more" if len(alike) > _N_LISTED else ""
        text = (
            "Columns that tell nearly the same (correlation above 0.9), which alone seem to matter "
            f"little and are shuffled together as well: {'; '.join(alike[:_N_LISTED])}{more}."
        )
        lines += textwrap.wrap(text, WIDTH, subsequent_indent="  ", break_on_hyphens=False)
    return "\n".join(lines)
