"""Excel sheets -> rows of text, as they stand in the cells.

Numbers that are whole come without a point (``12``), dates as ISO text (``2024-03-01``), formulas
as the values that Excel stored with them.
"""

from __future__ import annotations

import datetime
import os
import re
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import Any

from bioselect.exceptions import BioselectError, DataError, UnavailableError

#: What an .xlsx (a zip archive) and an .xls or a protected .xlsx (OLE) begin with.
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
SUFFIXES = (".xlsx", ".xlsm")
#: Of a table, as text or unpacked.
MOST_BYTES = 512_000_000
#: Excel has so many rows; of cells it could have more than fit into memory.
MOST_ROWS, MOST_CELLS = 2**20, 20_000_000
#: What Excel writes. Others unpack to any number of times their length.
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_SEPARATOR = "#"
_CONTENT_OF_XLSX = "[Content_Types].xml"
_LEADING_ZEROS = re.compile(r"0{2,}")
_VISIBLE = "visible"
#: The type of a cell whose formula gave an empty text.
_TEXT_OF_FORMULA = "str"


def split_sheet(table: Path) -> tuple[Path, str | None]:
    """Return the file of a table and the sheet that is named behind it with ``#``.

    Examples
    --------
    >>> split_sheet(Path("study/labels.xlsx#Plate 2"))[1]
    'Plate 2'
    >>> split_sheet(Path("labels#2.csv"))[1] is None
    True
    """
    file, separator, sheet = table.name.rpartition(_SEPARATOR)
    if separator and file.lower().endswith(SUFFIXES) and not os.path.exists(table):
        return table.with_name(file), sheet
    return table, None


def read_sheet(path: Path, sheet: str | None = None) -> list[list[str]]:
    """Return the rows of a sheet as text, all of one length; row 1 of the sheet is first.

    Parameters
    ----------
    path : Path
        The ``.xlsx`` file.
    sheet : str or None
        The name of the sheet. None takes the only one that is visible and holds anything.

    Returns
    -------
    list of list of str
        Empty cells are empty text; empty rows and columns at the ends are left out.

    Raises
    ------
    DataError
        If it is no .xlsx file, several sheets hold something and none is named, there is no such
        sheet, or a cell holds a formula without a stored value or an error of Excel's.
    UnavailableError
        If openpyxl is not installed.
    """
    path = Path(path)
    load = _openpyxl().load_workbook
    try:
        _check_is_xlsx(path)
        with (
            closing(load(path, read_only=True, data_only=True)) as values,
            closing(load(path, read_only=True, data_only=False)) as formulas,
        ):
            name = _chosen_sheet(path, values, sheet)
            return _without_empty_ends(path, _rows(path, values[name], formulas[name]))
    except (BioselectError, MemoryError):
        raise
    except Exception as error:  # openpyxl raises nearly anything on damaged files.
        reason = " ".join(str(error).split()) or type(error).__name__
        raise DataError(
            f"{path}: is damaged ({reason}). Open it in Excel and save it again as .xlsx."
        ) from error


def _openpyxl() -> ModuleType:
    try:
        import openpyxl
    except ImportError as error:
        raise UnavailableError(
            f"Excel tables are read with openpyxl, which cannot be loaded ({error}). Install it "
            "(pip install openpyxl), or save the table as CSV (UTF-8)."
        ) from error
    return openpyxl  # type: ignore[no-any-return]


def _check_is_xlsx(path: Path) -> None:
    with path.open("rb") as file:
        start = file.read(len(ZIP))
    if start == OLE:
        raise DataError(
            f"{path}: is an old Excel file (.xls) or one with a password. Save it as .xlsx without "
            "a password, or as CSV (UTF-8)."
        )
    infos: list[zipfile.ZipInfo] = []
    if start == ZIP and zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
    names = [info.filename for info in infos]
    n_bytes = sum(info.file_size for info in infos)
    if n_bytes > MOST_BYTES or any(info.compress_type not in _METHODS for info in infos):
        raise DataError(
            f"{path}: must unpack to at most {MOST_BYTES:,} bytes. Got {n_bytes:,}, or another "
            "compression than Excel's. Save it anew, or as CSV (UTF-8)."
        )
    if _CONTENT_OF_XLSX not in names or "xl/workbook.xml" not in names:
        raise DataError(
            f"{path}: must be an Excel file (.xlsx) or text. Got another kind (OpenDocument, "
            ".xlsb, a damaged file). Save it as .xlsx, or as CSV (UTF-8)."
        )


def _chosen_sheet(path: Path, workbook: Any, sheet: str | None) -> str:
    sheets: dict[str, Any] = {one.title: one for one in workbook.worksheets}
    if sheet is not None:
        if sheet in sheets:
            return sheet
        raise DataError(
            f"{path}: has no sheet {sheet!r}. Its sheets: {', '.join(sheets)}. Correct the name "
            f"behind {_SEPARATOR}."
        )
    filled = [
        name for name, one in sheets.items() if one.sheet_state == _VISIBLE and _holds_anything(one)
    ]
    if len(filled) == 1:
        return filled[0]
    if not filled:
        raise DataError(f"{path}: must hold a table. Got only empty sheets. Check the file.")
    raise DataError(
        f"{path}: must hold one sheet, or the one to read must be named. Got "
        f"{', '.join(filled)}. Write {path.name}{_SEPARATOR}{filled[0]}, for example."
    )


def _holds_anything(sheet: Any) -> bool:
    sheet.reset_dimensions()
    rows = islice(sheet.iter_rows(values_only=True), MOST_ROWS)
    return any(value not in (None, "") for row in rows for value in row)


def _check_extent(path: Path, n_rows: int, n_cells: int) -> None:
    """Refuse a sheet in which one cell lies so far away that all before it fill the memory."""
    if n_rows >= MOST_ROWS or n_cells > MOST_CELLS:
        raise DataError(
            f"{path}: must have at most {MOST_ROWS:,} rows and {MOST_CELLS:,} cells, with the "
            "empty ones before the last. Got more. Delete what lies far below or to the right of "
            "the table, or save the table as CSV (UTF-8)."
        )


def _rows(path: Path, values: Any, formulas: Any) -> Iterator[list[str]]:
    # What a program other than Excel wrote as the size of the sheet may be wrong.
    values.reset_dimensions()
    formulas.reset_dimensions()
    n_cells = 0
    for number, (row, written) in enumerate(
        zip(values.iter_rows(), formulas.iter_rows(), strict=True)
    ):
        n_cells += len(row)
        _check_extent(path, number, n_cells)
        yield [_text(path, cell, formula) for cell, formula in zip(row, written, strict=True)]


def _text(path: Path, cell: Any, formula: Any) -> str:
    if cell.value is None:
        if formula.value is None or cell.data_type == _TEXT_OF_FORMULA:
            return ""
        raise DataError(
            f"{path}: cell {formula.coordinate} holds a formula without a stored value "
            f"({formula.value}). Open the table in Excel and save it, or paste the values."
        )
    if cell.data_type == "e":
        raise DataError(
            f"{path}: cell {cell.coordinate} holds Excel's error {cell.value}. Correct it, or "
            "empty it."
        )
    return _as_text(cell.value, str(cell.number_format))


def _as_text(value: Any, number_format: str) -> str:
    """Return a value as it stands in the cell.

    Examples
    --------
    >>> _as_text(12.0, "General"), _as_text(0.5, "0%"), _as_text(7, "000")
    ('12', '0.5', '007')
    >>> _as_text(datetime.datetime(2024, 3, 1), "dd/mm/yy")
    '2024-03-01'
    """
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and _LEADING_ZEROS.fullmatch(number_format):
        return f"{value:0{len(number_format)}d}"
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        value = value.date()
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return str(value)


def _without_empty_ends(path: Path, rows: Iterable[list[str]]) -> list[list[str]]:
    kept = [[cell.strip() for cell in row] for row in rows]
    while kept and not any(kept[-1]):
        kept.pop()
    width = max((place for row in kept for place, cell in enumerate(row, 1) if cell), default=0)
    _check_extent(path, len(kept) - 1, len(kept) * width)
    return [(row + [""] * width)[:width] for row in kept]
