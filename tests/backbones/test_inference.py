"""Images through a network: Keras's numbers, the same for an image whatever lies beside it."""

import random
from pathlib import Path

import numpy as np
import pytest

from bioselect.backbones.compiling import relative_difference
from bioselect.backbones.inference import Backbone
from bioselect.backbones.keras_import import import_keras
from bioselect.backbones.keras_runner import FixedBatchRunner
from bioselect.exceptions import BundleError, ComponentError, UnavailableError

# Keras 3.15 reads its variables in a way that NumPy 2 advises against.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

REAL_WEIGHTS = Path(__file__).parents[3] / "shared" / "data" / "weights"
needs_real_weights = pytest.mark.skipif(
    not REAL_WEIGHTS.is_dir(), reason="no folder shared/data beside the project"
)


def draw(n_images, size=(96, 96), seed=0):
    return np.random.default_rng(seed).random((n_images, *size, 3)).astype(np.float32)


def real_file(alpha):
    return str(REAL_WEIGHTS / f"mobilenet_v2_alpha{alpha}_224_notop.h5")


@pytest.fixture(scope="module", params=["keras", "openvino"])
def backbone(request):
    made = Backbone("mobilenet_v2", "none", alpha=0.35, input_size=96, runtime=request.param)
    made.load()
    return made


@pytest.fixture(scope="module")
def rows_of_ten(backbone):
    return backbone.features(draw(10))


def test_features_are_those_of_keras(backbone, rows_of_ten):
    keras = import_keras()
    images = draw(10)
    reference = keras.applications.MobileNetV2(
        include_top=False, weights=None, alpha=0.35, input_shape=(96, 96, 3), pooling="avg"
    )
    reference.set_weights(backbone._built().get_weights())
    pixels = keras.applications.mobilenet_v2.preprocess_input(images * 255)
    expected = np.asarray(reference(pixels, training=False))
    assert rows_of_ten.shape == (10, 1280)
    assert rows_of_ten.dtype == np.float32
    np.testing.assert_allclose(rows_of_ten, expected, rtol=0, atol=1e-6 * expected.max())


def test_a_row_has_the_same_bits_whatever_lies_beside_the_image(backbone, rows_of_ten):
    images = draw(10)
    others = draw(10, seed=1)
    others[4] = images[4]
    np.testing.assert_array_equal(backbone.features(others)[4], rows_of_ten[4])
    np.testing.assert_array_equal(backbone.features(images[:5]), rows_of_ten[:5])


def test_a_row_has_the_same_bits_at_another_place(backbone, rows_of_ten):
    turned = backbone.features(draw(10)[::-1])[::-1]
    np.testing.assert_array_equal(turned, rows_of_ten)
    alone = [backbone.features(draw(10)[place : place + 1])[0] for place in (0, 9)]
    np.testing.assert_array_equal(alone, rows_of_ten[[0, 9]])


def test_more_images_than_a_batch(backbone, rows_of_ten):
    many = np.concatenate([draw(33, seed=2), draw(10)])
    rows = backbone.features(many)
    assert rows.shape == (43, 1280)
    # From the 34th place on, over the border between two batches of 32.
    np.testing.assert_array_equal(rows[33:], rows_of_ten)


def test_no_images_give_no_rows(backbone):
    assert backbone.features(draw(0)).shape == (0, 1280)


def test_images_are_left_as_they_are(backbone):
    images = draw(2)
    before = images.copy()
    images.flags.writeable = False
    backbone.features(images)
    np.testing.assert_array_equal(images, before)


def test_images_of_another_size_are_refused(backbone):
    with pytest.raises(ValueError, match=r"must have the shape \(96, 96, 3\)\. Got \(64, 64, 3\)"):
        backbone.features(draw(1, (64, 64)))


def test_random_weights_and_settings_of_the_program(backbone, rows_of_ten):
    keras = import_keras()
    random.seed(3)
    keras.utils.set_random_seed(3)
    keras.config.set_dtype_policy("mixed_float16")
    try:
        state, numpy_state = random.getstate(), np.random.get_state()[1].copy()
        again = Backbone(
            "mobilenet_v2", "none", alpha=0.35, input_size=96, runtime=backbone.runtime
        )
        rows = again.features(draw(10))
        assert random.getstate() == state
        np.testing.assert_array_equal(np.random.get_state()[1], numpy_state)
    finally:
        keras.config.set_dtype_policy("float32")
    assert rows.dtype == np.float32
    np.testing.assert_array_equal(rows, rows_of_ten)


def test_every_run_of_the_model_has_one_shape():
    keras = import_keras()
    image = keras.Input((4, 4, 1))
    runner = FixedBatchRunner(
        keras.Model(image, keras.layers.GlobalMaxPooling2D()(image)), (4, 4, 1), 8
    )
    shapes = []
    compiled = runner._compiled_model()

    def run(batch):
        shapes.append(tuple(batch.shape))
        return compiled(batch)

    runner._compiled = run
    images = np.random.default_rng(0).random((19, 4, 4, 1)).astype(np.float32)
    rows = runner.rows(images, "none")
    assert shapes == [(8, 4, 4, 1)] * 3
    np.testing.assert_allclose(rows[:, 0], images.max(axis=(1, 2, 3)) * 255, rtol=1e-6)


@pytest.mark.parametrize(
    ("options", "width"),
    [
        # These two are compiled for `test_joining.py` as well.
        ({"layer": "block_13_expand", "pooling": "max"}, 192),
        ({"pooling": "avg+max"}, 2560),
        # A map of 1 x 2 positions and 1280 channels.
        ({"pooling": "flatten", "input_size": [32, 64]}, 2560),
    ],
)
def test_layer_pooling_and_size(options, width):
    made = Backbone("mobilenet_v2", "none", alpha=0.35, **{"input_size": 96, **options})
    rows = made.features(draw(2, made.input_size))
    assert rows.shape == (2, width)


def test_the_bundle_gives_the_same_bits(backbone, rows_of_ten, tmp_path):
    backbone.save(tmp_path)
    files = ["backbone.json", "backbone.keras"]
    if backbone.runtime == "openvino":
        files = ["backbone.bin", *files, "backbone.xml"]
    assert sorted(path.name for path in tmp_path.iterdir()) == files
    restored = Backbone.from_folder(tmp_path)
    restored.check()
    assert restored.identity() == "random-seed-0"
    assert restored.engine == backbone.engine
    assert (restored.input_size, restored.batch_size) == ((96, 96), 32)
    assert restored.operations == backbone.operations
    np.testing.assert_array_equal(restored.features(draw(10)), rows_of_ten)


@pytest.mark.parametrize("runtime", ["keras", "openvino"])
def test_a_bundle_needs_no_weights_file(tmp_path, runtime):
    first = Backbone("mobilenet_v2", "none", "block_2_add", "avg+max", 64, 0.35, runtime)
    first.save(tmp_path)
    notes = tmp_path / "backbone.json"
    notes.write_text(notes.read_text().replace("random-seed-0", "of the missing file"))
    restored = Backbone.from_folder(tmp_path)
    assert restored.identity() == "of the missing file"
    images = draw(2, (64, 64))
    np.testing.assert_array_equal(restored.features(images), first.features(images))


def test_incomplete_notes_are_an_error(backbone, tmp_path):
    backbone.save(tmp_path)
    notes = tmp_path / "backbone.json"
    notes.write_text(notes.read_text().replace('"pooling"', '"poling"'))
    with pytest.raises(BundleError, match=r"backbone\.json: 'pooling' is missing"):
        Backbone.from_folder(tmp_path)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"pooling": "mean"}, ComponentError, "pooling must be one of avg, max, avg"),
        ({"layer": "Conv_2"}, ComponentError, "Got 'Conv_2'. Did you mean 'Conv_1'?"),
        ({"input_size": 31}, ComponentError, "must be at least 32. Got 31."),
        ({"alpha": 2.0}, ComponentError, "alpha must be one of"),
        ({"weights": "gone.h5"}, UnavailableError, "Got gone.h5, which is not there"),
        ({"runtime": "onnx"}, ComponentError, "runtime must be one of auto, keras, openvino"),
        ({"precision": "f16"}, ComponentError, "precision must be one of f32, bf16. Got 'f16'"),
    ],
)
def test_what_cannot_work_is_found_before_work_starts(options, error, message):
    made = Backbone("mobilenet_v2", **{"weights": "none", "alpha": 0.35, **options})
    with pytest.raises(error) as caught:
        made.check()
    assert message in str(caught.value)


def test_the_constructor_stores_and_nothing_else():
    made = Backbone("no such network", weights="gone.h5", input_size=-3)
    assert made.architecture == "no such network"


@pytest.mark.real_data
@needs_real_weights
@pytest.mark.parametrize(("runtime", "tolerance"), [("keras", 1e-6), ("openvino", 1e-5)])
@pytest.mark.parametrize("alpha", ["0.35", "1.0"])
def test_real_weights_at_their_own_size(alpha, runtime, tolerance, tmp_path):
    keras = import_keras()
    made = Backbone("mobilenet_v2", real_file(alpha), alpha=float(alpha), runtime=runtime)
    images = draw(3, (224, 224))
    rows = made.features(images)
    reference = keras.applications.MobileNetV2(
        include_top=False,
        weights=real_file(alpha),
        alpha=float(alpha),
        input_shape=(224, 224, 3),
        pooling="avg",
    )
    pixels = keras.applications.mobilenet_v2.preprocess_input(images * 255)
    expected = reference.predict(pixels, verbose=0)
    assert relative_difference(rows, expected) <= tolerance
    made.save(tmp_path)
    restored = Backbone.from_folder(tmp_path)
    np.testing.assert_array_equal(restored.features(images), rows)
    assert restored.identity() == made.identity()


@pytest.mark.real_data
@needs_real_weights
def test_real_weights_of_another_width_are_refused():
    with pytest.raises(ComponentError, match=r"those of mobilenet_v2 with alpha 0\.35"):
        Backbone("mobilenet_v2", real_file("0.35"), alpha=1.0).check()


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        "mobilenet_v2",
        "efficientnet_b0",
        "efficientnet_v2_b0",
        "convnext_tiny",
        "resnet50",
        "mobilenet_v3_small",
        "nasnet_mobile",
        "inception_v3",
        "inception_resnet_v2",
        "densenet121",
        "xception",
        "vgg16",
    ],
)
def test_round_trip_and_place_in_the_batch(name, tmp_path):
    made = Backbone(name, "none", input_size=96, runtime="keras")
    images = draw(5, (96, 96))
    rows = made.features(images)
    assert np.isfinite(rows).all()
    assert len(np.unique(rows, axis=0)) == 5
    np.testing.assert_array_equal(made.features(images[::-1])[::-1], rows)
    np.testing.assert_array_equal(made.features(images[4:]), rows[4:])
    made.save(tmp_path)
    np.testing.assert_array_equal(Backbone.from_folder(tmp_path).features(images), rows)
