"""`report.html` of a run folder, and `report/` with every figure as SVG and its data as CSV."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from bioselect.report.blocks import Block, Cell, Figure, Folded, Section, Table
from bioselect.report.contents import of_whole_files, sections_of
from bioselect.report.page import page
from bioselect.report.results import RunResults
from bioselect.run_folder import table_text
from bioselect.storage import atomic_write_text, explained_storage_errors


def write_report(root: Path) -> Path:
    """Write the report of a finished run, from its folder alone.

    Parameters
    ----------
    root : Path
        The run folder.

    Returns
    -------
    Path
        The file to open.

    Raises
    ------
    BioselectError
        If there is no finished run, or one of its files cannot be read.
    """
    results = RunResults(root)
    folder = results.folder
    sections = sections_of(results)
    with of_whole_files(results, "its report"):
        written = page(_title(results), str(results.study["design"]), sections)
    # Figures of an earlier report would be taken for this one's.
    if folder.report_parts.exists():
        with explained_storage_errors(folder.report_parts, "removed"):
            shutil.rmtree(folder.report_parts)
    for name, text in _parts(sections):
        atomic_write_text(folder.report_parts / name, text)
    atomic_write_text(folder.report, written)
    return folder.report


def _title(results: RunResults) -> str:
    dataset = results.config["dataset"]
    name = data_name(str(dataset.get("path") or dataset.get("table") or ""))
    return f"{results.task.capitalize()} of {name}" if name else results.task.capitalize()


#: Names of files and folders that say nothing of what is in them.
GENERAL = ("images", "labels", "data", "dataset", "table", "train", "annotations", "metadata")


def data_name(place: str) -> str:
    """Return what a data set is called, from where it lies.

    Examples
    --------
    >>> data_name("lab/blood_cells"), data_name("lab/cells/labels.csv"), data_name("labels.csv")
    ('blood_cells', 'cells', 'labels')
    >>> data_name("../images")
    'images'
    """
    path = Path(place)
    parent = "" if path.parent.name == ".." else path.parent.name
    return parent if path.stem.lower() in GENERAL and parent else path.stem


def _parts(sections: Sequence[Section]) -> Iterator[tuple[str, str]]:
    for section in sections:
        for block in _flat(section.blocks):
            if isinstance(block, Figure):
                yield f"{block.name}.svg", block.svg
                yield f"{block.name}.csv", table_text(block.columns, block.rows)
            elif isinstance(block, Table) and block.name:
                kept = block.rows if block.file_rows is None else block.file_rows
                rows = [[_text(cell) for cell in row] for row in kept]
                yield f"{block.name}.csv", table_text(block.columns, rows)


def _flat(blocks: Sequence[Block]) -> Iterator[Block]:
    for block in blocks:
        if isinstance(block, Folded):
            yield from _flat(block.blocks)
        else:
            yield block


def _text(cell: Cell | str) -> str:
    return cell if isinstance(cell, str) else cell.written
