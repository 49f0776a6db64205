"""Random splits and one split: from the configuration to the run folder."""

import csv
import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import h5py
import numpy as np
import pytest

from bioselect.config.validation_section import ValidationSection
from bioselect.data.records import ImageDataset, ImageRecord
from bioselect.exceptions import BioselectError, ConfigurationError, DataError
from bioselect.metrics.base import get_metric
from bioselect.progress import Reporter
from bioselect.workflows import open_test_part as opening
from bioselect.workflows.check import check
from bioselect.workflows.run import run
from bioselect.workflows.study_designs import draw_design

ONE_SPLIT = "{split: [0.5, 0.25, 0.25], metric: accuracy}"
PRODUCTS = ("study.json", "ranking.csv", "comparisons.csv", "scores.csv", "out_of_fold.h5")
PRODUCTS += ("dataset.csv", "config.yaml")


class Warned(Reporter):
    def __init__(self):
        self.lines = []

    def say(self, text):
        self.lines.append(text)

    def warn(self, text):
        self.lines.append(text)


def rows_of(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def table(tmp_path, drawn_images):
    """Return a function that writes a table of the drawn images with a column of parts."""

    def write(words=("train", "train", "Val", "test"), **more):
        shutil.copytree(drawn_images, tmp_path / "images", dirs_exist_ok=True)
        lines = ["file,class,part" + "".join(f",{name}" for name in more)]
        for place, path in enumerate(sorted((tmp_path / "images").rglob("*.png"))):
            cells = [path.relative_to(tmp_path).as_posix(), path.parent.name]
            cells.append(words[place % len(words)])
            cells += [str(values[place]) for values in more.values()]
            lines.append(",".join(cells))
        (tmp_path / "labels.csv").write_text("\n".join(lines))
        group = "group: patient, " if "patient" in more else ""
        (tmp_path / "config.yaml").write_text(
            f"dataset: {{table: labels.csv, image: file, {group}target: class}}\n"
            "extractors: [intensity]\nclassifiers: [lda, knn]\n"
            "validation: {split: {column: part}}\noutput: run\n"
        )
        return tmp_path / "config.yaml"

    return write


def test_random_splits_end_to_end(write_config, tmp_path):
    config = write_config(
        extractors="[intensity]", validation="{splits: 7, test_size: 0.25, metric: f1_macro}"
    )
    assert "7 random splits, 25 % tested, stratified by class" in check(config)
    result = run(config, output=tmp_path / "first", jobs=1)
    words = " ".join(result.summary.split())
    assert "over 7 random splits" in words
    assert "7 random splits that test 25 %" in words
    # 1 / (1/7 + 9/27) = 2.1: what 7 splits are worth.
    assert "The 7 test rounds share images, so they count as about 2 independent ones" in words
    run(config, output=tmp_path / "second", jobs=2)
    for name in PRODUCTS:
        second = (tmp_path / "second" / name).read_bytes()
        assert second == (tmp_path / "first" / name).read_bytes(), name
    rows = rows_of(tmp_path / "first" / "dataset.csv")
    assert all(sum(row[f"split_{number}"] == "test" for row in rows) == 9 for number in range(7))
    with h5py.File(tmp_path / "first" / "out_of_fold.h5") as file:
        untested = file["fold"][:] == -1
        table = file["candidates/0000"][:]
    assert untested.sum() == 7 * 27
    np.testing.assert_array_equal(np.isnan(table).all(axis=2), untested)
    again = run(tmp_path / "first" / "config.yaml", output=tmp_path / "third", jobs=1)
    assert again.verdict.ranking == result.verdict.ranking


def test_the_test_part_is_opened_once_for_the_selected_candidate(
    write_config, tmp_path, monkeypatch
):
    config = write_config(
        extractors="[lbp, intensity]", classifiers="[nearest_centroid, knn]", validation=ONE_SPLIT
    )
    opened = []

    def watched(problem, features, digest, candidates, *others):
        opened.append(([fold.test for fold in problem.plan.folds], candidates))
        return original(problem, features, digest, candidates, *others)

    original = opening.cross_validate
    monkeypatch.setattr(opening, "cross_validate", watched)
    result = run(config, output=tmp_path / "run", jobs=1)
    rows = rows_of(tmp_path / "run" / "dataset.csv")
    tested = {place for place, row in enumerate(rows) if row["part"] == "test"}
    validated = {place for place, row in enumerate(rows) if row["part"] == "validation"}
    [([places], [candidate])] = opened
    assert set(places) == tested
    assert candidate.label == result.verdict.recommended.label != "lbp + nearest_centroid"
    score = json.loads((tmp_path / "run" / "study.json").read_text())["honest_score"]
    assert (score["method"], score["of"]) == ("test part", candidate.label)
    with h5py.File(tmp_path / "run" / "out_of_fold.h5") as file:
        truth = file["class_index"][:]
        for data in file["candidates"].values():
            known = set(np.flatnonzero(np.isfinite(data[0]).all(axis=1)))
            label = f"{data.attrs['extractor']} + {data.attrs['estimator']}"
            assert known == (validated | tested if label == candidate.label else validated)
            if label == candidate.label:
                guess = data[0].argmax(axis=1)
                right = [guess[place] == truth[place] for place in sorted(tested)]
    assert score["value"] == pytest.approx(np.mean(right))
    of_test = [row for row in rows_of(tmp_path / "run" / "scores.csv") if row["fold"] == "1"]
    assert {f"{row['extractor']} + {row['estimator']}" for row in of_test} == {candidate.label}


def test_one_split_says_so_and_is_the_same_again(write_config, tmp_path):
    config = write_config(validation=ONE_SPLIT)
    first = run(config, output=tmp_path / "first", jobs=1)
    words = " ".join(first.summary.split())
    assert "There is one split only" in words
    assert "Measured once, on the 9 images of the test part" in words
    assert "on the validation part" in words
    for forbidden in ("folds", "cross-validation", "proves"):
        assert forbidden not in words
    run(config, output=tmp_path / "second", jobs=2)
    for name in PRODUCTS:
        second = (tmp_path / "second" / name).read_bytes()
        assert second == (tmp_path / "first" / name).read_bytes(), name
    names = [
        test["name"]
        for test in json.loads((tmp_path / "first" / "study.json").read_text())["tests"]
    ]
    assert any(name.startswith("exact McNemar") for name in names)
    assert not any("corrected" in name for name in names)


def test_another_model_on_the_same_test_part_is_told_of_the_first(table):
    path = table()
    text = path.read_text()
    for name, n_told in (("lda", 0), ("lda", 0), ("knn", 1)):
        path.write_text(text.replace("[lda, knn]", f"[{name}]"))
        heard = Warned()
        run(path, jobs=1, reporter=heard)
        lines = [line for line in heard.lines if "test part: it is to be opened" in line]
        assert len(lines) == n_told
    assert "Got intensity + knn, after intensity + lda in this run folder" in lines[0]


def test_a_column_says_the_part_of_each_image(table, tmp_path):
    run(table(), jobs=1)
    parts = [row["part"] for row in rows_of(tmp_path / "run" / "dataset.csv")]
    assert parts[:4] == ["train", "train", "validation", "test"]
    assert parts == parts[:4] * 9


@pytest.mark.parametrize(
    ("words", "more", "told"),
    [
        (("train", "train", "val", "exam"), {}, "Got 'exam' for images/bars/03.png"),
        (("train", "train", "val"), {}, "the test part must hold images. Got none"),
        (
            ("train", "train", "val", "test"),
            {"patient": [f"p{place // 2}" for place in range(36)]},
            "a group must lie in one part. Got 'p1' in validation and test",
        ),
    ],
)
def test_columns_that_cannot_be_used(table, words, more, told):
    with pytest.raises(BioselectError, match=told):
        check(table(words, **more))


def test_an_unknown_column(table):
    config = table()
    config.write_text(config.read_text().replace("column: part", "column: portion"))
    with pytest.raises(
        BioselectError, match=r"no column 'portion'. Its columns: file, class, part"
    ):
        check(config)


def test_copies_in_two_parts_are_told(table, tmp_path):
    config = table()
    shutil.copy(tmp_path / "images" / "bars" / "00.png", tmp_path / "images" / "bars" / "03.png")
    text = check(config)
    assert "1 pictures lie in several parts as copies" in text


def test_a_class_that_is_not_trained_on(table, tmp_path):
    config = table()
    text = (tmp_path / "labels.csv").read_text()
    lines = [
        line.replace(",train", ",test") if ",dots," in line else line for line in text.splitlines()
    ]
    (tmp_path / "labels.csv").write_text("\n".join(lines))
    with pytest.raises(BioselectError, match=r"every class must be in the training part. 'dots'"):
        check(config)


def test_the_splits_of_an_npz_file(tmp_path):
    random = np.random.default_rng(0)
    arrays = {}
    for name, n in (("train", 40), ("val", 16), ("test", 12)):
        labels = np.arange(n) % 2
        images = random.integers(0, 120, (n, 28, 28), dtype=np.uint8) + 60 * labels[:, None, None]
        arrays |= {f"{name}_images": images.astype(np.uint8), f"{name}_labels": labels[:, None]}
    np.savez(tmp_path / "small.npz", **arrays)
    config = tmp_path / "config.yaml"
    config.write_text(
        "dataset: {path: small.npz, splits: [train, val, test]}\nextractors: [intensity]\n"
        "classifiers: [lda]\nvalidation: {split: official}\noutput: run\n"
    )
    run(config, jobs=1)
    rows = rows_of(tmp_path / "run" / "dataset.csv")
    short = {"train": "train", "val": "validation", "test": "test"}
    assert all(row["part"] == short[row["image_id"].split("/")[0]] for row in rows)
    assert len(rows) == 68


def test_one_split_has_no_budget(write_config):
    with pytest.raises(ConfigurationError, match="with one split there are no repeats"):
        run(write_config(validation=ONE_SPLIT), budget="5min")


def test_random_splits_within_a_budget(write_config, tmp_path):
    config = write_config(extractors="[intensity]", validation="{splits: 6, test_size: 0.25}")
    result = run(config, output=tmp_path / "run", jobs=1, budget="30min")
    assert result.verdict.honest_score.value is not None


@pytest.mark.parametrize(
    ("sizes", "metric", "words"),
    [
        # Five groups of ten images a class: one would be a fifth of its class.
        ([10] * 10, "accuracy", "must leave room for a group in the test part. Got 0.05"),
        # Single images of class 0 are tested, and none of the large groups of class 1.
        ([1] * 50 + [10] * 5, "roc_auc", "roc_auc to have a value. Got none in 4 of 4 test parts"),
    ],
)
def test_test_parts_that_cannot_be_judged(sizes, metric, words, tmp_path):
    units = np.repeat(np.arange(len(sizes)), sizes)
    records = tuple(
        ImageRecord(str(place), Path(str(place)), "ab"[place >= 50]) for place in range(100)
    )
    dataset = ImageDataset("drawn", tmp_path, records, ("a", "b"))
    config = SimpleNamespace(
        networks=(),
        validation=ValidationSection(splits=4, test_size=0.05),
        budget=None,
        dataset=None,
    )
    with pytest.raises(DataError, match=words):
        draw_design(config, dataset, units, get_metric(metric))
