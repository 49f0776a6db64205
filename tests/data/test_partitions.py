import numpy as np
import pytest

from bioselect.data.partitions import (
    MAX_ATTEMPTS,
    Defects,
    UnitContents,
    new_partition,
    numbered_by_appearance,
)


def test_contents_count_images_of_each_class_in_each_unit():
    contents = UnitContents.of(np.array([5, 5, 9, 9, 5]), np.array([30, 10, 30, 30, 10]))
    assert contents.unit_of_image.tolist() == [0, 1, 0, 0, 1]
    assert contents.counts.tolist() == [[1, 2], [2, 0]]
    assert contents.pairs == [[(0, 1), (1, 2)], [(0, 2)]]
    assert contents.sizes.tolist() == [3, 2]
    assert contents.n_units == 2


def test_contents_of_several_labels_an_image():
    # Unit 7: images 0 and 2 with labels (0, 2) and (2); unit 4: image 1 without any.
    contents = UnitContents.of_members(
        np.array([[1, 0, 1], [0, 0, 0], [0, 0, 1]]), np.array([7, 4, 7])
    )
    assert contents.counts.tolist() == [[1, 0, 2], [0, 0, 0]]
    assert contents.pairs == [[(0, 1), (2, 2)], []]
    assert contents.sizes.tolist() == [2, 1]


def test_lengths_must_agree():
    with pytest.raises(ValueError, match=r"one length\. Got 2 and 3"):
        UnitContents.of(np.zeros(2, int), np.zeros(3, int))


def test_equal_partitions_have_equal_numbers_whatever_their_labels():
    first = numbered_by_appearance([2, 2, 0, 1])
    assert first.tolist() == numbered_by_appearance([7, 7, 3, 5]).tolist() == [0, 0, 1, 2]
    assert first.tolist() != numbered_by_appearance([2, 0, 0, 1]).tolist()


def test_defects_are_counted():
    # Class 0 in four units, class 1 in two. Two folds. All of class 1 can be kept apart.
    contents = UnitContents.of(np.array([0, 0, 0, 0, 1, 1]), np.array([0, 1, 2, 3, 4, 5]))
    assignment, defects = new_partition(contents, 2, (0, 0), set(), Defects(0, 0))
    assert defects == Defects(untrained=0, untested=0)
    assert assignment[4] != assignment[5]
    assert sorted(np.bincount(assignment)) == [3, 3]


def test_none_when_every_partition_was_seen():
    # Two units in two folds: one partition.
    contents = UnitContents.of(np.array([0, 0]), np.array([0, 1]))
    seen = set()
    assignment, _ = new_partition(contents, 2, (0, 0), seen, Defects(0, 0))
    seen.add(numbered_by_appearance(assignment).tobytes())
    assert new_partition(contents, 2, (0, 1), seen, Defects(0, 0)) is None
    assert MAX_ATTEMPTS >= 100
