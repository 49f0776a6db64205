"""Tables become rows and targets; each bad table has its line."""

import numpy as np
import pytest
from openpyxl import Workbook

from bioselect.data.column_roles import ColumnChoice
from bioselect.data.feature_table import read_feature_table
from bioselect.data.table_labels import LabelColumns
from bioselect.data.table_numbers import NumberColumn
from bioselect.exceptions import DataError

GOOD = """name,age,sex,grade,diagnosis
p3,61,m,2,sick
p1,34.5,f,1,well
p2,NA,m,3,well
"""


def written(tmp_path, text, name="cells.csv"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def read(tmp_path, text=GOOD, target="diagnosis", group=None, **choice):
    return read_feature_table(written(tmp_path, text), target, group, ColumnChoice(**choice))


def test_columns_are_found_and_rows_sorted_by_their_name(tmp_path):
    found = read(tmp_path, id="name", categorical=("grade",))
    assert [one.image_id for one in found.dataset.records] == ["p1", "p2", "p3"]
    assert [one.target for one in found.dataset.records] == ["well", "well", "sick"]
    assert found.dataset.class_names == ("sick", "well")
    assert [(one.name, one.categories) for one in found.table.columns] == [
        ("age", None),
        ("sex", ("f", "m")),
        ("grade", ("1", "2", "3")),
    ]
    expected = [[34.5, 0, 0], [np.nan, 1, 2], [61, 1, 1]]
    assert np.array_equal(found.table.rows, expected, equal_nan=True)


def test_without_an_id_rows_keep_the_order_of_the_file(tmp_path):
    found = read(tmp_path, exclude=("name",))
    assert [one.image_id for one in found.dataset.records] == ["line 2", "line 3", "line 4"]
    assert found.table.left_aside == ("name",)


def test_listed_features_in_their_order(tmp_path):
    found = read(tmp_path, features=("sex", "age"))
    assert [one.name for one in found.table.columns] == ["sex", "age"]


def test_groups(tmp_path):
    found = read(tmp_path, group="sex", id="name")
    assert found.dataset.groups == ["f", "m", "m"]
    assert "sex" not in [one.name for one in found.table.columns]


def test_excel_and_tabs_are_the_same(tmp_path):
    book = Workbook()
    for line in GOOD.splitlines():
        cells = line.split(",")
        book.active.append([float(one) if one.replace(".", "").isdigit() else one for one in cells])
    book.save(tmp_path / "cells.xlsx")
    tabs = written(tmp_path, GOOD.replace(",", "\t"), "cells.tsv")
    choice = ColumnChoice(id="name")
    expected = read_feature_table(written(tmp_path, GOOD), "diagnosis", None, choice)
    for path in (tmp_path / "cells.xlsx", tabs):
        found = read_feature_table(path, "diagnosis", None, choice)
        assert np.array_equal(found.table.rows, expected.table.rows, equal_nan=True)
        assert found.dataset.class_names == expected.dataset.class_names


def test_decimal_commas_are_read_where_they_are_declared(tmp_path):
    text = "age;diagnosis\n17,5;sick\n20;well\n"
    with pytest.raises(DataError, match=r"column 'age' has decimal commas \(line 2: '17,5'\)"):
        read(tmp_path, text)
    assert read(tmp_path, text, decimal=",").table.rows.ravel().tolist() == [17.5, 20.0]


def test_rows_without_a_target_are_refused_or_left_out(tmp_path):
    text = GOOD.replace("p1,34.5,f,1,well", "p1,34.5,f,1,")
    with pytest.raises(DataError, match=r"the target, must be filled.*Got 1 empty \(line 3\)"):
        read(tmp_path, text, id="name")
    found = read(tmp_path, text, id="name", drop="without_target")
    assert [one.image_id for one in found.dataset.records] == ["p2", "p3"]
    assert found.notes == ("1 row without a target left out (line 3).",)


def test_missing_targets_are_what_is_missing_in_features(tmp_path):
    # Of each column the words for nothing are tried, among numbers and among classes.
    words = ["", "NA", "n/a", "null", "?", ".", "--", "missing", "n.a.", "None", "-"]
    text = "".join(f"{word};{word}\n" for word in words)
    text = f"size;dose\n1,5;3,25\n2,5;4\n3;5\n{text}"
    found = read(tmp_path, text, NumberColumn("dose", ","), drop="without_target", decimal=",")
    assert [one.target for one in found.dataset.records] == [3.25, 4.0, 5.0]
    found = read(tmp_path, text, NumberColumn("size", ","), drop="without_target", decimal=",")
    assert found.notes[0].startswith("10 rows without a target left out")  # one line is empty
    classes = text.replace("3,25", "a").replace("4", "b").replace("5\n", "a\n")
    found = read(tmp_path, classes, "dose", drop="without_target", decimal=",")
    assert found.dataset.class_names == ("-", "None", "a", "b")  # CD4 -, treatment none


def test_rows_without_labels_are_left_out_where_this_is_asked(tmp_path):
    text = "age,a,b\n1,0,1\n2,NA,1\n3,1,0\n4,,\n"
    with pytest.raises(DataError, match="must hold 1"):
        read(tmp_path, text, LabelColumns(("a", "b")))
    found = read(tmp_path, text, LabelColumns(("a", "b")), drop="without_target")
    assert [one.target for one in found.dataset.records] == [("b",), ("a",)]
    assert found.notes == ("2 rows without all labels left out (lines 3, 5).",)


def test_rows_of_which_nothing_is_known_are_left_out_and_named(tmp_path):
    found = read(tmp_path, GOOD + "p4,NA,?,,sick\n", id="name")
    assert [one.image_id for one in found.dataset.records] == ["p1", "p2", "p3"]
    assert len(found.table.rows) == 3
    assert found.notes == (
        "1 row left out in which nothing is known, as all columns to learn from are empty: p4.",
    )


def test_incomplete_rows_are_left_out_on_demand(tmp_path):
    found = read(tmp_path, id="name", drop="incomplete")
    assert [one.image_id for one in found.dataset.records] == ["p1", "p3"]
    assert not np.isnan(found.table.rows).any()
    assert found.notes == ("1 row in which something is missing left out (drop: incomplete).",)


@pytest.mark.parametrize(
    ("text", "choice", "words"),
    [
        (GOOD.replace("p1", "p3"), {"id": "name"}, "must name each row once. Got 'p3' in lines 2"),
        (GOOD, {"id": "nam"}, "has no column 'nam' (dataset.id). Did you mean 'name'?"),
        (GOOD, {"features": ("agee",)}, "has no column 'agee' (dataset.features)"),
        (GOOD, {"id": "diagnosis"}, "id and target must be different columns"),
        (GOOD, {"features": ("diagnosis",)}, "features must not hold the target"),
        (GOOD, {"features": ("age",), "exclude": ("age",)}, "stands in dataset.features and in"),
        (GOOD, {"exclude": ("name", "age", "sex", "grade")}, "must have a column to learn from"),
        (GOOD, {"categorical": ("sex",), "exclude": ("sex",)}, "must list columns that are learnt"),
        (GOOD.replace("p1", ""), {"id": "name"}, "must hold the name of the row in every row"),
    ],
)
def test_wrong_choices_have_one_line(tmp_path, text, choice, words):
    with pytest.raises(DataError) as caught:
        read(tmp_path, text, **choice)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_all_bad_columns_are_told_at_once(tmp_path):
    text = "a,b,y\n1,inf,k\nx,2,l\n3,4,k\n"
    with pytest.raises(DataError) as caught:
        read(tmp_path, text, target="y")
    first, second = str(caught.value).splitlines()
    assert "column 'a' holds numbers, but text in 1 of 3 cells (line 3: 'x')" in first
    assert "column 'b' must hold finite numbers" in second
