"""A number for each image, learnt from pixels, from the configuration to the prediction."""

import csv
import json

import h5py
import numpy as np
import pytest
from PIL import Image

from bioselect.bundle.manifest import REGRESSION_FORMAT
from bioselect.bundle.reading import load_bundle
from bioselect.config.loading import load_config
from bioselect.exceptions import BioselectError, ConfigurationError
from bioselect.networks.trained import load_network
from bioselect.predict.predictor import Predictor
from bioselect.progress import Reporter
from bioselect.workflows.check import check
from bioselect.workflows.explain import explain
from bioselect.workflows.run import run

N_IMAGES = 24
TINY = "epochs: 3, batch_size: 4, input_size: 16, filters: 4, n_blocks: 1, learning_rate: 0.03"


class Heard(Reporter):
    def __init__(self):
        self.lines = []

    def say(self, text):
        self.lines.append(text)


def written(folder, params=TINY, network="small_cnn", more=""):
    path = folder / "config.yaml"
    path.write_text(
        "task: regression\n"
        "dataset: {table: images/table.csv, image: file, target: age, unit: weeks}\n"
        f"networks:\n  - {{name: {network}, params: {{{params}}}}}\n"
        f"validation: {{folds: 2, repeats: 1}}\noutput: run\n{more}",
        encoding="utf-8",
    )
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a folder with images, the brighter the older, and a table of their ages."""
    folder = tmp_path_factory.mktemp("ages")
    (folder / "images").mkdir()
    random = np.random.default_rng(0)
    rows = [["file", "age"]]
    for number in range(N_IMAGES):
        pixels = random.normal(40 + 7 * number, 8, (16, 16))
        Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).save(
            folder / "images" / f"{number:02d}.png"
        )
        rows.append([f"{number:02d}.png", f"{300 + 10 * number}.5"])
    with (folder / "images" / "table.csv").open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    return folder


@pytest.fixture(scope="module")
def studied(folder):
    """Return the folder of a finished study of one network, and what was said."""
    heard = Heard()
    run(written(folder, more="augmentation: [horizontal_flip]\n"), jobs=1, reporter=heard)
    return folder / "run", heard.lines


def rows_of(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_the_network_is_compared_with_the_mean(studied):
    output, lines = studied
    scores = rows_of(output / "scores.csv")
    assert {row["extractor"] for row in scores} == {"images"}
    assert {row["estimator"].split("(")[0] for row in scores} == {"small_cnn", "dummy"}
    assert any("mean absolute error" in line for line in lines)
    words = json.loads((output / "study.json").read_text())["in_words"]
    assert "weeks" in words
    assert "accuracy" not in words


def test_predictions_in_the_tables_are_in_the_units_of_the_target(studied):
    output, _ = studied
    with h5py.File(output / "out_of_fold.h5") as file:
        said = [
            group[:] for group in file["candidates"].values()
            if group.attrs["estimator"].startswith("small_cnn")
        ]  # fmt: skip
    assert said[0].shape == (1, N_IMAGES)
    assert 250 < said[0].min() <= said[0].max() < 600


def test_histories_have_errors_and_no_accuracy(studied):
    output, _ = studied
    [history] = (output / "networks").glob("*/history.csv")
    rows = rows_of(history)
    assert list(rows[0])[2:] == [
        "epoch", "learning_rate", "loss", "error", "val_loss", "val_error"
    ]  # fmt: skip
    assert len(rows) == 6
    assert all(float(row["val_error"]) > 0 for row in rows)
    assert "mean absolute error" in history.with_suffix(".svg").read_text()


def test_the_model_predicts_what_keras_predicts(studied, folder):
    output, _ = studied
    model = load_bundle(output)
    assert model.manifest.format == REGRESSION_FORMAT
    assert model.number.unit == "weeks"
    assert model.extractor.is_compiled
    table = Predictor(model).predict(folder / "images" / "00.png")
    with Image.open(folder / "images" / "00.png") as image:
        pixels = np.asarray(image, dtype=np.float32)[None, :, :, None] / 255
    network = load_network(output / "model" / "network.keras")
    expected = float(network.model.predict(pixels, verbose=0)[0, 0])
    assert table["prediction"][0] == pytest.approx(expected, abs=1e-4 * network.unit)


def test_the_configuration_as_run_holds_the_losses_of_numbers(studied):
    output, _ = studied
    again = load_config(output / "config.yaml")
    params = again.networks[0].params
    assert params["loss"] == "mse"
    assert "class_weight" not in params
    assert [spec.name for spec in again.network_specs] == ["small_cnn"]


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"params": "class_weight: balanced"}, "numbers have no classes that could be rare"),
        ({"params": "label_smoothing: 0.1"}, "a number has no share to give to other classes"),
        ({"params": "loss: cross_entropy"}, "must be one of mse, mae, huber"),
        ({"more": "augmentation: [mixup]\n"}, "a blend of two images (mixup)"),
        ({"network": "unet", "params": "epochs: 2"}, "learns masks, and no numbers"),
    ],
)
def test_what_is_not_about_numbers_is_refused_with_its_line(folder, tmp_path, changes, part):
    (tmp_path / "images").symlink_to(folder / "images")
    with pytest.raises(BioselectError) as caught:
        check(written(tmp_path, **changes))
    assert part in str(caught.value)
    assert "config.yaml:4" in str(caught.value) or "line 4" in str(caught.value)


def test_a_number_is_explained_in_its_units(studied, folder, tmp_path):
    output, _ = studied
    image = folder / "images" / "05.png"
    explain(output, [image], tmp_path / "why")
    [row] = rows_of(tmp_path / "why" / "explanations.csv")
    assert (row["probability"], row["explained"]) == ("", "")
    assert float(row["prediction"]) == pytest.approx(
        load_bundle(output).predict_images([np.asarray(Image.open(image))[:, :, None]], ["a"])[0, 0]
    )
    assert (row["neighbour_1"], row["neighbour_1_target"]) == ("5", "350.5")
    names = {path.name for path in (tmp_path / "why").iterdir()}
    assert {"05_occlusion.png", "05_occlusion.tif", "05_grad_cam.png"} <= names
    with pytest.raises(
        ConfigurationError, match=r"--class \(.*\): must go with a model of classes"
    ):
        explain(output, [image], tmp_path / "no", ["old"])
