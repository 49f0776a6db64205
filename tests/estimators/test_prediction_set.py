"""Sets of classes: which stand in them, as numbers in a manifest, as one cell of a table."""

import re
from itertools import permutations

import numpy as np
import pytest

from bioselect.estimators.prediction_set import PredictionSets, set_text


def test_a_class_stands_in_the_set_from_its_own_border_on():
    # Column 0 from 0.25 on, column 1 only where predicted, column 2 from 0.05 on; the predicted
    # class whatever its border is.
    sets = PredictionSets(0.9, (0.25, 1.0, 0.05))
    table = np.array([[0.25, 0.70, 0.05], [0.24, 0.30, 0.46], [0.96, 0.03, 0.01], [0.4, 0.4, 0.2]])
    assert sets.holds(table).astype(int).tolist() == [[1, 1, 1], [0, 0, 1], [1, 0, 0], [1, 0, 1]]
    assert sets.names(table[0], ["a", "b", "c"]) == ("b", "a", "c")
    assert sets.names(table[3], ["a", "b", "c"]) == ("a", "c")


def test_sets_of_no_image_are_none():
    assert PredictionSets(0.9, (0.2, 0.2)).holds(np.empty((0, 2))).shape == (0, 2)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"level": 1.0}, "level must be between 0 and 1. Got 1.0"),
        ({"borders": []}, "borders must be numbers between 0 and 1"),
        ({"borders": [0.2, float("nan")]}, "borders must be"),
        ({"borders": [0.2, -0.1]}, "borders must be"),
    ],
)
def test_what_is_no_set_is_refused(changed, message):
    written = PredictionSets(0.9, (0.2, 0.2)).as_dict()
    with pytest.raises(ValueError, match=re.escape(message)):
        PredictionSets.from_dict({**written, **changed})


def read(text):
    """Take a cell apart as its description says: bars between names, quotes as in CSV."""
    parts = re.findall(r'(?:^| \| )(?:"((?:[^"]|"")*)"|([^"|]*))(?= \| |$)', text)
    return tuple(quoted.replace('""', '"') or plain for quoted, plain in parts)


def test_names_that_hold_what_separates_them_stay_apart():
    names = ["a", "b | c", "|", '"', '" | "', "a|", " d", 'x" | "y']
    cells = {}
    for chosen in (*permutations(names, 2), *permutations(names, 3)):
        cell = set_text(chosen)
        assert read(cell) == chosen
        assert cells.setdefault(cell, chosen) == chosen
    assert set_text(["a", "b"]) == "a | b"
    assert set_text([]) == ""
