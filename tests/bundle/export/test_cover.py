"""The picture of a package shows what went in and what came out."""

import io

import numpy as np
from PIL import Image

from bioselect.bundle.export.cover import as_png, cover


def test_probabilities_are_bars_as_long_as_they_are():
    picture = cover(np.zeros((8, 8, 1), dtype=np.uint8), np.array([0.25, 0.75]))
    assert (picture.shape, picture.dtype) == ((256, 512, 3), np.uint8)
    right = picture[:, 256:]
    drawn = (right != 245).any(axis=2)  # Paper: 0.96 x 255, rounded.
    # Two rows of 128 pixels, the bar in the middle half of each.
    lengths = drawn.sum(axis=1)
    assert lengths[32:96].tolist() == [64] * 64
    assert lengths[160:224].tolist() == [192] * 64
    assert lengths.sum() == 64 * (64 + 192)
    assert (right[40, 0] == 0).all()
    assert (right[170, 0] != 0).any()


def test_masks_have_a_colour_a_class_where_the_class_is():
    said = np.zeros((2, 4, 2))
    said[:, :3, 0] = said[:, 3:, 1] = 1.0
    right = cover(np.zeros((2, 4, 1), dtype=np.uint8), said)[:, 256:]
    is_first = (right == 0).all(axis=2)
    assert is_first[:, :192].all()
    assert not is_first[:, 192:].any()


def test_an_image_goes_from_dark_to_bright_whatever_its_type():
    image = np.full((4, 4, 1), 1000, dtype=np.uint16)
    image[:, 2:] = 3000
    left = cover(image, np.array([1.0]))[:, :256]
    assert (left[:, 0].max(), left[:, -1].min()) == (0, 255)
    assert (left[..., 0] == left[..., 2]).all()
    colours = np.zeros((4, 4, 5), dtype=np.uint8)
    colours[..., 1] = 9  # The fourth channel and those behind it are not shown.
    colours[..., 4] = 200
    assert cover(colours, np.array([1.0]))[9, 9].tolist() == [0, 255, 0]


def test_a_flat_image_and_a_number_draw_nothing():
    picture = cover(np.full((3, 5, 3), 7, dtype=np.uint8), np.array([12.5]))
    assert (picture[:, :256] == 0).all()
    assert (picture[:, 256:] == 245).all()


def test_the_file_is_the_picture():
    picture = cover(np.eye(8, dtype=np.uint8)[..., None], np.array([0.5, 0.5]))
    with Image.open(io.BytesIO(as_png(picture))) as file:
        assert file.format == "PNG"
        np.testing.assert_array_equal(np.asarray(file), picture)
