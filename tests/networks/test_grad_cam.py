"""Grad-CAM is what its formula says, worked out by hand for a network of two maps."""

import numpy as np
import pytest

from bioselect.backbones.keras_import import in_fresh_keras
from bioselect.exceptions import ComponentError
from bioselect.networks.grad_cam import grad_cam, rows_before_head
from bioselect.networks.pixels import ArrayPixels

SIDE = 8
#: Two maps of an image of one channel, and how they speak for two classes.
MAPS, HEAD = np.array([2.0, -1.0]), np.array([[1.0, -3.0], [0.5, 2.0]])


def network(keras, last="probabilities", body_side=SIDE, is_flat=False):
    """Build scaling, body and top by hand, as `assembling` does."""
    image = keras.Input((SIDE, SIDE, 1))
    scaling = keras.Model(image, keras.layers.Rescaling(1.0)(image), name="normalization")
    image = keras.Input((SIDE, SIDE, 1))
    if is_flat:
        maps = keras.layers.Flatten()(image)
    else:
        maps = keras.layers.Conv2D(2, 1, use_bias=False, name="maps")(image)
        if body_side != SIDE:
            maps = keras.layers.AveragePooling2D(SIDE // body_side)(maps)
    body = keras.Model(image, maps, name="body")
    given = keras.Input(body.output_shape[1:])
    pooled = given if is_flat else keras.layers.GlobalAveragePooling2D()(given)
    top = keras.Model(given, keras.layers.Dense(2, use_bias=False, name="head")(pooled), name="top")
    image = keras.Input((SIDE, SIDE, 1))
    answer = keras.layers.Activation("softmax", name=last)
    if last == "value":
        answer = keras.layers.Rescaling(1.0, name=last)
    model = keras.Model(image, answer(top(body(scaling(image)))))
    if not is_flat:
        body.get_layer("maps").set_weights([MAPS.reshape(1, 1, 1, 2)])
        top.get_layer("head").set_weights([HEAD])
    return model


@pytest.fixture(scope="module")
def image():
    return np.random.default_rng(0).random((SIDE, SIDE, 1)).astype(np.float32)


def test_maps_are_added_by_their_mean_gradients(image):
    model = in_fresh_keras(network)
    found = grad_cam(model, image, (0, 1))
    # The answer is the mean of each map times its weight: its gradient is weight / 64 everywhere.
    signed = [(MAPS * HEAD[:, place]).sum() / SIDE**2 * image[:, :, 0] for place in (0, 1)]
    assert signed[0].max() > 0 > signed[1].min()
    np.testing.assert_allclose(found[:, :, 0], np.maximum(signed[0], 0), rtol=1e-5)
    np.testing.assert_allclose(found[:, :, 1], np.maximum(signed[1], 0), atol=1e-9)


def test_what_lowers_a_number_is_kept(image):
    model = in_fresh_keras(lambda keras: network(keras, "value"))
    expected = (MAPS * HEAD[:, 1]).sum() / SIDE**2 * image[:, :, 0]
    np.testing.assert_allclose(grad_cam(model, image, (1,))[:, :, 0], expected, rtol=1e-5)


def test_the_last_map_that_is_fine_enough_is_taken(image):
    model = in_fresh_keras(lambda keras: network(keras, body_side=2))
    assert grad_cam(model, image, (0,)).shape == (SIDE, SIDE, 1)  # not the 2 x 2 of the last layer


def test_a_network_without_maps_is_told(image):
    # The input itself is a map of the network's, but says nothing of what it looks at.
    model = in_fresh_keras(lambda keras: network(keras, is_flat=True))
    with pytest.raises(ComponentError, match="needs a network with a layer of maps"):
        grad_cam(model, image, (0,))


def test_rows_are_what_the_last_layer_sees(image):
    model = in_fresh_keras(network)
    pixels = ArrayPixels(np.stack([image, 2 * image, image]))
    rows = rows_before_head(model, pixels, np.array([1, 0]))
    mean = image.mean()
    np.testing.assert_allclose(rows, np.outer([2 * mean, mean], MAPS), rtol=1e-5)
