"""Models of other programs: the rows are those of the programs, everything else is one line."""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper

from bioselect.backbones import foreign_model, foreign_network, network, openvino_runner
from bioselect.backbones.compiling import relative_difference
from bioselect.backbones.foreign_input import layout_of
from bioselect.backbones.foreign_model import ForeignModel
from bioselect.backbones.keras_import import import_keras, import_tensorflow
from bioselect.backbones.model_options import ModelOptions
from bioselect.backbones.openvino_import import import_openvino
from bioselect.exceptions import BundleError, ComponentError, UnavailableError
from bioselect.testing.file_contents import absolute_paths
from tests.backbones.foreign_models import (
    SHAPE,
    convolutional,
    draw,
    one_node,
    quantised,
    reference,
    rows_only,
    saved,
    transformer,
    weights_in_int8,
    with_graph_inside,
)

pytestmark = [
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:.*tf.lite.Interpreter is deprecated:UserWarning"),
]

SIZE = list(SHAPE[:2])


def own(path, **options):
    return ForeignModel(str(path), ModelOptions(**options))


def checked(path, **options):
    made = own(path, **options)
    made.check()
    return made


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("foreign")


@pytest.fixture(scope="module")
def row_file(folder):
    return saved(rows_only(convolutional()), folder / "row.onnx")


def keras_model(*, maps=False, sides=SHAPE):
    keras = import_keras()
    keras.utils.set_random_seed(3)
    image = keras.Input(sides)
    x = keras.layers.Conv2D(6, 3, strides=2, padding="same", activation="relu")(image)
    x = keras.layers.BatchNormalization()(keras.layers.DepthwiseConv2D(3, padding="same")(x))
    if not maps:
        x = keras.layers.Dense(4)(keras.layers.GlobalAveragePooling2D()(x))
    return keras.Model(image, x)


def exported(model, path):
    """Write a Keras model for LiteRT, or for OpenVINO by way of that."""
    content = import_tensorflow().lite.TFLiteConverter.from_keras_model(model).convert()
    path.with_suffix(".tflite").write_bytes(content)
    if path.suffix == ".xml":
        openvino = import_openvino()
        network = openvino.Core().read_model(path.with_suffix(".tflite"))
        openvino.save_model(network, path, compress_to_fp16=False)


# --- The rows are those of the program that defines the format.


@pytest.mark.parametrize("sides", [("n", 3, "h", "w"), (1, 3, *SIZE), ("n", "c", "h", "w")])
def test_onnx(tmp_path, sides):
    model = rows_only(convolutional(sides))
    layout = "channels_first" if sides[1] == "c" else "auto"
    made = checked(saved(model, tmp_path / "m.onnx"), input_size=SIZE, layout=layout)
    images = draw(5)
    rows = made.features(images)
    assert rows.shape == (5, 5)
    assert rows.dtype == np.float32
    assert relative_difference(rows, reference(model, images)) <= 1e-6
    assert (made.input_size, made.n_channels) == (tuple(SIZE), 3)


@pytest.mark.parametrize("maps", [False, True])
def test_litert(tmp_path, maps):
    exported(keras_model(maps=maps), tmp_path / "m.tflite")
    made = checked(tmp_path / "m.tflite")
    images = draw(4)
    interpreter = import_tensorflow().lite.Interpreter(str(tmp_path / "m.tflite"))
    interpreter.allocate_tensors()
    expected = []
    for image in images:
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], image[np.newaxis])
        interpreter.invoke()
        expected.append(interpreter.get_tensor(interpreter.get_output_details()[0]["index"])[0])
    expected = np.array(expected).mean(axis=(1, 2)) if maps else np.array(expected)
    assert relative_difference(made.features(images), expected) <= 1e-5


@pytest.mark.parametrize("maps", [False, True])
def test_openvino_ir(tmp_path, maps):
    model = keras_model(maps=maps)
    exported(model, tmp_path / "m.xml")
    images = draw(4)
    expected = np.asarray(model(images))
    expected = expected.mean(axis=(1, 2)) if maps else expected
    made = checked(tmp_path / "m.xml")
    assert relative_difference(made.features(images), expected) <= 1e-5


def test_openvino_ir_of_half_the_digits(tmp_path, row_file):
    # What `openvino.save_model` writes by default: weights in f16, computed in f32.
    openvino = import_openvino()
    network = openvino.Core().read_model(row_file)
    openvino.save_model(network, tmp_path / "half.xml")
    made = checked(tmp_path / "half.xml", input_size=SIZE)
    expected = own(row_file, input_size=SIZE).features(draw(3))
    # f16 has 11 bits of mantissa.
    assert 1e-6 < relative_difference(made.features(draw(3)), expected) < 2**-10


@pytest.mark.parametrize(
    ("pooling", "pool"),
    [
        (None, lambda maps: maps.mean(axis=(2, 3))),
        ("avg", lambda maps: maps.mean(axis=(2, 3))),
        ("max", lambda maps: maps.max(axis=(2, 3))),
        ("avg+max", lambda maps: np.hstack([maps.mean(axis=(2, 3)), maps.max(axis=(2, 3))])),
        ("flatten", lambda maps: maps.transpose(0, 2, 3, 1).reshape(len(maps), -1)),
    ],
)
def test_maps_are_pooled(tmp_path, pooling, pool):
    model = convolutional()
    path = saved(model, tmp_path / "m.onnx")
    made = checked(path, input_size=SIZE, output="maps", pooling=pooling)
    images = draw(3)
    expected = pool(reference(model, images, "maps"))
    assert relative_difference(made.features(images), expected) <= 1e-6


@pytest.mark.parametrize(
    ("pooling", "pool"),
    [
        ("cls", lambda tokens: tokens[:, 0]),
        ("avg", lambda tokens: tokens.mean(axis=1)),
        ("max", lambda tokens: tokens.max(axis=1)),
        ("avg+max", lambda tokens: np.hstack([tokens.mean(axis=1), tokens.max(axis=1)])),
        ("flatten", lambda tokens: tokens.reshape(len(tokens), -1)),
    ],
)
def test_tokens_are_pooled(tmp_path, pooling, pool):
    model = transformer()
    path = saved(model, tmp_path / "vit.onnx")
    options = {"layout": "channels_first", "input_size": SIZE}
    made = checked(path, output="last_hidden_state", pooling=pooling, **options)
    images = draw(3)
    expected = pool(reference(model, images, "last_hidden_state"))
    assert expected.shape[1] in (12, 24, 36 * 12)
    assert relative_difference(made.features(images), expected) <= 1e-6


@pytest.mark.parametrize("output", ["pooler_output", 1])
def test_an_output_by_name_or_number(tmp_path, output):
    model = transformer(("n", 3, *SIZE))
    made = checked(saved(model, tmp_path / "vit.onnx"), output=output)
    images = draw(3)
    expected = reference(model, images, "pooler_output")
    assert relative_difference(made.features(images), expected) <= 1e-6


def test_maps_with_channels_last_of_images_with_channels_first(tmp_path):
    # Swin transformers give their maps so, and so does what was converted from TensorFlow.
    extra = [onnx.helper.make_node("Transpose", ["maps"], ["turned"], perm=[0, 2, 3, 1])]
    model = convolutional((1, 3, 16, 16), extra=extra)
    model.graph.output.append(
        onnx.helper.make_tensor_value_info("turned", onnx.TensorProto.FLOAT, [1, 8, 8, 8])
    )
    images = draw(2, (16, 16, 3))
    path = saved(model, tmp_path / "same.onnx")
    rows = checked(path, output="turned").features(images)
    # 8 channels of 8 x 8: both orders are possible, so the maps are taken like the images.
    turned = reference(model, images, "turned")
    assert relative_difference(rows, turned.mean(axis=(2, 3))) <= 1e-6
    model = convolutional((1, 3, 20, 20), extra=extra)
    model.graph.output.append(
        onnx.helper.make_tensor_value_info("turned", onnx.TensorProto.FLOAT, [1, 10, 10, 8])
    )
    images = draw(2, (20, 20, 3))
    rows = checked(saved(model, tmp_path / "other.onnx"), output="turned").features(images)
    expected = reference(model, images, "maps").mean(axis=(2, 3))
    assert relative_difference(rows, expected) <= 1e-6


@pytest.mark.parametrize("n_channels", [1, 5])
def test_any_number_of_channels(tmp_path, n_channels):
    model = rows_only(convolutional(("n", n_channels, "h", "w"), n_channels=n_channels))
    made = checked(saved(model, tmp_path / "m.onnx"), input_size=SIZE)
    assert made.n_channels == n_channels
    images = draw(3, (*SIZE, n_channels))
    assert relative_difference(made.features(images), reference(model, images)) <= 1e-6


def test_mean_and_standard_deviation_are_those_of_torchvision(row_file):
    images = draw(3)
    given = {"mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}
    rows = checked(row_file, input_size=SIZE, **given).features(images)
    pixels = (images.astype(np.float64) - given["mean"]) / given["std"]
    expected = reference(rows_only(convolutional()), pixels.astype(np.float32))
    assert relative_difference(rows, expected) <= 1e-6
    # ImageNet's are the same as the words for them.
    words = own(row_file, input_size=SIZE, scale="imagenet").features(images)
    assert relative_difference(rows, words) <= 1e-6


def test_weights_in_a_file_beside_the_model(tmp_path, row_file):
    model = rows_only(convolutional())
    onnx.save(
        model, tmp_path / "m.onnx", save_as_external_data=True, location="m.data", size_threshold=0
    )
    made = checked(tmp_path / "m.onnx", input_size=SIZE)
    expected = own(row_file, input_size=SIZE)
    np.testing.assert_array_equal(made.features(draw(2)), expected.features(draw(2)))
    before = made.identity()
    data = tmp_path / "m.data"
    data.write_bytes(data.read_bytes()[:-4] + b"abcd")
    assert own(tmp_path / "m.onnx").identity() != before
    data.unlink()
    with pytest.raises(UnavailableError, match=r"m\.onnx needs the file m\.data beside it"):
        own(tmp_path / "m.onnx").check()


@pytest.mark.parametrize("suffix", [".onnx", ".xml", ".tflite"])
def test_endings_may_have_capitals(tmp_path, suffix):
    if suffix == ".onnx":
        saved(rows_only(convolutional((1, 3, *SIZE))), tmp_path / "m.onnx")
    else:
        exported(keras_model(), tmp_path / f"m{suffix}")
    rows = own(tmp_path / f"m{suffix}").features(draw(2))
    (tmp_path / f"m{suffix}").rename(tmp_path / f"m{suffix.upper()}")
    np.testing.assert_array_equal(checked(tmp_path / f"m{suffix.upper()}").features(draw(2)), rows)


# --- The same bits, and what is kept of a model.


def test_a_row_has_the_same_bits_whatever_is_beside_it(row_file, monkeypatch):
    images = draw(9)
    made = own(row_file, input_size=SIZE)
    rows = made.features(images)
    for n_jobs in (1, 2, 100):
        np.testing.assert_array_equal(made.features(images, n_jobs), rows)
    np.testing.assert_array_equal(made.features(images[::-1])[::-1], rows)
    np.testing.assert_array_equal(made.features(images[4:5])[0], rows[4])
    for n_cores in (1, 4):
        monkeypatch.setattr(openvino_runner, "resolve_jobs", lambda jobs, n=n_cores: n)
        np.testing.assert_array_equal(own(row_file, input_size=SIZE).features(images), rows)


def test_a_transformer_has_the_same_bits_too(tmp_path, monkeypatch):
    path = saved(transformer(("n", 3, *SIZE)), tmp_path / "vit.onnx")
    images = draw(9)
    made = own(path, output=0, pooling="avg+max")
    rows = made.features(images)
    np.testing.assert_array_equal(made.features(images, 1), rows)
    monkeypatch.setattr(openvino_runner, "resolve_jobs", lambda jobs: 1)
    alone = own(path, output=0, pooling="avg+max")
    np.testing.assert_array_equal(alone.features(images[::-1])[::-1], rows)


def test_the_bundle_needs_no_file_and_gives_the_same_bits(tmp_path):
    path = Path(saved(transformer(("n", 3, *SIZE)), tmp_path / "vit.onnx"))
    options = {"output": 0, "pooling": "cls", "mean": [0.5, 0.4, 0.3], "std": [0.2, 0.2, 0.1]}
    made = own(path, **options)
    images = draw(4)
    rows = made.features(images)
    names = ("input_size", "n_channels", "operations", "image_shape", "engine")
    known = {name: getattr(made, name) for name in names}
    identity = made.identity()
    made.save(tmp_path / "bundle")
    path.unlink()
    assert sorted(file.name for file in (tmp_path / "bundle").iterdir()) == [
        "backbone.bin",
        "backbone.json",
        "backbone.xml",
    ]
    restored = ForeignModel.from_folder(tmp_path / "bundle")
    restored.check()
    np.testing.assert_array_equal(restored.features(images), rows)
    assert {name: getattr(restored, name) for name in names} == known
    assert restored.identity() == identity
    restored.save(tmp_path / "again")
    for file in (tmp_path / "bundle").iterdir():
        assert file.read_bytes() == (tmp_path / "again" / file.name).read_bytes(), file.name
    shutil.rmtree(tmp_path / "bundle")
    with pytest.raises(BundleError, match="can only be saved again while its bundle lies there"):
        restored.save(tmp_path / "third")


def test_the_same_model_gives_the_same_bytes_without_places_and_names(tmp_path, row_file):
    for name in ("first", "second"):
        own(row_file, input_size=SIZE).save(tmp_path / name)
        own(saved(transformer(("n", 3, *SIZE)), tmp_path / "o.onnx"), output=1).load()
    for file in (tmp_path / "first").iterdir():
        content = file.read_bytes()
        assert content == (tmp_path / "second" / file.name).read_bytes(), file.name
        assert absolute_paths(content, [str(Path(row_file).parent), str(tmp_path)]) == []
        assert b"row.onnx" not in content


@pytest.mark.parametrize("kind", ["If", "Loop", "Scan"])
def test_what_is_inside_an_operation_is_as_steady(tmp_path, kind):
    model = with_graph_inside(kind, "Relu")
    path = saved(model, tmp_path / "m.onnx")
    images = draw(3)
    for name in ("first", "second"):
        made = checked(path)
        assert relative_difference(made.features(images), reference(model, images, "out")) <= 1e-6
        made.save(tmp_path / name)
    for file in (tmp_path / "first").iterdir():
        assert file.read_bytes() == (tmp_path / "second" / file.name).read_bytes(), file.name
    for name in (b"drawn", b"before", b"after"):
        assert name not in (tmp_path / "first" / "backbone.xml").read_bytes()


def test_a_model_with_operations_that_nobody_knows_keeps_that_in_a_bundle(tmp_path, monkeypatch):
    path = saved(rows_only(convolutional()), tmp_path / "m.onnx")
    monkeypatch.setattr(
        "bioselect.backbones.foreign_model.operations_of", lambda network: float("inf")
    )
    made = own(path, input_size=SIZE)
    assert made.operations == float("inf")
    made.save(tmp_path / "bundle")
    assert '"operations": null' in (tmp_path / "bundle" / "backbone.json").read_text()
    assert ForeignModel.from_folder(tmp_path / "bundle").operations == float("inf")


def test_identity_is_the_content(tmp_path, row_file):
    copy = shutil.copy(row_file, tmp_path / "copy.onnx")
    assert own(copy).identity() == own(row_file).identity()
    onnx.save(convolutional(), tmp_path / "copy.onnx")
    assert own(copy).identity() != own(row_file).identity()


def test_both_files_of_an_ir_are_its_identity(tmp_path):
    own_network = (
        import_openvino().Core().read_model(saved(rows_only(convolutional()), tmp_path / "m.onnx"))
    )
    import_openvino().save_model(own_network, tmp_path / "m.xml")
    before = own(tmp_path / "m.xml").identity()
    weights = tmp_path / "m.bin"
    weights.write_bytes(weights.read_bytes()[:-4] + b"abcd")
    assert own(tmp_path / "m.xml").identity() != before
    weights.unlink()
    with pytest.raises(UnavailableError, match=r"m\.xml needs the file m\.bin beside it"):
        own(tmp_path / "m.xml").check()


def test_neither_keras_nor_tensorflow_is_imported(row_file, tmp_path):
    code = (
        "import sys, numpy as np;"
        "from bioselect.backbones.foreign_model import ForeignModel as M;"
        "from bioselect.backbones.model_options import ModelOptions as O;"
        f"m = M({row_file!r}, O(input_size={SIZE})); m.check();"
        f"m.features(np.zeros((1, *{SHAPE}), np.float32)); m.save({str(tmp_path / 'b')!r});"
        "print(*[name in sys.modules for name in ('keras', 'tensorflow', 'onnx')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False False False\n"


def test_the_cost_is_that_of_the_same_model_in_keras(tmp_path):
    from bioselect.backbones.counting import cost_of

    model = keras_model()
    exported(model, tmp_path / "m.xml")
    assert own(tmp_path / "m.xml").operations == cost_of(model, SHAPE).operations > 0


# --- Everything that is wrong is one line, before any work.

CASES = {
    "no openvino operation": (
        lambda: one_node("Relu", domain="mylab"), {}, "of operations that OpenVINO knows"),
    "several outputs": (
        convolutional, {"input_size": SIZE},
        r"output must be given, because .* has several outputs\. .*0: maps .*, 1: row "),
    "unknown output": (
        convolutional, {"input_size": SIZE, "output": "rows"},
        r"must be an output of .*Got 'rows'\..* 1: row"),
    "output beyond": (
        convolutional, {"input_size": SIZE, "output": 2}, r"Got 2\. .* 0: maps .* 1: row"),
    "size left open": (convolutional, {"output": 0}, "input_size must be given"),
    "another size": (
        lambda: one_node("Relu"), {"input_size": 32}, r"input_size must be \[20, 28\], which"),
    "layout does not tell": (
        transformer, {"output": 1}, r"layout must be given, because the input \[\?, \?, \?\]"),
    "cubes": (lambda: one_node("Relu", (1, 8, 8, 8)), {}, r"layout must be given.*\[8, 8, 8\]"),
    "tokens without pooling": (
        lambda: transformer(("n", 3, *SIZE)), {"output": 0},
        r"pooling must be given, because .* gives 36 tokens of 12 numbers"),
    "cls of a map": (
        convolutional, {"output": 0, "input_size": SIZE, "pooling": "cls"},
        r"cls is for sequences of tokens\. .* gives a map \[8, 10, 14\]"),
    "other channels": (
        lambda: rows_only(convolutional(("n", "c", "h", "w"), n_channels=4)),
        {"input_size": SIZE, "layout": "channels_first"},
        r"must take images of 20 x 28 with 3 channels\. Got: .*channel count"),
    "wrong layout": (
        lambda: one_node("Relu"), {"layout": "channels_last", "input_size": SIZE},
        r"layout channels_last contradicts the shape \[\?, 3, 20, 28\]"),
    "batches": (
        lambda: one_node("Relu", (8, 3, 20, 28)), {}, r"one image at a time, .* takes 8\."),
    "no images": (
        lambda: one_node("Relu", (1, 3, 20), out=[None] * 3), {}, r"must take images.*\[1,3,20\]"),
    "numbers without a fraction": (
        lambda: one_node("Cast", to=onnx.TensorProto.INT32), {}, "holds i32"),
    "a map that is none": (
        lambda: one_node("Transpose", (1, 3, 16, 24), perm=[0, 3, 1, 2]), {},
        r"must be a map of the image\. .* \[24, 3, 16\] for images of 16 x 24"),
    "a row for each pixel": (
        lambda: one_node("Flatten", (1, 3, 20, 28), out=[None] * 2, axis=3), {},
        r"That of .* is \[60,28\]"),
    "quantised": (quantised, {}, r"has FakeQuantize, which computes with quantised numbers"),
    "quantised weights": (weights_in_int8, {}, r"has i8 weights, which are quantised"),
    "random numbers": (
        lambda: one_node("RandomNormalLike"), {}, r"has RandomUniform, which draws random"),
    **{f"random numbers inside {kind}": (
        lambda kind=kind: with_graph_inside(kind), {}, "has RandomUniform, which draws random")
        for kind in ("If", "Loop", "Scan")},
    "keras": (
        lambda: one_node("Relu"), {"runtime": "keras"},
        r"runtime keras is for Keras files .* \(ONNX\), which OpenVINO runs"),
    "layer": (
        lambda: one_node("Relu"), {"layer": "block_3"},
        r"layer is for Keras files .*'block_3' .* params\.output"),
    "pooling": (lambda: one_node("Relu"), {"pooling": "mean"}, "pooling must be one of avg, max"),
    "layout": (lambda: one_node("Relu"), {"layout": "nchw"}, "layout must be one of auto, chan"),
    "mean of two": (
        lambda: one_node("Relu"), {"mean": [0.5, 0.5]}, r"mean must list 3 numbers.*\[0.5, 0.5\]"),
    "words in the mean": (
        lambda: one_node("Relu"), {"mean": ["a", 1, 1]}, r"mean must list 3 numbers"),
    "mean of bytes": (
        lambda: one_node("Relu"), {"mean": [123, 117, 104]}, "from 0 and up to 1.*Divide those"),
    "deviation of nothing": (
        lambda: one_node("Relu"), {"std": [0, 1, 1]}, "std must be numbers above 0"),
    "mean beside imagenet": (
        lambda: one_node("Relu"), {"mean": [0, 0, 0], "scale": "imagenet"},
        "beside scale: imagenet. Leave scale out"),
    "colour scale of two channels": (
        lambda: one_node("Relu", (1, 2, 20, 28)), {"scale": "caffe"}, "for models with 3 channels"),
    "precision": (lambda: one_node("Relu"), {"precision": "f16"}, "precision must be one of f32"),
}  # fmt: skip


def test_a_file_of_no_kind_is_one_line(tmp_path):
    (tmp_path / "m.pth").write_bytes(b"")
    for ask in (lambda made: made.engine, lambda made: made.check(), lambda made: made.load()):
        with pytest.raises(ComponentError, match=r"must be a model file .* Export the model as"):
            ask(own(tmp_path / "m.pth"))


@pytest.mark.parametrize("case", CASES)
def test_what_does_not_fit_is_one_line(tmp_path, case):
    make, options, message = CASES[case]
    model = make()
    path = saved(model, tmp_path / "m.onnx")
    with pytest.raises(ComponentError, match=message) as caught:
        own(path, **options).check()
    text = str(caught.value)
    assert text.startswith("model_file: ")
    assert "\n" not in text
    assert "src/" not in text
    assert text.endswith(".")


def test_a_model_of_half_precision_is_refused(tmp_path):
    half = onnx.TensorProto.FLOAT16
    node = onnx.helper.make_node("Relu", ["image"], ["out"])
    graph = onnx.helper.make_graph(
        [node], "g",
        [onnx.helper.make_tensor_value_info("image", half, (1, 3, 20, 28))],
        [onnx.helper.make_tensor_value_info("out", half, (1, 3, 20, 28))],
    )  # fmt: skip
    path = saved(onnx.helper.make_model(graph), tmp_path / "half.onnx")
    with pytest.raises(ComponentError, match=r"must take float32\. .* takes f16\. Export it with"):
        own(path).check()


@pytest.mark.filterwarnings("ignore:Statistics for quantized inputs:UserWarning")
def test_quantised_litert_is_refused(tmp_path):
    lite = import_tensorflow().lite
    keras = import_keras()
    image = keras.Input((20, 28, 3))
    x = keras.layers.Conv2D(64, 3)(image)
    model = keras.Model(image, keras.layers.Conv2D(64, 3)(x))
    converter = lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = [lite.Optimize.DEFAULT]
    (tmp_path / "weights.tflite").write_bytes(converter.convert())
    with pytest.raises(ComponentError, match=r"has i8 weights, which are quantised"):
        own(tmp_path / "weights.tflite").check()
    converter.representative_dataset = lambda: ([image[np.newaxis]] for image in draw(3))
    converter.target_spec.supported_ops = [lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = import_tensorflow().int8
    (tmp_path / "all.tflite").write_bytes(converter.convert())
    with pytest.raises(ComponentError, match=r"must take float32\. .* takes i8\. .* not quantised"):
        own(tmp_path / "all.tflite").check()


@pytest.mark.parametrize("name", ["m.onnx", "m.tflite", "m.xml"])
@pytest.mark.parametrize("content", [b"", b"no model", b"<net></net>", b"\x08\x08\x3a\xff\x01"])
def test_damaged_files_are_one_line(tmp_path, capfd, name, content):
    (tmp_path / name).write_bytes(content)
    (tmp_path / "m.bin").write_bytes(b"")
    with pytest.raises(ComponentError) as caught:
        own(tmp_path / name).check()
    assert "\n" not in str(caught.value)
    assert name in str(caught.value)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("suffix", [".onnx", ".tflite", ".xml", ".bin"])
def test_cut_files_are_one_line(tmp_path, row_file, suffix):
    model = keras_model()
    if suffix == ".onnx":
        shutil.copy(row_file, tmp_path / "m.onnx")
    elif suffix == ".tflite":
        exported(model, tmp_path / "m.tflite")
    else:
        exported(model, tmp_path / "m.xml")
    damaged = tmp_path / f"m{suffix}"
    damaged.write_bytes(damaged.read_bytes()[: damaged.stat().st_size // 2])
    named = tmp_path / "m.xml" if suffix == ".bin" else damaged
    with pytest.raises(ComponentError, match=r"model_file: .*must be a whole") as caught:
        own(named, input_size=SIZE).check()
    assert "\n" not in str(caught.value)


def test_without_openvino_the_package_is_named(row_file, tmp_path, monkeypatch):
    own(row_file, input_size=SIZE).save(tmp_path)
    monkeypatch.setattr(foreign_network, "installed_version", lambda package: "")
    for made in (own(row_file), ForeignModel.from_folder(tmp_path)):
        with pytest.raises(UnavailableError, match=r"\(ONNX\) needs the package openvino, which"):
            assert made.engine
    with pytest.raises(UnavailableError, match="pip install openvino"):
        own(row_file).check()


def test_a_bundle_that_cannot_be_opened_names_the_versions(row_file, tmp_path):
    own(row_file, input_size=SIZE).save(tmp_path)
    (tmp_path / "backbone.xml").write_text("<net></net>")
    with pytest.raises(BundleError, match=r"cannot be opened .*versions named in the manifest"):
        ForeignModel.from_folder(tmp_path).features(draw(1))


def test_an_operation_that_the_processor_does_not_know_is_one_line(row_file, monkeypatch):
    made = own(row_file, input_size=SIZE)

    def refuse(*given):
        raise RuntimeError("Check 'x' failed at src/a.cpp:3:\n Unsupported operation\n of type O")

    monkeypatch.setattr(network, "OpenVinoRunner", refuse)
    with pytest.raises(ComponentError, match=r"Got RuntimeError: Unsupported operation of type O"):
        made.load()


def test_a_changed_file_is_read_anew(tmp_path):
    path = saved(rows_only(convolutional()), tmp_path / "m.onnx")
    assert own(path, input_size=SIZE).n_channels == 3
    saved(rows_only(convolutional(("n", 4, "h", "w"), n_channels=4)), tmp_path / "m.onnx")
    assert own(path, input_size=SIZE).n_channels == 4


def doubled(path):
    """Write a model anew with another weight, as long as before."""
    model = onnx.load(path)
    weights = model.graph.initializer[0]
    values = onnx.numpy_helper.to_array(weights) * 2
    weights.CopyFrom(onnx.numpy_helper.from_array(values, weights.name))
    onnx.save(model, path)


def test_a_file_that_changes_after_its_identity_was_told_is_not_used(tmp_path):
    path = saved(rows_only(convolutional()), tmp_path / "m.onnx")
    made = checked(path, input_size=SIZE)
    told = made.identity()
    doubled(path)
    assert made.identity() == told
    for _ in range(2):
        with pytest.raises(ComponentError, match=r"m\.onnx was written anew .*\. Start again\.$"):
            made.features(draw(1))
    with pytest.raises(ComponentError, match=r"m\.onnx was written anew"):
        made.save(tmp_path / "bundle")
    assert own(path, input_size=SIZE).identity() != told


def test_once_read_a_file_may_change_or_go(tmp_path):
    path = saved(rows_only(convolutional()), tmp_path / "m.onnx")
    made = checked(path, input_size=SIZE)
    rows, told = made.features(draw(2)), made.identity()
    doubled(path)
    np.testing.assert_array_equal(made.features(draw(2)), rows)
    Path(path).unlink()
    assert (made.n_channels, made.input_size) == (3, tuple(SIZE))
    made.save(tmp_path / "bundle")
    restored = ForeignModel.from_folder(tmp_path / "bundle")
    assert restored.identity() == told
    np.testing.assert_array_equal(restored.features(draw(2)), rows)


def test_weights_that_change_while_the_network_is_written_are_noticed(tmp_path, monkeypatch):
    model = rows_only(convolutional())
    path = tmp_path / "m.onnx"
    onnx.save(model, path, save_as_external_data=True, location="m.data", size_threshold=0)
    made = checked(path, input_size=SIZE)
    write_network = foreign_model.write_network

    def changing(network, folder):
        write_network(network, folder)
        (tmp_path / "m.data").write_bytes((tmp_path / "m.data").read_bytes()[:-4] + b"abcd")

    monkeypatch.setattr(foreign_model, "write_network", changing)
    with pytest.raises(ComponentError, match=r"m\.onnx was written anew"):
        made.load()


def test_a_folder_for_temporary_files_that_was_tidied_up_is_filled_again(tmp_path):
    path = saved(rows_only(convolutional()), tmp_path / "m.onnx")
    made = checked(path, input_size=SIZE)
    made.save(tmp_path / "first")
    shutil.rmtree(made.network.files.place)
    made.save(tmp_path / "second")
    for file in (tmp_path / "first").iterdir():
        assert file.read_bytes() == (tmp_path / "second" / file.name).read_bytes(), file.name
    shutil.rmtree(made.network.files.place)
    Path(path).unlink()
    with pytest.raises(UnavailableError, match=r"^model_file: .*m\.onnx, which is not there\. Put"):
        made.save(tmp_path / "third")


@pytest.mark.parametrize(
    ("sides", "layout", "shape", "channels"),
    [
        ((3, 20, 28), "channels_last", r"\[\?, 3, 20, 28\]", 28),
        ((20, 28, 1), "channels_first", r"\[\?, 20, 28, 1\]", 20),
    ],
)
def test_a_layout_that_the_shape_contradicts(sides, layout, shape, channels):
    with pytest.raises(ComponentError, match=f"layout {layout} contradicts the shape {shape}") as e:
        layout_of(sides, layout, Path("m.onnx"))
    other = {"channels_last": "channels_first", "channels_first": "channels_last"}[layout]
    assert f"it would have {channels} channels. Write {other}," in str(e.value)


@pytest.mark.parametrize(
    ("sides", "layout"),
    [((3, 20, 28), "channels_first"), ((8, 8, 6), "channels_first"), ((8, 3, 8), "channels_last"),
     ((None, 20, 28), "channels_last"), ((4, 4, 4), "channels_last")],
)  # fmt: skip
def test_a_layout_that_the_shape_allows(sides, layout):
    assert layout_of(sides, layout, Path("m.onnx")) == layout


@pytest.mark.parametrize(("kind", "said"), [("Softmax", True), ("Sigmoid", True), ("Relu", False)])
def test_a_classifier_says_that_its_probabilities_are_the_features(tmp_path, kind, said):
    model = rows_only(convolutional())
    model.graph.node.append(helper.make_node(kind, ["row"], ["last"]))
    model.graph.output[0].name = "last"
    remark = checked(saved(model, tmp_path / "m.onnx"), input_size=SIZE).remark()
    assert ("its 5 probabilities are all" in remark) is said
    assert bool(remark) is said
