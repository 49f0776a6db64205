import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment
from skimage.measure import label, regionprops

from bioselect.data.pairs import IGNORED
from bioselect.metrics.object_matching import ObjectCounts, count_objects
from bioselect.metrics.objects import CONNECTED, ObjectRule


def _squares(*corners, size=4, shape=(30, 30)):
    mask = np.zeros(shape, np.uint8)
    for row, column in corners:
        mask[row : row + size, column : column + size] = 1
    return mask


def _reference(true, predicted):
    """Sets of pixels and the best assignment, as StarDist does it."""
    first = [set(map(tuple, one.coords)) for one in regionprops(label(true, connectivity=2))]
    second = [set(map(tuple, one.coords)) for one in regionprops(label(predicted, connectivity=2))]
    iou = np.array([[len(a & b) / len(a | b) for b in second] for a in first])
    found = int((iou[linear_sum_assignment(iou > 0.5, maximize=True)] > 0.5).sum())
    return ObjectCounts(found, len(second) - found, len(first) - found)


@pytest.mark.parametrize("seed", range(8))
def test_counts_are_those_of_sets_of_pixels(seed):
    random = np.random.default_rng(seed)
    corners = random.integers(0, 26, (9, 2))
    moved = corners[2:] + random.integers(-1, 2, (7, 2))
    true, predicted = _squares(*corners), _squares(*np.clip(moved, 0, 26), (0, 26))
    counts = count_objects(true, predicted, 1, CONNECTED)
    assert counts == _reference(true, predicted)
    assert counts.found > 0


def test_scores_by_hand():
    # Found: the first; shifted by 2 of 4 (8 common by 24): missed and invented; invented: a third.
    true = _squares((2, 2), (10, 10))
    predicted = _squares((2, 2), (10, 12), (20, 20))
    counts = count_objects(true, predicted, 1, CONNECTED)
    assert counts == ObjectCounts(found=1, invented=2, missed=1)
    assert counts.f1 == pytest.approx(2 * 1 / (2 * 1 + 2 + 1))
    assert counts.ap50 == pytest.approx(1 / 4)


def test_exactly_half_is_no_match():
    true, predicted = np.zeros((2, 4, 8), np.uint8)
    true[0, :6], predicted[0, 2:8] = 1, 1  # 4 common of 8
    assert count_objects(true, predicted, 1, CONNECTED).found == 0
    predicted[0, 7] = 0  # 4 of 7
    assert count_objects(true, predicted, 1, CONNECTED).found == 1


def test_two_that_touch_are_one_unless_they_are_divided():
    true = _squares((5, 5), (5, 14), size=9)
    true[10, 13:15] = 1
    predicted = _squares((5, 5), (5, 14), size=9)
    predicted[:, 13:15] = 0
    true[:, 13:15] = 0
    true[9, 13:15] = 1  # a bridge
    assert count_objects(true, predicted, 1, CONNECTED) == ObjectCounts(0, 2, 1)
    divided = count_objects(true, predicted, 1, ObjectRule("watershed"))
    assert divided == ObjectCounts(2, 0, 0)


def test_undefined_cases():
    empty, some = np.zeros((30, 30), np.uint8), _squares((3, 3), (9, 9))
    assert count_objects(some, empty, 1, CONNECTED) == ObjectCounts(0, 0, 2)
    assert count_objects(empty, some, 1, CONNECTED) == ObjectCounts(0, 2, 0)
    assert count_objects(some, empty, 1, CONNECTED).f1 == 0.0
    nothing = count_objects(empty, empty, 1, CONNECTED)
    assert np.isnan([nothing.f1, nothing.ap50]).all()


def test_objects_at_ignored_pixels():
    true, predicted = _squares((5, 5)), _squares((5, 5), (20, 20), (20, 10), (10, 20))
    # The first goes on where nothing is known: 16 common pixels of 40, or of 16 that count.
    true[5:9, 9:15], predicted[5:9, 9:15] = IGNORED, 1
    true[18:23, 20:24] = IGNORED  # 3 of 4 rows of the second
    true[23:24, 10:14] = IGNORED  # 1 of 4 rows of the third
    counts = count_objects(true, predicted, 1, CONNECTED)
    assert counts == ObjectCounts(found=1, invented=2, missed=0)
