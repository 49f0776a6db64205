"""Networks of Keras in ONNX: operations that need care, and those that there are none for."""

import numpy as np
import pytest

from bioselect.backbones.keras_import import import_keras
from bioselect.backbones.keras_runner import FixedBatchRunner
from bioselect.bundle.export.keras_graph import onnx_of_keras
from bioselect.exceptions import ComponentError


def test_grouped_convolutions_and_normalisations_with_weights_of_their_own(computed):
    keras = import_keras()
    keras.utils.set_random_seed(0)
    image = keras.Input((12, 10, 4))
    # Means and variances of this layer are no weights to Keras; they must not become inputs.
    x = keras.layers.Normalization(mean=[0.1, 0.2, 0.3, 0.4], variance=[1.0, 2.0, 3.0, 4.0])(image)
    x = keras.layers.Conv2D(8, 3, groups=4, padding="same", activation="gelu")(x)
    x = keras.layers.LayerNormalization()(keras.layers.UpSampling2D(interpolation="bilinear")(x))
    model = keras.Model(image, keras.layers.GlobalAveragePooling2D()(x))
    images = np.random.default_rng(0).random((3, 12, 10, 4)).astype(np.float32)
    translated = onnx_of_keras(model, (12, 10, 4), "mine")
    (got,) = computed(translated, **{translated.graph.input[0].name: images})
    expected = FixedBatchRunner(model, (12, 10, 4), 3).rows(list(images), "unit")
    np.testing.assert_allclose(got, expected, rtol=0, atol=1e-5)


def test_an_operation_that_onnx_does_not_have():
    keras = import_keras()
    image = keras.Input((4, 4, 1))
    model = keras.Model(image, keras.ops.erfinv(keras.layers.Flatten()(image)))
    with pytest.raises(ComponentError, match=r"^mine: tf2onnx must know every operation"):
        onnx_of_keras(model, (4, 4, 1), "mine")
