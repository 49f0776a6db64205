"""Whatever is wrong with a model file is one line that names it; nothing foreign is run."""

import json
import re
import shutil
import sys
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pytest
import skops.io
from sklearn.base import BaseEstimator

from bioselect.bundle.manifest import MANIFEST_FILE, signed
from bioselect.bundle.reading import load_bundle
from bioselect.exceptions import BioselectError, BundleError
from bioselect.progress import Reporter
from bioselect.registry import ComponentSpec
from bioselect.steady_archives import read_zip, zip_bytes
from bioselect.storage import sha256_of_file
from bioselect.testing.small_bundle import draw_classes, write_small_bundle

OWN_MODULE = """
import numpy as np
from pathlib import Path
from sklearn.neighbors import KNeighborsClassifier

(Path(__file__).parent / "was_run").touch()

class Mean:
    def transform(self, images):
        rows = [[image.mean(), image.std(), np.diff(image, axis=1).std()] for image in images]
        return np.array(rows, dtype=np.float32)

class Neighbours(KNeighborsClassifier):
    pass

class LosesItsNotes(Mean):
    def restore(self, folder):
        raise KeyError("notes")
"""


class RunsWhenRead:
    """What a malicious pickle is: reading it calls a function."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


class Foreign(BaseEstimator):
    """A class that no model of bioselect holds."""


def refused(path, *parts, components_dir=None):
    """Return the message of the one-line error that opening `path` gives."""
    with pytest.raises(BundleError) as raised:
        load_bundle(path, components_dir)
    message = str(raised.value)
    assert "\n" not in message
    assert message.startswith(f"{path}: ")
    for part in parts:
        assert part in message
    return message


def rewrite(path, **fields):
    values = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**values, **fields}), encoding="utf-8")


def test_folder_zip_and_run_folder_open_to_the_same_model(bundle, tmp_path):
    images, _ = draw_classes(("a", "b"), seed=3)
    expected = load_bundle(bundle).predict_images(images, ["image"] * len(images))
    run_folder = tmp_path / "run"
    shutil.copytree(bundle, run_folder / "model")
    archives = [
        shutil.make_archive(str(tmp_path / "flat"), "zip", bundle),
        # The folder itself inside the zip, as file managers make it, and a whole run folder.
        shutil.make_archive(str(tmp_path / "nested"), "zip", tmp_path, "model"),
        shutil.make_archive(str(tmp_path / "of_run"), "zip", tmp_path, "run"),
    ]
    with zipfile.ZipFile(archives[1], "a") as archive:
        archive.writestr("__MACOSX/model/._manifest.json", b"\0\5\x16\7")
        archive.writestr("a/older/manifest.json", b"{}")
    for path in (run_folder, *archives):
        got = load_bundle(path).predict_images(images, ["image"] * len(images))
        np.testing.assert_array_equal(got, expected)


def test_probabilities_are_those_of_the_estimator_alone(bundle):
    from bioselect.registry import create

    images, _ = draw_classes(("a", "b"), seed=3)
    model = load_bundle(bundle)
    # 8-bit pixels are divided by 255, described, and the classifier is asked itself.
    scaled = [(image / 255.0).astype(np.float32) for image in images]
    rows = create("extractor", ComponentSpec("intensity")).transform(scaled)
    got = model.predict_images(images, ["image"] * len(images))
    expected = model.estimator.predict_proba(rows.astype(np.float64))
    np.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(got.sum(axis=1), 1.0, rtol=1e-12)


def test_reading_that_says_nothing_is_damage(bundle, forge):
    forge(bundle, reading={"intensity": "dtype"})
    with pytest.raises(BundleError, match=r"is damaged at reading: .*KeyError: 'channels'"):
        load_bundle(bundle)


def test_part_without_a_name_is_an_error(bundle, forge):
    forge(bundle, extractor={"name": "concat", "params": {"extractors": [{"params": {}}]}})
    with pytest.raises(BioselectError, match="must be a name"):
        load_bundle(bundle)


@pytest.mark.parametrize("name", ["estimator.skops", "check_sample.npz", "card.md"])
def test_missing_and_changed_files(bundle, name):
    data = (bundle / name).read_bytes()
    (bundle / name).write_bytes(data[:-1])
    refused(bundle, name, "is not the one that was written")
    (bundle / name).unlink()
    refused(bundle, name, "is missing")


def test_nothing_there(tmp_path):
    refused(tmp_path / "nowhere", "there is no such model")
    refused(tmp_path, "There is no manifest.json in it")


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[1, 2]", b'{"task": "classification"}', b"\xff\xfe{", b"null"]
)
def test_damaged_manifest(bundle, content):
    (bundle / MANIFEST_FILE).write_bytes(content)
    refused(bundle, "manifest.json is damaged")


def test_manifest_changed_by_hand(bundle):
    # Two class names exchanged: every prediction would be wrong and nothing would fail.
    rewrite(bundle / MANIFEST_FILE, class_names=["fine", "coarse", "middle"])
    refused(bundle, "its checksum differs")


@pytest.mark.parametrize(("number", "remedy"), [(8, "Upgrade bioselect"), (0, "another copy")])
def test_format_that_is_not_known(bundle, number, remedy):
    rewrite(bundle / MANIFEST_FILE, format=number)
    refused(bundle, f"format {number}", "reads 1, 2, 3, 4, 5, 6, 7", remedy)


def test_field_of_the_wrong_kind(bundle, forge):
    for n_features in ("many", 0, -3):
        forge(bundle, n_features=n_features)
        refused(bundle, "damaged at n_features")


@pytest.mark.parametrize("name", ["\x1b[31m", "\x85"])
def test_a_field_whose_name_cannot_be_printed_is_shown_as_a_code(bundle, forge, name):
    forge(bundle, **{name: 1})
    refused(bundle, f"damaged at {name.encode('unicode_escape').decode()}")


@pytest.mark.parametrize("name", ["../outside.txt", "/etc/hostname", "C:\\outside.txt"])
def test_manifest_that_names_a_file_outside(bundle, forge, name):
    (bundle.parent / "outside.txt").write_text("somebody else's")
    files = json.loads((bundle / MANIFEST_FILE).read_text())["files"]
    forge(bundle, files={**files, name: "0" * 64})
    refused(bundle, "must lie inside", repr(name))


def test_manifest_that_hides_a_file_from_the_checksums(bundle, forge):
    files = json.loads((bundle / MANIFEST_FILE).read_text())["files"]
    del files["estimator.skops"]
    forge(bundle, files=files)
    refused(bundle, "estimator.skops is missing")


def test_foreign_zip(tmp_path):
    path = tmp_path / "photos.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "hello")
    refused(path, "There is no manifest.json in it")


def test_other_file_and_truncated_zip(bundle, tmp_path):
    text = tmp_path / "model.txt"
    text.write_text("hello")
    refused(text, "must be a model folder or a zip of one")
    archive = tmp_path / "cut.zip"
    whole = shutil.make_archive(str(tmp_path / "whole"), "zip", bundle)
    with open(whole, "rb") as file:
        archive.write_bytes(file.read()[:-40])
    refused(archive, "cut short")


def test_damage_inside_a_zip_is_told_of_the_zip(bundle, tmp_path):
    (bundle / "card.md").unlink()
    archive = tmp_path / "model.zip"
    shutil.make_archive(str(archive.with_suffix("")), "zip", bundle)
    assert "tmp" not in refused(archive, "card.md is missing").removeprefix(str(archive))


def test_foreign_type_in_the_estimator_is_not_loaded(bundle, forge):
    estimator = skops.io.dumps({"model": Foreign()})
    (bundle / "estimator.skops").write_bytes(estimator)
    forge(bundle)
    refused(bundle, "Foreign", "It is not loaded")
    # Neither is one of ours that has no place in a model.
    (bundle / "estimator.skops").write_bytes(skops.io.dumps({"model": Reporter()}))
    forge(bundle)
    refused(bundle, "bioselect.progress.Reporter", "It is not loaded")


def test_function_in_the_estimator_is_not_loaded(bundle, forge, tmp_path):
    # What an attack looks like: an object that calls a function of the system when it is made.
    schema = {
        "__class__": "system",
        "__module__": "os",
        "__loader__": "FunctionNode",
        "content": {"module_path": "os", "function": "system"},
        "__id__": 1,
        "protocol": 2,
        "_skops_version": "0.13",
    }
    data = zip_bytes({"schema.json": json.dumps(schema).encode()})
    (bundle / "estimator.skops").write_bytes(data)
    forge(bundle)
    refused(bundle, "os.system", "It is not loaded")


@pytest.mark.parametrize("data", [b"", b"hello", zip_bytes({"schema.json": b"{}"})])
def test_estimator_that_is_no_estimator(bundle, forge, data):
    (bundle / "estimator.skops").write_bytes(data)
    forge(bundle)
    refused(bundle, "estimator.skops cannot be loaded")


def test_unknown_classifier_is_named(bundle, forge):
    forge(bundle, estimator={"name": "ldaa", "params": {}, "identity": {}})
    refused(bundle, "ldaa", "Did you mean 'lda'")


def test_model_that_predicts_something_else_is_refused(bundle, forge):
    with np.load(bundle / "check_sample.npz") as sample:
        images, probabilities = sample["images"], sample["probabilities"].copy()
    probabilities[0] += [2e-4, -2e-4, 0]
    np.savez(bundle / "check_sample.npz", images=images, probabilities=probabilities)
    forge(bundle)
    # The tolerance is 1e-4, the change 2e-4.
    refused(bundle, "differ by up to 0.0002, allowed 0.0001", "scikit-learn")


@pytest.mark.parametrize("images", [np.zeros((2, 8, 8, 1), np.uint8), np.zeros(3), np.zeros(0)])
def test_check_sample_that_cannot_be_used(bundle, forge, images):
    np.savez(bundle / "check_sample.npz", images=images, probabilities=np.zeros((2, 3)))
    forge(bundle)
    refused(bundle, "the model cannot predict here")


def test_pickle_in_the_check_sample_is_not_read(bundle, forge, tmp_path):
    mine = np.array([RunsWhenRead(tmp_path / "was_run")], dtype=object)
    np.savez(bundle / "check_sample.npz", images=mine, probabilities=np.zeros((1, 3)))
    forge(bundle)
    refused(bundle, "the model cannot predict here", "without pickle")
    assert not (tmp_path / "was_run").exists()


def test_other_version_of_scikit_learn_is_no_noise(bundle, forge):
    contents = read_zip((bundle / "estimator.skops").read_bytes())
    text = contents["schema.json"].decode()
    assert "_sklearn_version" in text
    version = __import__("sklearn").__version__
    contents["schema.json"] = text.replace(version, "1.0.1").encode()
    (bundle / "estimator.skops").write_bytes(zip_bytes(contents))
    forge(bundle)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        load_bundle(bundle)


@pytest.fixture
def own(tmp_path, request):
    """Write somebody's own module and return its folder and name."""
    name = re.sub(r"\W", "_", f"own_{request.node.name}")
    folder = tmp_path / "components"
    folder.mkdir()
    (folder / f"{name}.py").write_text(OWN_MODULE)
    return folder, name


@pytest.mark.parametrize("kind", ["extractor", "part", "classifier"])
def test_own_component_runs_only_with_consent(own, tmp_path, kind):
    components, name = own
    extractor, classifier = ComponentSpec("intensity"), ComponentSpec("lda")
    if kind == "extractor":
        extractor = ComponentSpec(f"{name}:Mean")
    elif kind == "part":
        extractor = ComponentSpec.of("concat", {"extractors": ["intensity", f"{name}:Mean"]})
    else:
        classifier = ComponentSpec(f"{name}:Neighbours")
    model = write_small_bundle(tmp_path / "model", extractor, classifier, base_dir=components)
    (components / "was_run").unlink()
    del sys.modules[name]  # as in a new process
    refused(model, f"'{name}:", f"{name}.py with --components FOLDER")
    assert not (components / "was_run").exists()
    images, places = draw_classes(("coarse", "fine", "middle"), seed=5)
    got = load_bundle(model, components).predict_images(images, ["image"] * len(images))
    assert (components / "was_run").exists()
    # Three kinds of stripes under noise that grows with the class; a third would be chance.
    assert np.mean(got.argmax(axis=1) == places) > 0.6


def test_own_extractor_that_cannot_be_restored(own, tmp_path):
    components, name = own
    spec = ComponentSpec(f"{name}:LosesItsNotes")
    model = write_small_bundle(tmp_path / "model", spec, ComponentSpec("lda"), base_dir=components)
    refused(model, "cannot be restored (KeyError: 'notes')", components_dir=components)


def test_consent_does_not_open_the_door_to_other_packages(own, tmp_path, forge):
    components, name = own
    model = write_small_bundle(
        tmp_path / "model",
        ComponentSpec("intensity"),
        ComponentSpec(f"{name}:Neighbours"),
        base_dir=components,
    )
    (model / "estimator.skops").write_bytes(skops.io.dumps(Foreign()))
    forge(model)
    refused(model, "Foreign", "It is not loaded", components_dir=components)


def test_signature_and_checksums_are_those_on_disk(whole_bundle):
    values = json.loads((whole_bundle / MANIFEST_FILE).read_text())
    assert signed(values)["checksum"] == values["checksum"]
    assert all(sha256_of_file(whole_bundle / n) == s for n, s in values["files"].items())


@pytest.mark.parametrize("name", ["subprocess:Popen", "os:system"])
def test_consent_to_a_folder_is_none_to_the_rest_of_python(bundle, forge, tmp_path, name):
    manifest = json.loads((bundle / MANIFEST_FILE).read_text(encoding="utf-8"))
    components = tmp_path / "components"
    components.mkdir()
    (components / "mylab.py").write_text("")
    extractor = {**manifest["extractor"], "name": name, "params": {}}
    inside = {**extractor, "name": "concat", "params": {"extractors": [{"name": name}]}}
    for fields in (
        {"extractor": extractor},
        {"extractor": inside},
        {"estimator": {**manifest["estimator"], "name": name}},
    ):
        forge(bundle, **fields)
        module = name.split(":")[0]
        refused(bundle, f"without {module}.py", f"'{name}'", components_dir=components)


@pytest.mark.parametrize(
    "text", ['{"format": Infinity}', '{"a": ' * 100_000, '{"format": 3, "x": "\\udc80"}', "[]"]
)
def test_a_manifest_that_no_program_writes_is_refused(bundle, text):
    (bundle / MANIFEST_FILE).write_text(text)
    with pytest.raises(BundleError, match=f"{MANIFEST_FILE} is damaged") as told:
        load_bundle(bundle)
    assert "\n" not in str(told.value)
