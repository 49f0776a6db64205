"""The worked example of the page on masks: their objects as images, then what each one is."""

import csv
import re
import shlex
import shutil
from pathlib import Path

import numpy as np
import pytest
import yaml

from bioselect.cli.main import main

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "segmentation.md").read_text(encoding="utf-8")


def read(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def commands_after(marker):
    """Return the words of each command in the indented block after a marker."""
    block = PAGE.split(f"<!-- {marker} -->\n")[1]
    lines = re.match(r"(?:    .*\n)+", block).group()
    return [shlex.split(line)[1:] for line in lines.splitlines()]


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Return a folder as the repository is, with a study that takes seconds a fold."""
    shutil.copytree(ROOT / "datasets" / "nuclei", tmp_path / "datasets" / "nuclei")
    text = (ROOT / "configs" / "segmentation.yaml").read_text(encoding="utf-8")
    config = yaml.safe_load(text)
    (unet,) = [one for one in config["networks"] if isinstance(one, dict)]
    unet["params"] |= {"depth": 3, "width": 8, "epochs": 8, "batch_size": 2}
    config["networks"] = ["otsu", unet]
    config["validation"] |= {"folds": 2}
    (tmp_path / "configs").mkdir()
    text = yaml.safe_dump(config)
    (tmp_path / "configs" / "segmentation.yaml").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_worked_example(place):
    segment, crop = commands_after("segment-then-classify")
    assert main(segment) == 0
    ranking = read(place / "results" / "segmentation" / "ranking.csv")
    assert ranking[0]["estimator"].startswith("unet")
    assert float(ranking[0]["mean"]) > float(ranking[1]["mean"]) + 0.1

    assert main(crop) == 0
    crops, objects = (
        read(place / "results" / name) for name in ("crops/crops.csv", "nuclei/objects.csv")
    )
    assert len(crops) == len(objects) > 400
    brightness = np.array([float(row["mean_c0"]) for row in objects])
    for row, one, value in zip(crops, objects, brightness, strict=True):
        assert (Path(one["path"]).stem, one["label"]) == (row["image"], row["label"])
        # What a person would write there: here what the camera saw.
        row["type"] = "bright" if value > np.median(brightness) else "dim"
    with (place / "results" / "crops" / "crops.csv").open(
        "w", newline="", encoding="utf-8"
    ) as file:
        writer = csv.DictWriter(file, crops[0])
        writer.writeheader()
        writer.writerows(crops)

    written = re.search(r"<!-- classify-crops -->\n```yaml\n(.*?)```", PAGE, re.S).group(1)
    (place / "types.yaml").write_text(written, encoding="utf-8")
    assert main(["run", "types.yaml"]) == 0
    ranking = read(place / "results" / "types" / "ranking.csv")
    assert float(ranking[0]["mean"]) > 0.85
    rows = read(place / "results" / "types" / "dataset.csv")
    folds = {(row["group"], row["fold_of_repeat_0"]) for row in rows}
    assert len(folds) == len({group for group, _ in folds}) == 40

    assert main(["predict", "results/types/model", "results/crops", "-o", "types.csv"]) == 0
    assert len(read(place / "types.csv")) == len(crops)
