"""Weights are found, or said to be missing, before any work and without TensorFlow."""

import hashlib
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest

from bioselect.backbones import weights
from bioselect.backbones.row import BackboneRow, Width
from bioselect.backbones.weights import cache_folder, check_weights, find_weights
from bioselect.exceptions import ComponentError, UnavailableError

REAL_WEIGHTS = Path(__file__).parents[3] / "shared" / "data" / "weights"


def write_weights(path, n_parameters=12):
    """Write a file in Keras's order-keeping format: one layer with so many weights."""
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [b"one"]
        group = file.create_group("one")
        group.attrs["weight_names"] = [b"kernel"]
        group["kernel"] = np.arange(n_parameters, dtype=np.float32)


@pytest.fixture
def tiny(monkeypatch, tmp_path):
    """Put a network of 12 parameters into the table; its download is a file beside the cache."""
    remote = tmp_path / "remote.h5"
    write_weights(remote)
    row = BackboneRow(
        name="tiny",
        constructor="keras.applications:Tiny",
        preprocessing="tf",
        input_size=(224, 224),
        min_size=32,
        widths=(Width(1.0, 4, 12, 100, 10, hashlib.md5(remote.read_bytes()).hexdigest()),),
        weights_file="tiny_notop.h5",
        weights_address=remote.as_uri(),
        reference="",
    )
    monkeypatch.setattr(weights, "ROWS", {"tiny": row})
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    return remote


def test_the_cache_folder_is_that_of_keras(monkeypatch, tmp_path):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "models"
    monkeypatch.delenv("KERAS_HOME")
    assert cache_folder() == Path.home() / ".keras" / "models"


def test_imagenet_weights_are_downloaded_once(tiny, tmp_path):
    identity = check_weights("tiny", "imagenet")
    assert identity == hashlib.sha256(tiny.read_bytes()).hexdigest()
    assert [path.name for path in cache_folder().iterdir()] == ["tiny_notop.h5"]
    tiny.unlink()
    assert check_weights("tiny", "imagenet") == identity
    assert find_weights("tiny", "imagenet", 1.0, None) == cache_folder() / "tiny_notop.h5"


def test_without_a_network_the_error_names_file_folder_and_parameter(tiny):
    tiny.unlink()
    with pytest.raises(UnavailableError) as caught:
        check_weights("tiny", "imagenet")
    message = str(caught.value)
    assert "tiny: the ImageNet weights cannot be had: tiny_notop.h5 is not in " in message
    assert str(cache_folder()) in message
    assert "params: {weights: FILE}" in message
    assert "\n" not in message
    assert list(cache_folder().iterdir()) == []


def test_a_download_with_another_checksum_is_not_kept(tiny):
    write_weights(tiny, 13)
    with pytest.raises(UnavailableError, match="another checksum"):
        check_weights("tiny", "imagenet")
    assert list(cache_folder().iterdir()) == []


def test_a_cache_folder_that_cannot_be_written_is_explained(tiny, tmp_path):
    (tmp_path / "keras").write_text("a file where the folder should be")
    with pytest.raises(UnavailableError, match=r"tiny_notop\.h5 is not in"):
        check_weights("tiny", "imagenet")


def test_a_damaged_file_in_the_cache_is_left_and_named(tiny):
    cache_folder().mkdir(parents=True)
    damaged = cache_folder() / "tiny_notop.h5"
    damaged.write_bytes(tiny.read_bytes()[:100])
    with pytest.raises(UnavailableError, match=r"tiny_notop\.h5 are damaged .* Delete the file"):
        check_weights("tiny", "imagenet")
    assert damaged.stat().st_size == 100


def test_a_damaged_file_without_checksum_is_found_too(tiny, monkeypatch):
    row = weights.ROWS["tiny"]
    no_checksum = BackboneRow(**{**vars(row), "widths": (Width(1.0, 4, 12, 100, 10),)})
    monkeypatch.setattr(weights, "ROWS", {"tiny": no_checksum})
    cache_folder().mkdir(parents=True)
    (cache_folder() / "tiny_notop.h5").write_bytes(tiny.read_bytes()[:100])
    with pytest.raises(UnavailableError, match="Delete that file from Keras's cache folder"):
        check_weights("tiny", "imagenet")


def test_a_stalled_download_ends(tiny, monkeypatch):
    def stalled(url, timeout):
        assert timeout == weights.DOWNLOAD_TIMEOUT_SECONDS <= 10
        raise TimeoutError("timed out")

    monkeypatch.setattr(weights.urllib.request, "urlopen", stalled)
    with pytest.raises(UnavailableError, match=r"downloading it failed \(timed out\)"):
        check_weights("tiny", "imagenet")


def test_a_changed_file_has_another_identity(tiny, tmp_path):
    path = tmp_path / "own.h5"
    write_weights(path)
    first = check_weights("tiny", str(path))
    with h5py.File(path, "r+") as file:
        file["one/kernel"][0] = 7
    assert check_weights("tiny", str(path)) != first


def test_random_weights_need_nothing():
    assert check_weights("convnext_xlarge", "none") == "random-seed-0"


@pytest.mark.parametrize("name", ["imagnet", "folder/missing.h5"])
def test_a_missing_file_is_named(name):
    with pytest.raises(UnavailableError) as caught:
        check_weights("resnet50", name)
    assert f"Got {Path(name)}, which is not there" in str(caught.value)


def test_an_unknown_architecture_has_a_neighbour():
    with pytest.raises(ComponentError, match=r"unknown architecture 'resnet51'.*'resnet50'"):
        check_weights("resnet51", "none")


def test_an_unknown_alpha_is_found_whatever_the_weights():
    for name in ("none", "imagenet", "missing.h5"):
        with pytest.raises(ComponentError, match="alpha must be one of"):
            check_weights("mobilenet_v2", name, alpha=0.36)


@pytest.mark.real_data
@pytest.mark.skipif(not REAL_WEIGHTS.is_dir(), reason="no folder shared/data beside the project")
@pytest.mark.parametrize("alpha", ["0.35", "1.0"])
def test_real_weights_are_checked_without_tensorflow(alpha):
    path = REAL_WEIGHTS / f"mobilenet_v2_alpha{alpha}_224_notop.h5"
    code = (
        "import sys; from bioselect.backbones.weights import check_weights;"
        f"print(check_weights('mobilenet_v2', {str(path)!r}, {alpha}));"
        "print('keras' in sys.modules, 'tensorflow' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert done.stdout == f"{digest}\nFalse False\n"
