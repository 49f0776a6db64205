"""What is still to do, in seconds: finished folds cost nothing, learning counts once."""

import numpy as np
import pytest

from bioselect.data.splitting import draw_folds
from bioselect.registry import ComponentSpec
from bioselect.selection.candidates import Candidate
from bioselect.selection.cross_validation import FoldResult, Problem
from bioselect.workflows.testing_times import TestingTimes

CLASSES = np.arange(20) % 2
PLAN = draw_folds(CLASSES, np.arange(20), 4, 3, 0)
PROBLEM = Problem(CLASSES, 2, np.arange(20), PLAN, "accuracy", 0)
SVM, LDA = (Candidate(ComponentSpec("hog"), ComponentSpec(name)) for name in ("svm", "lda"))


def folds(candidate, repeat, seconds):
    return [
        FoldResult(candidate, repeat, index, None, fit_seconds=seconds, predict_seconds=0.0)
        for index in range(4)
    ]


@pytest.fixture
def times():
    made = TestingTimes(PROBLEM, n_jobs=2)
    made.add_extractor("hog", 50)
    made.add([*folds(SVM, 0, 3.0), *folds(LDA, 0, 1.0)])
    return made


def test_only_what_is_missing_counts(times):
    assert times.seconds_of([SVM, LDA], 0, 1) == 0.0
    # Two repeats of 4 folds at 3 and 1 s, on two processes.
    assert times.seconds_of([SVM, LDA], 0, 3) == pytest.approx(16.0)
    times.add(folds(SVM, 2, 3.0))
    assert times.seconds_of([SVM], 0, 3) == pytest.approx(6.0)
    assert times.seconds_of([SVM], 2, 3) == 0.0


def test_a_fold_is_new_once(times):
    assert times.add(folds(SVM, 0, 3.0)) == 0.0
    assert times.add(folds(SVM, 1, 3.0)) == 12.0


def test_what_an_extractor_learns_counts_once_for_all_its_candidates(times):
    times.add_learning("hog", 5.0)
    assert times.seconds_of([SVM], 1, 2) == pytest.approx(6.0 + 20.0)
    assert times.seconds_of([SVM, LDA], 1, 2) == pytest.approx(8.0 + 20.0)
    assert times.seconds_of([SVM, LDA], 0, 1) == 0.0


def test_the_quickest_come_first(times):
    assert times.quickest_first([SVM, LDA], 3) == [LDA, SVM]
    times.add([*folds(SVM, 1, 3.0), *folds(SVM, 2, 3.0)])
    assert times.quickest_first([SVM, LDA], 3) == [SVM, LDA]
