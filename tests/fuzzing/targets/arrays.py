"""NumPy's .npy and .npz."""

import io

import numpy as np

from bioselect.data.arrays import npz_splits
from bioselect.data.npz_datasets import from_npz, npz_sources
from bioselect.data.reading import read_source
from tests.fuzzing.files import written
from tests.fuzzing.images import feed_image

COVERED = (
    "data/arrays.py",
    "data/npz*.py",
    "data/unpacking.py",
    "data/combining.py",
    "data/kinds.py",
)


def feed(name, data):
    if name.endswith(".npy"):
        feed_image(name, data)
        return
    with written(name, data) as path:
        splits = list(npz_splits(path))
        for source in npz_sources(path)[:3]:
            read_source(source)
        from_npz(path, splits)


def _npy(values, version=None):
    file = io.BytesIO()
    np.lib.format.write_array(file, values, version)
    return file.getvalue()


def npz(save=np.savez, **arrays):
    file = io.BytesIO()
    save(file, **arrays)
    return file.getvalue()


def seeds():
    rng = np.random.default_rng(0)
    grey = rng.integers(0, 256, (12, 17), np.uint8)
    images = rng.integers(0, 256, (6, 8, 9, 3), np.uint8)
    planes = rng.integers(0, 65536, (6, 20, 20), np.uint16)
    numbers = np.array([[0], [1], [2]] * 2, np.uint8)
    labels = np.array([[0, 1, 1], [0, 0, 0]] * 3, np.uint8)
    words = np.array(["a", "b"] * 3)
    return {
        "grey.npy": _npy(grey),
        "bits.npy": _npy(grey > 99),
        "colour.npy": _npy(images[0], (2, 0)),
        "images.npy": _npy(images),
        "planes.npy": _npy(planes),
        "fortran.npy": _npy(np.asfortranarray(planes.astype(">i4"))),
        "floats.npy": _npy(rng.random((8, 9))),
        "medmnist.npz": npz(
            train_images=images, train_labels=numbers, val_images=images[:2], val_labels=numbers[:2]
        ),
        "compressed.npz": npz(np.savez_compressed, train_images=planes, train_labels=numbers[:, 0]),
        "labels.npz": npz(test_images=planes, test_labels=labels),
        "words.npz": npz(np.savez_compressed, a_images=images, a_labels=words),
    }
