import csv

import numpy as np
import pytest

from bioselect.report.sections.groups import MOST_SHOWN, groups
from bioselect.report.writing import write_report
from bioselect.run_folder import PER_IMAGE_COLUMNS
from tests.report.made_run import ACCURACY, made_run, said


def written(table):
    return [[getattr(cell, "written", cell) for cell in row] for row in table.rows]


def test_share_of_right_images_and_commonest_error_of_each_group(tmp_path):
    truth = [0] * 6 + [1] * 6 + [0]
    predicted = np.array([0] * 6 + [1, 1, 1, 0, 0, 0] + [1])
    names = ["p1"] * 6 + ["p2"] * 6 + ["p3"]
    text, table, note = groups(
        made_run(tmp_path, ("a", "b"), truth, said(predicted, 2), groups=names)
    ).blocks
    # p2 loses three images, p3 only one: the worst share of one image is no worst group.
    assert written(table) == [
        ["p2", "6", "50 %", "b taken for a (3)"],
        ["p3", "1", "0 %", "a taken for b (1)"],
        ["p1", "6", "100 %", "-"],
    ]
    assert "Of 2 groups with 5 or more images, p2 does worst" in text.written
    assert "One group has fewer than 5 images" in note.written


def test_many_groups_are_all_in_the_file_and_the_worst_on_the_page(tmp_path):
    truth, names = np.zeros(100, dtype=int), [f"p{i:02d}" for i in range(50)] * 2
    predicted = np.array([i % 50 >= 45 for i in range(100)], dtype=int)
    run = made_run(tmp_path, ("a", "b"), truth, said(predicted, 2), groups=names)
    table = groups(run).blocks[0]
    assert len(table.rows) == MOST_SHOWN
    assert [row[0] for row in table.rows[:5]] == ["p45", "p46", "p47", "p48", "p49"]
    write_report(run.folder.root)
    with (run.folder.report_parts / "groups.csv").open(newline="") as file:
        assert len(list(csv.reader(file))) == 51


def test_numbers_have_their_mean_absolute_error(tmp_path):
    truth, values = [1.0, 2.0, 3.0, 4.0], np.array([[1.5, 2.5, 1.0, np.nan]])
    run = made_run(
        tmp_path,
        (),
        truth,
        values,
        groups=["a", "a", "b", "b"],
        config={"task": "regression"},
        study={"target": {"unit": "um"}},
    )
    table, note = groups(run).blocks
    assert note.written.startswith("All groups have fewer than 5 images")
    assert written(table) == [["b", "1", "2.00 um"], ["a", "2", "0.500 um"]]


def test_masks_have_the_mean_of_the_deciding_score(tmp_path):
    config = {"task": "segmentation"}
    run = made_run(tmp_path, config=config, judged_by={**ACCURACY, "metric": "dice"})
    rows = [("svm", 0, 0, f"{i}.png", "ab"[i % 2], "cell", "dice", 0.2 * i) for i in range(4)]
    rows += [
        ("svm", 0, 0, "0.png", "a", "cell", "iou", 0.9),
        ("otsu", 0, 0, "0.png", "a", "", "dice", 1),
    ]
    with run.folder.per_image.open("w", newline="") as file:
        csv.writer(file).writerows([PER_IMAGE_COLUMNS, *rows])
    with run.folder.dataset.open("w", newline="") as file:
        csv.writer(file).writerows([("image_id", "group"), ("0.png", "a")])
    # a: 0 and 0.4; b: 0.2 and 0.6.
    found = {row[0]: row[2].sort for row in groups(run).blocks[0].rows}
    assert found == pytest.approx({"a": 0.2, "b": 0.4})


def test_without_groups_there_is_no_table(tmp_path):
    assert groups(made_run(tmp_path, ("a", "b"), [0, 1], said(np.array([0, 1]), 2))) is None
