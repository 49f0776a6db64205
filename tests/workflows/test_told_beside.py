"""What stands beside a verdict: planted wrong labels and a planted shortcut, from a whole run."""

import csv
import json
import re

import numpy as np
import pytest
from PIL import Image

from bioselect.workflows.run import run


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """Two classes of sure texture, the second one brighter, with 8 of 120 labels swapped."""
    folder = tmp_path_factory.mktemp("beside")
    random = np.random.default_rng(0)
    lines = ["file,kind"]
    for number in range(120):
        is_striped = number % 2
        image = random.normal(100 + 40 * is_striped, 5, (24, 24))
        image[:, :: 2 if is_striped else 1] += 30
        Image.fromarray(np.clip(image, 0, 255).astype(np.uint8)).save(folder / f"{number:03d}.png")
        said = 1 - is_striped if number % 30 < 2 else is_striped
        lines.append(f"{number:03d}.png,{('plain', 'striped')[said]}")
    (folder / "labels.csv").write_text("\n".join(lines))
    config = folder / "config.yaml"
    config.write_text(
        "dataset: {table: labels.csv, image: file, target: kind}\n"
        "extractors: [intensity]\nclassifiers: [lda]\noutput: run\n"
        "validation: {folds: 5, repeats: 1}\n"
        "report: {learning_curve: false, map: false, explanations: false, pictures: false}\n"
    )
    run(config, jobs=1)
    return folder / "run"


def test_wrong_labels_are_told_of_with_their_share(finished):
    words = " ".join(json.loads((finished / "study.json").read_text())["in_words"].split())
    said = re.search(r"Labels: about (\d+) % of the labels \((\d+) to (\d+) %\) look wrong", words)
    share, low, high = map(int, said.groups())
    assert low <= 8 / 1.2 <= high  # 8 of 120
    assert 0 < low < share < high <= 25
    with (finished / "findings.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if "of the labels" in row["what"]]
    assert [row["severity"] for row in rows] == ["note"]
    assert "evidence/suspicion.csv" in rows[0]["remedy"]


def test_the_shortcut_stands_beside_the_score(finished):
    study = json.loads((finished / "study.json").read_text())
    words = " ".join(study["in_words"].split())
    score = study["honest_score"]["naive"]
    assert f"Beside the best score (balanced accuracy {score:.3f}): the class can be told" in words
    assert "by its mean brightness alone" in words


def test_a_shortcut_that_is_warned_of_stands_among_the_first_lines(finished):
    # Texture and brightness fill the drawn images up to their border, and lda on brightness can
    # do no better than a guess by brightness.
    study = json.loads((finished / "study.json").read_text())
    first = " ".join(study["in_words"].split("\n\n")[0].split())
    assert first.startswith("In short:")
    assert "by brightness and the like: the class can be told without any shape" in first
