import numpy as np
import pytest

from bioselect.report.exported_predictions import exported_predictions
from bioselect.report.group_scores import Group, groups_of_classes, groups_of_numbers
from tests.report.made_run import made_run


def test_of_labels_all_must_be_right(tmp_path):
    labels = np.array([[1, 0], [1, 1], [0, 0]])
    # The first image is right, the second lacks a label, the third has one too many.
    tables = np.array([[[0.9, 0.1], [0.9, 0.4], [0.2, 0.7]]])
    run = made_run(tmp_path, ("x", "y"), labels, tables)
    of_image = {"0.png": "p1", "1.png": "p1", "2.png": "p2"}
    found = groups_of_classes(run, exported_predictions(run), of_image)
    assert found == {"p1": Group(2, 0.5, "y missed (1)"), "p2": Group(1, 0.0, "y said (1)")}


def test_images_without_a_group_or_a_test_are_in_none(tmp_path):
    values = np.array([[1.5, 4.0, np.nan], [2.0, 5.0, np.nan]])
    run = made_run(tmp_path, (), [1.0, 2.0, 3.0], values, config={"task": "regression"})
    found = groups_of_numbers(run, {"0.png": "a", "1.png": "", "2.png": "b"})
    # Errors of 0.5 and 1 in two repeats.
    assert found == {"a": Group(1, pytest.approx(0.75))}
