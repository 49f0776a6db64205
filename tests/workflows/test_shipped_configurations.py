"""The configurations of masks and of tiles that ship are right, complete, and can be run."""

import re
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from bioselect.config.loading import load_config
from bioselect.config.task_keys import goes_with
from bioselect.metrics.builtin import MASKS
from bioselect.registry import known_rows
from bioselect.workflows.check import check
from bioselect.workflows.map_scans import map_scans
from bioselect.workflows.run import run

ROOT = Path(__file__).parents[2]


def placed(name, folder, results):
    """Write a configuration elsewhere, with the data sets of the repository."""
    text = (ROOT / "configs" / f"{name}.yaml").read_text(encoding="utf-8")
    text = text.replace("../datasets", (ROOT / "datasets").as_posix())
    path = folder / f"{name}.yaml"
    path.write_text(text.replace("../results", results.as_posix()), encoding="utf-8")
    return path


@pytest.mark.parametrize("name", ["segmentation", "unet_published"])
def test_configurations_of_masks_can_be_run(name, tmp_path):
    assert "The configuration can be run." in check(placed(name, tmp_path, tmp_path))


def test_the_complete_one_of_masks_writes_out_the_defaults():
    config = load_config(ROOT / "configs" / "segmentation.yaml")
    text = (ROOT / "configs" / "segmentation.yaml").read_text(encoding="utf-8")
    for above, section in (
        ((), config),
        (("dataset",), config.dataset),
        (("validation",), config.validation),
        (("statistics",), config.statistics),
    ):
        for key, field in type(section).model_fields.items():
            if not goes_with("segmentation", (*above, key)):
                continue
            assert f"\n  {key}: " in text or f"\n{key}:" in text, key
            if field.default is None or isinstance(field.default, int | float):
                written = {"path", "masks", "classes", "group"}
                assert key in written or getattr(section, key) == field.default, key


def test_the_metrics_that_it_names_are_all_that_can_decide_about_masks():
    text = (ROOT / "configs" / "segmentation.yaml").read_text(encoding="utf-8")
    named = re.search(r"auto: dice\. Others: ([^(]+)", text)[1].replace("#", "")
    allowed = [name for name, row in known_rows("metric").items() if MASKS in row.takes]
    assert ["dice", *re.split(r",\s+", named.strip())] == allowed


def test_the_published_settings():
    config = load_config(ROOT / "configs" / "unet_published.yaml")
    assert config.validation.split == (0.7, 0.2, 0.1)
    (unet,) = [spec for spec in config.segmenter_specs if spec.name == "unet"]
    expected = {
        "optimizer": "adam",
        "learning_rate": 0.001,
        "epochs": 10,
        "loss": "cross_entropy",
        "early_stopping": None,
        "schedule": "constant",
    }
    # What equals its default is left out.
    defaults = {"optimizer": "adam"}
    assert {key: unet.params_dict.get(key, defaults.get(key)) for key in expected} == expected
    steps = [spec.name for spec in config.augmentation_choice.steps]
    assert steps == ["horizontal_flip", "vertical_flip"]


@pytest.fixture(scope="module")
def scans(tmp_path_factory):
    """Draw the scans of `tiles.yaml`, fewer of them."""
    place = ROOT / "datasets" / "draw_scans.py"
    specification = spec_from_file_location("draw_scans", place)
    script = module_from_spec(specification)
    sys.modules["draw_scans"] = script  # dataclasses look their module up by its name
    specification.loader.exec_module(script)
    folder = tmp_path_factory.mktemp("results")
    script.draw_all(folder / "scans", n_scans=6)
    return folder


@pytest.mark.slow
def test_the_worked_example_of_tiles(scans, tmp_path):
    import csv

    config = placed("tiles", tmp_path, scans)
    model = run(config, jobs=2).folder / "model"
    words = map_scans(model, [scans / "mixed_scan.png"], tmp_path / "map", jobs=1)
    assert "mixed_scan: 64 tiles, " in words
    with (tmp_path / "map" / "mixed_scan_tiles.csv").open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["is_background"] == "no"]
    # 8 columns of tiles; the left half is normal, the right one a tumour.
    right = [
        row["prediction"] == ("normal" if int(row["column"]) < 4 else "tumour") for row in rows
    ]
    assert len(rows) > 30
    assert sum(right) / len(rows) > 0.75
