"""Several labels an image: read, checked, divided into folds and stored, then an honest stop."""

import csv
import shutil

import numpy as np
import pytest
from PIL import Image

from bioselect.cli.main import main
from bioselect.config.loading import load_config
from bioselect.config.writing import HEADER
from bioselect.exceptions import DataError, StorageError
from bioselect.progress import Reporter
from bioselect.workflows.check import check
from bioselect.workflows.run import run

N_IMAGES = 60
NAMES = ("nodule", "effusion", "mass")
#: Of 60 images 30, 20 and 12 have each label; 16 have none, those whose number is divisible by
#: neither 2, 3 nor 5 (1, 7, 11, 13, 17, 19, 23, 29, and these plus 30).
HAS = {
    "nodule": lambda i: i % 2 == 0,
    "effusion": lambda i: i % 3 == 0,
    "mass": lambda i: i % 5 == 0,
}


class Listening(Reporter):
    def __init__(self):
        self.lines = []

    def say(self, text):
        self.lines += text.splitlines()


def labels_of(number):
    return [name for name in NAMES if HAS[name](number)]


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    """Return a folder with 60 images, and a table with their labels in both forms."""
    folder = tmp_path_factory.mktemp("chest")
    random = np.random.default_rng(0)
    rows = [["file", "patient", *NAMES, "findings"]]
    for number in range(N_IMAGES):
        pixels = random.integers(0, 256, (12, 12), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{number:02d}.png")
        here = labels_of(number)
        numbers = [int(name in here) for name in NAMES]
        cell = "; ".join(here) or "No Finding"
        rows.append([f"{number:02d}.png", f"p{number // 2}", *numbers, cell])
    with (folder / "labels.csv").open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    return folder


@pytest.fixture
def config(images, tmp_path):
    """Return a function that writes a configuration for a copy of the images."""
    shutil.copytree(images, tmp_path / "chest")

    def write(target="[nodule, effusion, mass]", dataset="", extractors="[intensity]"):
        path = tmp_path / "config.yaml"
        path.write_text(
            f"dataset: {{table: chest/labels.csv, image: file, target: {target} {dataset}}}\n"
            f"extractors: {extractors}\nclassifiers: [lda]\n"
            "validation: {repeats: 3, seed: 4}\noutput: run\n"
        )
        return path

    return write


def read(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def said(function, config):
    """Return what is said before the error, and the error."""
    reporter = Listening()
    with pytest.raises(DataError) as caught:
        function(config, jobs=1, reporter=reporter)
    return reporter.lines, str(caught.value)


def test_check_says_counts_plan_and_that_nothing_is_scored(config, tmp_path):
    lines, error = said(check, config(dataset=", group: patient"))
    # 30 + 20 + 12 labels on 60 images: 1.03 an image.
    assert (
        "chest/labels.csv: 60 images (nodule 30, effusion 20, mass 12, none of these 16; 1.03 "
        "labels an image), 30 groups"
    ) in lines
    assert lines[-1] == (
        "plan: 5 folds x 3 repeats, stratified by label, over 60 images in 30 independent units"
    )
    assert error.startswith("chest/labels.csv: has several labels an image, which this version")
    assert "but not score yet." in error
    assert "\n" not in error
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    "target",
    ["[nodule, effusion, mass]", "{column: findings, separator: ';', none_label: No Finding}"],
)
def test_run_stores_labels_and_folds_and_stops(config, tmp_path, target):
    _, error = said(run, config(target, ", group: patient"))
    assert "but not score yet. Its labels and folds are in " in error
    assert "5 folds, drawn 3 times, stratified by label, over 60 images in 30 units" in error
    kept = {path.name for path in (tmp_path / "run").iterdir()} - {"features", ".lock"}
    assert kept == {
        "config.yaml",
        "dataset.csv",
        "environment.json",
        "findings.csv",
        "run.log",
    }
    assert load_config(tmp_path / "run" / "config.yaml").validation.repeats == 3
    rows = read(tmp_path / "run" / "dataset.csv")
    assert [row["target"] for row in rows] == [
        "|".join(sorted(labels_of(number))) for number in range(N_IMAGES)
    ]
    for repeat in range(3):
        folds = np.array([int(row[f"fold_of_repeat_{repeat}"]) for row in rows])
        # Images 2i and 2i + 1 are of one patient.
        assert np.array_equal(folds[::2], folds[1::2])
        for fold in range(5):
            tested = [labels_of(i) for i in np.flatnonzero(folds == fold)]
            counts = [sum(name in here for here in tested) for name in NAMES]
            # Even shares are 6, 4 and 2.4 of 12.
            assert np.all(np.abs(np.array(counts) - [6, 4, 2.4]) < 2)
            assert abs(len(tested) - 12) <= 2


def test_same_seed_same_bytes(config, tmp_path):
    stored = []
    for seed in (4, 4, 5):
        path = config()
        path.write_text(path.read_text().replace("seed: 4", f"seed: {seed}"))
        said(run, path)
        stored.append((tmp_path / "run" / "dataset.csv").read_bytes())
        shutil.rmtree(tmp_path / "run")
    assert stored[0] == stored[1] != stored[2]


def test_copies_stay_together_and_contradictions_are_found(config, tmp_path):
    path = config()
    shutil.copy(tmp_path / "chest" / "01.png", tmp_path / "chest" / "30.png")
    said(run, path)
    patients, finding = read(tmp_path / "run" / "findings.csv")
    assert patients["remedy"] == "Write under `dataset:`  group: patient"
    assert (finding["severity"], finding["image"]) == ("warning", "30.png")
    assert "labels effusion|mass|nodule instead of none" in finding["what"]
    rows = {row["image_id"]: row for row in read(tmp_path / "run" / "dataset.csv")}
    for repeat in range(3):
        column = f"fold_of_repeat_{repeat}"
        assert rows["01.png"][column] == rows["30.png"][column]


def test_odd_labels_are_findings(config):
    lines, _ = said(check, config("{column: findings, separator: ';'}"))
    assert any("the label 'No Finding' looks as if" in line for line in lines)


def test_rare_labels_stop_before_anything_is_written(config, tmp_path):
    table = tmp_path / "chest" / "labels.csv"
    path = config()
    rows = read(table)
    for number, row in enumerate(rows):
        row["mass"] = int(number in (3, 30, 40))
        row["nodule"] = 1
    with table.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    for function in (check, run):
        _, error = said(function, path)
        assert "all have label 'nodule', label 'mass' is present in 3." in error
    assert not (tmp_path / "run" / "dataset.csv").exists()


def test_a_label_that_only_left_out_images_have_is_still_a_label(config, tmp_path):
    path = config(dataset=", on_bad_image: exclude")
    for number in range(0, N_IMAGES, 5):
        (tmp_path / "chest" / f"{number:02d}.png").write_bytes(b"")
    _, error = said(check, path)
    assert "label 'mass' is present in no image" in error


def test_no_weights_are_asked_for(config):
    extractors = "[{name: vgg16, params: {weights: nowhere.h5}}]"
    assert "but not score yet" in said(check, config(extractors=extractors))[1]


def test_results_of_another_study_are_not_mixed_with_it(config, tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "config.yaml").write_text(f"{HEADER}\n")  # as every run leaves it
    (tmp_path / "run" / "study.json").write_text("{}")
    with pytest.raises(StorageError, match=r"must hold no finished study.*--output"):
        run(config(), jobs=1)
    assert not (tmp_path / "run" / "dataset.csv").exists()


@pytest.mark.parametrize("command", ["check", "run"])
def test_the_command_line_ends_with_one_line_and_1(config, command, capsys):
    assert main([command, str(config()), "--jobs", "1"]) == 1
    last = capsys.readouterr().err.strip().splitlines()[-1]
    assert last.startswith("error: chest/labels.csv: has several labels an image")


def test_a_table_mistake_is_one_line_with_its_place(config, tmp_path, capsys):
    table = tmp_path / "chest" / "labels.csv"
    path = config()
    table.write_text(table.read_text().replace("02.png,p1,1,", "02.png,p1,yes,"))
    assert main(["check", str(path)]) == 1
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert "labels.csv:4: column 'nodule' must hold 1" in line
    assert "Got 'yes'." in line
