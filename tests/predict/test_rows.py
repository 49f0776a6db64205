"""New tables: columns are found by name, bad cells cost their row and nothing else."""

import numpy as np
import pytest

from bioselect.bundle.column_part import ColumnFacts, ColumnPart
from bioselect.exceptions import DataError
from bioselect.predict.rows import read_new_rows

PART = ColumnPart(
    columns=[
        ColumnFacts(name="age", categories=None, low=20.0, high=90.0),
        ColumnFacts(name="sex", categories=["f", "m"]),
    ],
    target="diagnosis",
    id="patient",
)


def read(tmp_path, text, part=PART):
    path = tmp_path / "new.csv"
    path.write_text(text, encoding="utf-8")
    return read_new_rows(path, part)


def test_any_order_of_columns(tmp_path):
    found = read(tmp_path, "sex,patient,age\nm,p1,61\nf,p2,\n")
    assert found.names == ("p1", "p2")
    assert np.array_equal(found.rows, [[61, 1], [np.nan, 0]], equal_nan=True)
    assert found.notes == found.doubts == ()


def test_one_missing_is_named_with_the_nearest(tmp_path):
    with pytest.raises(DataError, match=r"has no column 'sex'.*Its columns: Sex, age"):
        read(tmp_path, "Sex,age\nm,61\n")
    with pytest.raises(DataError, match="2 are missing: 'age', 'sex'"):
        read(tmp_path, "a,b\nm,61\n")


def test_one_more_is_told_of(tmp_path):
    found = read(tmp_path, "age,sex,weight,diagnosis\n61,m,80,sick\n")
    assert found.notes[0].endswith("columns that the model does not take are left aside: weight")
    assert found.names == ("line 2",)


def test_unknown_categories_are_none_of_the_known(tmp_path):
    found = read(tmp_path, "age,sex\n61,x\n62,m\n63,NA\n")
    assert np.isnan(found.rows[:, 1]).tolist() == [True, False, True]
    assert found.errors == ("", "", "")
    assert "column 'sex': categories that the model has never met: 'x' (1)." in found.doubts[0]


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("old", "line 3: column 'age' must hold a number. Got 'old'"),
        ("inf", "line 3: column 'age' must hold a finite number"),
        ('"61,5"', "decimal point. Got '61,5'. Write 61.5."),
    ],
)
def test_a_bad_cell_costs_its_row(tmp_path, cell, words):
    found = read(tmp_path, f"age,sex\n61,m\n{cell},f\n")
    assert found.errors[0] == ""
    assert words in found.errors[1]


def test_other_units_are_told_of(tmp_path):
    found = read(tmp_path, "age,sex\n6100,m\n5000,f\n61,f\n")
    assert "age (median 5000; in training mostly 20 to 90)" in found.doubts[0]
    # One of several: the row, and not the unit of the column.
    (line,) = read(tmp_path, "age,sex\n6100,m\n50,f\n61,f\n").doubts
    assert "1 row lies far from those of the training: line 2 (age 6100" in line
    assert read(tmp_path, "age,sex\n61,m\n50,f\n61,f\n").doubts == ()


def test_decimal_commas_as_in_training(tmp_path):
    part = PART.model_copy(update={"decimal": ","})
    assert read(tmp_path, "age;sex\n61,5;m\n", part).rows[0, 0] == 61.5
    assert "decimal comma" in read(tmp_path, "age;sex\n61.5;m\n", part).errors[0]
