"""The table of classes that a run prints and the card of a model holds."""

from types import SimpleNamespace

import numpy as np
import pytest

from bioselect.registry import ComponentSpec
from bioselect.selection.candidates import Candidate
from bioselect.selection.outcome import OutOfFold
from bioselect.workflows.class_table import _figure, class_table_lines, class_table_markdown


def judged(truth, predicted, n_classes, units=None):
    """A study of two candidates, of which the second is exported; `predicted` for each repeat."""
    truth = np.asarray(truth)
    right = np.eye(n_classes)[truth][None]
    candidates = tuple(Candidate(ComponentSpec("hog"), ComponentSpec(n)) for n in ("lda", "svm"))
    units = np.arange(len(truth)) if units is None else units
    tables = (right, np.eye(n_classes)[np.asarray(predicted)])
    return SimpleNamespace(
        candidates=candidates,
        exported=candidates[1],
        out_of_fold=OutOfFold(tables, truth, units, n_classes),
        opened=None,
    )


TRUTH = [0, 0, 0, 0, 1, 1, 2, 2]
TWICE = [[0, 0, 0, 1, 1, 1, 2, 2], [0, 0, 1, 2, 1, 0, 2, 2]]


def test_the_table_in_a_terminal():
    lines = class_table_lines(judged(TRUTH, TWICE, 3), ("mid|cell", "b", "c"))
    # Recalls 3/4 and 2/4, 1 and 1/2, 1 and 1; precisions 1 and 2/3, 2/3 and 1/2, 1 and 2/3; F1 6/7
    # and 4/7, 4/5 and 1/2, 1 and 4/5. Of 8 images of the first class 2 are taken for b, 1 for c.
    assert lines == [
        "Class by class: hog + svm on images it was not trained on, mean of 2 repeats "
        "(per_class.csv: all combinations):",
        "  class     images  recall  precision    F1  most often taken for",
        "  mid|cell       4    0.62       0.83  0.71  b (25 %)",
        "  b              2    0.75       0.58  0.65  mid|cell (25 %)",
        "  c              2    1.00       0.83  0.90  -",
    ]


def test_the_table_in_the_card():
    text = class_table_markdown(judged(TRUTH, TWICE[:1], 3), ("mid|cell", "b", "c"))
    assert text.splitlines()[0] == (
        "hog + svm on images it was not trained on (per_class.csv: all combinations):"
    )
    assert "| mid\\|cell | 4 | 0.75 | 1.00 | 0.86 | b (25 %) |" in text.splitlines()


@pytest.mark.parametrize(
    ("n_each", "n_groups", "is_shown"), [(30, 30, True), (29, 29, False), (60, 20, False)]
)
def test_of_many_small_classes_nothing_is_claimed(n_each, n_groups, is_shown):
    truth = np.repeat(np.arange(11), n_each)
    units = truth * 1000 + np.tile(np.arange(n_each) % n_groups, 11)
    lines = class_table_lines(
        judged(truth, [truth], 11, units), [f"class {number}" for number in range(11)]
    )
    assert (len(lines) > 1) == is_shown
    if not is_shown:
        assert "fewer than 30 independent images" in lines[0]


def test_of_very_many_classes_those_that_are_found_least_are_shown():
    truth = np.repeat(np.arange(14), 30)
    predicted = truth.copy()
    predicted[truth >= 2] = np.where(np.arange(30 * 12) % 30 == 0, 0, truth[truth >= 2])
    lines = class_table_lines(judged(truth, [predicted], 14), [f"c{n:02d}" for n in range(14)])
    assert "the 12 classes with the lowest recall" in lines[0]
    assert [line.split()[0] for line in lines[2:]] == [f"c{n:02d}" for n in range(2, 14)]


def test_one_split_shows_the_test_part_unless_that_could_not_be_predicted():
    study = judged([0, 0, 1, 1, 0, 0, 1, 1], [[0, 0, 1, 1, 0, 0, 1, 1]], 2)
    [_, compared] = study.out_of_fold.probabilities
    compared[0, 4:] = np.nan
    tested = OutOfFold((np.eye(2)[[[0, 1, 1]]],), np.array([0, 0, 1]), np.arange(3), 2)
    study.opened = SimpleNamespace(tested=lambda: tested)
    lines = class_table_lines(study, ("a", "b"))
    assert lines[0] == (
        "Class by class: hog + svm on the test part (per_class.csv: all combinations, on the "
        "validation part):"
    )
    assert lines[2].split() == ["a", "2", "0.50", "1.00", "0.67", "b", "(50", "%)"]
    failed = OutOfFold((None,), tested.class_indices, tested.units, 2)
    study.opened = SimpleNamespace(tested=lambda: failed)
    lines = class_table_lines(study, ("a", "b"))
    assert "hog + svm on the validation part" in lines[0]
    assert lines[2].split() == ["a", "2", "1.00", "1.00", "1.00", "-"]


def test_a_class_that_no_split_tests_has_no_figures():
    study = judged([0, 0, 1], [[0, 0, 1]], 2)
    study.out_of_fold.probabilities[1][0, 2] = np.nan
    assert class_table_lines(study, ("a", "b"))[3].split() == ["b", "0", "-", "-", "-", "-"]
    study = judged([0, 0, 1], [[0, 0, 1], [0, 0, 1]], 2)
    study.out_of_fold.probabilities[1][0, 2] = np.nan
    assert class_table_lines(study, ("a", "b"))[3].split() == ["b", "1", *["1.00"] * 3, "-"]


@pytest.mark.parametrize(
    ("share", "written"), [(1.0, "1.00"), (299 / 300, "0.997"), (0.994, "0.99"), (0.0, "0.00")]
)
def test_no_share_is_rounded_up_to_a_perfect_one(share, written):
    assert _figure(share) == written
