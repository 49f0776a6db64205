"""Tables: CSV, TSV, Excel."""

import io
from contextlib import suppress
from pathlib import Path

import openpyxl

from bioselect.bundle.column_part import ColumnFacts, ColumnPart
from bioselect.data.column_roles import ALL_COLUMNS, ColumnChoice
from bioselect.data.column_words import INCOMPLETE, WITHOUT_TARGET
from bioselect.data.feature_table import read_feature_table
from bioselect.data.layouts import GroupRule
from bioselect.data.mask_pairs import pairs_of_table
from bioselect.data.table_labels import LabelCell, LabelColumns
from bioselect.data.table_numbers import NumberColumn
from bioselect.data.table_rows import read_rows
from bioselect.data.tables import from_table, rows_by_image, unused_columns
from bioselect.exceptions import BioselectError
from bioselect.predict.rows import read_new_tables
from tests.fuzzing.files import written

COVERED = (
    "data/sheets.py", "data/table*.py", "data/feature_table.py", "data/column_*.py",
    "data/mask_pairs.py", "predict/rows.py",
)  # fmt: skip
CHOICES = (
    ALL_COLUMNS,
    ColumnChoice(id="file", drop=WITHOUT_TARGET, categorical=("x",)),
    ColumnChoice(features=("size", "x", "date"), drop=INCOMPLETE, decimal=","),
)
NEW_ROWS = tuple(
    ColumnPart(
        columns=[
            ColumnFacts(name="size", categories=None, low=0.0, high=2.0),
            ColumnFacts(name="class", categories=["cat", "dog"]),
        ],
        decimal=decimal,
        id="file",
    )
    for decimal in ".,"
)
_TARGETS = ("class", NumberColumn("size"), LabelCell("labels", ";"), LabelColumns(("x", "y")), None)


def feed(name, data):
    with written(name, data) as path:
        for one in ("a.png", "b.png", "c.png"):
            (path.parent / one).write_bytes(b"")
        header, _ = read_rows(path, "file")
        for target in _TARGETS:
            for group in (None, GroupRule(column="patient")):
                _as_images(path, target, group)
            for choice in CHOICES:
                with suppress(BioselectError):
                    read_feature_table(path, target, "patient", choice)
        for part in NEW_ROWS:
            with suppress(BioselectError):
                read_new_tables([path], part)
        with suppress(BioselectError):
            pairs_of_table(path, "file", "mask")
        if len(data) % 3 == 0:
            from_table(path, header[0], header[-1])


def _as_images(path: Path, target, group) -> None:
    with suppress(BioselectError):
        dataset, _ = from_table(path, "file", target, group)
        unused_columns(path, "file", None, dataset, ["file", "class"])
        rows_by_image(path, "file", None)


ROWS = [
    ["file", "class", "size", "labels", "x", "y", "patient", "date"],
    ["a.png", "cat", "1.5", "red;round", "1", "0", "P1", "2024-03-01"],
    ["b.png", "dog", "2", "", "0", "1", "P2", "2024-03-02"],
    ["c.png", "cat", "-3e2", "red", "0", "0", "P1", "2024-04-01"],
]


def _xlsx(rows=ROWS, more=(), **cells):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(
            [float(c) if c.lstrip("-").replace(".", "").isdigit() else c for c in row]
        )
    for name in more:
        book.create_sheet(name).append(["other"])
    for place, value in cells.items():
        book.active[place] = value
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _csv(separator=",", quote="", end="\n", title=""):
    return title + end.join(separator.join(f"{quote}{c}{quote}" for c in row) for row in ROWS) + end


def seeds():
    odd = [
        ROWS[0],
        ["A.PNG", "cat", "1,5", "red, round", "yes", "no", "P1", "3 mm"],
        ["b.png", "", "1.234,5", "none", "yes", "yes", "P2", "4 mm"],
        ["x/c.png", "dog", "<3", "round,red", "no", "no", "", "n/a"],
    ]
    return {
        "odd.csv": ";".join(ROWS[0]).encode()
        + b"\n"
        + b"\n".join(";".join(row).encode() for row in odd[1:]),
        "thousands.csv": b'file,class,size,x,y,patient\na.png,cat,"1,234",?,0,P1\nb.png,dog,"2,345",1,-,P2\nc.png,cat,12,1,1,P3\n',
        "masks.csv": b"file,mask\na.png,b.png\nb.png,c.png\n",
        "new.csv": b"file;class;size\na;cat;1,5\na;cow;1.5\nc;dog;inf\nd;?;young\n;;\n",
        "swapped.csv": b"class,file,patient\na.png,cat,1\nb.png,dog,2\nc.png,cat,3\n",
        "missing.csv": b"file,class,patient\nx/1.png,cat,1\nx/2.png,dog,2\n",
        "unnamed.csv": b"File ,Class,patient\na.png,cat,1\nb.png,dog,2\n",
        "plain.csv": _csv().encode(),
        "semicolon.csv": _csv(";", '"').encode("utf-8-sig"),
        "titled.csv": _csv(title="A study,,,,,,,\n\n").encode(),
        "declared.csv": _csv(";", end="\r\n", title="sep=;\n").replace("red;round", "red").encode(),
        "tab.tsv": _csv("\t").encode("utf-16"),
        "latin.csv": _csv().replace("cat", "Zähler µ").encode("latin-1"),
        "plain.xlsx": _xlsx(),
        "sheets.xlsx": _xlsx(more=("Other",)),
        "formula.xlsx": _xlsx(J1="sum", J2="=1+1"),
        "wide.xlsx": _xlsx(Z9="far"),
    }
