"""A published network, trained on from its weights on real images; and built without them."""

import csv
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bioselect.exceptions import ComponentError
from bioselect.networks.pixels import ArrayPixels
from bioselect.networks.task import NetworkTask
from bioselect.networks.trained import load_network

REAL = Path(__file__).parents[3] / "shared" / "data"
needs_real_data = pytest.mark.skipif(
    not REAL.is_dir(), reason="no folder shared/data beside the project"
)
N_TRAIN, N_TEST = 40, 20


def test_a_network_of_keras_is_trained_from_scratch_on_grey_images(tiny, tmp_path):
    pixels, classes = tiny.pixels(12, shape=(32, 32, 1))
    classifier = tiny.classifier(
        "mobilenet", weights="none", alpha=0.25, input_size=32, epochs=1, batch_size=8
    )
    assert classifier.input_shape((20, 20, 1)) == (32, 32, 1)
    network = classifier.fit(pixels, tiny.task(classes, 4))
    assert np.isfinite(network.history[0].val_loss)
    network.save(tmp_path / "network.keras")
    read = load_network(tmp_path / "network.keras")
    places = np.arange(5)
    assert np.array_equal(read.predict_proba(pixels, places), network.predict_proba(pixels, places))


@pytest.fixture(scope="module")
def blood_cells():
    """Return some cells of each type, training and test cells of different smears."""
    with open(REAL / "blood_cells" / "labels.csv", encoding="utf-8") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: row["smear"])
    names = sorted({row["cell_type"] for row in rows})
    train, test = [], []
    for name in names:
        own = [row for row in rows if row["cell_type"] == name]
        train += own[:N_TRAIN]
        smears = {row["smear"] for row in train}
        test += [row for row in own if row["smear"] not in smears][-N_TEST:]
    images = [
        np.asarray(Image.open(REAL / "blood_cells" / row["file"]).convert("RGB"), np.float32) / 255
        for row in train + test
    ]
    classes = np.array([names.index(row["cell_type"]) for row in train + test])
    places = np.arange(len(classes))
    pixels = ArrayPixels(np.stack(images))
    return pixels, NetworkTask(3, classes, places[: len(train)], places[len(train) :], seed=0)


@pytest.mark.real_data
@needs_real_data
@pytest.mark.parametrize(
    "params",
    [
        {"trainable": "head", "epochs": 6},
        {"trainable": "head_then_all", "head_epochs": 3, "epochs": 6},
        {"trainable": 3, "epochs": 6, "learning_rate": 0.001},
        {"trainable": "all", "batch_norm": "trained", "epochs": 6, "learning_rate": 0.001},
    ],
    ids=lambda params: "-".join(map(str, params.values())),
)
def test_imagenet_weights_are_fine_tuned(tiny, blood_cells, params, tmp_path):
    pixels, task = blood_cells
    file = REAL / "weights" / "mobilenet_v2_alpha0.35_224_notop.h5"
    classifier = tiny.classifier(
        "mobilenet_v2", weights=str(file), alpha=0.35, input_size=96, **params
    )
    assert classifier.input_shape((96, 96, 3)) == pixels.shape
    assert len(classifier.identity()["settings"]["weights"]) == 64
    network = classifier.fit(pixels, task)
    rows = network.predict_proba(pixels, task.validation)
    right = rows.argmax(axis=1) == task.class_indices[task.validation]
    assert right.mean() >= 0.8
    network.save(tmp_path / "network.keras")
    read = load_network(tmp_path / "network.keras")
    assert np.array_equal(read.predict_proba(pixels, task.validation), rows)


@pytest.mark.real_data
@needs_real_data
def test_folded_statistics_cannot_be_trained(tiny, blood_cells):
    pixels, task = blood_cells
    file = REAL / "weights" / "mobilenet_v2_alpha1.0_224_notop.h5"
    classifier = tiny.classifier(
        "mobilenet_v2", weights=str(file), input_size=96, batch_norm="trained"
    )
    with pytest.raises(ComponentError, match="batch normalisation is folded"):
        classifier.fit(pixels, task)
