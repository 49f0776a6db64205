"""Keras comes quietly and leaves no trace in anybody's settings."""

import os
import random
import subprocess
import sys

import numpy as np
import pytest

from bioselect.backbones.keras_import import full_precision, import_keras, in_fresh_keras


def run(code, **environment):
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
    )


def test_nothing_is_printed_and_a_wish_for_another_backend_is_overruled():
    # Including what the libraries print before any log level is obeyed.
    done = run(
        "from bioselect.backbones.inference import Backbone; import numpy as np;"
        "b = Backbone('mobilenet_v2', 'none', alpha=0.35, input_size=32, layer='Conv1');"
        "b.features(np.zeros((1, 32, 32, 3), np.float32)); import sys; print('x', file=sys.stderr);"
        "print(sys.modules['keras'].backend.backend())",
        KERAS_BACKEND="jax",
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "tensorflow\n", "x\n")


def test_another_backend_is_an_error_with_the_remedy():
    code = (
        "import sys, types; keras = types.ModuleType('keras');"
        "keras.backend = types.SimpleNamespace(backend=lambda: 'jax');"
        "sys.modules['keras'] = keras;"
        "from bioselect.backbones.keras_import import import_keras; import_keras()"
    )
    done = run(code)
    assert "UnavailableError: Keras must run on TensorFlow. Got KERAS_BACKEND=jax." in done.stderr


def test_a_missing_package_is_an_error_with_the_remedy():
    code = (
        "import sys; sys.modules['tensorflow'] = None;"
        "from bioselect.backbones.keras_import import import_keras; import_keras()"
    )
    assert (
        "UnavailableError: Keras networks need the packages keras and tensorflow"
        in run(code).stderr
    )


def test_settings_of_the_program_do_not_reach_the_network_and_stay():
    keras = import_keras()
    keras.config.set_image_data_format("channels_first")
    keras.config.set_dtype_policy("mixed_float16")
    try:
        seen = in_fresh_keras(
            lambda fresh: (
                fresh.config.image_data_format(),
                fresh.config.dtype_policy().name,
                fresh.layers.Dense(1).compute_dtype,
            )
        )
        after = (keras.config.image_data_format(), keras.config.dtype_policy().name)
    finally:
        keras.config.set_image_data_format("channels_last")
        keras.config.set_dtype_policy("float32")
    assert seen == ("channels_last", "float32", "float32")
    assert after == ("channels_first", "mixed_float16")


def test_random_numbers_of_the_program_are_left_alone():
    keras = import_keras()
    random.seed(5)
    np.random.seed(5)
    expected = (random.random(), np.random.random())
    random.seed(5)
    np.random.seed(5)
    draws = [
        in_fresh_keras(lambda fresh: fresh.layers.Dense(3).kernel_initializer((2, 3)).numpy())
        for _ in range(2)
    ]
    assert (random.random(), np.random.random()) == expected
    np.testing.assert_array_equal(draws[0], draws[1])
    other = in_fresh_keras(lambda fresh: keras.layers.Dense(3).kernel_initializer((2, 3)), seed=1)
    assert not np.array_equal(draws[0], other.numpy())


def test_names_are_counted_from_the_first_layer():
    def name(keras):
        return keras.layers.Dense(1).name

    assert [in_fresh_keras(name) for _ in range(3)] == ["dense"] * 3


def test_an_error_inside_comes_out_and_settings_are_put_back():
    keras = import_keras()

    def fail(fresh):
        raise KeyError("inside")

    state = random.getstate()
    with pytest.raises(KeyError, match="inside"):
        in_fresh_keras(fail)
    assert random.getstate() == state
    assert keras.config.image_data_format() == "channels_last"


@pytest.mark.parametrize("before", [True, False])
def test_full_precision_is_on_inside_only(before):
    with full_precision() as tensorflow:
        settings = tensorflow.config.experimental
    original = settings.tensor_float_32_execution_enabled()
    settings.enable_tensor_float_32_execution(before)
    try:
        with full_precision():
            assert not settings.tensor_float_32_execution_enabled()
        assert settings.tensor_float_32_execution_enabled() == before
    finally:
        settings.enable_tensor_float_32_execution(original)
