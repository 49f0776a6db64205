"""The masks of a prediction in one zip, with tables in which images have the names people know."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path

from bioselect.app.predictions import PredictJob
from bioselect.data.plain_cells import PlainWriter, cell_as_written

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
                archive.writestr(name, _renamed(file, job))
            elif not file.name.startswith("."):
                archive.write(file, name)
    return path


def _renamed(table: Path, job: PredictJob) -> str:
    """Return a table with names that people know, which may look like formulas."""
    buffer = io.StringIO()
    writer = PlainWriter(buffer)
    with table.open(encoding="utf-8", newline="") as file:
        for row in csv.reader(file):
            writer.writerow([job.renamed(cell_as_written(cell)) for cell in row])
    return buffer.getvalue()
