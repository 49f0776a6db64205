import numpy as np
import pytest
from sklearn.metrics import precision_recall_fscore_support, roc_auc_score

from bioselect.report.sections.classes import classes
from tests.report.made_run import made_run, said


def test_figures_of_each_class_and_what_it_is_taken_for(tmp_path):
    truth = np.array([0] * 12 + [1] * 20 + [2] * 3)
    predicted = truth.copy()
    predicted[:3], predicted[3], predicted[12] = 1, 2, 0
    section = classes(made_run(tmp_path, ("a", "b", "c"), truth, said(predicted, 3)))
    table, note = section.blocks
    precision, recall, f1, _ = precision_recall_fscore_support(truth, predicted)
    for place, row in enumerate(table.rows):
        wanted = [recall[place], precision[place], f1[place]]
        assert [cell.sort for cell in row[2:5]] == pytest.approx(wanted)
    assert [row[1].sort for row in table.rows] == [12, 20, 3]
    # Three of twelve.
    assert [row[5].written for row in table.rows] == ["b (25 %)", "a (5 %)", "-"]
    assert "One has fewer than 10 tested images" in note.written


def test_labels_have_an_area_instead(tmp_path):
    random = np.random.default_rng(2)
    labels, tables = random.integers(0, 2, (40, 2)), random.random((1, 40, 2))
    section = classes(made_run(tmp_path, ("x", "y"), labels, tables))
    assert section.title == "Label by label"
    (table,) = section.blocks
    areas = [row[5].sort for row in table.rows]
    assert areas == pytest.approx([roc_auc_score(labels[:, i], tables[0, :, i]) for i in (0, 1)])
    _, recall, _, _ = precision_recall_fscore_support(labels, tables[0] > 0.5)
    assert [row[2].sort for row in table.rows] == pytest.approx(recall)


def test_a_class_that_was_not_tested_has_no_recall(tmp_path):
    tables = said(np.array([0] * 10), 2)
    section = classes(made_run(tmp_path, ("a", "b"), [0] * 10, tables))
    assert [cell.written for cell in section.blocks[0].rows[1][1:5]] == ["0", "-", "-", "-"]


def test_numbers_have_no_classes(tmp_path):
    config = {"task": "regression"}
    assert classes(made_run(tmp_path, (), [0.5, 1.5], np.ones((1, 2)), config=config)) is None
