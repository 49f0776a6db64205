import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, multilabel_confusion_matrix

from bioselect.report.blocks import Figure, Table
from bioselect.report.sections.confusion import confusion
from tests.report.made_run import made_run, said


def only(section, kind):
    return [block for block in section.blocks if isinstance(block, kind)]


def test_counts_are_means_over_repeats_and_shares_of_the_true_class(tmp_path):
    random = np.random.default_rng(0)
    truth, predicted = random.integers(0, 3, 50), random.integers(0, 3, (2, 50))
    tables = np.concatenate([said(row, 3) for row in predicted])
    section = confusion(made_run(tmp_path, ('<b>&"', "b", "c"), truth, tables))
    (figure,) = only(section, Figure)
    counts = np.mean([confusion_matrix(truth, row) for row in predicted], axis=0)
    shares = np.mean([confusion_matrix(truth, row, normalize="true") for row in predicted], axis=0)
    assert [row[2] for row in figure.rows] == pytest.approx(counts.ravel().tolist())
    assert [row[3] for row in figure.rows] == pytest.approx(shares.ravel().tolist())
    assert "means over the repeats" in figure.caption
    assert "<b>" not in figure.svg
    assert "&lt;b&gt;&amp;" in figure.svg


def test_images_that_were_not_tested_are_not_counted(tmp_path):
    tables = said(np.array([0, 1, 1]), 2)
    tables[0, 2] = np.nan
    section = confusion(made_run(tmp_path, ("a", "b"), [0, 0, 1], tables, [[0, 0, -1]]))
    (figure,) = only(section, Figure)
    assert [row[2] for row in figure.rows] == [1, 1, 0, 0]
    assert "of 2 images 50 %" in section.blocks[0].written


def test_a_hundred_classes_are_a_list_of_the_most_frequent_confusions(tmp_path):
    truth = np.arange(1000) % 100
    predicted = truth.copy()
    # Nine images of class 7 are called 3; of 40 other classes one image is called 99.
    predicted[np.flatnonzero(truth == 7)[:9]] = 3
    predicted[10:50] = 99
    names = [f"a class with a long name {i}" for i in range(100)]
    section = confusion(made_run(tmp_path, names, truth, said(predicted, 100)))
    assert not only(section, Figure)
    (table,) = only(section, Table)
    first = [getattr(cell, "written", cell) for cell in table.rows[0]]
    assert first == [names[7], names[3], "9", "90 %"]
    assert len(table.rows) == 25
    assert len(table.file_rows) == 41
    assert "25 most frequent of 41" in table.caption


def test_labels_have_four_numbers_each(tmp_path):
    random = np.random.default_rng(1)
    truth = random.integers(0, 2, (40, 3))
    tables = random.random((1, 40, 3))
    (table,) = confusion(made_run(tmp_path, ("x", "y", "z"), truth, tables)).blocks
    for row, counts in zip(
        table.rows, multilabel_confusion_matrix(truth, tables[0] > 0.5), strict=True
    ):
        found, missed, wrong, neither = (cell.sort for cell in row[1:])
        assert [[neither, wrong], [missed, found]] == counts.tolist()


def test_numbers_have_no_confusion(tmp_path):
    config = {"task": "regression"}
    assert confusion(made_run(tmp_path, (), [0.5, 1.5], np.ones((1, 2)), config=config)) is None
    assert confusion(made_run(tmp_path / "masks", config={"task": "segmentation"})) is None
