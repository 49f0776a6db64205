"""How prediction sets are measured: by hand, each unit counting once."""

import numpy as np
import pytest

from bioselect.selection.conformal_sets import PredictedClasses
from bioselect.selection.model_sets import held_out_sets, measured, model_sets


def test_measured_by_hand():
    # Unit 7 has two images of class 0, units 8 and 9 one of class 1 each. Sets: {0}, {0, 1}, {0},
    # {0, 1}; predicted is class 0 but for the last.
    table = np.array([[0.9, 0.1], [0.6, 0.4], [0.8, 0.2], [0.4, 0.6]])
    predicted = PredictedClasses(table, np.array([0, 0, 1, 1]), np.array([7, 7, 8, 9]))
    sets = np.array([[1, 0], [1, 1], [1, 0], [1, 1]], dtype=bool)
    found = measured(predicted, sets)
    # Weights 1/2, 1/2, 1, 1 of 3. Held: all but the third. Sizes 1, 2, 1, 2.
    assert found.coverage == pytest.approx(2 / 3)
    assert found.of_classes == pytest.approx((1.0, 0.5))
    assert found.mean_size == pytest.approx((0.5 + 1 + 1 + 2) / 3)
    assert found.single == pytest.approx(1.5 / 3)
    # Of the first (1/2) and the third (1), the first is right.
    assert found.right_if_single == pytest.approx(1 / 3)
    assert found.right == pytest.approx(2 / 3)


def test_within_a_class_each_unit_that_has_it_counts_the_same():
    # Unit 1 has two images of class 0, and one of class 1, which is not held; unit 2 one of class
    # 1, which is. Of class 1 that is one of two units, though its images weigh 1/3 and 1 in all.
    table = np.array([[0.9, 0.1], [0.9, 0.1], [0.9, 0.1], [0.2, 0.8]])
    predicted = PredictedClasses(table, np.array([0, 0, 1, 1]), np.array([1, 1, 1, 2]))
    found = measured(predicted, table > 0.5)
    assert found.of_classes == pytest.approx((1.0, 0.5))
    assert found.coverage == pytest.approx((2 / 3 + 1) / 2)


def test_what_there_is_none_of_has_no_figure():
    table = np.array([[0.6, 0.4], [0.7, 0.3]])
    found = measured(
        PredictedClasses(table, np.array([0, 0]), np.arange(2)), np.ones((2, 2), dtype=bool)
    )
    assert (found.of_classes, found.right_if_single, found.single) == ((1.0, None), None, 0.0)


def one_class_each(n, seed=0):
    """Return images of two classes in turn, of which some are predicted wrong."""
    random = np.random.default_rng(seed)
    true = np.arange(n) % 2
    of_true = random.uniform(0.05, 0.99, n)
    table = np.where((true == 0)[:, None], [1.0, 0.0], [0.0, 1.0])
    table = np.where(table == 1, of_true[:, None], 1 - of_true[:, None])
    return PredictedClasses(table, true, np.arange(n))


def test_no_image_is_measured_with_a_border_that_it_made():
    # 11 units: four fifths would be eight, too few, so that each is measured by all others. The
    # worst of class 0 is the worst of all and made the border, which all ten others set higher.
    predicted = one_class_each(11)
    reached = predicted.table[np.arange(11), predicted.true]
    worst = int(reached.argmin())
    assert reached[worst] < 0.5
    found = model_sets(predicted, 0)
    assert found.sets.borders[0] == reached[worst]  # Six and five: both classes share it.
    assert found.shared == (0, 1)
    held = held_out_sets(predicted, 0.9, 0)
    truly = held[np.arange(11), predicted.true]
    assert truly.tolist() == [place != worst for place in range(11)]
    assert found.measured.coverage == pytest.approx(10 / 11)


@pytest.mark.parametrize(
    ("n", "has_sets", "levels"),
    [(8, False, []), (9, True, [0.8]), (10, True, [0.8, 0.9]), (20, True, [0.8, 0.9, 0.95])],
)
def test_few_units_have_no_sets_or_unmeasured_ones(n, has_sets, levels):
    # 0.8 needs 4 units, 0.9 needs 9, 0.95 19, and one more to be measured.
    found = model_sets(one_class_each(n), 0, 0.9)
    assert (found.sets is not None) == has_sets
    assert [level for level, _ in found.by_level] == levels
    assert (found.measured is not None) == (0.9 in levels)
    assert (found.n_units, found.n_needed) == (n, 9)


def test_a_level_of_its_own_is_among_those_measured():
    found = model_sets(one_class_each(200), 0, 0.85)
    assert [level for level, _ in found.by_level] == [0.8, 0.85, 0.9, 0.95, 0.99]
    assert dict(found.by_level)[0.85] == found.measured
    sizes = [one.mean_size for _, one in found.by_level]
    assert sizes == sorted(sizes)
