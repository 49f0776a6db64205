import sys
from importlib.metadata import version
from pathlib import Path

import pytest
import yaml

from bioselect.config.loading import load_config
from bioselect.config.writing import config_to_yaml

ROOT = Path(__file__).parents[2]

COMPLETE = """\
dataset:
  table: ../data/labels.csv
  image: file
  target: class
  group: {pattern: "^(p[0-9]+)_"}
  channels: [2, 0, 1]
  stack: {every: 5}
extractors:
  - hog
  - name: concat
    params: {extractors: [lbp, {name: vgg16, params: {weights: ../weights/v.h5}}]}
  - {name: vgg16, params: {weights: ../weights/v.h5}, on_unavailable: skip}
  - "own_texture:Texture"
classifiers:
  - {name: svm, search: default}
  - {name: knn, params: {n_neighbors: 3}}
statistics: {alpha: 1e-3}
output: ../results/cells
cache: ../cache
"""
RESOLVED = {
    "dataset.intensity": {"min": 0.0, "max": 4095.0},
    "validation.folds": 5,
    "validation.repeats": 20,
    "validation.metric": "balanced_accuracy",
    "statistics.rope": 0.01,
    "bundle.calibration": "temperature",
}


@pytest.fixture
def config(tmp_path):
    sys.modules.pop("own_texture", None)
    folder = tmp_path / "study" / "configs"
    folder.mkdir(parents=True)
    (folder / "own_texture.py").write_text("class Texture:\n    def __init__(self, n=3): ...\n")
    path = folder / "complete.yaml"
    path.write_text(COMPLETE)
    return load_config(path)


def rewritten(config, folder=None):
    """Write the run's own configuration into its folder and load it."""
    folder = folder or config.output
    folder.mkdir(parents=True)
    path = folder / "config.yaml"
    path.write_text(config_to_yaml(config, RESOLVED, folder), encoding="utf-8")
    return load_config(path)


def test_the_written_configuration_means_the_same(config) -> None:
    again = rewritten(config)
    assert again.extractor_specs == config.extractor_specs
    assert again.classifier_specs == config.classifier_specs
    for key in ("table", "image", "target", "group", "channels", "stack", "on_bad_image"):
        assert getattr(again.dataset, key) == getattr(config.dataset, key)
    assert (again.output, again.cache) == (config.output, config.cache)
    assert again.base_dir == config.base_dir
    assert [again.may_skip(spec) for spec in again.extractor_specs] == [False, False, True, False]


def test_every_auto_is_resolved(config) -> None:
    again = rewritten(config)
    assert again.dataset.intensity == {"min": 0.0, "max": 4095.0}
    assert (again.validation.folds, again.validation.repeats) == (5, 20)
    assert again.validation.metric == "balanced_accuracy"
    assert again.statistics.rope == 0.01
    assert again.bundle.calibration == "temperature"
    assert "auto" not in config_to_yaml(config, RESOLVED).split("\n", 1)[1]


def test_what_computes_a_network_is_said(config) -> None:
    text = config_to_yaml(config, RESOLVED)
    assert f"# runtime: networks were computed by openvino {version('openvino')}\n" in text
    assert "runtime" not in yaml.safe_load(text)["extractors"][2]["params"]
    assert yaml.safe_load(text)["extractors"][2]["params"]["precision"] == "f32"


def test_every_default_is_written_out(config) -> None:
    written = yaml.safe_load(config_to_yaml(config, RESOLVED))
    hog = written["extractors"][0]
    assert hog["params"] == {
        "size": 128,
        "cell": 16,
        "block": 2,
        "orientations": 9,
        "channels": "strongest",
    }
    svm = written["classifiers"][0]
    assert "C" not in svm["params"]
    assert svm["search"] == {"C": [0.1, 1.0, 10.0, 100.0]}
    # Where it was computed is no part of a study.
    assert set(written) == set(type(config).model_fields) - {"regressors", "execution"}


def test_paths_are_relative_so_that_a_study_can_be_moved(config, tmp_path) -> None:
    rewritten(config)
    # As in a new process: nothing is imported from the old place.
    sys.modules.pop("own_texture", None)
    (tmp_path / "study").rename(tmp_path / "moved")
    base = (tmp_path / "moved").resolve()
    again = load_config(base / "results" / "cells" / "config.yaml")
    assert again.dataset.table == base / "data" / "labels.csv"
    assert again.output == base / "results" / "cells"
    weights = again.extractor_specs[2].params_dict["weights"]
    assert Path(weights) == base / "weights" / "v.h5"


@pytest.mark.parametrize("place", ["presets/vit", "results/vit", "results/cells/vit"])
def test_a_folder_of_a_preset_stays_one(tmp_path, place) -> None:
    (tmp_path / "configs").mkdir()
    path = tmp_path / "configs" / "c.yaml"
    mine = f"{{preset: ../{place}, pooling: cls, mean: [0.5, 0.5, 1]}}"
    path.write_text(
        "dataset: {path: ../images}\nclassifiers: [lda]\noutput: ../results/cells\nextractors:\n"
        f"  - {{name: keras_hub, params: {mine}}}\n"
        "  - {name: keras_hub, params: {preset: resnet_50_imagenet}}\n"
    )
    again = rewritten(load_config(path))
    mine, named = again.extractor_specs
    assert Path(mine.params_dict["preset"]) == (tmp_path / place).resolve()
    assert mine.params_dict["mean"] == [0.5, 0.5, 1]
    assert named.params_dict == {"preset": "resnet_50_imagenet"}


def test_another_run_folder_than_the_configured_one(config, tmp_path) -> None:
    other = tmp_path / "study" / "deep" / "down" / "run"
    again = rewritten(config, other)
    assert again.output == other.resolve()
    assert again.dataset.table == config.dataset.table


def test_a_run_folder_behind_a_link(config, tmp_path) -> None:
    (tmp_path / "disk" / "a" / "b").mkdir(parents=True)
    link = tmp_path / "study" / "results"
    link.symlink_to(tmp_path / "disk" / "a" / "b")
    assert rewritten(config, link / "cells").dataset.table == config.dataset.table


def test_the_reasons_stand_at_the_top_as_comments(config) -> None:
    text = config_to_yaml(config, RESOLVED, explanations=["intensity: range (12 bits)\nsecond"])
    assert text.split("\n")[1:3] == ["# intensity: range (12 bits)", "# second"]


def test_a_key_that_does_not_exist_is_no_place_for_a_value(config) -> None:
    with pytest.raises(KeyError, match=r"validation\.fold"):
        config_to_yaml(config, {"validation.fold": 5})


def test_writing_twice_gives_the_same_text(config) -> None:
    again = rewritten(config)
    assert config_to_yaml(again, {}) == config_to_yaml(config, RESOLVED)


@pytest.mark.parametrize("name", ["quickstart", "classification"])
def test_the_configurations_that_ship_survive(name, tmp_path) -> None:
    config = load_config(ROOT / "configs" / f"{name}.yaml")
    again = rewritten(config, tmp_path / "run")
    assert again.extractor_specs == config.extractor_specs
    assert again.classifier_specs == config.classifier_specs


def test_splits_are_written_and_read_again(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text(
        "dataset: {path: a.npz, splits: [train, val]}\n"
        "extractors: [hog]\nclassifiers: [svm]\noutput: out\n"
    )
    assert rewritten(load_config(path)).dataset.splits == ("train", "val")
