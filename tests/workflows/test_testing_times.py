"""What is still to do, in seconds: finished folds cost nothing, learning counts once."""

import pytest

from bioselect.registry import ComponentSpec
from bioselect.selection.candidates import Candidate
from bioselect.selection.cross_validation import FoldResult
from bioselect.workflows.testing_times import TestingTimes

N_FOLDS = 4
SVM, LDA, MLP = (
    Candidate(ComponentSpec("hog"), ComponentSpec(name)) for name in ("svm", "lda", "mlp")
)


def folds(candidate, repeat, seconds, **more):
    return [
        FoldResult(candidate, repeat, index, None, fit_seconds=seconds, **more)
        for index in range(N_FOLDS)
    ]


def made(n_jobs, **more):
    times = TestingTimes(n_images=20, n_classes=2, n_folds=N_FOLDS, n_jobs=n_jobs)
    times.add_extractor("hog", 50)
    times.add([*folds(SVM, 0, 3.0, **more), *folds(LDA, 0, 1.0, **more)])
    return times


def test_only_what_is_missing_counts():
    times = made(n_jobs=2)
    assert times.seconds_of([SVM, LDA], 0, 1) == 0.0
    # Two repeats of 4 folds at 3 and 1 s, on two processes.
    assert times.seconds_of([SVM, LDA], 0, 3) == pytest.approx(16.0)
    times.add(folds(SVM, 2, 3.0))
    assert times.seconds_of([SVM], 0, 3) == pytest.approx(6.0)
    assert times.seconds_of([SVM], 2, 3) == 0.0


def test_a_fold_is_new_once():
    times = made(n_jobs=2)
    times.add(folds(SVM, 0, 300.0))
    assert times.fold_seconds(SVM) == 3.0
    times.add(folds(SVM, 1, 5.0))
    assert times.fold_seconds(SVM) == 4.0


@pytest.mark.parametrize(
    ("n_jobs", "alone", "together", "with_another"),
    [
        # A fold of svm and lda is one task of 4 s, and one of mlp is another of 2 s; 4 folds.
        (1, 12.0, 16.0, 24.0),
        (2, 6.0, 8.0, 12.0),
        (3, 6.0, 8.0, 8.0),  # Two of three processes have a second fold, the third has mlp.
        (4, 3.0, 4.0, 6.0),
        (100, 3.0, 4.0, 4.0),
    ],
)
def test_no_more_processes_are_busy_than_there_are_tasks(n_jobs, alone, together, with_another):
    times = made(n_jobs)
    times.add(folds(MLP, 0, 2.0))
    assert times.seconds_of([SVM], 1, 2) == pytest.approx(alone)
    assert times.seconds_of([SVM, LDA], 1, 2) == pytest.approx(together)
    assert times.seconds_of([SVM, LDA, MLP], 1, 2) == pytest.approx(with_another)


def test_one_fold_of_each_is_one_task_of_each_group():
    times = made(n_jobs=100)
    times.add(folds(MLP, 0, 2.0))
    assert times.one_fold_seconds([SVM, MLP]) == 3.0
    assert times.one_fold_seconds([SVM, LDA, MLP]) == 4.0
    assert times.one_fold_seconds([]) == 0.0


@pytest.mark.parametrize(
    ("n_jobs", "one", "both", "both_twice"),
    [
        (2, 6.0 + 10.0, 8.0 + 10.0, 16.0 + 20.0),
        (16, 3.0 + 5.0, 4.0 + 5.0, 4.0 + 10.0),
    ],
)
def test_what_an_extractor_learns_counts_once_for_all_its_candidates(n_jobs, one, both, both_twice):
    # It learns four folds of a repeat at 5 s, as many at a time as there are processes, and then
    # those of the next.
    times = made(n_jobs, learn_seconds=5.0)
    assert times.seconds_of([SVM], 1, 2) == pytest.approx(one)
    assert times.seconds_of([SVM, LDA], 1, 2) == pytest.approx(both)
    assert times.seconds_of([SVM, LDA], 1, 3) == pytest.approx(both_twice)
    assert times.seconds_of([SVM, LDA], 0, 1) == 0.0


def test_the_quickest_come_first():
    times = made(n_jobs=2)
    assert times.quickest_first([SVM, LDA], 3) == [LDA, SVM]
    times.add([*folds(SVM, 1, 3.0), *folds(SVM, 2, 3.0)])
    assert times.quickest_first([SVM, LDA], 3) == [SVM, LDA]
