"""Names that spreadsheets would run: written as text, read as they were."""

import csv
import io
import itertools

import pytest

from bioselect.data.plain_cells import PlainWriter, cell_as_written, plain_cell, read_plain
from bioselect.data.table_rows import read_rows

#: What each of these begins with is what spreadsheets run, as OWASP lists it.
FORMULAS = (
    '=HYPERLINK("http://x.org?"&A1)', "=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(1)", "\t=1",
    "\r=1", "\n=1", "  =1", "\uff1d1", "'=1", "' =1", "''+1", "--1", "-", "+", "=", "-inf-",
    "1;=1+1", "a\t-b", "a\n=1", "x;'=1", ";@x", "\tname",
)  # fmt: skip
NAMES = (
    "", "cell.png", "a=b", "tumour (2)", "don't", "'tis", "'", "1e5", "x;y", "ä-ö", "1;2", "a - b",
)  # fmt: skip
NUMBERS = ("-0.5", "+3", "-1e-05", "-inf", "-.5", "5")


def begins_as_formula(cell):
    return cell[:1] in tuple("=+-@\t\r\n\uff1d")


@pytest.mark.parametrize("name", FORMULAS)
def test_no_piece_that_may_become_a_cell_begins_as_a_formula(name):
    cell = plain_cell(name)
    assert not begins_as_formula(cell)
    for separator in ";\t\r\n":
        pieces = cell.split(separator)[1:]
        assert not any(piece.lstrip(" ").startswith(tuple("=+-@")) for piece in pieces)


@pytest.mark.parametrize("name", [*NAMES, *NUMBERS])
def test_other_names_and_numbers_stay_as_they_are(name):
    assert plain_cell(name) == name


def test_whatever_is_written_is_read_as_it_was():
    signs = ["'", "=", "-", " ", ";", "\t", "\r", "\n", "1", "a"]
    short = ["".join(one) for n in range(5) for one in itertools.product(signs, repeat=n)]
    for name in (*short, *FORMULAS, *NAMES, *NUMBERS):
        assert cell_as_written(plain_cell(name)) == name
    assert len({plain_cell(name) for name in short}) == len(short)


def test_tables_come_back_with_their_header():
    file = io.StringIO(newline="")
    writer = PlainWriter(file)
    writer.writerow(["path", "=group", "n"])
    for name in FORMULAS:
        writer.writerow([name, f"x{name}", -1.5])
    plain = list(csv.reader(io.StringIO(file.getvalue(), newline="")))
    assert not any(begins_as_formula(cell) for row in plain for cell in row[:2])
    rows = read_plain(io.StringIO(file.getvalue(), newline=""))
    assert [row["path"] for row in rows] == list(FORMULAS)
    assert [row["=group"] for row in rows] == [f"x{name}" for name in FORMULAS]
    assert {row["n"] for row in rows} == {"-1.5"}


def test_rows_that_were_cut_short_lack_words_and_nothing_else():
    assert read_plain([]) == []
    assert read_plain(["a,b\n", "1\n", "\n", "1,2,3\n"]) == [
        {"a": "1", "b": ""},
        {"a": "1", "b": "2"},
    ]


def test_a_table_of_ours_can_be_the_table_of_a_study(tmp_path):
    table = tmp_path / "predictions.csv"
    with table.open("w", newline="") as file:
        writer = PlainWriter(file)
        writer.writerow(["path", "=class"])
        writer.writerow(["=a.png", "+b"])
    names, rows = read_rows(table, "path")
    assert names == ["path", "=class"]
    assert rows[0].cells == {"path": "=a.png", "=class": "+b"}
