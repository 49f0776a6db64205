"""A column of numbers: what is read, and what is refused with its line and a remedy."""

from pathlib import Path

import pytest

from bioselect.data.table_numbers import NumberColumn, numbers_of_rows, unit_of
from bioselect.data.table_rows import TableRow
from bioselect.exceptions import DataError


def read(*cells, decimal="."):
    """Return the numbers of a column whose first cell stands in line 2."""
    rows = [TableRow(place + 2, {"age": cell}) for place, cell in enumerate(cells)]
    return numbers_of_rows(Path("t.csv"), rows, NumberColumn("age", decimal))


def test_numbers_are_read_to_the_last_digit():
    cells = ["7", "-0.5", "+3.", ".25", "1e3", "0.1000000000000000055511151231257827"]
    assert read(*cells) == [7.0, -0.5, 3.0, 0.25, 1000.0, 0.1]


@pytest.mark.parametrize(
    ("cells", "start", "remedy"),
    [
        (["1", ""], "t.csv:3: column 'age' must hold a number in every row. Got an empty", "Fill"),
        (["1", "NA"], "t.csv:3: column 'age' must hold a number in every row. Got 'NA'", "Fill"),
        (["1,5", "2"], "t.csv:2: column 'age' must hold a number in every row, with a", "points"),
        (["1.234,5"], "t.csv:2: column 'age' must hold a number in every row, with a", "points"),
        (["1,234"], "t.csv:2: column 'age' must hold a number in every row, with a", "guessed"),
        (["1 234"], "t.csv:2: column 'age' must hold a number in every row, without", "General"),
        (["12 µm"], "t.csv:2: column 'age' must hold a number in every row, and nothing", "unit"),
        (["5%"], "t.csv:2: column 'age' must hold a number in every row, and nothing", "unit"),
        (["<5"], "t.csv:2: column 'age' must hold a number in every row. Got '<5'", "limit"),
        (["inf"], "t.csv:2: column 'age' must hold a number in every row that is fin", "Correct"),
        (["1e999"], "t.csv:2: column 'age' must hold a number in every row that is f", "Correct"),
        (["old"], "t.csv:2: column 'age' must hold a number in every row. Got 'old'", "classific"),
        (["2024-01-03"], "t.csv:2: column 'age' must hold a number in every row. Got", "classif"),
        (["1_000"], "t.csv:2: column 'age' must hold a number in every row. Got '1_000'", "class"),
    ],
)
def test_what_is_no_number_is_refused_with_its_line(cells, start, remedy):
    with pytest.raises(DataError) as caught:
        read(*cells)
    message = str(caught.value)
    assert message.startswith(start)
    assert remedy in message.split("Got")[1]
    assert "\n" not in message


def test_with_decimal_commas_the_rule_is_that_of_features():
    # What a feature holds, a target may hold: the minus sign of typesetters too.
    assert read("1,5", "7", "\u22122,25", decimal=",") == [1.5, 7.0, -2.25]
    for cell in ("1.5", "1.234,5"):
        with pytest.raises(DataError, match="with a decimal comma, as was declared") as one:
            read("1,5", cell, decimal=",")
        assert str(one.value).startswith("t.csv:3: ")


def test_the_commonest_problem_is_told_and_the_others_are_counted():
    with pytest.raises(DataError) as caught:
        read("1", "", "old", "", "3")
    message = str(caught.value)
    assert "Got an empty cell, and 2 more cells that are no plain number (lines 3, 5)." in message


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("age (months)", "months"),
        ("radius [µm]", "µm"),
        ("radius[um]", "um"),
        ("cells", ""),
        ("(months)", ""),
        ("f(x) of y", ""),
    ],
)
def test_a_unit_stands_behind_the_name_of_a_column(name, unit):
    assert unit_of(name) == unit
