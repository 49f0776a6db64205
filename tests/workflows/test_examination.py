"""What the doctor noticed is printed and kept, also where the data set is refused."""

import csv

import numpy as np
import pytest
from PIL import Image

from bioselect.exceptions import BioselectError, DataError
from bioselect.progress import Reporter
from bioselect.workflows.check import CAN_BE_RUN, check
from bioselect.workflows.run import run

N_OF_CLASS = 12


class Listening(Reporter):
    def __init__(self):
        self.lines = []

    def say(self, text):
        self.lines += text.splitlines()


@pytest.fixture
def lab(tmp_path):
    """Return a folder with images of two classes."""
    random = np.random.default_rng(0)
    for name in ("few", "many"):
        (tmp_path / "images" / name).mkdir(parents=True)
        for number in range(N_OF_CLASS):
            pixels = random.integers(0, 250, (16, 16, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(tmp_path / "images" / name / f"{number:02d}.png")
    return tmp_path


def configured(lab, dataset="", folds=3):
    path = lab / "config.yaml"
    path.write_text(
        f"dataset: {{path: images{dataset}}}\nextractors: [intensity]\nclassifiers: [lda]\n"
        f"validation: {{folds: {folds}, repeats: 1}}\noutput: run\n"
    )
    return path


def empty(lab, *names):
    for name in names:
        (lab / "images" / name).write_bytes(b"")
    return list(names)


def blank(lab, name):
    Image.new("RGB", (16, 16), (9, 9, 9)).save(lab / "images" / name)


def rows(lab, table="findings"):
    with (lab / "run" / f"{table}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def refused(function, config, error=DataError):
    """Return what is said before the error, and the error."""
    reporter = Listening()
    with pytest.raises(error) as caught:
        function(config, jobs=1, reporter=reporter)
    return reporter.lines, str(caught.value)


def test_every_unreadable_image_is_kept_when_a_run_is_refused(lab):
    bad = empty(lab, *[f"few/{number:02d}.png" for number in range(7)])
    blank(lab, "many/03.png")
    lines, error = refused(run, configured(lab))
    assert error.startswith("7 of the 24 images of ")
    assert error.splitlines()[-1] == "  ... and 2 more"
    # What else is wrong can be put right at once.
    assert any(line.startswith("warning: many/03.png: every pixel has") for line in lines)
    found = rows(lab)
    assert [row["image"] for row in found if row["severity"] == "error"] == bad
    assert all("it is empty (0 bytes)" in row["what"] for row in found[:7])
    assert [row["image"] for row in found[7:]] == ["many/03.png"]


def test_every_image_that_is_left_out_is_kept_with_its_reason(lab):
    bad = empty(lab, "few/02.png", "many/07.png")
    run(configured(lab, ", on_bad_image: exclude"), jobs=1)
    left_out = [row for row in rows(lab) if row["remedy"] == "The image is left out."]
    assert [(row["severity"], row["image"]) for row in left_out] == [("warning", n) for n in bad]
    assert all("it is empty (0 bytes)" in row["what"] for row in left_out)
    used = {row["image_id"] for row in rows(lab, "dataset")}
    assert len(used) == 22
    assert not used & set(bad)


def test_images_are_left_out_and_then_too_few_are_left(lab):
    bad = empty(lab, *[f"few/{number:02d}.png" for number in range(8)])
    lines, error = refused(run, configured(lab, ", on_bad_image: exclude"))
    assert "Got too few: class 'few' has 4." in error
    assert "... and 3 more such warnings; a run lists all in findings.csv" in lines
    first, *others = rows(lab)
    assert (first["severity"], first["image"], first["what"]) == ("error", "", error)
    assert [row["image"] for row in others] == bad


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"dataset": ", on_bad_image: exclude", "folds": 30}, "validation.folds: must be at most"),
        ({"dataset": ", on_bad_image: exclude, intensity: {min: 300, max: 900}"}, "all black"),
    ],
)
def test_whatever_ends_a_run_before_it_begins_is_kept(lab, arguments, words):
    bad = empty(lab, "few/02.png")
    _, error = refused(run, configured(lab, **arguments), BioselectError)
    assert words in error
    errors = [row for row in rows(lab) if row["severity"] == "error"]
    assert len(errors) == 1
    assert errors[0]["what"] in error
    assert [row["image"] for row in rows(lab) if row["severity"] != "error"] == bad


def test_a_folder_that_is_no_data_set_leaves_a_table_with_the_reason(lab):
    (lab / "images" / "few").rename(lab / "elsewhere")
    _, error = refused(run, configured(lab))
    (row,) = rows(lab)
    assert row["severity"] == "error"
    assert row["what"] in error
    (lab / "images").rename(lab / "pictures")
    _, error = refused(run, configured(lab))
    assert [row["what"] for row in rows(lab)] == [error]


def test_the_findings_of_a_finished_study_stay_with_it(lab):
    blank(lab, "few/02.png")
    run(configured(lab), jobs=1)
    before = (lab / "run" / "findings.csv").read_bytes()
    empty(lab, "few/02.png")
    refused(run, configured(lab))
    assert (lab / "run" / "findings.csv").read_bytes() == before


def test_check_tells_all_kinds_of_findings_and_writes_nothing(lab):
    for number in range(7):
        blank(lab, f"few/{number:02d}.png")
    (lab / "images" / "many" / "zz.png").write_bytes((lab / "images/many/03.png").read_bytes())
    before = set(lab.rglob("*"))
    lines = check(configured(lab), jobs=1).splitlines()
    assert sum(": every pixel has the value 9." in line for line in lines) == 5
    assert "... and 2 more such warnings; a run lists all in findings.csv" in lines
    assert any("many/zz.png: has the same pixels as many/03.png." in line for line in lines)
    assert lines[-1] == CAN_BE_RUN
    assert set(lab.rglob("*")) - before == {lab / "config.yaml"}


def test_check_tells_of_everything_else_before_it_refuses(lab):
    bad = empty(lab, "few/02.png")
    blank(lab, "many/03.png")
    lines, error = refused(check, configured(lab))
    assert bad[0] in error
    assert any(line.startswith("warning: many/03.png: every pixel has") for line in lines)
    assert not (lab / "run").exists()
