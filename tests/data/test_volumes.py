import numpy as np
import pytest

from bioselect.data.volumes import Volume


@pytest.mark.parametrize(
    ("contents", "details", "words"),
    [
        ((), "", "6 planes"),
        (("6 slices",), "", "6 slices"),
        (("2 points in time", "3 slices"), "axes TZYX", "2 points in time x 3 slices (axes TZYX)"),
    ],
)
def test_what_a_volume_holds_in_words(contents, details, words):
    assert Volume(6, lambda place: np.zeros((1, 1, 1)), contents, details).in_words() == words
