"""The small drawn sets are those of their script; the configurations of networks go by them."""

import importlib.util
import re
from pathlib import Path

import numpy as np
import pytest

from bioselect.config.loading import load_config
from bioselect.exceptions import UnavailableError
from bioselect.workflows.check import check

ROOT = Path(__file__).parents[1]
DATASETS = ROOT / "datasets"
PUBLISHED = {
    "normalization": {"mean": 0.5, "std": 0.5},
    "optimizer": "sgd",
    "learning_rate": 0.001,
}


@pytest.fixture(scope="module")
def script():
    place = DATASETS / "draw_small_sets.py"
    specification = importlib.util.spec_from_file_location("draw_small_sets", place)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("name", "n_images", "n_classes"), [("textures", 900, 6), ("lesions", 600, 2)]
)
def test_drawing_again_gives_the_same_images(script, name, n_images, n_classes):
    with np.load(DATASETS / f"{name}.npz") as file:
        images, labels = file["train_images"], file["train_labels"]
    assert images.shape == (n_images, 28, 28)
    assert images.dtype == np.uint8
    classes, counts = np.unique(labels, return_counts=True)
    assert (len(classes), len(set(counts))) == (n_classes, 1)
    drawn, names = script.SETS[f"{name}.npz"]()
    assert np.array_equal(names, labels)
    # Other versions of NumPy and SciPy may round differently.
    assert np.abs(drawn.astype(int) - images.astype(int)).mean() < 0.1


def test_the_readme_counts_right():
    text = (DATASETS / "README.md").read_text(encoding="utf-8")
    for name in ("textures", "lesions"):
        with np.load(DATASETS / f"{name}.npz") as file:
            labels = file["train_labels"]
        listed = ", ".join(f"`{one}`" for one in np.unique(labels))
        assert f"| `{name}.npz` | {listed} | {len(labels)} |" in text


def test_the_two_experiments_have_the_published_settings():
    for name, n_epochs in (("transfer_experiments", 5), ("augmentation_study", 10)):
        config = load_config(ROOT / "configs" / f"{name}.yaml")
        assert len(config.network_specs) == 3
        for spec in config.network_specs:
            params = spec.params_dict
            assert spec.name == "resnet18"
            assert params["epochs"] == n_epochs
            for key, value in PUBLISHED.items():
                assert params.get(key, "default") in (value, "default")
    assert config.network_specs[0].params_dict["optimizer"] == "sgd"


def test_the_three_ways_of_transfer_differ_in_weights_and_in_what_is_trained():
    specs = load_config(ROOT / "configs" / "transfer_experiments.yaml").network_specs
    ways = [
        (Path(p.get("weights", "none")).name, p.get("trainable", "all"))
        for p in (spec.params_dict for spec in specs)
    ]
    assert ways == [("none", "all"), ("model", "head"), ("model", "all")]
    source = load_config(ROOT / "configs" / "transfer_source.yaml")
    assert specs[1].params_dict["weights"] == str(source.output / "model")


def test_the_three_arms_of_augmentation():
    specs = load_config(ROOT / "configs" / "augmentation_study.yaml").network_specs
    arms = [
        (p["augmentation_mix"], p.get("augmentation_ratio"))
        for p in (spec.params_dict for spec in specs)
    ]
    assert arms == [("none", None), ("augmented", None), ("combined", 0.5)]


@pytest.mark.parametrize("name", ["transfer_source", "augmentation_study"])
def test_configurations_can_be_run_as_they_stand(name, tmp_path):
    text = (ROOT / "configs" / f"{name}.yaml").read_text(encoding="utf-8")
    config = tmp_path / "config.yaml"
    config.write_text(text.replace("../datasets", DATASETS.as_posix()), encoding="utf-8")
    assert "The configuration can be run." in check(config)


def test_what_must_be_run_before_is_named_where_it_is_missing(tmp_path):
    text = (ROOT / "configs" / "transfer_experiments.yaml").read_text(encoding="utf-8")
    config = tmp_path / "config.yaml"
    text = text.replace("../datasets", DATASETS.as_posix()).replace("../results", "nowhere")
    config.write_text(text, encoding="utf-8")
    with pytest.raises(
        UnavailableError, match=r"nowhere/transfer_source/model, which is not there"
    ):
        check(config)
    assert re.search(r"bioselect run configs/transfer_source\.yaml", text)
