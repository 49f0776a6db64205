"""What is noticed about columns; a table without fault gives nothing."""

import numpy as np

from bioselect.checks.table_columns import column_findings
from bioselect.checks.table_remedies import ColumnRemedies
from bioselect.data.column_cells import Column
from bioselect.data.feature_table import FeatureTable

BESIDE_IMAGES = ColumnRemedies(are_joined=True)


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


def of_categories(*cells):
    names = tuple(sorted(set(cells)))
    codes = np.array([[float(names.index(cell))] for cell in cells])
    return FeatureTable((Column("stage", names),), codes)


def test_numbers_among_categories_are_named_unless_declared():
    table = of_categories("I", "II", "I", "1", "II", "II")
    [found] = column_findings(table)
    assert found.severity == "warning"
    assert "as 5 of 6 cells are text ('I', 'II'), but 1 look like numbers ('1')" in found.what
    assert "dataset.categorical: [stage]" in found.remedy
    assert column_findings(table, declared=["stage"]) == []


def test_categories_whose_rows_were_left_out_are_not_told_of():
    table = of_categories("I", "II", "I", "1", "zz", "II", "II")
    kept = table.of(np.array([0, 1, 2, 5, 6]))
    assert column_findings(kept) == []


def test_a_category_that_may_mean_nothing_is_noted():
    [found] = column_findings(of_categories("+", "-", "+", "-", "-"))
    assert found.what == "column 'stage' holds '-' in 3 rows: a category of it."


def test_remedies_beside_images_are_keys_that_go_there():
    nan = np.nan
    table = table_of(a=[1, 1, 1], b=[1, nan, 2], id=[5, 9, 7])
    told = [f"{one.what} {one.remedy}" for one in column_findings(table, (), (), BESIDE_IMAGES)]
    assert "take a out of dataset.columns" in told[0]
    for text in told:
        assert not any(f"dataset.{key}" in text for key in ("exclude", "drop", "id", "features"))
