"""Scores of classes where they cannot be had from scikit-learn."""

import numpy as np

from bioselect.selection.per_class import class_scores, most_often_taken_for, repeat_counts

TRUTH = np.array([0, 0, 1, 1])


def test_images_that_a_repeat_did_not_test_are_not_counted():
    tables = np.eye(2)[[[0, 1, 1, 1], [0, 0, 1, 0]]]
    tables[0, 3] = np.nan
    counts = repeat_counts(tables, TRUTH)
    assert counts.tolist() == [[[1, 1], [0, 1]], [[2, 0], [1, 1]]]
    recalls = [one for one in class_scores(tables, TRUTH, ("a", "b")) if one.metric == "recall"]
    assert [(one.mean, one.n_images) for one in recalls] == [(0.75, 2), (0.75, 2)]


def test_one_repeat_has_no_spread():
    assert {one.sd for one in class_scores(np.eye(2)[[TRUTH]], TRUTH, ("a", "b"))} == {None}


def test_a_class_that_is_never_predicted_has_the_precision_zero():
    scores = list(class_scores(np.eye(2)[[[0, 0, 0, 0]]], TRUTH, ("a", "b")))
    values = {(one.class_name, one.metric): one.mean for one in scores}
    assert values["b", "precision"] == values["b", "recall"] == values["b", "f1"] == 0.0
    assert values["a", "precision"] == 0.5


def test_what_a_class_is_taken_for():
    counts = np.array([[[5.0, 1, 2], [0, 3, 0], [4, 4, 0]], [[5.0, 3, 0], [0, 3, 0], [4, 4, 0]]])
    # Of 16 images of the first class 4 are taken for the second, 2 for the third.
    assert most_often_taken_for(counts, 0) == (1, 0.25)
    assert most_often_taken_for(counts, 1) is None
    # Of two alike the first.
    assert most_often_taken_for(counts, 2) == (0, 0.5)


def test_a_split_without_images_of_a_class_does_not_count_for_it():
    tables = np.eye(2)[[[0, 1, 1, 1], [0, 0, 1, 1]]]
    tables[0, 2:] = np.nan
    found = {(one.class_name, one.metric): one for one in class_scores(tables, TRUTH, ("a", "b"))}
    recall = found["b", "recall"]
    assert (recall.mean, recall.sd, recall.n_repeats, recall.n_images) == (1.0, None, 1, 2)
    assert found["a", "recall"].n_repeats == 2
    tables[1, 2:] = np.nan
    recall = next(
        one
        for one in class_scores(tables, TRUTH, ("a", "b"))
        if (one.class_name, one.metric) == ("b", "recall")
    )
    assert (recall.mean, recall.n_repeats, recall.n_images) == (None, 0, 0)
