"""Images as programs give them."""

from pathlib import Path

import numpy as np
import pytest
import tifffile

from bioselect.data.intensities import Intensity
from bioselect.data.preparation import Reading
from bioselect.exceptions import DataError
from bioselect.features.given_images import given_images, rows_of_given

READING = Reading(Intensity("dtype"), join_series=False)


class Means:
    """The mean of each channel."""

    def transform(self, images):
        return np.array([image.mean(axis=(0, 1)) for image in images], dtype=np.float32)


@pytest.mark.parametrize(
    ("images", "got"),
    [
        ("a.png", "Got text. Write ['a.png']"),
        (Path("a.png"), "Got text"),
        (3, "Got int."),
        ([], "Got none."),
        (np.zeros((4, 5)), r"Got an array of shape (4, 5)."),
        (np.zeros((2, 0, 5, 3)), r"Got an array of shape (2, 0, 5, 3)."),
        ([np.zeros((4, 5)), np.zeros(4)], r"Got shape (4,), float64 at place 1."),
        ([np.zeros((4, 5)), "a.png"], "Got str at place 1."),
        ([None], "Got NoneType at place 0."),
    ],
)
def test_what_is_no_list_of_images_is_told(images, got):
    with pytest.raises(DataError) as caught:
        given_images(images)
    assert str(caught.value).startswith("images must be a list of paths, or arrays")
    assert got in str(caught.value)


def test_arrays_of_paths_are_paths():
    assert given_images(np.array(["a.png", "b.png"])) == [Path("a.png"), Path("b.png")]
    assert given_images(np.array([Path("a.png")], dtype=object)) == [Path("a.png")]


def test_rows_come_in_the_order_given(tmp_path):
    paths = []
    for value in (255, 51, 102):
        paths.append(tmp_path / f"{value}.tif")
        tifffile.imwrite(paths[-1], np.full((4, 5), value, dtype=np.uint8))
    expected = np.array([[1.0], [0.2], [0.4]], dtype=np.float32)
    np.testing.assert_allclose(rows_of_given(paths, Means(), READING), expected, rtol=1e-6)
    arrays = [tifffile.imread(path) for path in paths]
    np.testing.assert_allclose(rows_of_given(arrays, Means(), READING), expected, rtol=1e-6)


def test_images_of_different_channels_are_told(tmp_path):
    paths = [tmp_path / "grey.tif", tmp_path / "colour.tif"]
    tifffile.imwrite(paths[0], np.zeros((4, 5), dtype=np.uint8))
    tifffile.imwrite(paths[1], np.zeros((4, 5, 3), dtype=np.uint8), photometric="rgb")
    with pytest.raises(DataError, match="rows of one length"):
        rows_of_given(paths, Means(), READING)


def test_a_file_of_several_images_is_told(tmp_path):
    path = tmp_path / "set.npz"
    np.savez(path, train_images=np.zeros((3, 8, 8), np.uint8), train_labels=np.zeros((3, 1), int))
    with pytest.raises(DataError, match=r"must hold one image, as each path gives one row\. Got 3"):
        rows_of_given([path], Means(), READING)
