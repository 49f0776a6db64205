from pathlib import Path

import numpy as np
import pytest

from bioselect.data.records import ImageDataset, ImageRecord
from bioselect.exceptions import DataError


def dataset(*targets, names=("effusion", "mass", "nodule")):
    records = [ImageRecord(f"{i}.png", Path(f"{i}.png"), t) for i, t in enumerate(targets)]
    return ImageDataset("chest", Path(), tuple(records), names)


def test_labels_as_a_matrix_in_the_order_of_their_names():
    labelled = dataset(("effusion", "nodule"), (), ("mass",), names=("nodule", "effusion", "mass"))
    assert labelled.is_multilabel
    matrix = labelled.label_matrix()
    assert matrix.tolist() == [[1, 1, 0], [0, 0, 0], [0, 0, 1]]
    assert matrix.dtype == np.int8


def test_images_without_any_label_are_labelled_all_the_same():
    assert dataset((), ()).is_multilabel
    assert dataset((), ()).label_matrix().tolist() == [[0, 0, 0]] * 2


def test_one_class_an_image_is_no_multilabel_set():
    classes = dataset("effusion", "mass")
    assert not classes.is_multilabel
    assert classes.class_indices().tolist() == [0, 1]
    with pytest.raises(DataError, match=r"must have labels.* Got the class 'effusion' \(0\.png\)"):
        classes.label_matrix()


def test_labels_are_no_classes():
    with pytest.raises(DataError, match="chest: must have one class for each image"):
        dataset(("effusion",), ()).class_indices()


@pytest.mark.parametrize(
    ("target", "text"),
    [(("effusion", "mass"), "effusion|mass"), ((), ""), (None, ""), ("mass", "mass"), (0.5, "0.5")],
)
def test_target_as_a_cell(target, text):
    assert ImageRecord("a.png", Path("a.png"), target).target_text == text
