"""Lists of pictures in studies of labels and of numbers, through a run."""

import csv

import numpy as np
import pytest
from PIL import Image

from bioselect.workflows.run import run

N = 48
WRONG = 11
DOUBTED = (f"{WRONG:02d}.png", "across")


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    """Draw images with stripes across, along, both or none; a table says which and how many."""
    folder = tmp_path_factory.mktemp("labels")
    random = np.random.default_rng(3)
    down, right = np.mgrid[:40, :40]
    with (folder / "t.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["file", "labels", "strength"])
        for number in range(N):
            across, along = random.integers(0, 2, 2)
            grey = 120 + 35 * across * np.sin(right) + 35 * along * np.sin(down)
            grey = np.clip(grey + random.normal(scale=12, size=grey.shape), 0, 255)
            Image.fromarray(grey.astype(np.uint8)).save(folder / f"{number:02d}.png")
            if number == WRONG:
                across = 1 - across
            names = [name for name, has in (("across", across), ("along", along)) if has]
            value = 10.0 * across + 3.0 * along + random.normal(0, 0.2)
            writer.writerow([f"{number:02d}.png", ";".join(names) or "none", round(value, 4)])
    return folder


def table(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


REST = """
extractors: [{name: hog, params: {size: 32, cell: 8}}, intensity]
validation: {folds: 3, repeats: 1}
report: {learning_curve: false, map: false}
"""


def test_each_label_is_a_question_by_itself(images) -> None:
    target = "{column: labels, separator: ';', none_label: none}"
    (images / "a.yaml").write_text(
        f"dataset: {{table: t.csv, image: file, target: {target}}}\n"
        f"classifiers: [lda, logistic_regression]\noutput: labels\n{REST}"
    )
    run(images / "a.yaml", jobs=1)
    rows = table(images / "labels/evidence/suspicion.csv")
    assert len(rows) == 2 * N
    first = rows[0]
    assert first["image_id"] == f"{WRONG:02d}.png"
    place = next(n for n, row in enumerate(rows) if (row["image_id"], row["label"]) == DOUBTED)
    assert place < 5
    assert {first["given"], first["predicted"]} == {"yes", "no"}
    shown = table(images / "labels/evidence/pictures.csv")
    suspected = next(row for row in shown if row["kind"] == "suspected")
    assert suspected["image_id"] == f"{WRONG:02d}.png"
    assert (images / "labels/evidence/thumbnails" / suspected["thumbnail"]).is_file()


def test_numbers_that_are_far_off_come_first(images) -> None:
    (images / "b.yaml").write_text(
        "task: regression\ndataset: {table: t.csv, image: file, target: strength}\n"
        f"regressors: [ridge, pls]\noutput: numbers\n{REST}"
    )
    run(images / "b.yaml", jobs=1)
    first, *others = table(images / "numbers/evidence/pictures.csv")
    assert first["image_id"] == f"{WRONG:02d}.png"
    error = abs(float(first["predicted"]) - float(first["given"]))
    assert float(first["score"]) == pytest.approx(error)
    # Fields of the same stripes are near copies, too.
    assert {row["kind"] for row in others} == {"error", "copy"}
    assert table(images / "numbers/evidence/suspicion.csv")[0]["image_id"] == f"{WRONG:02d}.png"
