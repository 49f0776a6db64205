"""Compiled networks: Keras's numbers, the same bits whatever the number of cores or images."""

import hashlib
import subprocess
import sys
import tempfile

import numpy as np
import pytest

from bioselect.backbones import compiling
from bioselect.backbones.compiled_files import GRAPH_FILE, WEIGHTS_FILE
from bioselect.backbones.compiling import compile_model, relative_difference
from bioselect.backbones.inference import Backbone
from bioselect.backbones.keras_import import import_keras
from bioselect.backbones.openvino_import import import_openvino
from bioselect.backbones.openvino_runner import OpenVinoRunner
from bioselect.backbones.table import ROWS
from bioselect.exceptions import ComponentError
from bioselect.testing.file_contents import absolute_paths

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

SHAPE = (20, 28, 3)


def draw(n_images, shape=SHAPE, seed=0):
    return np.random.default_rng(seed).random((n_images, *shape)).astype(np.float32)


def small_model(*, last=None):
    """Return a model with convolutions of every kind, a normalisation and two branches."""
    keras = import_keras()
    keras.utils.set_random_seed(1)
    layers = keras.layers
    image = keras.Input(SHAPE)
    x = layers.Conv2D(8, 3, strides=2, padding="same", activation="swish")(image)
    y = layers.Conv2D(8, 3, groups=4, padding="same")(x)
    z = layers.LayerNormalization()(layers.DepthwiseConv2D(3, padding="same")(x))
    x = layers.BatchNormalization()(layers.Add()([y, z]))
    if last is not None:
        x = last(x)
    return keras.Model(image, layers.GlobalAveragePooling2D()(x))


@pytest.fixture(scope="module")
def compiled():
    return compile_model(small_model(), SHAPE, "tf", "small")


def test_rows_are_those_of_keras(compiled):
    images = draw(5)
    rows = OpenVinoRunner(*compiled, SHAPE, "f32").rows(images, "tf")
    expected = np.asarray(small_model()(images * 2 - 1, training=False))
    assert rows.shape == (5, 8)
    assert rows.dtype == np.float32
    assert relative_difference(rows, expected) < 1e-5


def test_the_same_model_gives_the_same_bytes_whatever_was_compiled_before(compiled):
    layers = import_keras().layers
    other = import_keras().Sequential([layers.Input((4, 4, 3)), layers.GlobalMaxPooling2D()])
    compile_model(other, (4, 4, 3), "unit", "other")
    assert compile_model(small_model(), SHAPE, "tf", "small") == compiled


def test_another_program_gives_the_same_bytes(tmp_path):
    code = (
        "import hashlib; from bioselect.backbones.inference import Backbone as B;"
        "from bioselect.backbones.compiling import compile_model as c;"
        "b = B('mobilenet_v2', 'none', alpha=0.35, input_size=96);"
        "print([hashlib.sha256(f).hexdigest() for f in c(b._built(), (96, 96, 3), 'tf', 'm')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    # As this program compiled it, in this test or in one before.
    made = Backbone("mobilenet_v2", "none", alpha=0.35, input_size=96)
    made.load()
    files = [made.network.files.read(name) for name in (GRAPH_FILE, WEIGHTS_FILE)]
    assert done.stdout.strip() == str([hashlib.sha256(file).hexdigest() for file in files])


def test_weights_keep_all_their_digits(compiled):
    assert b"FP32" in compiled[0]
    assert b"FP16" not in compiled[0]


def test_no_path_and_no_name_of_the_program_is_in_the_files(compiled):
    for file in compiled:
        assert absolute_paths(file, [tempfile.gettempdir()]) == []
        assert b"graph.pb" not in file
        assert b"global_average_pooling" not in file


def test_other_numbers_than_those_of_keras_are_refused(monkeypatch):
    true_rows = OpenVinoRunner.rows
    monkeypatch.setattr(
        compiling.OpenVinoRunner, "rows", lambda *given: true_rows(*given) * np.float32(1.0002)
    )
    with pytest.raises(ComponentError, match=r"small: OpenVINO must compute the rows of Keras"):
        compile_model(small_model(), SHAPE, "tf", "small")
    monkeypatch.setattr(
        compiling.OpenVinoRunner, "rows", lambda *given: true_rows(*given) * np.float32(1.00005)
    )
    compile_model(small_model(), SHAPE, "tf", "small")


def test_an_operation_that_openvino_does_not_know_is_named_with_the_remedy():
    keras = import_keras()

    class Odd(keras.layers.Layer):
        def call(self, x):
            import tensorflow

            return tensorflow.raw_ops.Betainc(a=x * 0 + 1, b=x * 0 + 1, x=x * 0 + 0.5)

    with pytest.raises(ComponentError, match=r"small: OpenVINO must know .*runtime: keras for it"):
        compile_model(small_model(last=Odd()), SHAPE, "tf", "small")


def test_only_the_named_output_is_kept():
    openvino = import_openvino()
    operations = openvino.opset13
    image = operations.parameter([1, 4], np.float32)
    rows, left_over = operations.relu(image), operations.abs(image)
    rows.output(0).get_tensor().set_names({"Identity:0"})
    network = openvino.Model([left_over, rows], [image])
    compiling._keep_output(network, "Identity:0")
    assert [output.get_any_name() for output in network.outputs] == ["Identity:0"]
    with pytest.raises(ValueError, match="one input and one output are needed, not 1 and 0"):
        compiling._keep_output(network, "another")


def sine_of(times):
    keras = import_keras()
    return keras.layers.Activation(lambda x: keras.ops.sin(x * times))


def test_rows_that_rounding_moves_may_differ_as_much():
    """The sine of thousands: the last bit of a pixel counts, in Keras as well."""
    files = compile_model(small_model(last=sine_of(1e4)), SHAPE, "tf", "small")
    images = draw(2)
    reference = np.asarray(small_model(last=sine_of(1e4))(images * 2 - 1, training=False))
    rows = OpenVinoRunner(*files, SHAPE, "f32").rows(images, "tf")
    assert compiling.TOLERANCE < relative_difference(rows, reference) < 5e-3


@pytest.mark.parametrize("times", [1e6, 1e9])
def test_rows_that_no_program_computes_twice_are_refused(times):
    """The sine of millions and more: rounding makes other rows; nobody knows which are right."""
    with pytest.raises(ComponentError, match=r"small: OpenVINO must compute the rows of Keras"):
        compile_model(small_model(last=sine_of(times)), SHAPE, "tf", "small")


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("name", ROWS)
def test_every_network_compiled(name, monkeypatch):
    """Each network at 96 px, random weights: Keras's rows, and one thread gives the same bits."""
    made = Backbone(name, "none", input_size=96)
    mode = ROWS[name].preprocessing
    model = made._built()
    if name in ("efficientnet_v2_m", "efficientnet_v2_l"):
        # With random weights these two turn any rounding into other rows, in Keras as well.
        with pytest.raises(ComponentError, match="must compute the rows of Keras"):
            compile_model(model, (96, 96, 3), mode, name)
        return
    files = compile_model(model, (96, 96, 3), mode, name)
    images = draw(3, (96, 96, 3), seed=2)
    runner = OpenVinoRunner(*files, (96, 96, 3), "f32")
    rows = runner.rows(images, mode)
    reference = Backbone(name, "none", input_size=96, runtime="keras").features(images)
    assert relative_difference(rows, reference) <= 1e-4
    monkeypatch.setattr("bioselect.backbones.openvino_runner.resolve_jobs", lambda jobs: 1)
    alone = OpenVinoRunner(*files, (96, 96, 3), "f32")
    assert alone.n_streams == 1
    np.testing.assert_array_equal(alone.rows(images[::-1], mode)[::-1], rows)
