"""Bundles made to do harm: each is refused in one clear line, and none of their code is run."""

import contextlib
import io
import json
import os
import pickle
import shutil
import stat
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pytest

from bioselect.bundle.manifest import MANIFEST_FILE, signed
from bioselect.bundle.reading import load_bundle, read_any_manifest
from bioselect.bundle.reference import read_reference
from bioselect.bundle.thumbnails import read_thumbnails
from bioselect.exceptions import BundleError
from bioselect.steady_archives import zip_bytes
from bioselect.storage import sha256_of_file


class TouchesAFile:
    """What a malicious pickle is: to read it calls a function."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


@pytest.fixture
def mark(tmp_path):
    """Return the file that is there once foreign code was run."""
    path = tmp_path / "was_run"
    yield path
    assert not path.exists()


def refused(path):
    """Return the one line that opening it gives."""
    with pytest.raises(BundleError) as raised:
        load_bundle(path)
    message = str(raised.value)
    assert "\n" not in message
    assert message.startswith(f"{path}: ")
    return message


def manifest_of(folder):
    return json.loads((folder / MANIFEST_FILE).read_text(encoding="utf-8"))


def pickled_array(mark):
    buffer = io.BytesIO()
    np.save(buffer, np.array([TouchesAFile(mark)], dtype=object), allow_pickle=True)
    return buffer.getvalue()


PICKLES = {
    "estimator": ("estimator.skops", pickle.dumps),
    "estimator in a zip": (
        "estimator.skops",
        lambda evil: zip_bytes({"schema.json": pickle.dumps(evil)}),
    ),
    "array of the estimator": ("estimator.skops", None),
    "check sample": ("check_sample.npz", pickle.dumps),
    "array of the check sample": (
        "check_sample.npz",
        lambda evil: zip_bytes({"images.npy": pickled_array(evil.path)}),
    ),
    "manifest": (MANIFEST_FILE, pickle.dumps),
}


@pytest.mark.parametrize("place", PICKLES)
def test_pickles_are_never_read(bundle, forge, mark, place):
    name, made = PICKLES[place]
    if made is None:
        node = {
            "__class__": "ndarray", "__module__": "numpy", "__loader__": "NdArrayNode",
            "type": "numpy", "file": "1.npy", "protocol": 2,
        }  # fmt: skip
        entries = {"schema.json": json.dumps(node).encode(), "1.npy": pickled_array(mark)}
        (bundle / name).write_bytes(zip_bytes(entries))
    else:
        (bundle / name).write_bytes(made(TouchesAFile(mark)))
    if name != MANIFEST_FILE:
        forge(bundle)
    assert (
        name in refused(bundle) or "check image" in refused(bundle) or "predict" in refused(bundle)
    )


def test_a_type_whose_name_is_no_text_is_named_all_the_same(bundle, forge):
    path = bundle / "estimator.skops"
    with zipfile.ZipFile(path) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    schema = json.loads(entries["schema.json"])
    schema["__class__"] = "Pipe\ud800line"
    entries["schema.json"] = json.dumps(schema).encode()
    path.write_bytes(zip_bytes(entries))
    forge(bundle)
    refused(bundle).encode()


def test_a_pickle_is_a_pickle(tmp_path):
    # That the marks above would be there if anything read them.
    pickle.loads(pickle.dumps(TouchesAFile(tmp_path / "was_run")))
    assert (tmp_path / "was_run").exists()


MANIFESTS = {
    "deep": b'{"format": 3, "class_names": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "deep mappings": b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    "endless number": b'{"format": 1e999}',
    "not a number": b'{"format": NaN}',
    "format as text": b'{"format": "3"}',
    "format as truth": b'{"format": true}',
    "twice": b'{"format": 3, "format": 4}',
    "half a character": b'{"format": 3, "class_names": ["\\ud800"]}',
    "no JSON but YAML": b"!!python/object/apply:os.system ['true']",
    "null bytes": b"\0" * 1000,
    "empty list": b"[]",
}


@pytest.mark.parametrize("name", MANIFESTS)
def test_manifests_that_are_none(bundle, name):
    (bundle / MANIFEST_FILE).write_bytes(MANIFESTS[name])
    assert "manifest.json is damaged" in refused(bundle)


def test_manifest_without_end(bundle):
    with (bundle / MANIFEST_FILE).open("ab") as file:
        file.truncate(30_000_000)
    assert "at most 20,000,000 bytes" in refused(bundle)


FIELDS = {
    "class_names": [[["a"], ["b"], ["c"]], [1, 2, 3], ["a", "a", "b"], ["", "a", "b"], {}, None],
    "n_features": ["many", -1e308, None, [], 1.5],
    "image_shape": [[], [1, 2], [1, -2, 3], ["a", "b", "c"], None],
    "image_dtype": ["object", "O", "U5", "V0", "", 5, "no_such_kind", "M8[s]"],
    "files": [[], {"estimator.skops": 5}, {"estimator.skops": ["a"]}, None],
    "task": ["run", 5, None, ["classification"]],
    "extractor": [None, [], "hog", {"name": 5}, {"name": "hog", "params": []}, {"x": 1}],
    "estimator": [None, {"name": ["lda"]}, {"name": "lda", "params": {}, "code": "evil()"}],
    "calibration": [{}, {"method": "evil"}, [], {"method": "isotonic", "knots": 5}],
    "reading": [{}, [], {"intensity": [], "channels": {}}],
    "columns": [{}, {"columns": []}, 5],
    "network": [{}, {"input_size": [0, 0, 0], "compiled": True}, 5],
    "labels": [5, {"separator": ""}],
    "versions": [5, {"numpy": []}],
    "unknown": [1],
}


@pytest.mark.parametrize("name", FIELDS)
def test_fields_of_another_kind(bundle, forge, name):
    first = manifest_of(bundle)
    for value in FIELDS[name]:
        fields = {**first, name: value}
        (bundle / MANIFEST_FILE).write_text(json.dumps(signed(fields)), encoding="utf-8")
        assert "manifest.json is damaged at" in refused(bundle), value


def test_reading_a_manifest_alone_refuses_as_well(bundle):
    (bundle / MANIFEST_FILE).write_bytes(MANIFESTS["deep"])
    with pytest.raises(BundleError, match="is damaged"):
        read_any_manifest(bundle)


class TestFiles:
    def test_links_that_lead_out(self, bundle, tmp_path):
        outside = tmp_path / "outside.skops"
        shutil.move(bundle / "estimator.skops", outside)
        try:
            (bundle / "estimator.skops").symlink_to(outside)
        except OSError:
            pytest.skip("no right to make links here")
        assert "'estimator.skops', a link that leads out" in refused(bundle)

    def test_names_that_are_one_on_some_systems(self, bundle, forge):
        files = manifest_of(bundle)["files"]
        (bundle / "CARD.md").write_text("another")
        forge(bundle, files={**files, "CARD.md": sha256_of_file(bundle / "CARD.md")})
        assert "'CARD.md' and 'card.md'" in refused(bundle)

    @pytest.mark.parametrize("name", ["backbone.json", "deep/evil.keras"])
    def test_a_file_for_a_component_that_is_not_listed(self, bundle, name):
        path = bundle / "extractor" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")
        assert f"extractor/{name} must stand in manifest.json" in refused(bundle)

    def test_what_a_file_manager_leaves_behind_is_no_matter(self, bundle):
        (bundle / "extractor" / ".DS_Store").write_bytes(b"\0")
        (bundle / "notes.txt").write_text("mine")
        assert load_bundle(bundle).class_names == ("coarse", "fine", "middle")

    @pytest.mark.parametrize("name", ["check_sample.npz", "estimator.skops"])
    def test_a_model_without_its_check_sample_is_none(self, bundle, forge, name):
        (bundle / name).unlink()
        files = manifest_of(bundle)["files"]
        del files[name]
        fields = {**manifest_of(bundle), "files": files}
        (bundle / MANIFEST_FILE).write_text(json.dumps(signed(fields)), encoding="utf-8")
        assert f"the file {name} is missing" in refused(bundle)

    @pytest.mark.parametrize(
        "arrays",
        [
            {},
            {"images": np.zeros((0, 8, 8, 3), np.uint8), "probabilities": np.zeros((0, 3))},
            {"images": np.zeros((2, 8, 8, 3), np.uint8), "probabilities": np.zeros((1, 3))},
            {"images": np.zeros((2, 8, 8, 3), np.uint8), "probabilities": np.zeros((2, 1))},
            {"images": np.zeros((2, 8, 8, 3), np.uint8), "probabilities": np.full((2, 3), np.nan)},
            {"images": np.array([["a"]]), "probabilities": np.zeros((1, 3))},
        ],
        ids=["none", "no images", "fewer answers", "one column", "no numbers", "texts"],
    )
    def test_a_check_sample_that_checks_nothing(self, bundle, forge, arrays):
        np.savez(bundle / "check_sample.npz", **arrays)
        forge(bundle)
        assert "predict here" in refused(bundle)

    def test_a_check_sample_that_would_fill_memory(self, bundle, forge):
        with zipfile.ZipFile(bundle / "check_sample.npz", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("images.npy", bytes(60_000_000))
        forge(bundle)
        assert "a hundredth of its size" in refused(bundle)
        head = io.BytesIO()
        np.lib.format.write_array_header_1_0(
            head, {"descr": "|u1", "fortran_order": False, "shape": (10**6, 10**6, 10**3)}
        )
        (bundle / "check_sample.npz").write_bytes(zip_bytes({"images.npy": head.getvalue()}))
        forge(bundle)
        assert "as its head says" in refused(bundle)

    def test_references_and_pictures(self, bundle, forge, mark):
        files = manifest_of(bundle)["files"]
        (bundle / "reference.npz").write_bytes(zip_bytes({"format.npy": pickled_array(mark)}))
        with zipfile.ZipFile(bundle / "thumbnails.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("0.png", bytes(10**7))
        forge(bundle, files={**files, "reference.npz": "", "thumbnails.zip": ""})
        with pytest.raises(BundleError, match=r"reference\.npz is damaged"):
            read_reference(bundle)
        with pytest.raises(BundleError, match=r"thumbnails\.zip is damaged .*at most"):
            read_thumbnails(bundle, [0])


class TestZips:
    @pytest.fixture
    def archive(self, bundle, tmp_path):
        return Path(shutil.make_archive(str(tmp_path / "packed"), "zip", bundle))

    @pytest.mark.parametrize(
        "name", ["../evil", "/etc/evil", "C:\\evil", "..\\evil", "a/../../evil", "\\\\host\\evil"]
    )
    def test_entries_outside(self, archive, name):
        with zipfile.ZipFile(archive, "a") as file:
            file.writestr(zipfile.ZipInfo(name), "evil")
        assert "every entry must lie inside the zip" in refused(archive)

    def test_links(self, archive):
        link = zipfile.ZipInfo("link")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        with zipfile.ZipFile(archive, "a") as file:
            file.writestr(link, "/etc/passwd")
        assert "Got the link 'link'" in refused(archive)

    @pytest.mark.parametrize("name", ["manifest.json", "MANIFEST.JSON", "extractor\\..\\card.md"])
    def test_entries_that_hide_one_another(self, archive, name):
        with warnings.catch_warnings(), zipfile.ZipFile(archive, "a") as file:
            warnings.simplefilter("ignore")
            file.writestr(zipfile.ZipInfo(name), "{}")
        assert "must" in refused(archive)

    def test_a_small_zip_of_a_large_file(self, archive):
        with zipfile.ZipFile(archive, "a", zipfile.ZIP_DEFLATED) as file:
            file.writestr("zeros", bytes(200_000_000))
        assert "a hundredth of its size" in refused(archive)

    def test_bytes_changed_anywhere(self, archive):
        # Of a whole archive no changed byte is passed over in silence or ends in another error.
        whole = archive.read_bytes()
        random = np.random.default_rng(0)
        for place in random.integers(0, len(whole), 60):
            data = bytearray(whole)
            data[place] ^= 1 << int(random.integers(8))
            archive.write_bytes(data)
            with contextlib.suppress(BundleError):  # and nothing else
                load_bundle(archive)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")
def test_a_pipe_in_place_of_a_file_does_not_wait_for_ever(bundle):
    (bundle / "estimator.skops").unlink()
    os.mkfifo(bundle / "estimator.skops")
    assert "the file estimator.skops is missing" in refused(bundle)
