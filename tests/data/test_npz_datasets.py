import zipfile

import numpy as np
import pytest

from bioselect.data.arrays import npz_image
from bioselect.data.npz_datasets import from_npz, npz_sources, npz_targets
from bioselect.data.reading import read_image
from bioselect.exceptions import DataError, UnreadableImageError


def _save(tmp_path, **arrays):
    path = tmp_path / "set.npz"
    np.savez(path, **arrays)
    return path


def _images(n):
    return np.arange(n * 4, dtype=np.uint8).reshape(n, 2, 2)


def _labels(*values):
    return np.array(values, dtype=np.uint8)[:, np.newaxis]


@pytest.fixture
def medmnist(tmp_path):
    return _save(
        tmp_path,
        train_images=_images(12),
        train_labels=_labels(10, 2, 0, 2, 10, 0, 2, 2, 2, 2, 2, 0),
        val_images=_images(2),
        val_labels=_labels(0, 7),
        test_images=_images(3),
        test_labels=_labels(0, 2, 10),
    )


def test_images_are_named_after_split_and_number(medmnist):
    dataset, notes = from_npz(medmnist, ["train"])
    assert dataset.n_images == 12
    assert dataset.name == "set.npz"
    last = dataset.records[10]
    assert (last.image_id, last.part, last.path) == ("train/000010", "train/10", medmnist)
    assert [record.target for record in dataset.records[:4]] == ["10", "2", "0", "2"]
    assert dataset.groups == [None] * 12
    assert notes == ["splits that were left aside: val (2), test (3)."]


def test_classes_are_the_numbers_in_their_order(medmnist):
    dataset, _ = from_npz(medmnist, ["train"])
    assert dataset.class_names == ("0", "2", "10")
    assert dataset.class_indices().tolist()[:4] == [2, 1, 0, 1]


def test_several_splits_are_one_data_set_sorted_by_id(medmnist):
    dataset, notes = from_npz(medmnist, ["val", "train"])
    assert dataset.n_images == 14
    assert [record.image_id for record in dataset.records[-3:]] == [
        "train/000011",
        "val/000000",
        "val/000001",
    ]
    assert dataset.class_names == ("0", "2", "7", "10")
    assert notes == ["splits that were left aside: test (3)."]


def test_targets_belong_to_their_images(tmp_path):
    """Each image shows its own class."""
    labels = np.random.default_rng(0).integers(0, 5, 30)
    images = np.repeat(labels, 4).reshape(30, 2, 2).astype(np.uint8)
    path = _save(tmp_path, train_images=images, train_labels=labels[:, np.newaxis])
    dataset, _ = from_npz(path)
    for record in dataset.records:
        split, number = record.part.split("/")
        assert npz_image(record.path, split, int(number))[0, 0, 0] == int(record.target)


def test_which_of_several_splits_must_be_said(medmnist):
    with pytest.raises(DataError) as caught:
        from_npz(medmnist)
    assert str(caught.value) == (
        f"{medmnist}: holds several splits: train (12 images), val (2 images), test (3 images). "
        "Say which are used with dataset.splits (on the command line --splits), for example "
        "[train]."
    )
    with pytest.raises(DataError, match=r"must be among train .*Got 'tset'. Correct"):
        from_npz(medmnist, ["train", "tset"])
    with pytest.raises(DataError, match=r"Got none"):
        from_npz(medmnist, [])


def test_several_labels_an_image_as_in_chestmnist(tmp_path):
    labels = np.zeros((4, 14), np.uint8)
    labels[1, 3] = 1
    labels[2, [2, 10]] = 1
    labels[3] = 1
    path = _save(tmp_path, train_images=_images(4), train_labels=labels)
    found = npz_targets(path, "train")
    assert found.dtype == np.int8
    np.testing.assert_array_equal(found, labels)
    dataset, _ = from_npz(path)
    assert dataset.class_names == tuple(f"label_{place}" for place in range(14))
    targets = [record.target for record in dataset.records]
    assert targets[:3] == [(), ("label_3",), ("label_10", "label_2")]
    assert len(targets[3]) == 14
    np.testing.assert_array_equal(dataset.label_matrix(), labels)


def test_labels_in_one_axis_and_as_text(tmp_path):
    path = _save(tmp_path, train_images=_images(3), train_labels=np.array([1, 0, 1]))
    assert [record.target for record in from_npz(path)[0].records] == ["1", "0", "1"]
    path = _save(tmp_path, train_images=_images(3), train_labels=np.array(["b", "a", "b"]))
    assert from_npz(path)[0].class_names == ("a", "b")
    # A blank at the end and the two ways to store an accent are no other class.
    labels = np.array(["caf\u00e9", "cafe\u0301 ", "b"])
    path = _save(tmp_path, train_images=_images(3), train_labels=labels)
    assert from_npz(path)[0].class_names == ("b", "caf\u00e9")


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (np.array(["a", " ", "b"]), r"must name a class for every image. Got an empty .* image 1,"),
        (np.eye(3, dtype=np.uint8), r"3 columns with exactly one 1 in every row.*labels.argmax"),
        (np.full((3, 2), 2), r"several columns of 0 and 1. Got shape \(3, 2\) with other values"),
        (np.zeros((2, 1), np.uint8), r"one row for each of the 3 images. Got shape \(2, 1\)"),
        (np.zeros((3, 1, 1), np.uint8), r"Got shape \(3, 1, 1\)"),
        (np.zeros((3, 0), np.uint8), r"Got shape \(3, 0\)"),
        (np.array([0.5, 1, 2]), r"as whole numbers or text. Got float64"),
        (np.array([{}, 1, 2], dtype=object), r"holds Python objects"),
    ],
)
def test_labels_that_may_mean_two_things_are_an_error(tmp_path, labels, message):
    path = _save(tmp_path, train_images=_images(3), train_labels=labels)
    with pytest.raises(UnreadableImageError, match=message):
        from_npz(path)


def test_missing_labels_and_labels_of_two_forms_are_errors(tmp_path):
    path = _save(tmp_path, train_images=_images(3))
    with pytest.raises(UnreadableImageError, match=r"has train_images but no train_labels. Add"):
        from_npz(path)
    several = np.array([[0, 1], [1, 1], [0, 0]])
    path = _save(
        tmp_path,
        train_images=_images(3),
        train_labels=several,
        val_images=_images(2),
        val_labels=_labels(0, 1),
    )
    with pytest.raises(
        UnreadableImageError, match=r"Got int8 of shape \(3, 2\) in train and int64"
    ):
        from_npz(path, ["train", "val"])
    assert from_npz(path, ["val"])[0].n_images == 2


def test_a_damaged_file_is_told_before_any_work(tmp_path):
    images = np.zeros((40, 28, 28), np.uint8)
    path = _save(
        tmp_path,
        train_images=images,
        train_labels=np.zeros(40, int),
        test_images=images,
        test_labels=np.zeros(40, int),
    )
    with zipfile.ZipFile(path) as archive:
        start = archive.getinfo("train_images.npy").header_offset
    data = bytearray(path.read_bytes())
    data[start + 20000] ^= 1
    path.write_bytes(data)
    with pytest.raises(UnreadableImageError, match=r"is damaged or cut short \(Bad CRC-32"):
        from_npz(path, ["train"])
    assert from_npz(path, ["test"])[0].n_images == 40


def test_damage_is_found_before_prediction_too(tmp_path):
    path = tmp_path / "cells.npz"
    images = np.random.default_rng(0).integers(0, 255, (20, 28, 28), dtype=np.uint8)
    np.savez(path, train_images=images, train_labels=np.zeros((20, 1), dtype=np.uint8))
    assert len(npz_sources(path)) == 20
    content = bytearray(path.read_bytes())
    content[2000:2500] = bytes(500)
    path.write_bytes(content)
    with pytest.raises(UnreadableImageError, match=r"cells.npz: it is damaged"):
        npz_sources(path)


def test_a_header_that_asks_for_more_than_is_stored(tmp_path):
    path = tmp_path / "cells.npz"
    images = np.zeros((5, 4, 4), dtype=np.uint8)
    np.savez(path, train_images=images, train_labels=np.zeros((5, 1), dtype=np.uint8))
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members["train_images.npy"] = members["train_images.npy"].replace(b"(5, 4, 4)", b"(7, 4, 4)")
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    with pytest.raises(UnreadableImageError, match=r"must have the 240 bytes .* Got 208"):
        read_image(path, "train/0")
