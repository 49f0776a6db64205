"""A model of built-in components holds the contract for bundles; each check catches its mutant."""

import io
import json
import pickle
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bioselect.bundle.manifest import MANIFEST_FILE, signed
from bioselect.bundle.writing import write_bundle
from bioselect.registry import ComponentSpec
from bioselect.storage import sha256_of_file
from bioselect.testing import check_bundle, run_contract
from bioselect.testing.bundle_checks import BundleUnderTest
from bioselect.testing.contract import checks_of, problem_of
from bioselect.testing.file_contents import absolute_paths, pickle_in
from bioselect.testing.small_bundle import small_contents, write_small_bundle

OWN_MODULE = '''
from pathlib import Path
import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin

class Moments:
    """A correct extractor, to be broken below."""
    table = 1.0
    def transform(self, images):
        rows = np.array([[i.mean(), i.std(), np.diff(i, axis=1).std()] for i in images])
        return (rows * self.table).astype(np.float32)
    def save(self, folder):
        (Path(folder) / "table.txt").write_text("1.0")

class Learns(Moments):
    """What is common to all images is learnt and taken away."""
    def learnt_step(self, seed):
        return LessMean()

class LessMean(TransformerMixin, BaseEstimator):
    def fit(self, X, y=None):
        self.mean_ = X.mean(axis=0)
        return self
    def transform(self, X):
        return X - self.mean_

class LooksBesideTheModel(Moments):
    """Works only where the model was made."""
    def restore(self, folder):
        self.table = float((Path(folder).parent.parent / "table.txt").read_text())

class ReadsLate(Moments):
    """Reads its file anew for each batch, when what was unpacked is gone."""
    def restore(self, folder):
        self.folder = Path(folder)
    def transform(self, images):
        if hasattr(self, "folder"):
            self.table = float((self.folder / "table.txt").read_text())
        return super().transform(images)

class LooksAround(Moments):
    """The row of an image depends on its batch."""
    def transform(self, images):
        rows = super().transform(images)
        return rows - (len(images) > 1) * rows.mean(axis=0)
'''


def sign(folder, **fields):
    """Change fields of a manifest, list the files that are there, and sign it again."""
    path = folder / MANIFEST_FILE
    values = json.loads(path.read_text())
    files = {
        p.relative_to(folder).as_posix(): sha256_of_file(p)
        for p in folder.rglob("*")
        if p.is_file() and p != path
    }
    path.write_text(json.dumps(signed({**values, "files": files, **fields})))


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("contract") / "model"
    return write_small_bundle(folder, ComponentSpec("intensity"), ComponentSpec("lda"))


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """Return the folder of somebody's own components."""
    folder = tmp_path_factory.mktemp("components")
    (folder / "bundle_lab.py").write_text(OWN_MODULE)
    return folder


def no_estimator(folder, lab):
    (folder / "estimator.skops").unlink()


def unlisted_card(folder, lab):
    files = json.loads((folder / MANIFEST_FILE).read_text())["files"]
    del files["card.md"]
    sign(folder, files=files)


def pickled_estimator(folder, lab):
    (folder / "spare.bin").write_bytes(pickle.dumps({"weights": [1.0, 2.0]}))
    sign(folder)


def object_array(folder, lab):
    # In an archive inside an archive, so that looking at the files themselves is not enough.
    inner = io.BytesIO()
    np.savez(inner, names=np.array([{"a": 1}, None], dtype=object))
    with zipfile.ZipFile(folder / "spare.zip", "w") as archive:
        archive.writestr("deep.npz", inner.getvalue())
    sign(folder)


def path_of_the_patients(folder, lab):
    sign(folder, dataset={"name": "drawn", "source": "/data/ward7/patients/scan.tif"})


def path_beside(folder, lab):
    (folder / "trace.bin").write_bytes(b"\xff" + str(folder.resolve()).encode() + b"/x")
    sign(folder)


def another_sample(folder, lab):
    with np.load(folder / "check_sample.npz") as sample:
        images, probabilities = sample["images"], sample["probabilities"]
    # 5e-5 is below what opening allows (1e-4), above what the contract does (1e-5).
    probabilities = probabilities + np.array([5e-5, -5e-5, 0])
    np.savez(folder / "check_sample.npz", images=images, probabilities=probabilities)
    sign(folder)


def equal_samples(folder, lab):
    with np.load(folder / "check_sample.npz") as sample:
        images, probabilities = sample["images"][[0, 0]], sample["probabilities"][[0, 0]]
    np.savez(folder / "check_sample.npz", images=images, probabilities=probabilities)
    sign(folder)


def own(name):
    def write(folder, lab):
        shutil.rmtree(folder)
        (folder.parent / "table.txt").write_text("1.0")
        extractor = ComponentSpec(f"bundle_lab:{name}")
        write_small_bundle(folder, extractor, ComponentSpec("knn"), base_dir=lab)

    return write


def without(field, key):
    def change(folder, lab):
        values = json.loads((folder / MANIFEST_FILE).read_text())[field]
        del values[key]
        sign(folder, **{field: values})

    return change


def class_twice(folder, lab):
    sign(folder, class_names=["fine", "fine", "middle"])


def uncounted_class(folder, lab):
    values = json.loads((folder / MANIFEST_FILE).read_text())["dataset"]
    sign(folder, dataset={**values, "n_images_per_class": {"fine": 8, "middle": 8}})


def empty_card(folder, lab):
    (folder / "card.md").write_text("")
    sign(folder)


def file_more(folder, lab):
    (folder / "more.txt").write_text("more")


#: (check, what breaks the bundle, what must be said)
MUTANTS = [
    ("opens", no_estimator, "estimator.skops is missing"),
    ("whole", unlisted_card, "Got no error for a changed card.md"),
    ("no pickle", pickled_estimator, "Got the pickle spare.bin"),
    ("no pickle", object_array, "array of Python objects in spare.zip/deep.npz/names.npy"),
    ("no folders", path_of_the_patients, "/data/ward7/patients/scan.tif"),
    ("no folders", path_beside, "in trace.bin"),
    ("reproduces", another_sample, "must be reproduced to 1e-05"),
    ("reproduces", equal_samples, "at least 2 different images"),
    ("moved", own("LooksBesideTheModel"), "cannot be restored"),
    ("zipped", own("ReadsLate"), "transform must work on every image"),
    ("image alone", own("LooksAround"), "an image alone must be predicted as in a batch"),
    ("manifest", without("versions", "numpy"), "versions must hold"),
    ("manifest", without("scores", "ci_low"), "scores must hold"),
    ("manifest", without("dataset", "fingerprint"), "dataset must hold"),
    ("manifest", class_twice, "classes must have different names"),
    ("manifest", uncounted_class, "every class must be counted"),
    ("manifest", file_more, "every file must be listed. Missing: ['more.txt']"),
    ("manifest", empty_card, "must name every class"),
]


def test_every_check_has_a_mutant():
    assert list(dict.fromkeys(check for check, _, _ in MUTANTS)) == list(checks_of("bundle"))
    assert len(checks_of("bundle")) == 9


@pytest.mark.parametrize(("check", "damage", "message"), MUTANTS)
def test_check_catches_its_mutant(check, damage, message, whole, lab, tmp_path):
    folder = shutil.copytree(whole, tmp_path / "model")
    damage(folder, lab)
    make = lambda: BundleUnderTest(folder, lab)  # noqa: E731
    assert message in problem_of(checks_of("bundle")[check], make)


@pytest.mark.parametrize(
    ("extractor", "classifier"),
    [
        (ComponentSpec("intensity"), ComponentSpec("lda")),
        (ComponentSpec.of("concat", {"extractors": ["hu_moments", "lbp"]}), ComponentSpec("svm")),
        (ComponentSpec("sift_bow"), ComponentSpec("lda")),
        (ComponentSpec("orb_bow"), ComponentSpec.of("random_forest", {"n_estimators": 10})),
        (ComponentSpec.of("concat", {"extractors": ["lbp", "orb_bow"]}), ComponentSpec("knn")),
        (ComponentSpec("bundle_lab:Learns"), ComponentSpec("nearest_centroid")),
    ],
)
def test_model_holds_the_contract(extractor, classifier, tmp_path, lab):
    own = lab if ":" in extractor.name else None
    folder = write_small_bundle(tmp_path / "model", extractor, classifier, base_dir=own)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    results = check_bundle(folder, own)
    assert len(results) == 9
    assert [result for result in results if result.problem] == []
    assert run_contract("bundle", str(folder), own) == results
    # Only looked at.
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_model_with_a_network_holds_the_contract(tmp_path):
    params = {"weights": "none", "alpha": 0.35, "input_size": 96}
    extractor = ComponentSpec.of("mobilenet_v2", params)
    folder = write_small_bundle(tmp_path / "model", extractor, ComponentSpec("knn"))
    archive = Path(shutil.make_archive(str(tmp_path / "zipped"), "zip", folder))
    # Opening it takes a second each time; what opening does is tried with small models above.
    for check in ("no pickle", "no folders", "manifest", "image alone"):
        assert problem_of(checks_of("bundle")[check], lambda: BundleUnderTest(archive)) == ""


def test_model_of_own_components_holds_the_contract(lab, tmp_path):
    forest = ComponentSpec.of("random_forest", {"n_estimators": 10})
    contents = small_contents(ComponentSpec("bundle_lab:Moments"), forest, base_dir=lab)
    write_bundle(tmp_path / "model", replace(contents, card="coarse fine middle"))
    assert [r for r in check_bundle(tmp_path / "model", lab) if r.problem] == []
    without_consent = check_bundle(tmp_path / "model")
    assert "--components FOLDER" in without_consent[0].problem


def test_model_of_a_run_holds_the_contract(write_config, tmp_path):
    from bioselect.workflows.run import run

    extractors = "[{name: concat, params: {extractors: [intensity, lbp]}}]"
    folder = run(write_config(extractors=extractors, classifiers="[lda]"), jobs=1).folder
    results = check_bundle(folder)
    assert [result for result in results if result.problem] == []
    assert len(results) == 9


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickles_of_every_protocol_are_found(protocol):
    for value in ([1, {"b": 2}], np.arange(3), np.sum):
        assert pickle_in("a", pickle.dumps(value, protocol)) == "the pickle a"


@pytest.mark.parametrize(
    "data", [b"", b"# Card.", b"{}", b"PK\x05\x06", b"\x89HDF\r\n", b".", b"1.0"]
)
def test_other_files_are_no_pickles(data):
    assert pickle_in("a", data) == ""


def test_arrays_of_objects_are_found_in_every_version_of_the_format():
    for version in ((1, 0), (2, 0), (3, 0)):
        for dtype, expected in ((object, True), (np.float64, False)):
            file = io.BytesIO()
            np.lib.format.write_array(file, np.zeros(2, dtype), version, allow_pickle=True)
            assert bool(pickle_in("a.npy", file.getvalue())) is expected


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('"C:\\\\data\\\\a.tif"', 1),
        ('"~/images"', 1),
        ("see https://keras.io/api/applications", 0),
        ("and/or, 3/4, block_1/conv", 0),
        ("model made in /data/ward7/x", 1),
    ],
)
def test_absolute_paths_are_told_from_other_slashes(text, found):
    assert len(absolute_paths(text.encode(), [])) == found
