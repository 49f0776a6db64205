"""A study once more: same, tied, different, and refused when the images are others."""

import csv
import io
import json
import re
import shutil

import cv2
import pytest
import yaml

from bioselect.cli.main import main
from bioselect.exceptions import BioselectError, ConfigurationError, DataError
from bioselect.report.results import RunResults
from bioselect.workflows.compared_images import NAMES
from bioselect.workflows.compared_runs import DIFFERENT, SAME, TIED, compared_runs
from bioselect.workflows.reproduce import in_words, reproduce
from bioselect.workflows.run import run

STUDY = {
    "extractors": ["intensity"],
    "classifiers": ["lda", "knn"],
    "validation": {"folds": 3, "repeats": 2},
    "report": {"learning_curve": False, "map": False, "pictures": False, "explanations": False},
}


@pytest.fixture(scope="module")
def lab(tmp_path_factory, drawn_images):
    """Return a folder with images, a finished run and the same run again."""
    folder = tmp_path_factory.mktemp("lab")
    shutil.copytree(drawn_images, folder / "images")
    config = folder / "config.yaml"
    text = yaml.safe_dump({"dataset": {"path": "images"}, **STUDY, "output": "then"})
    config.write_text(text, encoding="utf-8")
    run(config, jobs=1)
    again = reproduce(folder / "then", jobs=1)
    assert again.folder == folder / "then-reproduced"
    return folder, again


@pytest.fixture
def pair(lab, tmp_path):
    """Return copies of the two run folders, to be changed."""
    for name in ("then", "then-reproduced"):
        shutil.copytree(lab[0] / name, tmp_path / name, ignore=shutil.ignore_patterns("features"))
    return tmp_path / "then", tmp_path / "then-reproduced"


def edit_table(path, edit):
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))
    edit(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def edit_study(path, edit):
    study = json.loads(path.read_text(encoding="utf-8"))
    edit(study)
    path.write_text(json.dumps(study), encoding="utf-8")


def compared(pair):
    return compared_runs(*map(RunResults, pair))


def test_nothing_differs(lab):
    folder, again = lab
    assert (again.comparison.answer, again.comparison.n_different) == (SAME, 0)
    assert re.search("SAME: .* to the last digit", again.text)
    assert again.comparison.other_versions == {}
    for name in ("scores.csv", "ranking.csv", "study.json", "dataset.csv"):
        first, second = (folder / place / name for place in ("then", "then-reproduced"))
        if name != "dataset.csv":
            assert first.read_bytes() == second.read_bytes()
    # Nothing was taken from the first run: the second has features of its own.
    assert list((folder / "then-reproduced" / "features").glob("*.h5"))


def test_other_scores_and_the_same_conclusion_are_tied(pair):
    def edit(rows):
        row = next(row for row in rows if row["metric"] == "balanced_accuracy")
        row["score"] = repr(float(row["score"]) - 0.0625)

    edit_table(pair[1] / "scores.csv", edit)
    found = compared(pair)
    assert (found.answer, found.n_different) == (TIED, 1)
    assert found.largest_difference == pytest.approx(0.0625)
    assert "TIED" in in_words(*map(RunResults, pair), found)


def test_another_choice_is_different(pair):
    def edit(study):
        other = {"extractor": "intensity", "estimator": "dummy"}
        study.update(best=other, recommended=other, exported=other, tied_with_best=[])

    edit_study(pair[1] / "study.json", edit)
    found = compared(pair)
    assert found.answer == DIFFERENT
    assert "intensity + dummy is not among the best and tied then" in found.reasons


def test_a_score_outside_of_the_interval_is_different(pair):
    def edit(study):
        study["honest_score"].update(value=0.01, ci_low=0.0, ci_high=0.02)

    edit_study(pair[1] / "study.json", edit)
    found = compared(pair)
    assert found.answer == DIFFERENT
    assert "outside of the interval" in in_words(*map(RunResults, pair), found)


def test_what_was_computed_with_other_programs_is_told(pair):
    def edit(values):
        values["versions"]["scikit-learn"] = "0.1"

    edit_study(pair[0] / "environment.json", edit)
    found = compared(pair)
    now = RunResults(pair[1]).environment["versions"]["scikit-learn"]
    assert found.other_versions == {"scikit-learn": ("0.1", now)}
    assert f"scikit-learn 0.1 -> {now}" in in_words(*map(RunResults, pair), found)


def test_a_score_that_is_missing_now_is_no_number(pair):
    def edit(rows):
        rows[0]["score"] = ""

    edit_table(pair[1] / "scores.csv", edit)
    assert compared(pair).n_different == 1


def test_changed_images_are_named_and_nothing_is_computed(lab):
    folder, _ = lab
    first, second = sorted((folder / "images").rglob("*.png"))[:2]
    kept = first.read_bytes(), second.read_bytes()
    image = cv2.imread(str(first), cv2.IMREAD_UNCHANGED)
    image[0, 0] = 255 - image[0, 0]
    cv2.imwrite(str(first), image)
    second.unlink()
    try:
        with pytest.raises(DataError) as refused:
            reproduce(folder / "then", folder / "changed", jobs=1)
    finally:
        first.write_bytes(kept[0])
        second.write_bytes(kept[1])
    told = str(refused.value)
    assert f"1 missing ({second.parent.name}/{second.name})" in told
    assert f"1 with other content ({first.parent.name}/{first.name})" in told
    assert not (folder / "changed" / "scores.csv").exists()


def test_what_a_budget_decided_is_not_decided_anew(lab, tmp_path):
    folder = tmp_path / "then"
    run(lab[0] / "config.yaml", folder, jobs=1, budget="1h")
    again = reproduce(folder, jobs=1)
    assert again.comparison.answer == SAME
    first, second = (
        json.loads((one / "budget.json").read_bytes()) for one in (folder, again.folder)
    )
    assert first["decisions"] == second["decisions"] != []


def test_a_folder_of_ones_own_is_refused_before_anything_lies_in_it(lab, tmp_path):
    (tmp_path / "scores.csv").write_text("mine")
    with pytest.raises(ConfigurationError, match=r"scores\.csv would be lost"):
        reproduce(lab[0] / "then", tmp_path)
    assert [one.name for one in tmp_path.iterdir()] == ["scores.csv"]


def test_other_folds_are_not_told_as_other_images(lab, tmp_path):
    """As another version of bioselect may draw them: nobody can put the images back."""
    folder = shutil.copytree(lab[0] / "then", tmp_path / "then")
    moved = []

    def edit(rows):
        name = next(name for name in rows[0] if name not in NAMES)
        values = [row[name] for row in rows]
        for row, value in zip(rows, values[1:] + values[:1], strict=True):
            moved.append(row[name] != value)
            row[name] = value

    edit_table(folder / "dataset.csv", edit)
    rows = (folder / "config.yaml").read_text(encoding="utf-8")
    images = (lab[0] / "images").as_posix()
    (folder / "config.yaml").write_text(rows.replace("../images", images), encoding="utf-8")
    with pytest.raises(DataError, match=f"{sum(moved)} fall into another fold today.*environment"):
        reproduce(folder, tmp_path / "now", jobs=1)


def test_one_digit_that_differs_is_not_the_last_digit(pair):
    def edit(rows):
        row = next(row for row in rows if row["metric"] != "balanced_accuracy" and row["score"])
        row["score"] = repr(float(row["score"]) + 1e-12)

    edit_table(pair[1] / "scores.csv", edit)
    found = compared(pair)
    assert found.answer == SAME
    assert "scores to 1e-09" in in_words(*map(RunResults, pair), found)


def test_a_finished_folder_is_not_written_over(lab):
    with pytest.raises(ConfigurationError, match="Remove it, or name another with -o"):
        reproduce(lab[0] / "then")


def test_the_images_are_looked_at_before_the_folder_of_the_second_run(lab, tmp_path):
    for name in ("then", "then-reproduced"):
        shutil.copytree(lab[0] / name, tmp_path / name)
    shutil.copytree(lab[0] / "images", tmp_path / "images")
    config = tmp_path / "then" / "config.yaml"
    config.write_text(config.read_text().replace(str(lab[0]), str(tmp_path)))
    next((tmp_path / "images").rglob("*.png")).unlink()
    finished = tmp_path / "then-reproduced"
    before = {path: path.stat().st_mtime_ns for path in finished.rglob("*")}
    with pytest.raises(DataError, match="must be reproduced with the images of its run"):
        reproduce(tmp_path / "then", jobs=1)
    assert {path: path.stat().st_mtime_ns for path in finished.rglob("*")} == before


def test_a_folder_without_a_run_is_refused(tmp_path, capsys):
    with pytest.raises(BioselectError, match="folder of a finished run"):
        reproduce(tmp_path)
    assert main(["reproduce", str(tmp_path)]) == 1
    assert "Traceback" not in capsys.readouterr().err
