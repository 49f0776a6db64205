"""The masks of a prediction in one zip, with tables in which images have the names people know."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path

from bioselect.app.predictions import PredictJob, plain_cell

#: The folder that masks are written to, below that for pictures.
MASKS = "masks"


def packed_masks(folder: Path, job: PredictJob) -> Path:
    """Write the zip, and return it.

    Parameters
    ----------
    folder : Path
        Where what is shown of the job lies.
    job : PredictJob
        Knows the names of its images.
    """
    path = folder / "masks.zip"
    root = folder / MASKS
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(one for one in root.rglob("*") if one.is_file()):
            name = file.relative_to(root).as_posix()
            if file.suffix == ".csv":
                archive.writestr(name, _plain(job.renamed(file.read_text(encoding="utf-8"))))
            elif not file.name.startswith("."):
                archive.write(file, name)
    return path


def _plain(table: str) -> str:
    """Return a table that a spreadsheet runs nothing of."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    for row in csv.reader(io.StringIO(table, newline="")):
        writer.writerow([plain_cell(one) for one in row])
    return buffer.getvalue()
