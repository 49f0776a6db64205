import datetime
import sys
import zipfile
from pathlib import Path

import openpyxl
import pytest

from bioselect.data.layouts import GroupRule
from bioselect.data.sheets import read_sheet, split_sheet
from bioselect.data.table_rows import is_table
from bioselect.data.tables import from_table
from bioselect.exceptions import DataError, UnavailableError

SHEET = "xl/worksheets/sheet1.xml"


def _workbook(path, **sheets):
    """Write a workbook; a sheet is a list of rows."""
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for name, rows in sheets.items():
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append(row)
    workbook.save(path)
    return path


def _edited(path, old, new):
    """Replace text in the XML of the first sheet, as another program would have written it."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    text = members[SHEET].decode()
    assert old in text
    members[SHEET] = text.replace(old, new).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def test_values_come_as_they_stand_in_the_cells(tmp_path):
    rows = [
        ["whole", "half", "text", "day", "moment", "clock", "truth", "long"],
        [
            12.0,
            0.5,
            "007",
            datetime.date(2024, 3, 1),
            datetime.datetime(2024, 3, 1, 10, 30),
            datetime.time(8, 5),
            True,
            123456789012,
        ],
    ]
    assert read_sheet(_workbook(tmp_path / "a.xlsx", one=rows))[1] == [
        "12",
        "0.5",
        "007",
        "2024-03-01",
        "2024-03-01T10:30:00",
        "08:05:00",
        "TRUE",
        "123456789012",
    ]


def test_a_number_that_excel_shows_with_leading_zeros_has_them(tmp_path):
    workbook = openpyxl.Workbook()
    workbook.active.append(["patient"])
    workbook.active.append([7])
    workbook.active["A2"].number_format = "0000"
    workbook.save(tmp_path / "a.xlsx")
    assert read_sheet(tmp_path / "a.xlsx") == [["patient"], ["0007"]]


def test_empty_ends_are_dropped_and_gaps_kept(tmp_path):
    rows = [["a", None, "c", None], [None, None, None], [" x ", None, None], [None], [" "], [None]]
    assert read_sheet(_workbook(tmp_path / "a.xlsx", one=rows)) == [
        ["a", "", "c"],
        ["", "", ""],
        ["x", "", ""],
    ]


def test_a_wrong_size_written_by_another_program_hides_no_row(tmp_path):
    path = _workbook(tmp_path / "a.xlsx", one=[["a", "b"], [1, 2], [3, 4]])
    _edited(path, 'ref="A1:B3"', 'ref="A1"')
    assert read_sheet(path) == [["a", "b"], ["1", "2"], ["3", "4"]]


def test_formulas_are_their_stored_values(tmp_path):
    path = _workbook(tmp_path / "a.xlsx", one=[["a", "b"], [20, "=A2*2"]])
    with pytest.raises(DataError) as caught:
        read_sheet(path)
    assert str(caught.value) == (
        f"{path}: cell B2 holds a formula without a stored value (=A2*2). Open the table in Excel "
        "and save it, or paste the values."
    )
    _edited(path, '<c r="B2"><f>A2*2</f><v /></c>', '<c r="B2"><f>A2*2</f><v>40</v></c>')
    assert read_sheet(path) == [["a", "b"], ["20", "40"]]


def test_a_formula_that_gave_an_empty_text_is_an_empty_cell(tmp_path):
    path = _workbook(tmp_path / "a.xlsx", one=[["a", "b"], [20, "=A2"]])
    _edited(path, '<c r="B2"><f>A2</f><v /></c>', '<c r="B2" t="str"><f>A2</f><v></v></c>')
    assert read_sheet(path) == [["a", "b"], ["20", ""]]


def test_errors_of_excel_are_errors_that_name_the_cell(tmp_path):
    path = _workbook(tmp_path / "a.xlsx", one=[["a"], ["#N/A"]])
    with pytest.raises(DataError, match=r"cell A2 holds Excel's error #N/A. Correct it"):
        read_sheet(path)


def test_of_several_sheets_one_must_be_named(tmp_path):
    path = _workbook(tmp_path / "a.xlsx", first=[["a"], [1]], empty=[], **{"Plate 2": [["b"], [2]]})
    with pytest.raises(DataError) as caught:
        read_sheet(path)
    assert str(caught.value) == (
        f"{path}: must hold one sheet, or the one to read must be named. Got first, Plate 2. Write "
        "a.xlsx#first, for example."
    )
    assert read_sheet(path, "Plate 2") == [["b"], ["2"]]
    with pytest.raises(DataError, match=r"has no sheet 'Plate 3'. Its sheets: first, empty, Plate"):
        read_sheet(path, "Plate 3")


def test_empty_and_hidden_sheets_do_not_ask_for_a_name(tmp_path):
    path = _workbook(tmp_path / "a.xlsx", lists=[["x"]], table=[["a"], [1]], Sheet3=[])
    workbook = openpyxl.load_workbook(path)
    workbook["lists"].sheet_state = "hidden"
    workbook.save(path)
    assert read_sheet(path) == [["a"], ["1"]]
    assert read_sheet(path, "lists") == [["x"]]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1",
            r"old Excel file \(.xls\) or one with a password. Save it as",
        ),
        (b"PK\x03\x04", "must be an Excel file .*Got another kind"),
    ],
)
def test_other_spreadsheets_are_errors_with_the_remedy(tmp_path, data, message):
    path = tmp_path / "a.xlsx"
    path.write_bytes(data)
    with pytest.raises(DataError, match=message):
        read_sheet(path)


def test_a_damaged_file_and_an_open_document_are_errors(tmp_path):
    path = _workbook(tmp_path / "a.xlsx", one=[["a"], [1]])
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("mimetype", "x")
    _edited(path, "<sheetData>", "<sheetData")
    with pytest.raises(DataError, match=r"is damaged .*save it again as .xlsx"):
        read_sheet(path)
    with zipfile.ZipFile(tmp_path / "b.ods", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    with pytest.raises(DataError, match="Got another kind"):
        read_sheet(tmp_path / "b.ods")


def test_without_openpyxl_the_error_says_what_to_install(tmp_path, monkeypatch):
    path = _workbook(tmp_path / "a.xlsx", one=[["a"], [1]])
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(UnavailableError, match=r"pip install openpyxl\), or save the table as CSV"):
        read_sheet(path)


def test_the_sheet_stands_behind_the_file_unless_the_file_is_called_so(tmp_path):
    assert split_sheet(tmp_path / "a.xlsx#b#c") == (tmp_path / "a.xlsx#b#c", None)
    assert split_sheet(tmp_path / "a.XLSX#c") == (tmp_path / "a.XLSX", "c")
    (tmp_path / "a.xlsx#c").write_bytes(b"")
    assert split_sheet(tmp_path / "a.xlsx#c") == (tmp_path / "a.xlsx#c", None)
    assert is_table(Path("labels.xls"))
    assert not is_table(tmp_path)


@pytest.fixture
def labelled(tmp_path):
    for name in ("1.png", "2.png"):
        (tmp_path / name).write_bytes(b"")
    rows = [["file", "stage", "patient"], ["1.png", 1, 7], [None], ["2.png", 2.0, 8.0], [None] * 3]
    return _workbook(tmp_path / "labels.xlsx", main=rows, notes=[["to do"]])


def test_a_sheet_is_read_like_the_same_table_as_csv(labelled):
    rule = GroupRule(column="patient")
    dataset, notes = from_table(Path(f"{labelled}#main"), "file", "stage", rule)
    csv = labelled.with_name("labels.csv")
    csv.write_text("file,stage,patient\n1.png,1,7\n2.png,2,8\n")
    same, _ = from_table(csv, "file", "stage", rule)
    assert dataset.records == same.records
    assert dataset.class_names == ("1", "2")
    assert notes == []


def test_errors_name_the_row_as_excel_counts_it(labelled):
    workbook = openpyxl.load_workbook(labelled)
    workbook["main"]["B4"] = None
    workbook.save(labelled)
    with pytest.raises(DataError, match=r"'stage' must hold the class .*\(line 4\)"):
        from_table(Path(f"{labelled}#main"), "file", "stage")


def test_a_title_above_the_header_is_an_error(labelled):
    workbook = openpyxl.load_workbook(labelled)
    workbook["main"].insert_rows(1)
    workbook.save(labelled)
    with pytest.raises(DataError, match=r"Got their names in line 2\. Remove the lines above it"):
        from_table(Path(f"{labelled}#main"), "file", "stage")


def test_a_sheet_of_a_text_file_is_an_error(tmp_path):
    (tmp_path / "labels.xlsx").write_text("file,stage\n")
    with pytest.raises(
        DataError, match=r"only an Excel file has sheets. Got text. Leave out #main"
    ):
        from_table(tmp_path / "labels.xlsx#main", "file", "stage")
