"""Backbones of KerasHub: the rows are KerasHub's own, and every mistake is one line."""

import json
import re
import shutil
import subprocess
import sys

import numpy as np
import pytest

from bioselect.backbones import hub_files, hub_preset
from bioselect.backbones.compiling import relative_difference
from bioselect.backbones.hub_preset import HubPreset
from bioselect.backbones.keras_import import import_keras
from bioselect.backbones.model_options import OF_PRESET, ModelOptions
from bioselect.exceptions import BundleError, ComponentError, UnavailableError

pytestmark = [
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]

SCALE, OFFSET = [0.01, 0.02, 0.005], [-1.0, -2.0, 0.5]


@pytest.fixture(scope="module")
def keras_hub():
    import_keras()
    return pytest.importorskip("keras_hub", reason="KerasHub is an extra")


@pytest.fixture(scope="module")
def vit(keras_hub, tmp_path_factory):
    """Return the folder of a small vision transformer that says how its pixels are scaled."""
    folder = tmp_path_factory.mktemp("presets") / "vit"
    import_keras().utils.set_random_seed(1)
    keras_hub.models.ViTBackbone(
        image_shape=(32, 32, 3), patch_size=8, num_layers=2, num_heads=2, hidden_dim=16, mlp_dim=32
    ).save_to_preset(folder)
    keras_hub.layers.ViTImageConverter(
        image_size=(32, 32), scale=SCALE, offset=OFFSET
    ).save_to_preset(folder)
    return folder


@pytest.fixture(scope="module")
def resnet(keras_hub, tmp_path_factory):
    """Return the folder of a small network of convolutions for images of any size."""
    folder = tmp_path_factory.mktemp("presets") / "resnet"
    import_keras().utils.set_random_seed(2)
    keras_hub.models.ResNetBackbone(
        input_conv_filters=[64],
        input_conv_kernel_sizes=[3],
        stackwise_num_filters=[64, 64],
        stackwise_num_blocks=[1, 1],
        stackwise_num_strides=[1, 2],
        block_type="basic_block",
        image_shape=(None, None, 3),
    ).save_to_preset(folder)
    return folder


def own(folder, **options):
    return HubPreset(f"{folder}", ModelOptions(**{"scale": OF_PRESET, **options}))


def checked(folder, **options):
    made = own(folder, **options)
    made.check()
    return made


def draw(n_images, size=(32, 32), seed=0):
    return np.random.default_rng(seed).random((n_images, *size, 3)).astype(np.float32)


def copied(folder, target, **changes):
    """Copy a preset with other values in its configuration."""
    shutil.copytree(folder, target)
    config = json.loads((target / "config.json").read_text())
    config["config"].update(changes.pop("config", {}))
    config.update(changes)
    (target / "config.json").write_text(json.dumps(config))
    return target


@pytest.mark.parametrize("runtime", ["keras", "openvino"])
@pytest.mark.parametrize("pooling", ["cls", "avg"])
def test_rows_of_a_transformer_are_those_of_keras_hub(keras_hub, vit, pooling, runtime):
    images = draw(3)
    made = checked(vit, pooling=pooling, runtime=runtime)
    rows = made.features(images)
    pixels = images * 255 * np.float32(SCALE) + np.float32(OFFSET)
    converted = keras_hub.layers.ImageConverter.from_preset(str(vit))(images * 255)
    np.testing.assert_allclose(converted, pixels, rtol=1e-5, atol=1e-5)
    tokens = np.asarray(keras_hub.models.Backbone.from_preset(str(vit))(pixels))
    expected = tokens[:, 0] if pooling == "cls" else tokens.mean(axis=1)
    assert rows.shape == (3, 16)
    assert relative_difference(rows, expected) <= 1e-5
    assert (made.input_size, made.n_channels) == ((32, 32), 3)


def test_rows_of_convolutions_of_any_size(keras_hub, resnet):
    images = draw(2, (24, 40))
    given = {"mean": [0.5, 0.4, 0.3], "std": [0.2, 0.3, 0.4]}
    made = checked(resnet, input_size=[24, 40], pooling="avg+max", **given)
    pixels = (images - np.float32(given["mean"])) / np.float32(given["std"])
    maps = np.asarray(keras_hub.models.Backbone.from_preset(str(resnet))(pixels))
    expected = np.hstack([maps.mean(axis=(1, 2)), maps.max(axis=(1, 2))])
    assert relative_difference(made.features(images), expected) <= 1e-5
    assert made.operations > 24 * 40 / 4 * 9 * 64 * 64


def test_a_layer_inside(keras_hub, vit):
    keras = import_keras()
    backbone = keras_hub.models.Backbone.from_preset(str(vit))
    inner = backbone.get_layer("vit_patching_and_embedding")
    images = draw(2)
    expected = np.asarray(keras.Model(backbone.input, inner.output)(images))[:, 0]
    made = checked(vit, layer=inner.name, pooling="cls", scale="0-1")
    assert relative_difference(made.features(images), expected) <= 1e-5


def test_compiled_it_needs_neither_keras_nor_keras_hub(vit, tmp_path):
    made = checked(vit, pooling="cls", runtime="openvino")
    rows = made.features(draw(2))
    made.save(tmp_path / "bundle")
    images = tmp_path / "images.npy"
    np.save(images, draw(2))
    code = (
        "import sys, numpy as np;"
        "from bioselect.backbones.hub_preset import HubPreset as H;"
        "from bioselect.backbones.model_options import ModelOptions as O;"
        f"x = np.load({str(images)!r});"
        f"a = H({str(vit)!r}, O(scale='preset', pooling='cls', runtime='openvino')); a.check();"
        f"b = H.from_folder({str(tmp_path / 'bundle')!r}); b.check();"
        "assert (a.features(x) == b.features(x)).all();"
        f"np.save({str(images)!r}, b.features(x));"
        "print(*[name in sys.modules for name in ('keras', 'tensorflow', 'keras_hub')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False False False\n"
    np.testing.assert_array_equal(np.load(images), rows)


@pytest.mark.parametrize("runtime", ["keras", "openvino"])
def test_a_bundle_lives_without_the_preset(vit, tmp_path, runtime):
    preset = shutil.copytree(vit, tmp_path / "preset")
    made = checked(preset, pooling="avg", runtime=runtime)
    images = draw(3)
    rows, cost = made.features(images), made.operations
    identity = made.identity()
    made.save(tmp_path / "bundle")
    shutil.rmtree(preset)
    restored = HubPreset.from_folder(tmp_path / "bundle")
    restored.check()
    np.testing.assert_array_equal(restored.features(images), rows)
    assert (restored.operations, restored.identity()) == (cost, identity)
    assert restored.engine == made.engine
    restored.save(tmp_path / "again")
    for file in (tmp_path / "bundle").iterdir():
        assert file.read_bytes() == (tmp_path / "again" / file.name).read_bytes(), file.name


def test_without_openvino_keras_hub_takes_over_from_a_bundle(vit, tmp_path, monkeypatch):
    made = checked(vit, pooling="cls", runtime="openvino")
    rows = made.features(draw(2))
    made.save(tmp_path)
    monkeypatch.setattr("bioselect.backbones.engines.installed_version", lambda package: "")
    restored = HubPreset.from_folder(tmp_path)
    with pytest.warns(UserWarning, match="computed by Keras"):
        assert restored.engine.runtime == "keras"
    assert relative_difference(restored.features(draw(2)), rows) <= 1e-5


def test_identity_is_the_content(vit, resnet, tmp_path):
    copy = shutil.copytree(vit, tmp_path / "copy")
    assert own(copy).identity() == own(vit).identity() != own(resnet).identity()
    converter = copy / "image_converter.json"
    converter.write_text(converter.read_text().replace("0.01", "0.015"))
    assert own(copy).identity() != own(vit).identity()


# --- Every mistake is one line, before any work.


def told(folder, error=ComponentError, **options):
    with pytest.raises(error) as caught:
        checked(folder, **options)
    text = str(caught.value)
    assert text.startswith("keras_hub: ")
    assert "\n" not in text
    assert text.rstrip("?").endswith((".", "'"))
    return text


def test_mistakes(vit, resnet, tmp_path):
    assert "has no image_converter.json" in told(resnet, input_size=32)
    assert "input_size must be given" in told(resnet, scale="0-1")
    assert "input_size must be [32, 32], which" in told(vit, input_size=48, pooling="cls")
    assert "pooling must be given, because the output is a sequence of tokens (17," in told(vit)
    assert "pooling cls is for sequences of tokens" in told(
        resnet, input_size=32, scale="0-1", pooling="cls"
    )
    assert "params.layer must be one of the" in told(vit, layer="vit_encode", pooling="cls")
    assert "mean must list 3 numbers" in told(vit, mean=[1], pooling="cls")
    assert "scale must be one of 0-1, -1-1" in told(vit, scale="0-2")
    assert "precision must be f32 with runtime keras" in told(
        vit, pooling="cls", runtime="keras", precision="bf16"
    )
    (tmp_path / "empty").mkdir()
    assert "without config.json" in told(tmp_path / "empty", UnavailableError)
    assert "without config.json" in told("./no/such/folder", UnavailableError)


def test_other_presets_are_refused(vit, tmp_path):
    for place, (changes, words) in enumerate(
        {
            "text": ({"registered_name": "keras_hub>BertBackbone"}, "which takes something else"),
            "code": ({"module": "mylab.nets"}, "brings mylab.nets.ViTBackbone, which is not run"),
            "others": ({"registered_name": "mylab>ViTBackbone"}, "which is not run"),
            "lambda": ({"config": {"last": {"class_name": "Lambda"}}}, "brings Lambda"),
            "int8": ({"config": {"dtype": {"class_name": "QuantizedDTypePolicy"}}}, "quantised"),
            "wrong": ({"config": {"num_heads": "two"}}, "cannot be built ("),
        }.values()
    ):
        shape = {"image_shape": None} if "else" in words else {}
        config = {**shape, **changes.pop("config", {})}
        folder = copied(vit, tmp_path / str(place), config=config, **changes)
        assert words in told(folder, pooling="cls")
    (tmp_path / "0" / "config.json").write_text("[1, 2]")
    assert "must say which backbone" in told(tmp_path / "0")


def test_damaged_weights_are_one_line(vit, tmp_path):
    folder = shutil.copytree(vit, tmp_path / "cut")
    (folder / "model.weights.h5").write_bytes(b"no weights")
    made = own(folder, pooling="cls")
    with pytest.raises(ComponentError, match=r"cannot be built \(.*Use another copy") as caught:
        made.load()
    assert "\n" not in str(caught.value)


def test_a_name_is_looked_up_and_downloaded(keras_hub, vit, monkeypatch):
    assert "Did you mean 'resnet_50_imagenet'?" in told("resnet_50_imagenets")
    assert "Got 'no-such-preset'." in told("no-such-preset")
    # A name of text (bert_base_en) would be no help.
    assert "Did you mean" not in told("bert_base_ens")
    utils = keras_hub.src.utils.preset_utils

    def from_folder(preset, name):
        assert preset in ("hf://lab/vit", "vit_base_patch16_224_imagenet", str(vit))
        if not (vit / name).is_file():
            raise FileNotFoundError(name)
        return str(vit / name)

    monkeypatch.setattr(utils, "get_file", from_folder)
    hub_files._downloaded.cache_clear()
    for name in ("hf://lab/vit", "vit_base_patch16_224_imagenet"):
        made = checked(name, pooling="cls")
        assert made.identity() == own(vit).identity()

    def no_network(preset, name):
        raise OSError("[Errno -2] Name or service\n not known" + " and much more besides" * 20)

    monkeypatch.setattr(utils, "get_file", no_network)
    text = told("hf://lab/another", UnavailableError)
    assert "downloading it failed (OSError: [Errno -2] Name or service not known and" in text
    assert re.search(r" (and|much|more|besides) \.\.\.\)\. On a machine that can download", text)
    assert text.endswith("write params.preset: ./my_preset.")
    hub_files._downloaded.cache_clear()


def test_what_is_advised_gives_a_preset(vit, tmp_path):
    advice = hub_files._saving(str(vit)).split("`")[1]
    subprocess.run([sys.executable, "-c", advice], cwd=tmp_path, check=True, capture_output=True)
    made, expected = checked(tmp_path / "my_preset", pooling="cls"), checked(vit, pooling="cls")
    images = draw(2)
    np.testing.assert_array_equal(made.features(images), expected.features(images))


def test_without_the_package_the_extra_is_named(vit, monkeypatch, tmp_path):
    copy = copied(vit, tmp_path / "copy", config={"layer_norm_epsilon": 1e-5})
    installed = hub_preset.installed_version
    monkeypatch.setattr(
        hub_preset,
        "installed_version",
        lambda package: "" if package == "keras-hub" else installed(package),
    )
    text = told(copy, UnavailableError, pooling="cls")
    assert "which is not installed. Install it with `pip install bioselect[hub]`" in text
    monkeypatch.setitem(sys.modules, "keras_hub", None)
    hub_files._downloaded.cache_clear()
    assert "pip install bioselect[hub]" in told("resnet_50_imagenet", UnavailableError)


def test_incomplete_notes_are_an_error(tmp_path):
    (tmp_path / "backbone.json").write_text('{"input_size": [8, 8], "n_channels": 3}')
    with pytest.raises(BundleError, match="lack operations, scale, weights"):
        HubPreset.from_folder(tmp_path)


CHANGES = {
    "config.json": {"registered_name": "mylab>ViTBackbone"},
    "image_converter.json": {"module": "mylab.pixels"},
}


def changed(file, changes):
    file.write_text(json.dumps({**json.loads(file.read_text()), **changes}))


@pytest.fixture
def no_building(monkeypatch):
    monkeypatch.setattr(hub_preset, "import_keras_hub", lambda: pytest.fail("KerasHub was asked"))


@pytest.mark.parametrize("name", CHANGES)
def test_a_preset_is_looked_at_before_it_is_built(vit, tmp_path, no_building, name):
    folder = shutil.copytree(vit, tmp_path / "copy")
    made = own(folder, pooling="cls", runtime="keras")
    changed(folder / name, CHANGES[name])
    with pytest.raises(ComponentError, match=rf"{name} of .* brings mylab.*, which is not run"):
        made.load()


@pytest.mark.parametrize("name", CHANGES)
def test_so_are_the_files_of_a_bundle(vit, tmp_path, request, name):
    checked(vit, pooling="cls", runtime="keras").save(tmp_path / "bundle")
    changed(tmp_path / "bundle" / name, CHANGES[name])
    request.getfixturevalue("no_building")
    with pytest.raises(ComponentError, match=rf"{name} of .*bundle/ brings mylab") as caught:
        HubPreset.from_folder(tmp_path / "bundle").load()
    assert "\n" not in str(caught.value)


def test_converters_of_something_else_are_refused(vit, tmp_path):
    for place, (changes, words) in enumerate(
        (
            ({"config": {"scale": {"class_name": "Lambda"}}}, "brings Lambda, which is not run"),
            ({"registered_name": "keras_hub>ViTBackbone"}, "must hold a converter of images"),
            ({"config": 3}, "image_converter.json of the preset"),
        )
    ):
        folder = shutil.copytree(vit, tmp_path / str(place))
        changed(folder / "image_converter.json", changes)
        assert words in told(folder, pooling="cls")


def test_files_that_change_after_their_identity_was_told_are_not_used(vit, tmp_path):
    folder = shutil.copytree(vit, tmp_path / "copy")
    made = checked(folder, pooling="cls", runtime="keras")
    told = made.identity()
    converter = folder / "image_converter.json"
    converter.write_text(converter.read_text().replace("0.01", "0.015"))
    assert made.identity() == told
    with pytest.raises(ComponentError, match=r"copy was written anew .*\. Start again\.$"):
        made.load()


def test_nor_are_they_taken_along(vit, tmp_path):
    folder = shutil.copytree(vit, tmp_path / "copy")
    made = checked(folder, pooling="cls", runtime="keras")
    made.load()
    converter = folder / "image_converter.json"
    converter.write_text(converter.read_text().replace("0.01", "0.015"))
    with pytest.raises(ComponentError, match=r"copy was written anew"):
        made.save(tmp_path / "bundle")


def test_a_converter_that_cannot_be_asked_for_is_not_taken_for_none(vit, monkeypatch):
    hub = pytest.importorskip("huggingface_hub", reason="KerasHub loads from it")
    missing = {"image_converter.json": hub.errors.EntryNotFoundError("404")}

    def download(repo_id, filename):
        if filename in missing:
            raise missing[filename]
        return str(vit / filename)

    monkeypatch.setattr(hub, "hf_hub_download", download)
    hub_files._downloaded.cache_clear()
    assert "has no image_converter.json" in told("hf://lab/bare", pooling="cls")
    missing["image_converter.json"] = hub.errors.LocalEntryNotFoundError("no network")
    text = told("hf://lab/offline", UnavailableError, pooling="cls")
    assert "image_converter.json is not in the cache, and downloading it failed" in text
    hub_files._downloaded.cache_clear()
