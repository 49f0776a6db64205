import json

import numpy as np
import pytest

from bioselect.data import preparation
from bioselect.data.intensities import Intensity
from bioselect.data.preparation import Reading, prepare
from bioselect.data.stacks import Stack
from bioselect.exceptions import UnreadableImageError

DTYPE = Reading(Intensity("dtype"))


def _image(n_channels, height=6, width=8, seed=0):
    values = np.random.default_rng(seed).integers(0, 256, (height, width, n_channels))
    return values.astype(np.uint8)


def test_grey_is_repeated():
    image = _image(1)
    prepared = prepare(image, DTYPE, None, 3, "a.png")
    assert prepared.shape == (6, 8, 3)
    for channel in range(3):
        np.testing.assert_allclose(prepared[:, :, channel], image[:, :, 0] / 255, rtol=1e-6)


def test_grey_is_repeated_even_where_channels_are_chosen():
    chosen = Reading(Intensity("dtype"), (0, 2, 4))
    assert prepare(_image(1), chosen, None, 3, "a.png").shape == (6, 8, 3)


def test_three_channels_stay_in_their_order():
    image = _image(3)
    np.testing.assert_allclose(prepare(image, DTYPE, None, 3, "a.png"), image / 255, rtol=1e-6)


def test_channels_are_chosen_in_the_given_order():
    image = _image(5)
    chosen = Reading(Intensity("dtype"), (4, 0, 2))
    expected = image[:, :, [4, 0, 2]] / 255
    np.testing.assert_allclose(prepare(image, chosen, None, 3, "a.tif"), expected, rtol=1e-6)


def test_one_chosen_channel_is_repeated():
    image = _image(5)
    prepared = prepare(image, Reading(Intensity("dtype"), (4,)), None, 3, "a.tif")
    np.testing.assert_allclose(prepared, np.repeat(image[:, :, 4:], 3, axis=2) / 255, rtol=1e-6)


def test_without_a_number_of_channels_all_stay():
    chosen = Reading(Intensity("dtype"), (4, 0, 2))
    assert prepare(_image(5), chosen, None, None, "a.tif").shape == (6, 8, 5)


def test_the_percentile_is_of_the_whole_image_not_of_the_chosen_channels():
    image = np.zeros((10, 10, 4), dtype=np.uint16)
    image[:, :, 3] = 1000
    image[:, :, 0] = 500
    prepared = prepare(image, Reading(Intensity("percentile"), (0, 1, 2)), None, 3, "a.tif")
    np.testing.assert_allclose(prepared[0, 0], [0.5, 0, 0])


def test_too_many_channels_is_an_error_that_says_what_to_do():
    with pytest.raises(UnreadableImageError) as caught:
        prepare(_image(5), DTYPE, None, 3, "plate1/a.tif")
    assert str(caught.value) == (
        "the extractor accepts images with 3 channels. Got 5 (plate1/a.tif). Choose three with "
        "dataset.channels, for example [0, 1, 2]."
    )


@pytest.mark.parametrize(
    ("n_found", "channels", "message"),
    [
        (2, None, r"Got 2 .*for example \[0, 1, 1\]"),
        (3, (0, 1, 3), "must lie between 0 and 2.*Got an image with 3"),
        (3, (0, 1, -1), "must lie between 0 and 2"),
        (5, (0, 1), r"Got the 2 of dataset.channels \[0, 1\]"),
    ],
)
def test_channels_that_do_not_fit_are_errors(n_found, channels, message):
    with pytest.raises(UnreadableImageError, match=message) as caught:
        prepare(_image(n_found), Reading(Intensity("dtype"), channels), None, 3, "b.tif")
    assert "b.tif" in str(caught.value)


def test_a_large_image_is_prepared_channel_by_channel_with_the_same_result(monkeypatch):
    image = _image(5, 40, 30)
    at_once = prepare(image, DTYPE, (11, 13), None, "a.tif")
    monkeypatch.setattr(preparation, "N_VALUES_AT_ONCE", 10)
    np.testing.assert_allclose(prepare(image, DTYPE, (11, 13), None, "a.tif"), at_once, atol=1e-6)


def test_scaled_and_resized():
    pixels = np.zeros((4, 4, 1), dtype=np.uint16)
    pixels[:2, :2] = 4095
    prepared = prepare(pixels, Reading(Intensity("range", 0, 4095)), (2, 2), 3, "a.tif")
    assert prepared.dtype == np.float32
    np.testing.assert_allclose(prepared[:, :, 0], [[1, 0], [0, 0]])


def test_values_that_do_not_fit_the_scaling_name_the_file():
    with pytest.raises(UnreadableImageError, match=r"a\.tif.*float"):
        prepare(np.full((4, 4, 1), 7, dtype=np.float32), DTYPE, None, None, "a.tif")


@pytest.mark.parametrize(
    "reading",
    [
        DTYPE,
        Reading(Intensity("range", 0.5, 4095), (2, 0, 1)),
        Reading(Intensity("percentile"), (0,)),
        Reading(Intensity("dtype"), stack=Stack("mean")),
        Reading(Intensity("dtype"), stack=Stack("every", 5)),
    ],
)
def test_a_reading_survives_json(reading):
    assert Reading.from_dict(json.loads(json.dumps(reading.as_dict()))) == reading


def test_a_reading_of_a_model_from_before_stacks_is_read():
    old = {"intensity": {"min": 0, "max": 4095}, "channels": [0], "repeat_grey": False}
    assert Reading.from_dict(old) == Reading(Intensity("range", 0, 4095), (0,))


def test_grey_images_of_a_mixed_set_get_three_equal_channels():
    grey = np.arange(12, dtype=np.uint8).reshape(3, 4, 1)
    colour = np.repeat(grey, 3, axis=2)
    reading = Reading(Intensity("dtype"), repeat_grey=True)
    prepared = prepare(grey, reading, None, None, "grey.png")
    assert np.array_equal(prepared, prepare(colour, reading, None, None, "colour.png"))
    assert prepared.shape == (3, 4, 3)
    two = np.zeros((3, 4, 2), dtype=np.uint8)
    assert prepare(two, reading, None, None, "two.tif").shape == (3, 4, 2)
