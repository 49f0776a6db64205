"""Networks with several labels an image, from the configuration to the prediction."""

import csv
import json

import h5py
import numpy as np
import pytest
from PIL import Image
from sklearn.metrics import f1_score

from bioselect.bundle.manifest import CLASSIFICATION_FORMAT
from bioselect.bundle.reading import load_bundle
from bioselect.cli.main import main
from bioselect.networks.classifier import NetworkClassifier
from bioselect.networks.pixels import ArrayPixels
from bioselect.networks.trained import load_network
from bioselect.progress import Reporter
from bioselect.testing import check_bundle
from bioselect.workflows.check import check
from bioselect.workflows.explain import explain
from bioselect.workflows.run import run

N_IMAGES = 48
NAMES = ("effusion", "mass", "nodule")
#: Effusion on 24 of 48, nodule on 16 and mass on 12 of them; none on 16.
LABELS = np.stack([np.arange(N_IMAGES) % every == 0 for every in (2, 4, 3)], axis=1).astype(int)
#: What TensorFlow needs to make a graph is what a study takes: one block, and no Adam.
PARAMS = "epochs: 2, batch_size: 8, input_size: 16, filters: 4, n_blocks: 1, optimizer: sgd"
SMALL = f"{{name: small_cnn, params: {{{PARAMS}, augmentation_mix: none}}}}"
TABLES = ("scores.csv", "ranking.csv", "chosen.csv", "study.json", "per_class.csv",
          "out_of_fold.h5")  # fmt: skip


class Heard(Reporter):
    def __init__(self):
        self.lines = []

    def say(self, text):
        self.lines.append(text)


def rows_of(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def chest(tmp_path_factory):
    """Return a folder of images in which each label brightens a colour, with their table."""
    folder = tmp_path_factory.mktemp("chest")
    random = np.random.default_rng(0)
    rows = [["file", "patient", *NAMES]]
    for number, labels in enumerate(LABELS):
        pixels = np.clip(random.normal(80 + 90 * labels, 10, (20, 20, 3)), 0, 255)
        Image.fromarray(pixels.astype(np.uint8)).save(folder / f"{number:02d}.png")
        rows.append([f"{number:02d}.png", f"p{number // 2}", *labels])
    with (folder / "labels.csv").open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    return folder


def written(folder, chest, networks=SMALL, more="", validation="{folds: 2}"):
    path = folder / "config.yaml"
    path.write_text(
        f"dataset: {{table: {(chest / 'labels.csv').as_posix()}, image: file, "
        f"target: [effusion, mass, nodule], group: patient}}\nnetworks: [{networks}]\n"
        f"validation: {validation}\noutput: run\n{more}\n",
        encoding="utf-8",
    )
    return path


@pytest.fixture(scope="module")
def studied(chest, tmp_path_factory):
    """Return the folder of a finished study of one network alone, which nobody changes."""
    folder = tmp_path_factory.mktemp("study")
    heard = Heard()
    run(written(folder, chest), reporter=heard)
    (folder / "heard.txt").write_text("\n".join(heard.lines), encoding="utf-8")
    return folder


def out_of_fold(folder):
    """Return the stored predictions of each candidate, by its extractor and the estimator."""
    with h5py.File(folder / "out_of_fold.h5") as file:
        return {
            (one.attrs["extractor"], one.attrs["estimator"]): one[()]
            for one in file["candidates"].values()
        }


def of_network(folder):
    [found] = [rows for (_, name), rows in out_of_fold(folder).items() if "augmentation" in name]
    return found


def test_every_label_of_every_image_has_a_probability_of_its_own(studied):
    probabilities = of_network(studied / "run")
    assert probabilities.shape == (1, N_IMAGES, 3)
    assert ((probabilities > 0) & (probabilities < 1)).all()
    assert np.abs(probabilities.sum(axis=2) - 1).max() > 0.1
    with h5py.File(studied / "run" / "out_of_fold.h5") as file:
        folds, labels = file["fold"][0], file["labels"][()]
    assert labels.tolist() == LABELS.tolist()
    # Patients have two images each.
    assert (folds[::2] == folds[1::2]).all()
    scores = [r for r in rows_of(studied / "run" / "scores.csv") if "small_cnn" in r["estimator"]]
    for fold in (0, 1):
        tested = folds == fold
        [score] = [
            float(r["score"]) for r in scores if (r["metric"], r["fold"]) == ("f1_macro", str(fold))
        ]
        said = probabilities[0][tested] > 0.5
        assert score == pytest.approx(
            f1_score(LABELS[tested], said, average="macro", zero_division=0)
        )


def test_what_is_said_is_of_labels(studied):
    heard = (studied / "heard.txt").read_text()
    assert "plan: 1 network and the dummy = 2 combinations, 2 folds x 1 repeat = 4 fits" in heard
    assert ", chosen by f1_macro" in heard
    assert " the best (validation loss 0." in heard
    assert ", answers right 0." in heard
    assert "accuracy" not in heard
    card = (studied / "run" / "model" / "card.md").read_text()
    assert "## Labels\n\n- effusion: 24 images\n- mass: 12 images\n- nodule: 16 images\n" in card
    assert "the median of those that were best in the 2 trainings of the study" in card
    words = json.loads((studied / "run" / "study.json").read_text())["in_words"]
    assert "several labels an image" in words


def test_the_model_is_what_every_model_is(studied):
    model = studied / "run" / "model"
    manifest = json.loads((model / "manifest.json").read_text())
    assert manifest["format"] == CLASSIFICATION_FORMAT == 3
    assert manifest["labels"] == {"separator": "|", "none_label": ""}
    assert manifest["network"] == {"input_size": [16, 16, 3], "compiled": True, "why_not": ""}
    assert load_network(model / "network.keras").is_multi_label
    assert [result for result in check_bundle(model) if result.problem] == []


def test_predictions_are_those_of_the_network_before_it_was_exported(studied, chest, tmp_path):
    folder, output = studied / "run", tmp_path / "out.csv"
    images = sorted(chest.glob("*.png"))
    assert main(["predict", str(folder), *map(str, images), "-o", str(output)]) in (0, None)
    table = rows_of(output)
    [prepared] = (folder / "features").glob("images-16x16x3-*.npy")
    pixels = ArrayPixels(np.load(prepared))
    before = load_network(folder / "model" / "network.keras").predict_proba(
        pixels, np.arange(N_IMAGES)
    )
    expected = load_bundle(folder).calibration.applied_to_labels(before.astype(np.float64))
    got = np.array([[float(row[f"probability_{name}"]) for name in NAMES] for row in table])
    assert np.abs(got - expected).max() < 1e-4
    for row, probabilities in zip(table, got, strict=True):
        said = [name for name, value in zip(NAMES, probabilities, strict=True) if value > 0.5]
        assert row["prediction"] == "|".join(said)


def test_labelled_images_are_evaluated(studied, chest, tmp_path):
    where = [str(studied / "run"), str(chest / "labels.csv"), "--image", "file"]
    assert main(["evaluate", *where, "-o", str(tmp_path)]) in (0, None)
    table = rows_of(tmp_path / "predictions.csv")
    said = [[float(row[f"probability_{name}"]) > 0.5 for name in NAMES] for row in table]
    metrics = {row["metric"]: float(row["value"]) for row in rows_of(tmp_path / "metrics.csv")}
    expected = f1_score(LABELS, said, average="macro", zero_division=0)
    assert metrics["f1_macro"] == pytest.approx(expected)


def test_a_killed_study_goes_on_and_ends_in_the_same_bytes(studied, chest, tmp_path, monkeypatch):
    config = written(tmp_path, chest)
    fit, told = NetworkClassifier.fit, []

    def killed(self, pixels, task, checkpoint_dir=None, progress=None):
        def counted(record, n_epochs, seconds):
            told.append(record.epoch)
            progress(record, n_epochs, seconds)
            if len(told) == 3:  # After the first epoch of the second fold.
                raise KeyboardInterrupt

        return fit(self, pixels, task, checkpoint_dir, counted)

    monkeypatch.setattr(NetworkClassifier, "fit", killed)
    with pytest.raises(KeyboardInterrupt):
        run(config, jobs=1)
    assert any((tmp_path / "run" / ".training").iterdir())
    told.extend([0] * 10)  # From now on nobody is interrupted.
    run(config, jobs=1)
    assert told[13:15] == [1, 2]
    network = "model/network.keras"
    for name in (*TABLES, network):
        same = (studied / "run" / name).read_bytes() == (tmp_path / "run" / name).read_bytes()
        assert same, name


def test_beside_extractors_and_with_all_that_training_can_be_told(studied, chest, tmp_path):
    """Mixed images have mixed labels; the network without augmentation is that of before."""
    told = "augmentation_mix: augmented, class_weight: balanced, loss: focal"
    other = f"{{name: small_cnn, params: {{{PARAMS}, {told}}}}}"
    more = "extractors: [intensity]\nclassifiers: [lda]\naugmentation: [mixup]"
    config = written(tmp_path, chest, f"{SMALL}, {other}", more)
    folder = run(config, jobs=1).folder
    assert [r for r in rows_of(folder / "scores.csv") if r["error"]] == []
    tables = out_of_fold(folder)
    assert sum(extractor == "images" for extractor, _ in tables) == 3  # With the dummy.
    [same] = [rows for (_, name), rows in tables.items() if "augmentation_mix=none" in name]
    assert np.array_equal(same, of_network(studied / "run"))


def test_a_file_with_a_matrix_of_labels_is_checked(tmp_path):
    """As ChestMNIST has it: grey images, a row of 0 and 1 for each."""
    random = np.random.default_rng(0)
    images = random.integers(0, 255, (N_IMAGES, 20, 20), dtype=np.uint8)
    np.savez(tmp_path / "chest.npz", train_images=images, train_labels=LABELS.astype(np.uint8))
    path = tmp_path / "config.yaml"
    path.write_text(
        "dataset: {path: chest.npz}\nnetworks: [small_cnn]\nextractors: [intensity]\n"
        "classifiers: [lda]\noutput: run\n"
    )
    assert "1 network and the dummy = 4 combinations, 5 folds x 1 repeat" in check(path, jobs=1)


def test_each_label_that_is_asked_for_has_its_own_maps(studied, chest, tmp_path):
    image = chest / "12.png"  # has all three
    explain(studied / "run", [image], tmp_path / "why", ["mass", "nodule"])
    names = {path.name for path in (tmp_path / "why").iterdir()}
    kinds = ("occlusion_mass.png", "occlusion_nodule.tif", "grad_cam_mass.png")
    assert {f"12_{kind}" for kind in kinds} <= names
    [row] = rows_of(tmp_path / "why" / "explanations.csv")
    assert row["explained"] == "mass|nodule"
    assert len(row["probability"].split()) == len(row["largest_drop"].split()) == 2
    # It is a training image: the thirteenth, with all labels.
    assert (row["neighbour_1"], row["neighbour_1_target"]) == ("12", "effusion|mass|nodule")
