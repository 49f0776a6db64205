"""Columns are taken for numbers or categories, or refused in one line that names the cell."""

import pytest

from bioselect.data.column_kinds import kind_of_column


def kind(cells, declared=False, decimal="."):
    return kind_of_column("x", list(enumerate(cells, 2)), declared, decimal)


def test_numbers_and_categories_are_found():
    assert kind(["1", "2.5", "NA"])[0].is_numeric
    assert kind(["b", "a", "b", "?"])[0].categories == ("a", "b")
    assert kind(["0", "1", "1"], declared=True)[0].categories == ("0", "1")
    assert kind(["none", "drug", "none"])[0].categories == ("drug", "none")
    # Few different ones with a unit are times or doses, and other units are names of wells.
    assert kind(["24 h", "48 h", "72 h"] * 4)[0].categories == ("24 h", "48 h", "72 h")
    assert kind([f"{n}{row}" for row in "ABCD" for n in (1, 2)])[0].categories is not None


@pytest.mark.parametrize(
    ("cells", "decimal", "words"),
    [
        (["1", "2", "old", "4"], ".", "holds numbers, but text in 1 of 4 cells (line 4: 'old')"),
        (["1,5", "2,25", "3"], ".", "decimal commas (line 2: '1,5', line 3: '2,25')"),
        (["1,5", "2.25", "3"], ",", "decimal points (line 3: '2.25'), and dataset.decimal is ','"),
        (["1", "inf", "3"], ".", "must hold finite numbers. Got 1 infinite (line 3: 'inf')"),
        (["", "NA", "?"], ".", "holds nothing in any row. Leave it out with dataset.exclude: [x]"),
        ([f"note {n}" for n in range(30)], ".", "30 different texts in 30 rows"),
        (
            [f"s{n}" for n in range(29)] + ["s3"],
            ".",
            "or notes; 's3' stands in lines 5, 31. If it names the rows, write dataset.id: x.",
        ),
        (
            [f"{n},5 mm" for n in range(6)] + ["?"],
            ",",
            "numbers with a unit in 6 of 6 cells (line 2: '0,5 mm', line 3: '1,5 mm', line 4: "
            "'2,5 mm' and 3 more), which makes them text. Leave only the number in each cell, and "
            "the unit in the heading: 'x (mm)'. Leave it out with dataset.exclude: [x]. If these",
        ),
        ([f"{n}%" for n in range(5)] + ["7 %", "9"], ".", "a unit in 6 of 7 cells (line 2: '0%'"),
        (
            ["0.5", "1,000.5", "2 000"],
            ".",
            "signs between thousands (line 3: '1,000.5', line 4: '2",
        ),
        # 3 numbers in 8 cells: too many for codes among categories.
        (
            ["old", "1", "2.5", "3", "old", "n.d.", "<2", "young"],
            ".",
            "holds text in 5 of 8 cells (line 2: 'old', line 6: 'old', line 7: 'n.d.' and 2 more) "
            "and numbers in 3 (line 3: '1', line 4: '2.5', line 5: '3')",
        ),
        (
            ["1,5", "2,25", "3", "n.d."],
            ".",
            "decimal commas (line 2: '1,5', line 3: '2,25'), and text in 1 of 4 cells (line 5: "
            "'n.d.'). Write decimal: ','",
        ),
    ],
)
def test_bad_columns_are_refused(cells, decimal, words):
    column, problem = kind(cells, decimal=decimal)
    assert column is None
    assert words in problem
    assert "\n" not in problem


def test_single_codes_among_categories_leave_them_categories():
    assert kind(["0", "drug", "drug", "0", "rest"])[0].categories == ("0", "drug", "rest")


def test_what_is_declared_is_not_asked_about():
    cells = ["old", "1", "2.5", "3", "old", "n.d.", "<2", "young"]
    assert len(kind(cells, declared=True)[0].categories) == 7


def test_names_in_remedies_are_written_as_yaml_takes_them():
    problem = kind_of_column("Unnamed: 0", [(2, ""), (3, "NA")], False)[1]
    assert "dataset.exclude: ['Unnamed: 0']" in problem


def test_texts_that_repeat_are_categories_however_many():
    # 25 different ones, twice each: half of the rows or fewer are different.
    assert len(kind([f"plate {n % 25}" for n in range(50)])[0].categories) == 25


def test_a_comma_beside_other_text_is_text():
    # "1,5" and "old": a decimal comma would not explain both.
    assert "text in 2 of 4 cells" in kind(["1", "2", "1,5", "old"])[1]
