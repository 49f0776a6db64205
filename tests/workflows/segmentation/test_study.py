"""A study of masks from the configuration to the model, with a tiny U-Net, Otsu and a failure."""

import csv
import json
import re
import shutil

import numpy as np
import pytest
from sklearn.metrics import f1_score, jaccard_score

from bioselect.bundle.mask_model import load_mask_bundle
from bioselect.data.reading import read_image
from bioselect.exceptions import ConfigurationError
from bioselect.metrics.masks import SCORES
from bioselect.progress import Reporter
from bioselect.report.results import RunResults
from bioselect.segmenters.base import most_probable
from bioselect.segmenters.network_segmenter import NetworkSegmenter
from bioselect.segmenters.otsu import OtsuSegmenter
from bioselect.testing import check_bundle
from bioselect.workflows.run import run
from bioselect.workflows.tracking.mlflow_runs import files_of, shows_images
from tests.workflows.segmentation.conftest import Pairs

#: Without Adam, of which each weight has two dozen operations, training starts a third sooner.
UNET = (
    "{name: unet, params: {depth: 1, width: 4, epochs: 2, patch_size: 32, batch_size: 4, "
    "optimizer: sgd, learning_rate: 0.05}}"
)
BROKEN = "{name: unet, params: {epochs: 1, depth: 1, width: 2, class_weight: [1.0, 2.0, 3.0]}}"
NETWORKS = f"\n  - otsu\n  - {UNET}\n  - {BROKEN}"
CODES = "  classes: {0: background, 255: nucleus}\n  pixel_size: 0.5\n"
#: Those that are never the same twice.
#: And the configuration, whose paths are relative to its folder.
OTHERS = (
    "config.yaml",
    "timings.csv",
    "report.html",
    "costs.csv",
    "environment.json",
    "run.log",
    ".journal",
    ".lock",
    ".journal.lock",
)


class Heard(Reporter):
    def __init__(self, stop_at=""):
        self.lines, self.stop_at = [], stop_at

    def say(self, text):
        self.lines.append(text)
        if self.stop_at and re.search(self.stop_at, text):
            raise KeyboardInterrupt

    def warn(self, text):
        self.say(f"warning: {text}")


def rows_of(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def bytes_of(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and path.name not in OTHERS
        and "features" not in path.relative_to(folder).parts
    }


class Bright(Pairs):
    """Objects are bright, so that there is something to learn."""

    def draw(self, name, values=(0, 255), size=(40, 36), ending=".png"):
        mask = np.full(size, values[0], np.uint8)
        for value in values[1:]:
            row, column = self.rng.integers(2, 20, 2)
            mask[row : row + 12, column : column + 10] = value
        noise = self.rng.integers(0, 60, size)
        self.save(f"images/{name}.png", (noise + (mask > 0) * 120).astype(np.uint8))
        self.save(f"masks/{name}{ending}", mask)


@pytest.fixture(scope="module")
def studied(tmp_path_factory):
    """Return drawn pairs with a finished study in `results`, which nobody changes."""
    pairs = Bright(tmp_path_factory.mktemp("masks"))
    heard = Heard()
    path = pairs.config(CODES, "validation: {folds: 2}\n", NETWORKS)
    pairs.result = run(path, reporter=heard)
    pairs.heard = heard.lines
    return pairs


@pytest.fixture
def no_training(monkeypatch):
    def refuse(*arguments, **more):
        raise AssertionError("nothing is to be trained")

    fit = NetworkSegmenter.fit

    def only_what_failed(segmenter, *arguments, **more):
        if segmenter.settings.class_weight is None:
            refuse()
        return fit(segmenter, *arguments, **more)

    monkeypatch.setattr(NetworkSegmenter, "fit", only_what_failed)
    monkeypatch.setattr(OtsuSegmenter, "fit", refuse)


def test_segmenters_are_ranked_and_a_failure_is_a_row(studied):
    rows = rows_of(studied.root / "results/ranking.csv")
    assert [row["extractor"] for row in rows] == ["images"] * 3
    assert {row["estimator"].partition("(")[0] for row in rows[:2]} == {"otsu", "unet"}
    assert [row["role"] for row in rows][0::2] == ["best", "failed"]
    study = json.loads((studied.root / "results/study.json").read_text())
    assert study["task"] == "segmentation"
    assert study["honest_score"]["metric"] == "dice"
    assert study["honest_score"]["chance"] is None
    assert "class_weight must have a number for each of the 2 classes" in study["failed"][0]
    assert any("class_weight" in line for line in studied.heard)
    scores = rows_of(studied.root / "results/scores.csv")
    failed = [row for row in scores if "class_weight=1.0" in row["estimator"]]
    assert len(failed) == 2 * len(SCORES)
    assert all(row["error"] and not row["score"] for row in failed)


def test_words_are_about_models_and_masks(studied):
    words = " ".join(studied.result.summary.split())
    assert "the best of 2 models tried" in words
    assert "12 images (masks of nucleus)" in words
    assert "combination" not in words
    assert "guess" not in words
    assert re.search(r"rank model Dice 95 % interval IoU 95 % interval 1 ", words)
    assert re.search(r"nucleus 12 [01]\.\d+", words)
    assert re.search(r"training .* validation .* test|training .* test", words)
    assert "bioselect predict" in words


def test_scores_of_images_are_those_of_the_masks_that_lie_there(studied):
    rows = [
        row
        for row in rows_of(studied.root / "results/per_image.csv")
        if row["class"] == "" and row["metric"] in ("dice", "iou")
    ]
    assert len(rows) == 2 * 2 * 12
    folders = list((studied.root / "results/out_of_fold").iterdir())
    assert len(folders) == 2  # The one that failed has none.
    for row in rows:
        [folder] = [one for one in folders if one.name[:4] == row["estimator"][:4]]
        mask = read_image(folder / "repeat_0" / row["image_id"])[..., 0]
        true = studied.mask(row["image_id"])
        assert set(np.unique(mask)) <= {0, 255}
        assert mask.shape == true.shape
        judge = f1_score if row["metric"] == "dice" else jaccard_score
        expected = judge(true.ravel() > 0, mask.ravel() > 0)
        assert float(row["score"]) == pytest.approx(expected, abs=1e-12)


def test_fold_scores_are_means_over_their_images(studied):
    images = rows_of(studied.root / "results/per_image.csv")
    for row in rows_of(studied.root / "results/scores.csv"):
        if row["error"] or row["metric"] == "precision":
            continue
        keys = ("estimator", "repeat", "fold", "metric")
        own = [
            float(one["score"])
            for one in images
            if one["class"] == "" and all(one[key] == row[key] for key in keys)
        ]
        assert len(own) == 6
        assert float(row["score"]) == pytest.approx(np.mean(own))


def test_parts_of_folds_and_histories(studied):
    parts = rows_of(studied.root / "results/parts.csv")
    by_name = {(row["estimator"][:4], row["part"]) for row in parts}
    assert by_name == {
        ("otsu", "test"),
        ("otsu", "training"),
        ("unet", "test"),
        ("unet", "validation"),
        ("unet", "training"),
    }
    [history] = (studied.root / "results/networks").glob("unet*/history.csv")
    rows = rows_of(history)
    assert len(rows) == 2 * 2
    assert all(0 <= float(row["val_dice"]) <= 1 for row in rows)
    assert (studied.root / "results/examples.png").stat().st_size > 1000


def test_no_picture_of_the_report_is_told_elsewhere(studied):
    results = RunResults(studied.root / "results")
    assert shows_images(results.folder.report)
    assert not {"report.html", "examples.png"} & {path.name for path in files_of(results)}


def test_the_configuration_as_run_has_every_choice(studied):
    text = (studied.root / "results/config.yaml").read_text()
    for line in ("folds: 2", "repeats: 1", "metric: dice", "rope: 0.01", "255: nucleus"):
        assert line in text


def test_nothing_is_done_twice(studied, no_training, tmp_path):
    folder = tmp_path / "results"
    shutil.copytree(studied.root / "results", folder)
    heard = Heard()
    run(studied.root / "config.yaml", output=folder, reporter=heard)
    assert any("up to date" in line for line in heard.lines)
    assert bytes_of(folder) == bytes_of(studied.root / "results")


def test_killed_and_resumed_is_as_undisturbed(studied, tmp_path):
    """Interrupted after the first fold of the U-Net, and a mask of Otsu lost meanwhile."""
    config, folder = studied.root / "config.yaml", tmp_path / "results"
    with pytest.raises(KeyboardInterrupt):
        run(config, output=folder, reporter=Heard(stop_at="unet.*fold 1 of 2"))
    assert not (folder / "ranking.csv").exists()
    lost = sorted((folder / "out_of_fold/otsu/repeat_0").iterdir())[0]
    lost.unlink()
    run(config, output=folder)
    ours, theirs = bytes_of(folder), bytes_of(studied.root / "results")
    assert set(ours) == set(theirs)
    assert [name for name in ours if ours[name] != theirs[name]] == []


def test_the_model_draws_the_masks_of_its_check_images_again(studied):
    model = load_mask_bundle(studied.root / "results")
    assert model.class_names == ("background", "nucleus")
    assert (model.n_channels, model.pixel_size) == (1, 0.5)
    name = sorted(one.name for one in (studied.root / "images").iterdir())[0]
    scene = model.scene(read_image(studied.root / "images" / name), name)
    mask = np.concatenate([most_probable(part) for _, part in model.bands(scene)])
    # It was trained on this image.
    assert f1_score(studied.mask(name).ravel() > 0, mask.ravel() > 0) > 0.5


def test_the_model_holds_the_contract_for_bundles(studied):
    assert [one for one in check_bundle(studied.root / "results") if one.problem] == []


def test_one_split_opens_its_test_part_for_the_selected_alone(studied, tmp_path):
    text = (studied.root / "config.yaml").read_text()
    text = text.replace("{folds: 2}", "{split: [0.5, 0.25, 0.25]}").replace(f"\n  - {BROKEN}", "")
    config = studied.root / "split.yaml"
    config.write_text(text.replace("pixel_size: 0.5", "pixel_size: 0.25"))
    # Folds were tried in this folder before: of what is trained on now, there were masks.
    old = studied.root / "results/out_of_fold"
    shutil.copytree(old, tmp_path / "split/out_of_fold")
    result = run(config, output=tmp_path / "split")
    study = json.loads((tmp_path / "split/study.json").read_text())
    best = study["exported"]["estimator"]
    assert study["honest_score"]["method"] == "test part"
    parts = rows_of(tmp_path / "split/parts.csv")
    assert {row["estimator"] for row in parts if row["part"] == "test"} == {best}
    dataset = rows_of(tmp_path / "split/dataset.csv")
    tested = [row["image_id"] for row in dataset if "test" in row.values()]
    assert len(tested) == 3
    masks = [path.parts[-3] for path in (tmp_path / "split/out_of_fold").glob(f"*/*/{tested[0]}")]
    assert [name[:4] for name in masks] == [best[:4]]
    left = list((tmp_path / "split/out_of_fold").rglob("*.png"))
    assert len(left) == 2 * 3 + 3  # The validation part by both, the test part by the selected.
    # The mean over the test images is what is to be expected.
    scores = [
        float(row["score"])
        for row in rows_of(tmp_path / "split/per_image.csv")
        if row["image_id"] in tested and row["class"] == "" and row["metric"] == "dice"
    ]
    assert study["honest_score"]["value"] == pytest.approx(np.mean(scores))
    assert not (tmp_path / "split/.training").exists()
    assert "on the 3 images of the test part" in " ".join(result.summary.split())
    # What does well elsewhere may be chosen as well; the test part has then been opened twice.
    other = text.replace(f"\n  - {UNET}" if best.startswith("unet") else "\n  - otsu", "")
    config.write_text(other.replace("pixel_size: 0.5", "pixel_size: 0.25"))
    heard = Heard()
    run(config, output=tmp_path / "split", reporter=heard)
    [line] = [line for line in heard.lines if "test part: it is to be opened" in line]
    assert f"after {best} in this run folder" in line


def test_a_budget_is_refused_and_not_just_forgotten(studied, tmp_path):
    with pytest.raises(ConfigurationError, match="--budget: does not go with task: segmentation"):
        run(studied.root / "config.yaml", output=tmp_path / "new", budget="1min")
