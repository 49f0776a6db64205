import numpy as np
import pytest

from bioselect.exceptions import DataError
from bioselect.networks.task import NetworkTask


def task_of(classes=(0, 1, 0), train=(0, 1), validation=(2,), n_classes=2):
    return NetworkTask(n_classes, np.array(classes), np.array(train), np.array(validation), 0)


def test_several_labels_an_image_are_seen_from_the_shape():
    labels = np.array([[True, False], [True, True], [False, False]])
    task = task_of(labels)
    assert task.is_multi_label
    assert task.targets(np.array([1, 2])).tolist() == [[1, 1], [0, 0]]
    assert not task_of().is_multi_label


@pytest.mark.parametrize(
    ("task", "words"),
    [
        (task_of(train=()), "must have images to train on"),
        (task_of(n_classes=1, classes=(0, 0, 0)), "must have at least 2 classes"),
        (task_of(classes=(0, 1)), "Got 2 classes for 3 images"),
        (task_of(validation=(1, 2)), "Got some in both"),
    ],
)
def test_what_nothing_can_be_learnt_from_is_refused(task, words):
    with pytest.raises(DataError, match=words):
        task.check(3)


def test_a_label_alone_is_something_to_learn():
    task = NetworkTask(1, np.array([[True], [False]]), np.array([0, 1]), np.array([], int), 0)
    task.check(2)
