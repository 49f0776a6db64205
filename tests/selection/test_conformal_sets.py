"""Borders of prediction sets: by hand, and against what theory says of their coverage."""

import numpy as np
import pytest

from bioselect.estimators.calibration import Calibration
from bioselect.selection.conformal_sets import PredictedClasses, fit_sets
from bioselect.selection.outcome import OutOfFold

N = np.arange(9)


def two_classes(of_true_0, of_true_1, units=None):
    """Return predictions of two classes: of class 0 by its probability, then of class 1 by its."""
    first = np.array([*of_true_0, *(1 - np.asarray(of_true_1))])
    true = np.repeat([0, 1], [len(of_true_0), len(of_true_1)])
    units = np.arange(len(true)) if units is None else np.asarray(units)
    return PredictedClasses(np.column_stack([first, 1 - first]), true, units)


def test_each_class_has_the_border_that_its_own_images_reach():
    # The 9th of 9 (and one unknown) at 0.9, the 8th at 0.8 (8 of 10): those least probable. Of
    # class 0 two were not predicted, with 0.4 and 0.25; of class 1 one, with 0.125.
    predicted = two_classes([0.9] * 7 + [0.4, 0.25], [0.75] * 8 + [0.125])
    assert fit_sets(predicted, 0.9).sets.borders == (0.25, 0.125)
    # At 0.8 the worst of nine is left out: 0.4, and for class 1 all that count were predicted.
    assert fit_sets(predicted, 0.8).sets.borders == (0.4, 1.0)


def test_an_image_that_is_predicted_right_asks_for_no_border():
    # With 0.4 of three classes the prediction is right; it stands in the set as it is.
    table = np.tile([0.4, 0.3, 0.3], (27, 1))
    for place in range(3):
        table[9 * place : 9 * place + 9] = np.roll([0.4, 0.3, 0.3], place)
    predicted = PredictedClasses(table, np.repeat([0, 1, 2], 9), np.arange(27))
    assert fit_sets(predicted, 0.9).sets.borders == (1.0, 1.0, 1.0)


def test_groups_count_and_not_images():
    # Ten groups have class 0: nine with one image that was predicted, one with nine of which none
    # was. Each of eleven weighs 1/11, the tenth's images 1/99 each; 10/11 is reached at its last
    # but one: 9/11 + 9/99 = 10/11 >= 0.9 needs 8.1 of nine images, and so the ninth, 0.01.
    worse = np.array([0.45, 0.40, 0.35, 0.30, 0.25, 0.20, 0.15, 0.10, 0.01])
    units = [*range(9), *[9] * 9, *range(100, 109)]
    predicted = two_classes([0.9] * 9 + worse.tolist(), [0.9] * 9, units)
    assert fit_sets(predicted, 0.9).sets.borders[0] == 0.01
    # For 0.85 it is 9.35/11: 0.35 of the group's images, which is the fourth of nine.
    assert fit_sets(predicted, 0.85).sets.borders[0] == 0.30
    # Counted as images, 18 of them: the 17th of 19 at 0.85 (16.15).
    alone = PredictedClasses(predicted.table, predicted.true, np.arange(len(units)))
    assert fit_sets(alone, 0.85).sets.borders[0] == 0.10


def test_classes_with_too_few_units_share_a_border():
    # Class 0 has 20 units, class 1 five, class 2 three: eight together are too few, so that class
    # 3 with ten joins them, and class 0 is left alone. Of the 18 the 18th counts (0.9 * 19 = 17.1),
    # the least probable of all: 0.02 of class 1.
    true = np.repeat([0, 1, 2, 3], [20, 5, 3, 10])
    table = np.full((len(true), 4), 0.0)
    table[np.arange(len(true)), true] = 0.7
    table[:, 0] += 0.3
    table[true == 1] = [0.9, 0.05, 0.05, 0.0]
    table[np.flatnonzero(true == 1)[0]] = [0.9, 0.02, 0.08, 0.0]
    found = fit_sets(PredictedClasses(table, true, np.arange(len(true))), 0.9)
    assert found.shared == (1, 2, 3)
    assert found.sets.borders == (1.0, 0.02, 0.02, 0.02)


def test_a_unit_that_has_images_of_several_rare_classes_counts_once():
    # Five groups have both classes: ten images, and five units, which are too few for anything.
    predicted = two_classes([0.9] * 5, [0.9] * 5, [*range(5), *range(5)])
    assert fit_sets(predicted, 0.9) is None
    # Four more of class 0 make nine in all, though class 1 has five of them: both share a border.
    predicted = two_classes([0.9] * 9, [0.9] * 5, [*range(9), *range(5)])
    assert fit_sets(predicted, 0.9).shared == (0, 1)


def test_all_repeats_and_the_calibration_go_in():
    table = np.full((2, 3, 2), np.nan)
    table[0, 0], table[0, 2], table[1, 1], table[1, 0] = [0.9, 0.1], [0.2, 0.8], [0.5, 0.5], [1, 0]
    data = OutOfFold((None, table), np.array([0, 1, 1]), np.array([4, 4, 7]), 2)
    # Half as sure: the odds 9 become 3, 4 become 2.
    found = PredictedClasses.of(data, 1, Calibration("temperature", slope=0.5))
    np.testing.assert_allclose(found.table[:2], [[0.75, 0.25], [1 / 3, 2 / 3]])
    assert found.true.tolist() == [0, 1, 0, 1]
    assert found.units.tolist() == [4, 7, 4, 4]
    with pytest.raises(ValueError, match="candidate 0 must have predictions"):
        PredictedClasses.of(data, 0, Calibration())


def test_a_new_image_is_covered_as_often_as_order_statistics_say():
    # Nobody predicts classes 0 and 1, which get u/2 and (1 - u)/2 for u uniform: with 19 images of
    # a class, a new one is covered with the probability 18/20 exactly, for each class.
    random = np.random.default_rng(0)

    def drawn(n):
        share, true = random.random(n), np.arange(n) % 2
        table = np.column_stack([share / 4, (1 - share) / 4, np.full(n, 0.75)])
        return table, true

    covered = []
    for _ in range(400):
        table, true = drawn(38)
        # Class 2 has no image at all, so that class 0 joins it, whose border is of its own images.
        fitted = fit_sets(PredictedClasses(table, true, np.arange(38)), 0.9)
        new, of_new = drawn(40)
        covered.append(fitted.sets.holds(new)[np.arange(40), of_new].reshape(-1, 2).mean(axis=0))
    # The standard error is 0.005: a border is as uncertain as a beta variable (sd 0.065), and of
    # 20 new images each more so (0.067).
    np.testing.assert_allclose(np.mean(covered, axis=0), 0.9, atol=0.015)
