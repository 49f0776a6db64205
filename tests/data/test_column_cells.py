"""What a cell is taken for, against the arithmetic of the text itself."""

import math

import numpy as np
import pytest

from bioselect.data.column_cells import Column, as_number, cell_problem, coded, is_nothing


@pytest.mark.parametrize(
    ("cell", "decimal", "expected"),
    [
        ("17.99", ".", 17.99),
        ("-4", ".", -4.0),
        ("\u22124.5", ".", -4.5),  # the minus sign of typesetters
        (".5", ".", 0.5),
        ("1e-3", ".", 0.001),
        ("17,99", ",", 17.99),
        ("1.234,5", ",", None),  # separators of thousands are not guessed
        ("17,99", ".", None),
        ("1_000", ".", None),  # float() of Python takes it
        ("nan", ".", None),
        ("0x10", ".", None),
        ("old", ".", None),
        ("", ".", None),
    ],
)
def test_numbers(cell, decimal, expected):
    assert as_number(cell, decimal) == expected


@pytest.mark.parametrize("cell", ["inf", "Infinity", "\u221e", "1e999"])
def test_infinity_is_a_number_that_others_refuse(cell):
    assert as_number(cell) == math.inf
    assert "finite number" in cell_problem(cell, Column("age"))


def test_what_is_nothing_differs_between_numbers_and_categories():
    assert is_nothing("-", among_numbers=True)
    assert not is_nothing("-", among_numbers=False)  # CD4 -
    assert is_nothing("#N/A", among_numbers=False)
    assert is_nothing("missing", among_numbers=False)
    assert not is_nothing("n", among_numbers=True)


def test_codes_are_places_and_unknown_ones_are_nothing():
    sex = Column("sex", ("f", "m"))
    assert np.array_equal(coded(["m", "f", "", "d"], sex), [1, 0, np.nan, np.nan], equal_nan=True)
    assert np.array_equal(coded(["1.5", "NA"], Column("age")), [1.5, np.nan], equal_nan=True)
    with pytest.raises(ValueError, match="'old'"):
        coded(["old"], Column("age"))


@pytest.mark.parametrize(
    ("cell", "decimal", "words"),
    [
        ("17,99", ".", "decimal point. Got '17,99'. Write 17.99."),
        ("17.99", ",", "decimal comma, as in the table of the training. Got '17.99'. Write 17,99."),
        ("<5", ".", "must hold a number. Got '<5'."),
        ("", ".", ""),
        ("n/a", ".", ""),
    ],
)
def test_cells_of_new_rows_are_refused_with_the_way_out(cell, decimal, words):
    found = cell_problem(cell, Column("age"), decimal)
    assert (words in found) if words else found == ""
