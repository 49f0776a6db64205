"""Weights of somebody else's lie in their file, and take as much room as they say."""

import zipfile

import h5py
import numpy as np
import pytest

from bioselect.backbones.keras_archive import check_archive, check_weights
from bioselect.backbones.keras_import import import_keras
from bioselect.backbones.saving import read_keras, write_keras
from bioselect.exceptions import BundleError


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Return the entries of a small network, and its file."""
    keras = import_keras()
    image = keras.Input((8, 8, 3))
    inner = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Conv2D(2, 3)])
    model = keras.Model(image, keras.layers.Flatten()(inner(image)))
    path = tmp_path_factory.mktemp("keras") / "network.keras"
    write_keras(path, model)
    with zipfile.ZipFile(path) as archive:
        return path, {name: archive.read(name) for name in archive.namelist()}


def packed(path, entries, how=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", how) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return path


def test_a_network_of_keras_is_whole(whole):
    check_archive(whole[0])
    assert read_keras(whole[0]).output_shape == (None, 72)


@pytest.mark.parametrize("name", ["assets/vocabulary.txt", "../evil", "evil.py"])
def test_nothing_else_lies_in_it(whole, tmp_path, name):
    path = packed(tmp_path / "a.keras", {**whole[1], name: b"x"})
    with pytest.raises(BundleError, match=r"must hold config\.json, metadata\.json and model") as e:
        read_keras(path)
    assert "\n" not in str(e.value)


def test_weights_that_are_packed(whole, tmp_path):
    path = packed(tmp_path / "a.keras", whole[1], zipfile.ZIP_DEFLATED)
    with pytest.raises(BundleError, match="must not be packed"):
        read_keras(path)


def _forge(path, kind):
    """Change the weights of an open file as a forger would."""
    with h5py.File(path, "r+") as file:
        names = []
        file.visititems(
            lambda name, part: names.append(name) if isinstance(part, h5py.Dataset) else None
        )
        name, shape = names[0], file[names[0]].shape
        del file[name]
        if kind == "link to a file":
            file[name] = h5py.ExternalLink("/etc/other.h5", "/data")
        elif kind == "link by name":
            file[name] = h5py.SoftLink("/")
        elif kind == "virtual":
            layout = h5py.VirtualLayout(shape, np.float32)
            layout[...] = h5py.VirtualSource("/etc/other.h5", "data", shape)
            file.create_virtual_dataset(name, layout)
        elif kind == "outside":
            size = int(np.prod(shape)) * 4
            file.create_dataset(name, shape, np.float32, external=[("/etc/passwd", 0, size)])
        elif kind == "huge":
            file.create_dataset(name, (10**6, 10**6), np.float32, chunks=(100, 100))
        elif kind == "packed":
            zeros = np.zeros((2000, 2000), np.float32)
            file.create_dataset(name, data=zeros, compression="gzip")
        elif kind == "texts":
            file.create_dataset(
                name, data=np.array([b"a"], dtype=object), dtype=h5py.string_dtype()
            )
        elif kind == "leads back":
            file[name] = file["/"]


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("link to a file", "not a link"),
        ("link by name", "not a link"),
        ("virtual", "must lie in the file itself"),
        ("outside", "must lie in the file itself"),
        ("huge", "as many bytes as it says"),
        ("packed", "as many bytes as it says"),
        ("texts", "must hold numbers"),
        ("leads back", "must not lead back"),
    ],
)
def test_weights_that_lead_elsewhere(whole, tmp_path, monkeypatch, kind, message):
    place = tmp_path / "model.weights.h5"
    place.write_bytes(whole[1]["model.weights.h5"])
    _forge(place, kind)
    entries = {**whole[1], "model.weights.h5": place.read_bytes()}
    path = packed(tmp_path / "a.keras", entries)
    keras = import_keras()
    monkeypatch.setattr(keras.saving, "load_model", lambda *_, **__: pytest.fail("Keras saw it"))
    with pytest.raises(BundleError, match=message) as raised:
        read_keras(path)
    assert "\n" not in str(raised.value)


def test_a_file_of_weights_alone_can_be_asked(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["data"] = np.zeros(10)
    with h5py.File(tmp_path / "a.h5", "r") as file:
        check_weights(file, 1000)
        with pytest.raises(ValueError, match="/data: must hold as many bytes"):
            check_weights(file, 79)
