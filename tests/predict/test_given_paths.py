"""What may stand for paths in Python, and what is said of the rest."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bioselect.exceptions import DataError
from bioselect.features.given_images import given_images
from bioselect.predict.given_paths import given_paths


def test_paths_are_listed():
    assert given_paths(Path("a")) == [Path("a")]
    assert given_paths(pd.Series(["a", "b"])) == ["a", "b"]
    assert given_paths(name for name in "ab") == ["a", "b"]
    assert given_paths([]) == []


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (np.zeros((1, 8, 8, 3)), "Got a ndarray of ndarray. Pixels in memory go to"),
        (None, "Got a NoneType"),
        (pd.DataFrame({"path": ["a"]}), 'Got a DataFrame. Give the column .*table."path"'),
    ],
)
def test_what_is_no_path_is_told(given, said):
    with pytest.raises(DataError, match=said):
        given_paths(given)


def test_a_table_is_no_list_of_images():
    with pytest.raises(DataError, match=r"Got a table. Give the column"):
        given_images(pd.DataFrame({"path": ["a"]}))
