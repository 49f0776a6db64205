"""Values far from those of the training are told: of whole columns, and of single rows."""

import numpy as np

from bioselect.bundle.column_part import ColumnFacts
from bioselect.predict.far_rows import far_columns, far_reasons, far_rows

FACTS = [
    ColumnFacts(name="age", categories=None, low=20.0, high=80.0),
    ColumnFacts(name="site", categories=["a", "b"]),
    ColumnFacts(name="size", categories=None, low=1.0, high=2.0),
]
ROWS = np.array([[50.0, 0, 1.5], [60.0, 1, np.nan], [30.0, 9, 1.2], [40.0, 0, 1.9]])
NAMES = [f"line {number}" for number in range(2, 6)]


def with_value(row, column, value):
    rows = ROWS.copy()
    rows[row, column] = value
    return rows


def test_a_single_row_is_named_with_its_value():
    (line,) = far_rows(NAMES, with_value(1, 0, 300.0), FACTS)
    assert "1 row lies far" in line
    assert "line 3 (age 300; in training mostly 20 to 80)" in line
    (line,) = far_rows(NAMES[:1], with_value(0, 2, -5.0)[:1], FACTS)
    assert "line 2 (size -5" in line


def test_usual_rows_gaps_and_values_a_little_beyond_are_not():
    assert far_rows(NAMES, ROWS, FACTS) == []
    # Three times the usual range beyond it is 80 + 3 * 60.
    assert far_rows(NAMES, with_value(0, 0, 259.0), FACTS) == []
    assert far_rows(NAMES, with_value(0, 0, 261.0), FACTS) != []


def test_a_column_in_another_unit_is_told_once_and_not_for_every_row():
    rows = ROWS.copy()
    rows[:, 2] *= 1000
    (line,) = far_columns(rows, FACTS)
    assert "size (median 1500" in line
    assert far_rows(NAMES, rows, FACTS) == []
    # Each of its rows has a reason all the same, but the one where nothing is known.
    reasons = far_reasons(rows, FACTS)
    assert [bool(one) for one in reasons] == [True, False, True, True]
    assert reasons[0] == "far from the training: size 1500; in training mostly 1 to 2"


def test_a_row_has_its_reason_and_usual_ones_have_none():
    rows = with_value(1, 0, 261.0)
    rows[1, 2] = -5.0
    expected = "far from the training: age 261; in training mostly 20 to 80 and 1 more column"
    assert far_reasons(rows, FACTS) == ["", expected, "", ""]
    assert far_reasons(ROWS, FACTS) == [""] * 4


def test_many_rows_are_listed_in_part():
    rows = np.array([[1000.0, 0, 1.5]] * 8 + [[50.0, 0, 1.5]] * 9)
    (line,) = far_rows([f"r{number}" for number in range(17)], rows, FACTS)
    assert line.startswith("8 rows lie far")
    assert "r4 (age" in line
    assert "and 3 more" in line
    assert "r5 (" not in line
