"""A network is compiled once, kept, and never trusted when it is damaged."""

import json
import multiprocessing
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import replace

import numpy as np
import pytest

from bioselect.backbones import engines, frozen_network
from bioselect.backbones.compiled_files import (
    GRAPH_FILE,
    NOTES_FILE,
    WEIGHTS_FILE,
    cache_folder,
)
from bioselect.backbones.inference import Backbone
from bioselect.backbones.model_file import ModelFileBackbone
from bioselect.backbones.model_options import ModelOptions
from bioselect.backbones.saving import MODEL_FILE
from bioselect.exceptions import BundleError, UnavailableError

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

SIZE = 32


#: The first blocks of seventeen are compiled in a third of the time of all.
SMALL = {"weights": "none", "alpha": 0.35, "input_size": SIZE, "layer": "block_3_expand_relu"}


def made(**options):
    return Backbone("mobilenet_v2", **{**SMALL, **options})


def draw(n_images=3):
    return np.random.default_rng(0).random((n_images, SIZE, SIZE, 3)).astype(np.float32)


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """Return a cache with one compiled network in it, and the network's rows."""
    folder = tmp_path_factory.mktemp("filled")
    before = os.environ["BIOSELECT_CACHE"]
    os.environ["BIOSELECT_CACHE"] = str(folder)
    rows = made().features(draw())
    os.environ["BIOSELECT_CACHE"] = before
    return folder, rows


@pytest.fixture
def cache(filled, tmp_path, monkeypatch):
    """Return a copy of that cache that may be damaged; it is the one that counts."""
    folder = shutil.copytree(filled[0], tmp_path / "cache")
    monkeypatch.setenv("BIOSELECT_CACHE", str(folder))
    return folder


@pytest.fixture
def rows(filled):
    return filled[1]


@pytest.fixture
def no_building(monkeypatch):
    monkeypatch.setattr(Backbone, "_built", lambda self: pytest.fail("Keras built the network"))


def only_file(cache):
    (path,) = (cache / "networks").iterdir()
    return path


def test_the_second_time_needs_no_keras(cache, rows, no_building):
    again = made()
    assert again.network.is_compiled()
    np.testing.assert_array_equal(again.features(draw()), rows)


def test_nor_does_a_bundle(cache, rows, tmp_path, no_building):
    made().save(tmp_path / "bundle")
    again = Backbone.from_folder(tmp_path / "bundle")
    np.testing.assert_array_equal(again.features(draw()), rows)


def test_the_bytes_of_a_bundle_do_not_depend_on_the_cache(cache, tmp_path, monkeypatch):
    made().save(tmp_path / "first")
    monkeypatch.setenv("BIOSELECT_CACHE", str(tmp_path / "empty"))
    made().save(tmp_path / "second")
    for file in sorted((tmp_path / "first").iterdir()):
        assert file.read_bytes() == (tmp_path / "second" / file.name).read_bytes(), file.name


@pytest.mark.parametrize(
    "options",
    [{"layer": "block_1_expand_relu"}, {"pooling": "max"}, {"alpha": 0.5}, {"input_size": 33}],
)
def test_another_network_is_not_taken(cache, options):
    assert made().network.is_compiled()
    assert not made(**options).network.is_compiled()


def test_other_weights_and_other_versions_are_not_taken(cache, monkeypatch):
    monkeypatch.setattr(Backbone, "identity", lambda self: "other weights")
    assert not made().network.is_compiled()
    monkeypatch.undo()
    monkeypatch.setenv("BIOSELECT_CACHE", str(cache))
    installed = engines.installed_version
    for package in ("openvino", "keras", "tensorflow"):

        def upgraded(name, package=package):
            return "99" if name == package else installed(name)

        for module in (engines, frozen_network):
            monkeypatch.setattr(module, "installed_version", upgraded)
        assert not made().network.is_compiled()


@pytest.mark.parametrize("damage", ["cut", "changed", "empty", "of something else"])
def test_a_damaged_file_is_compiled_again_with_a_word(cache, rows, damage):
    path = only_file(cache)
    data = path.read_bytes()
    if damage == "cut":
        path.write_bytes(data[: len(data) // 2])
    elif damage == "changed":
        middle = data.index(b"backbone.bin") + 1000
        path.write_bytes(data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :])
    elif damage == "empty":
        path.write_bytes(b"")
    else:
        with zipfile.ZipFile(path, "w") as archive:
            for name in ("notes.json", "backbone.xml", "backbone.bin"):
                archive.writestr(name, "{}")
    with pytest.warns(UserWarning, match=r"the compiled network is damaged .* compiled again"):
        np.testing.assert_array_equal(made().features(draw()), rows)
    assert path.read_bytes() == data
    np.testing.assert_array_equal(made().features(draw()), rows)


def test_damage_that_only_a_bundle_meets(cache, rows, tmp_path):
    path = only_file(cache)
    one = made()
    one.load()
    path.write_bytes(path.read_bytes()[:-40])
    one.save(tmp_path / "bundle")
    np.testing.assert_array_equal(Backbone.from_folder(tmp_path / "bundle").features(draw()), rows)


def test_without_a_cache_everything_works_but_slowly(rows, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("BIOSELECT_CACHE", str(tmp_path / "file"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    one = made()
    with pytest.warns(UserWarning, match="cannot be kept"):
        np.testing.assert_array_equal(one.features(draw()), rows)
    assert not list((tmp_path / "temporary").iterdir())
    with pytest.warns(UserWarning, match="cannot be kept"):
        one.save(tmp_path / "bundle")
    assert not list((tmp_path / "temporary").iterdir())
    restored = Backbone.from_folder(tmp_path / "bundle")
    np.testing.assert_array_equal(restored.features(draw()), rows)


def _features_into(queue, both, files):
    """Compile the network, of which nothing is in the cache, at the same moment as the other."""

    def compile_model(*given):
        both.wait(timeout=240)
        return files[GRAPH_FILE], files[WEIGHTS_FILE]

    # What Keras and the compiler would give: twice they take fifteen seconds, and no part here.
    frozen_network.compile_model = compile_model
    one = made()
    one.network.definition = replace(
        one.network.definition,
        build=lambda: None,
        notes=lambda model: json.loads(files[NOTES_FILE]),
        write=lambda folder, model: (folder / MODEL_FILE).write_bytes(files[MODEL_FILE]),
    )
    queue.put(one.features(draw()))


def test_two_processes_at_once(filled, rows, tmp_path, monkeypatch):
    with zipfile.ZipFile(only_file(filled[0])) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    monkeypatch.setenv("BIOSELECT_CACHE", str(tmp_path))
    context = multiprocessing.get_context("spawn")
    given = (context.Queue(), context.Barrier(2), files)
    queue = given[0]
    processes = [context.Process(target=_features_into, args=given) for _ in range(2)]
    for process in processes:
        process.start()
    for _ in processes:
        np.testing.assert_array_equal(queue.get(timeout=240), rows)
    for process in processes:
        process.join()
    (kept,) = cache_folder().iterdir()
    assert kept.read_bytes() == only_file(filled[0]).read_bytes()
    np.testing.assert_array_equal(made().features(draw()), rows)


@pytest.fixture
def bundle(cache, tmp_path):
    made().save(tmp_path / "bundle")
    return tmp_path / "bundle"


def test_a_bundle_predicts_without_tensorflow(bundle, rows, tmp_path):
    code = (
        "import sys, numpy as np; from pathlib import Path;"
        "from bioselect.backbones.inference import Backbone as B;"
        f"b = B.from_folder(Path({str(bundle)!r})); b.check();"
        f"r = b.features(np.random.default_rng(0).random((3, {SIZE}, {SIZE}, 3)).astype('f'));"
        f"np.save({str(tmp_path / 'rows.npy')!r}, r);"
        "print([name for name in ('tensorflow', 'keras', 'h5py') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
    np.testing.assert_array_equal(np.load(tmp_path / "rows.npy"), rows)


@pytest.fixture
def no_openvino(monkeypatch):
    installed = engines.installed_version

    def without(name):
        return "" if name == "openvino" else installed(name)

    monkeypatch.setattr(engines, "installed_version", without)


def test_without_openvino_a_bundle_is_computed_by_keras_with_a_word(bundle, rows, no_openvino):
    restored = Backbone.from_folder(bundle)
    with pytest.warns(UserWarning, match=r"computed by Keras.*openvino is not installed"):
        got = restored.features(draw())
    assert restored.engine.runtime == "keras"
    np.testing.assert_allclose(got, rows, rtol=0, atol=1e-5 * rows.max())


def test_without_openvino_bf16_is_an_error(bundle, no_openvino):
    notes = bundle / "backbone.json"
    notes.write_text(notes.read_text().replace('"f32"', '"bf16"'))
    with pytest.raises(UnavailableError, match="precision bf16 needs the package openvino"):
        Backbone.from_folder(bundle).features(draw())


def test_a_compiled_file_that_this_openvino_cannot_read(bundle, rows):
    (bundle / "backbone.xml").write_text('<net name="n" version="99"></net>')
    with pytest.warns(UserWarning, match=r"computed by Keras.*it cannot be opened \(RuntimeError"):
        got = Backbone.from_folder(bundle).features(draw())
    np.testing.assert_allclose(got, rows, rtol=0, atol=1e-5 * rows.max())
    notes = bundle / "backbone.json"
    notes.write_text(notes.read_text().replace('"f32"', '"bf16"'))
    if engines.processor_has_bf16():
        with pytest.raises(BundleError, match="the compiled network cannot be opened"):
            Backbone.from_folder(bundle).features(draw())


def test_bundles_of_old_are_computed_by_keras(tmp_path):
    first = made(runtime="keras")
    first.save(tmp_path)
    notes = json.loads((tmp_path / "backbone.json").read_text())
    for key in ("runtime", "precision", "defined_by"):
        del notes[key]
    (tmp_path / "backbone.json").write_text(json.dumps(notes))
    restored = Backbone.from_folder(tmp_path)
    np.testing.assert_array_equal(restored.features(draw()), first.features(draw()))
    assert restored.engine.runtime == "keras"


def test_a_model_file_is_counted_once(cache, tmp_path, monkeypatch):
    made(runtime="keras", layer="block_6_expand_relu").save(tmp_path)
    path = str(tmp_path / "backbone.keras")
    first = ModelFileBackbone(path, ModelOptions(scale="-1-1"))
    cost, rows = first.operations, first.features(draw())
    monkeypatch.setattr(
        ModelFileBackbone, "_built", lambda self: pytest.fail("Keras built the network")
    )
    again = ModelFileBackbone(path, ModelOptions(scale="-1-1"))
    assert again.operations == cost > 1e6
    np.testing.assert_array_equal(again.features(draw()), rows)


def test_a_restored_network_is_saved_again(bundle, rows, tmp_path):
    restored = Backbone.from_folder(bundle)
    restored.save(tmp_path / "again")
    for file in sorted(bundle.iterdir()):
        assert file.read_bytes() == (tmp_path / "again" / file.name).read_bytes(), file.name
    shutil.rmtree(bundle)
    with pytest.raises(BundleError, match="Unpack the bundle, and open that"):
        restored.save(tmp_path / "third")
