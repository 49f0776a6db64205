"""Which images come into which list, and in which order."""

import numpy as np

from bioselect.explain.shown_images import MOST_SHOWN, shown_images


def of_kind(shown, kind):
    return [one.image for one in shown if one.kind == kind]


def test_classes() -> None:
    nan = np.nan
    exported = np.array(
        [[0.9, 0.1, 0.0], [0.2, 0.8, 0.0], [0.34, 0.33, 0.33], [0.0, 0.99, 0.01], [nan] * 3]
    )
    together = np.array(
        [[0.4, 0.6, 0.0], [0.1, 0.9, 0.0], [0.9, 0.05, 0.05], [0.3, 0.6, 0.1], [nan] * 3]
    )
    given = np.array([0, 0, 0, 2, 1])
    shown = shown_images(exported, together, given)
    assert of_kind(shown, "error") == [3, 1]  # 99 % sure, then 80 %
    # 2 and 1 are given 10 %, the first of them first; 0 is given 40 %; nobody doubts the third.
    assert of_kind(shown, "suspected") == [1, 3, 0]
    assert of_kind(shown, "uncertain")[0] == 2
    assert 4 not in [one.image for one in shown]  # never tested
    error = next(one for one in shown if one.kind == "error")
    assert (error.given, error.predicted, error.probability) == (2.0, 1.0, 0.99)
    suspected = next(one for one in shown if one.kind == "suspected")
    assert (suspected.given, suspected.predicted, suspected.probability) == (0.0, 1.0, 0.1)


def test_labels_are_questions_each() -> None:
    table = np.array([[0.9, 0.2], [0.4, 0.95], [0.1, 0.1]])
    given = np.array([[0, 0], [1, 0], [0, 0]])
    shown = shown_images(table, table, given)
    errors = [(one.image, one.label, one.given, one.predicted) for one in shown[:3]]
    assert errors == [(0, 0, 0.0, 1.0), (1, 0, 1.0, 0.0), (1, 1, 0.0, 1.0)]
    np.testing.assert_allclose([one.probability for one in shown[:3]], [0.9, 0.6, 0.95])
    assert next(one.score for one in shown if one.kind == "uncertain") == max(
        one.score for one in shown if one.kind == "uncertain"
    )


def test_numbers_are_listed_by_how_far_off_they_are() -> None:
    exported = np.array([[1.0], [5.0], [2.0], [np.nan]])
    shown = shown_images(exported, exported, np.array([1.5, 1.0, 2.0, 3.0]))
    assert [(one.kind, one.image, one.score) for one in shown] == [
        ("error", 1, 4.0),
        ("error", 0, 0.5),
    ]


def test_who_is_sure_is_not_undecided() -> None:
    table = np.array([[0.99, 0.01], [0.79, 0.21], [0.81, 0.19]])
    shown = shown_images(table, table, np.array([0, 0, 0]))
    assert of_kind(shown, "uncertain") == [1]
    labels = np.array([[0.99, 0.15], [0.1, 0.7]])
    shown = shown_images(labels, labels, np.array([[1, 0], [0, 1]]))
    assert [(one.image, one.label, one.predicted) for one in shown] == [(1, 1, 1.0)]


def test_lists_are_short() -> None:
    table = np.tile([0.7, 0.3], (100, 1))
    shown = shown_images(table, table, np.ones(100, dtype=int))
    assert {kind: len(of_kind(shown, kind)) for kind in ("error", "suspected", "uncertain")} == {
        "error": MOST_SHOWN,
        "suspected": MOST_SHOWN,
        "uncertain": MOST_SHOWN,
    }
