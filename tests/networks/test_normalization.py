import numpy as np
import pytest

from bioselect.backbones.preprocessing import preprocess
from bioselect.exceptions import ComponentError
from bioselect.networks.normalization import (
    chosen_normalization,
    normalization_in,
    normalization_model,
)

IMAGES = np.random.default_rng(0).random((2, 5, 4, 3)).astype(np.float32)


def scaled(written, own="", images=IMAGES):
    import keras

    chosen = chosen_normalization(written, own, images.shape[3], "resnet18")
    model = normalization_model(keras, chosen, images.shape[1:])
    assert normalization_in(model) == chosen
    return np.array(model(images))


@pytest.mark.parametrize("mode", ["caffe", "tf", "torch", "none"])
def test_networks_of_the_table_get_the_pixels_they_were_trained_with(mode):
    expected = preprocess(IMAGES, mode)
    assert scaled("auto", mode) == pytest.approx(expected, abs=float(3e-5 * np.abs(expected).max()))


@pytest.mark.parametrize("written", ["auto", {"mean": 0.5, "std": 0.5}])
def test_own_networks_get_minus_one_to_one_as_published(written):
    assert scaled(written) == pytest.approx((IMAGES - 0.5) / 0.5, abs=1e-6)


def test_each_channel_may_have_its_own_mean():
    got = scaled({"mean": [0.1, 0.2, 0.3], "std": [0.5, 0.25, 1]})
    assert got == pytest.approx((IMAGES - [0.1, 0.2, 0.3]) / [0.5, 0.25, 1], abs=1e-5)


def test_each_image_may_be_standardised():
    got = scaled("per_image")
    assert got.mean(axis=(1, 2, 3)) == pytest.approx([0, 0], abs=1e-5)
    assert got.std(axis=(1, 2, 3)) == pytest.approx([1, 1], abs=1e-3)
    assert np.isfinite(scaled("per_image", images=np.zeros((1, 4, 4, 2), np.float32))).all()


def test_nothing_is_done_on_request():
    assert np.array_equal(scaled("none"), IMAGES)


@pytest.mark.parametrize("n_channels", [1, 5])
def test_colours_of_imagenet_are_not_used_for_other_channels(n_channels):
    images = np.zeros((1, 4, 4, n_channels), np.float32)
    assert np.array_equal(scaled("auto", "caffe", images), images - 1)


def test_the_number_of_channels_must_fit():
    with pytest.raises(ComponentError, match=r"mean for each channel of the images, 3\. Got 2"):
        scaled({"mean": [0.1, 0.2], "std": 1})
    with pytest.raises(ComponentError, match="for each channel of the images, 1"):
        scaled("imagenet", images=IMAGES[..., :1])
