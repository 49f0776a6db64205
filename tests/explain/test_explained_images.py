"""Which images a report explains: the surest errors, and of some classes a right one."""

import numpy as np

from bioselect.explain.explained_images import explained_images
from bioselect.explain.shown_images import shown_images


def chosen(exported, targets):
    found = explained_images(shown_images(exported, exported, targets), exported, targets)
    return [(one.kind, one.image, one.column) for one in found]


def test_errors_and_right_ones_take_turns() -> None:
    exported = np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8], [0.3, 0.7], [np.nan, np.nan]])
    found = chosen(exported, np.array([0, 0, 1, 0, 1]))
    # The error is explained by the class that was predicted; the more frequent class comes first.
    assert found == [("error", 3, 1), ("right", 0, 0), ("right", 2, 1)]


def test_a_label_that_is_there_and_is_surely_seen() -> None:
    exported = np.array([[0.9, 0.1], [0.7, 0.6], [0.2, 0.95]])
    found = chosen(exported, np.array([[1, 0], [1, 1], [0, 0]]))
    assert found == [("error", 2, 1), ("right", 0, 0), ("right", 1, 1)]


def test_numbers_that_are_nearest() -> None:
    exported = np.array([[1.0], [5.0], [3.1], [np.nan]])
    found = chosen(exported, np.array([1.5, 2.0, 3.0, 4.0]))
    assert [place for kind, place, _ in found if kind == "error"] == [1, 0]
    assert [place for kind, place, _ in found if kind == "right"] == [2, 0]
