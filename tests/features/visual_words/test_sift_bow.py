"""Patches on a grid, described by OpenCV's SIFT."""

import cv2
import numpy as np
import pytest

from bioselect.exceptions import ComponentError, DataError
from bioselect.features.visual_words.grid import patch_grids
from bioselect.features.visual_words.packing import unpacked
from bioselect.features.visual_words.sift_bow import SIGMA, SiftBow


def smooth(height, width, n_channels=1, seed=0):
    noise = np.random.default_rng(seed).random((height, width, n_channels)).astype(np.float32)
    return cv2.GaussianBlur(noise, (0, 0), 2).reshape(height, width, n_channels)


def descriptors_of(extractor, image):
    """Return the descriptors of each plane, uint8 (n, 128), out of the packed row."""
    [row] = extractor.transform([image])
    found = []
    for plane in row.reshape(-1, 1 + 43 * extractor.keypoints):
        numbers = plane[1:].reshape(extractor.keypoints, 43)
        assert not numbers[int(plane[0]) :].any()
        found.append(unpacked(numbers[: int(plane[0])], 128))
    return found


def by_cell(descriptors):
    """Return the descriptors as 4 x 4 cells of 8 directions."""
    return descriptors.reshape(-1, 4, 4, 8)


def test_a_ramp_has_gradients_in_one_direction_only():
    # Brighter to the right: direction 0 of 8. Darker downwards: 270 degrees, which is 6 of 8
    # where angles go against the clock.
    ramp = np.tile(np.linspace(0, 1, 60, dtype=np.float32), (60, 1))
    for image, direction in ((ramp, 0), (1 - ramp.T, 6), (1 - ramp, 4), (ramp.T, 2)):
        [found] = descriptors_of(SiftBow(), image[:, :, None])
        counts = by_cell(found).sum(axis=(0, 1, 2))
        assert counts.argmax() in (direction, (8 - direction) % 8)
        assert counts.max() > 0.99 * counts.sum()


def test_one_edge_is_seen_by_the_patches_that_reach_it():
    image = np.zeros((40, 80, 1), dtype=np.float32)
    image[:, 24:] = 1
    extractor = SiftBow(patches=[16], step=4)
    [found] = descriptors_of(extractor, image)
    [grid] = patch_grids(40, 80, [16], 4, 256)
    sees = found.any(axis=1).reshape(len(grid.rows), len(grid.columns))
    # The edge lies at 23.5; patches reach 8 to each side, half a cell fades out, 6 are smoothing.
    far = np.abs(grid.columns - 23.5) > 8 + 8
    near = np.abs(grid.columns - 23.5) < 8
    assert far.any()
    assert not sees[:, far].any()
    assert sees[:, near].all()


def test_as_opencv_describes_keypoints_of_that_size():
    image = smooth(60, 70)
    [found] = descriptors_of(SiftBow(patches=[16], range="unit"), image)
    [grid] = patch_grids(60, 70, [16], 2, 256)
    points = [
        cv2.KeyPoint(x + 0.5, y + 0.5, 2 * 16 / 12, 0)  # a patch of 16 begins 8 pixels before
        for y in grid.rows
        for x in grid.columns
    ]
    levels = np.rint(255 * image[:, :, 0]).astype(np.uint8)
    assert {y % 1 for y in grid.rows} == {0.5}
    expected = cv2.SIFT_create(sigma=16 / 12).compute(levels, points)[1]
    assert np.abs(found.astype(int) - expected).max() <= 1
    assert SIGMA == 16 / 12


def test_patches_of_twice_the_size_are_those_of_the_image_of_half_the_size():
    image = smooth(120, 128, seed=3)
    half = cv2.resize(image[:, :, 0], None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    [large] = descriptors_of(SiftBow(patches=[32], step=4, keypoints=1024), image)
    [small] = descriptors_of(SiftBow(patches=[16], step=2, keypoints=1024), half[:, :, None])
    assert large.shape == small.shape
    # Grey levels are stretched before or after the image is made smaller.
    cosine = (large.astype(float) * small).sum(axis=1) / (
        np.linalg.norm(large.astype(float), axis=1) * np.linalg.norm(small.astype(float), axis=1)
    )
    assert cosine.min() > 0.95


@pytest.mark.parametrize("side", [700, 1500])
def test_bands_of_a_large_image_are_described_as_the_whole(side, monkeypatch):
    image = smooth(side, 90, seed=1)
    extractor = SiftBow(keypoints=600)
    [found] = descriptors_of(extractor, image)
    monkeypatch.setattr(
        "bioselect.features.visual_words.sift_bow.bands", lambda rows: [np.asarray(rows)]
    )
    [whole] = descriptors_of(extractor, image)
    assert len(found) == len(whole) > 300
    # One level of 256, where the last bit of a smoothed pixel decides.
    assert np.abs(found.astype(int) - whole).max() <= 1


def test_brightness_and_contrast_hardly_matter():
    image = smooth(64, 64)
    [here] = descriptors_of(SiftBow(), image)
    [there] = descriptors_of(SiftBow(), 0.02 + 0.05 * image)
    assert np.abs(here.astype(int) - there).max() <= 12


def test_16_bits_tell_more_than_8_of_a_dim_image():
    image = smooth(64, 64)
    dim = np.rint(image * 4095) / 65535  # 12 bits of 16
    [expected] = descriptors_of(SiftBow(range="image"), image)
    errors = []
    for limits in ("image", "unit"):
        [found] = descriptors_of(SiftBow(range=limits), dim.astype(np.float32))
        errors.append(np.abs(found.astype(int) - expected).mean())
    assert errors[0] < 1 < errors[1]


@pytest.mark.parametrize("value", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("shape", [(1, 1, 1), (7, 9, 3), (40, 40, 2), (300, 20, 1)])
def test_constant_images_have_empty_descriptors(shape, value):
    for found in descriptors_of(SiftBow(), np.full(shape, value, dtype=np.float32)):
        assert len(found) >= 1
        assert not found.any()


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (2, 3), (8, 8), (15, 15), (40, 3), (16, 400)])
def test_tiny_and_narrow_images(shape):
    image = np.random.default_rng(0).random((*shape, 1)).astype(np.float32)
    [found] = descriptors_of(SiftBow(), image)
    assert 1 <= len(found) <= 256


def test_each_channel_or_their_mean():
    image = smooth(40, 44, 3)
    each = descriptors_of(SiftBow(channels="each"), image)
    assert len(each) == 3
    for place, found in enumerate(each):
        [alone] = descriptors_of(SiftBow(), image[:, :, [place]])
        np.testing.assert_array_equal(found, alone)
    [mean] = descriptors_of(SiftBow(), image)
    [expected] = descriptors_of(SiftBow(), image.mean(axis=2, keepdims=True))
    assert np.abs(mean.astype(int) - expected).max() <= 1


def test_channels_may_differ_with_their_mean_only():
    images = [smooth(40, 40, 3), smooth(40, 40, 1)]
    assert SiftBow().transform(images).shape == (2, 11009)
    with pytest.raises(DataError, match=r"sift_bow: all images .* same number of channels"):
        SiftBow(channels="each").transform(images)


def test_words_do_not_change_the_rows():
    image = smooth(40, 40)
    np.testing.assert_array_equal(
        SiftBow(words=7).transform([image]), SiftBow(words=70).transform([image])
    )
    assert SiftBow.learnt_parameters == ("words",)
    step = SiftBow(words=7, keypoints=30).learnt_step(5)
    assert step.get_params() == {
        "descriptor": "sift",
        "n_descriptors": 30,
        "n_words": 7,
        "seed": 5,
    }


@pytest.mark.parametrize("patches", [[], [16, 16], [4], [1024], [16.5]])
def test_wrong_patches(patches):
    with pytest.raises(ComponentError, match=r"sift_bow: params\.patches must be different whole"):
        SiftBow(patches=patches)


def test_more_sizes_than_keypoints():
    with pytest.raises(ComponentError, match=r"params\.keypoints must be .* Got 8 for 9 sizes"):
        SiftBow(keypoints=8, patches=list(range(8, 17)))


def test_declared_operations():
    # 262,144 pixels x (8 + 180 x (1 + 1/4 + 1/16)) + 256 x (29 x 29 x 40 + 2 x 128 x 200).
    assert SiftBow().operations() == 262_144 * (8 + 180 * 1.3125) + 256 * (33_640 + 51_200)
    assert SiftBow(channels="each").operations() == 3 * SiftBow().operations()
    assert SiftBow(words=400).operations() > SiftBow().operations()
