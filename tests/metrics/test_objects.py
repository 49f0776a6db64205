import numpy as np
import pytest
from skimage.draw import disk
from skimage.measure import label

from bioselect.metrics.objects import ObjectRule, label_objects, label_region

RANDOM = np.random.default_rng(0).random((60, 80)) < 0.45


def _discs(*centres, radius=10, shape=(60, 80)):
    region = np.zeros(shape, bool)
    for centre in centres:
        region[disk(centre, radius, shape=shape)] = True
    return region


def _same_pieces(first, second):
    return (
        len(np.unique(np.stack([first.ravel(), second.ravel()]), axis=1).T)
        == len(np.unique(first))
        == len(np.unique(second))
    )


def test_pieces_are_those_of_scikit_image_and_in_order():
    found, n_objects = label_region(RANDOM, ObjectRule())
    assert _same_pieces(found, label(RANDOM, connectivity=2))
    assert not _same_pieces(found, label(RANDOM, connectivity=1))  # corners connect
    numbers, first = np.unique(found.ravel(), return_index=True)
    assert numbers.tolist() == list(range(n_objects + 1))
    assert (np.diff(first[1:]) > 0).all()
    assert found.dtype == np.int32


def test_touching_discs_are_divided_at_the_neck_on_request():
    # Radius 10, centres 18 apart: half the neck is sqrt(100 - 81) = 4.4, a fall of 5.6.
    touching = _discs((20, 20), (20, 38), (45, 60))
    assert label_region(touching, ObjectRule())[1] == 2
    parts, n_parts = label_region(touching, ObjectRule("watershed"))
    assert n_parts == 3
    assert np.array_equal(parts > 0, touching)
    assert len({parts[20, 20], parts[20, 38], parts[45, 60]}) == 3
    assert abs((parts == parts[20, 20]).sum() - (parts == parts[20, 38]).sum()) <= 20
    assert label_region(touching, ObjectRule("watershed", neck=7.0))[1] == 2


def test_what_has_no_neck_stays_whole():
    for region in (_discs((30, 40)), np.ones((7, 30), bool), np.ones((1, 1), bool)):
        assert label_region(region, ObjectRule("watershed"))[1] == 1
    nothing, n_objects = label_region(np.zeros((4, 5), bool), ObjectRule("watershed", min_area=3))
    assert (nothing.shape, nothing.any(), n_objects) == ((4, 5), False, 0)


def test_small_objects_do_not_count():
    region = np.zeros((5, 9), bool)
    region[0, 0] = region[2:4, 2:4] = region[4, 6:9] = True
    labels, n_objects = label_region(region, ObjectRule(min_area=3))
    assert n_objects == 2
    assert np.bincount(labels.ravel()).tolist() == [45 - 7, 4, 3]


def test_objects_of_two_classes_that_touch_are_two():
    mask = np.zeros((4, 6), np.uint8)
    mask[1:3, :3], mask[1:3, 3:], mask[0, 0] = 2, 1, 255
    found = label_objects(mask, 3, background=0)
    assert found.classes.tolist() == [1, 2]
    assert np.array_equal(found.labels[1], [2, 2, 2, 1, 1, 1])
    assert found.labels[0].max() == 0
    without = label_objects(mask, 3, background=None)
    assert without.classes.tolist() == [0, 0, 1, 2]


def test_a_rule_that_is_none_is_refused():
    for wrong in ({"split": "both"}, {"neck": 0.0}, {"min_area": 0}):
        with pytest.raises(ValueError, match="split must be one of none, watershed"):
            ObjectRule(**wrong)
