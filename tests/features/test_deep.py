"""Networks as extractors."""

import json
from pathlib import Path

import numpy as np
import pytest

from bioselect.backbones.keras_import import import_keras
from bioselect.data.intensities import Intensity
from bioselect.data.preparation import Reading
from bioselect.exceptions import ComponentError, UnavailableError, UnreadableImageError
from bioselect.features.base import traits
from bioselect.features.deep import DeepFeatures, KerasHub, ModelFile
from bioselect.features.extraction import transform_prepared
from bioselect.features.keys import feature_key
from bioselect.registry import ComponentSpec, create
from tests.backbones.foreign_models import convolutional, reference, rows_only, saved

# Keras 3.15 reads its variables in a way that NumPy 2 advises against.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

SMALL = {"weights": "none", "alpha": 0.35, "input_size": 96}


def draw(n_images, shape=(96, 96, 3)):
    random = np.random.default_rng(0)
    images = [random.random(shape).astype(np.float32) for _ in range(n_images)]
    for image in images:
        image.flags.writeable = False
    return images


@pytest.fixture(scope="module")
def model_path(tmp_path_factory):
    keras = import_keras()
    image = keras.Input((12, 12, 2))
    path = tmp_path_factory.mktemp("models") / "own.keras"
    keras.Model(image, keras.layers.Conv2D(5, 3, name="maps")(image)).save(path)
    return str(path)


def test_a_network_by_its_name():
    extractor = create("extractor", ComponentSpec.of("mobilenet_v2", SMALL))
    assert isinstance(extractor, DeepFeatures)
    rows = extractor.transform(draw(3))
    assert rows.shape == (3, 1280)
    assert rows.dtype == np.float32
    np.testing.assert_array_equal(extractor.transform(draw(3)[1:]), rows[1:])


def test_traits_are_known_without_the_network():
    known = traits(DeepFeatures("efficientnet_b7", weights="none"))
    assert known.input_size == (600, 600)
    assert known.n_channels == 3
    assert not known.in_processes
    # 32 images of 600 * 600 * 3 float32 are 138 MB, more than 2**27 bytes.
    assert known.batch_size == 16
    assert traits(DeepFeatures("mobilenet_v2", **SMALL)).batch_size == 32


@pytest.mark.parametrize("name", ["vgg16", "mobilenet_v2", "nasnet_large", "efficientnet_b7"])
def test_a_batch_of_images_is_whole_batches_of_the_network(name):
    extractor = DeepFeatures(name, weights="none")
    assert extractor.batch_size % extractor.backbone.batch_size == 0


@pytest.mark.parametrize(("n_channels", "n_images"), [(3, 32), (60, 2), (1, 32)])
def test_a_batch_of_images_counts_their_channels(tmp_path, n_channels, n_images):
    # 2 images of 512 x 512 x 60 float32 are 126 MB, 4 are more than 2**27 bytes.
    model = rows_only(convolutional((1, n_channels, 512, 512), n_channels=n_channels))
    path = saved(model, tmp_path / "m.onnx")
    assert traits(ModelFile(path)).batch_size == n_images


def test_cost_follows_size_and_width():
    # 116,011,616 operations at 224 x 224, and (96 / 224) squared of the area.
    cost = DeepFeatures("mobilenet_v2", **SMALL).operations()
    assert cost == pytest.approx(116_011_616 * (96 / 224) ** 2)


def test_identity_tells_weights_apart():
    identity = DeepFeatures("vgg16", weights="none").identity()
    assert identity["weights"] == "random-seed-0"


def test_identity_tells_engines_apart():
    from importlib.metadata import version

    defined = f"keras {version('keras')}, tensorflow {version('tensorflow')}"
    keras, compiled = (
        DeepFeatures("vgg16", weights="none", runtime=runtime).identity()
        for runtime in ("keras", "openvino")
    )
    assert keras == {"weights": "random-seed-0", "runtime": defined, "precision": "f32"}
    assert compiled == {**keras, "runtime": f"openvino {version('openvino')}, {defined}"}


def test_rows_of_different_engines_never_mix():
    keys = {}
    for options in ({}, {"runtime": "openvino"}, {"runtime": "keras"}, {"precision": "f32"}):
        spec = ComponentSpec.of("mobilenet_v2", {**SMALL, **options})
        key = feature_key(spec, create("extractor", spec), Reading(Intensity("dtype")))
        keys.setdefault(key, []).append(options)
    # `auto` means openvino here, and f32 is the default.
    assert list(keys.values()) == [[{}, {"runtime": "openvino"}, {"precision": "f32"}],
                                   [{"runtime": "keras"}]]  # fmt: skip


def test_the_number_of_cores_reaches_the_network(monkeypatch):
    extractor = DeepFeatures("mobilenet_v2", **SMALL)
    given = []
    monkeypatch.setattr(
        extractor.backbone, "features", lambda images, n_jobs: given.append(n_jobs) or images
    )
    extractor.transform(draw(1))
    extractor.n_jobs = 1
    extractor.transform(draw(1))
    assert given == [None, 1]


def test_unavailable_weights_are_found_before_work(monkeypatch, tmp_path):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr(
        "bioselect.backbones.weights.urllib.request.urlopen",
        lambda *_, **__: (_ for _ in ()).throw(OSError("no network")),
    )
    with pytest.raises(UnavailableError, match=r"vgg16: .*\(no network\).*params: \{weights: FILE"):
        DeepFeatures("vgg16").check_available()
    with pytest.raises(ComponentError, match="pooling must be one of"):
        DeepFeatures("vgg16", weights="none", pooling="mean").check_available()
    DeepFeatures("vgg16", weights="none").check_available()


def test_a_restored_network_replaces_what_was_written(tmp_path):
    first = DeepFeatures("mobilenet_v2", pooling="max", **SMALL)
    rows = first.transform(draw(2))
    first.save(tmp_path)
    second = DeepFeatures("mobilenet_v2", weights="of/another/machine.h5", pooling="max")
    second.restore(tmp_path)
    second.check_available()
    assert second.identity() == first.identity()
    assert second.input_size == (96, 96)
    np.testing.assert_array_equal(second.transform(draw(2)), rows)


def test_a_model_of_ones_own(model_path, tmp_path):
    spec = ComponentSpec.of("model_file", {"path": model_path, "pooling": "max"})
    extractor = create("extractor", spec)
    assert isinstance(extractor, ModelFile)
    extractor.check_available()
    known = traits(extractor)
    assert (known.input_size, known.n_channels, known.in_processes) == ((12, 12), None, False)
    rows = extractor.transform(draw(2, (12, 12, 2)))
    assert rows.shape == (2, 5)
    # 10 * 10 positions * 3 * 3 * 2 * 5 weights, twice.
    assert extractor.operations() == 2 * 100 * 90
    extractor.save(tmp_path)
    restored = ModelFile("of/another/machine.keras", pooling="max")
    restored.restore(tmp_path)
    restored.check_available()
    assert restored.operations() == extractor.operations()
    np.testing.assert_array_equal(restored.transform(draw(2, (12, 12, 2))), rows)


def test_images_with_other_channels_are_refused(model_path):
    with pytest.raises(UnreadableImageError, match=r"accepts images with 2 channels\. Got 3"):
        ModelFile(model_path).transform(draw(1, (12, 12, 3)))


def test_the_remedy_for_other_channels_is_one_that_helps(model_path, tmp_path):
    # `dataset.channels` is for components that take three; it does not reach this model.
    reading = Reading(Intensity("dtype"), (0, 1))
    image = np.zeros((12, 12, 3), dtype=np.uint8)
    extractor = ModelFile(model_path)
    extractor.save(tmp_path)
    restored = ModelFile("elsewhere.keras")
    restored.restore(tmp_path)
    for one in (extractor, restored):
        with pytest.raises(UnreadableImageError) as caught:
            transform_prepared(one, [image], reading, ["a.png"])
        assert str(caught.value).startswith("model_file: the model accepts images with 2 channels")
        assert "Save the images with as many channels" in str(caught.value)


def test_a_model_of_another_program(tmp_path):
    model = rows_only(convolutional(("n", 5, "h", "w"), n_channels=5))
    path = saved(model, tmp_path / "m.onnx")
    params = {"path": path, "input_size": [20, 28], "mean": [0.5] * 5, "std": [0.25] * 5}
    extractor = create("extractor", ComponentSpec.of("model_file", params))
    extractor.check_available()
    known = traits(extractor)
    assert (known.input_size, known.n_channels, extractor.exact_channels) == ((20, 28), None, 5)
    images = draw(3, (20, 28, 5))
    expected = reference(model, (np.array(images) - np.float32(0.5)) / np.float32(0.25))
    np.testing.assert_allclose(extractor.transform(images), expected, rtol=1e-4, atol=1e-5)
    # 10 x 14 positions: 3 x 3 x 5 weights to 8 channels, 3 x 3 x 2 to 8, then 8 x 5.
    assert extractor.operations() == 2 * (140 * (45 * 8 + 18 * 8) + 40)
    assert extractor.identity()["runtime"].endswith(", ONNX")
    with pytest.raises(UnreadableImageError, match=r"accepts images with 5 channels\. Got 3"):
        extractor.transform(draw(1, (20, 28, 3)))
    extractor.save(tmp_path)
    restored = ModelFile("elsewhere.onnx")
    restored.restore(tmp_path)
    np.testing.assert_array_equal(restored.transform(images), extractor.transform(images))


def test_the_key_of_a_model_is_its_content(tmp_path):
    reading = Reading(Intensity("dtype"))
    keys = set()
    for name in ("one.onnx", "two.onnx"):
        path = saved(rows_only(convolutional()), tmp_path / name)
        spec = ComponentSpec.of("model_file", {"path": path, "input_size": 20})
        keys.add(feature_key(spec, create("extractor", spec), reading))
    assert len(keys) == 1
    for more in ({"mean": [0.5] * 3}, {"std": [0.5] * 3}, {"input_size": 21}, {"pooling": "max"}):
        spec = ComponentSpec.of("model_file", {"path": path, "input_size": 20, **more})
        keys.add(feature_key(spec, create("extractor", spec), reading))
    saved(rows_only(convolutional(("n", "c", "h", "w"))), tmp_path / "two.onnx")
    spec = ComponentSpec.of(
        "model_file", {"path": path, "input_size": 20, "layout": "channels_first"}
    )
    keys.add(feature_key(spec, create("extractor", spec), reading))
    assert len(keys) == 6


def test_the_key_of_a_preset_is_its_content(tmp_path):
    # Nothing of KerasHub is needed to know a preset again.
    reading = Reading(Intensity("dtype"))
    config = {
        "module": "keras_hub.src.models.vit.vit_backbone",
        "class_name": "ViTBackbone",
        "registered_name": "keras_hub>ViTBackbone",
        "config": {"image_shape": [24, 24, 3]},
    }
    keys = []
    for name, weights in (("one", b"1"), ("two", b"1"), ("three", b"3")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.json").write_text(json.dumps(config))
        (tmp_path / name / "model.weights.h5").write_bytes(weights)
        spec = ComponentSpec.of("keras_hub", {"preset": str(tmp_path / name), "scale": "0-1"})
        extractor = create("extractor", spec)
        assert isinstance(extractor, KerasHub)
        assert (extractor.input_size, extractor.n_channels) == ((24, 24), 3)
        keys.append(feature_key(spec, extractor, reading))
    assert keys[0] == keys[1] != keys[2]


def test_a_model_that_is_loaded_needs_its_file_no_more(tmp_path):
    path = Path(saved(rows_only(convolutional()), tmp_path / "m.onnx"))
    extractor = ModelFile(str(path), input_size=[20, 28])
    images = draw(2, (20, 28, 3))
    rows = extractor.transform(images)
    path.unlink()
    np.testing.assert_array_equal(extractor.transform(images), rows)
    assert (extractor.n_channels, extractor.exact_channels, extractor.batch_size) == (3, None, 32)


def test_a_missing_model_is_found_before_work():
    with pytest.raises(UnavailableError, match=r"must be a model file \(Keras: .* is not there"):
        ModelFile("gone.keras").check_available()


@pytest.mark.parametrize(("pooling", "n_features"), [("avg", 1280), ("avg+max", 2560)])
def test_names_are_numbers(pooling, n_features):
    extractor = DeepFeatures("mobilenet_v2", pooling=pooling, **SMALL)
    names = extractor.feature_names(3)
    assert len(set(names)) == len(names) == n_features
    assert names[0] == "mobilenet_v2_0000"
    assert names[-1] == f"mobilenet_v2_{n_features - 1}"
    assert extractor.feature_names(1) == names  # grey is repeated


@pytest.mark.parametrize("params", [{"pooling": "flatten"}, {"layer": "block_13_expand_relu"}])
def test_there_are_no_names_where_only_the_network_knows_how_many(params):
    assert DeepFeatures("mobilenet_v2", **SMALL, **params).feature_names(3) is None


def test_a_model_file_has_no_names(model_path):
    assert ModelFile(model_path).feature_names(2) is None
