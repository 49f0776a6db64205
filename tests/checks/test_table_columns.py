"""What is noticed about columns; a table without fault gives nothing."""

import numpy as np

from bioselect.checks.table_columns import column_findings, repeating_findings
from bioselect.data.column_cells import Column
from bioselect.data.feature_table import FeatureTable


def table_of(left_aside=(), **columns):
    rows = np.column_stack([np.asarray(one, dtype=float) for one in columns.values()])
    return FeatureTable(tuple(map(Column, columns)), rows, left_aside)


def texts(table):
    return [f"{one.severity}: {one.what} {one.remedy}" for one in column_findings(table)]


def test_nothing_to_find():
    assert texts(table_of(age=[1, 2, 3], size=[3.0, 1.0, 2.0])) == []


def test_constant_and_equal_columns():
    found = texts(table_of(a=[1, 1, 1], b=[1, 2, 3], c=[1, 2, 3]))
    assert "warning: the same value in every row: a." in found[0]
    assert "columns that are equal in every row: b, c." in found[1]
    assert "dataset.exclude: [c]" in found[1]


def test_equal_gaps_are_equal():
    nan = np.nan
    assert "b, c" in "".join(texts(table_of(a=[1, 2, 3], b=[1, nan, 3], c=[1, nan, 3])))


def test_missing_values_are_counted():
    nan = np.nan
    found = texts(table_of(a=[1, nan, nan, 4], b=[1, 2, 3, nan], c=[5, nan, nan, nan]))
    assert "note: missing values in 3 of 4 rows (a 2, b 1, c 3)." in found[1]
    assert "more than half of the values are missing: c." in found[2]


def test_columns_that_are_not_looked_at():
    assert texts(table_of(("notes",), a=[1, 2])) == [
        "note: columns that are not looked at: notes. "
    ]


def test_a_number_of_the_row_is_no_measurement():
    assert "looks like the name of the row" in texts(table_of(**{"patient id": [5, 9, 7]}))[0]
    assert texts(table_of(width=[5, 9, 7])) == []  # "id" within a word
    assert texts(table_of(id=[5.5, 9, 7])) == []


def test_columns_that_seem_to_name_patients():
    repeated = np.repeat(np.arange(6), 3)
    [found] = repeating_findings(table_of(patient=repeated, size=np.arange(18)))
    assert "column 'patient' repeats its values: 6 in 18 rows" in found.what
    assert "group: patient" in found.remedy
    assert repeating_findings(table_of(patient=np.arange(18))) == []
