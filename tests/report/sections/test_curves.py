import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from bioselect.report.blocks import Figure, Table
from bioselect.report.sections.curves import curves
from tests.report.made_run import made_run


def parts(section):
    figures = [block for block in section.blocks if isinstance(block, Figure)]
    (table,) = [block for block in section.blocks if isinstance(block, Table)]
    return figures, table


def drawn(n_classes, n_images=60):
    random = np.random.default_rng(5)
    truth = np.arange(n_images) % n_classes
    tables = random.dirichlet(np.ones(n_classes), (1, n_images))
    tables[0, np.arange(n_images), truth] += 0.3
    return truth, tables / tables.sum(axis=2, keepdims=True)


def test_each_class_against_the_rest_with_its_areas(tmp_path):
    truth, tables = drawn(3)
    (roc, precision), table = parts(curves(made_run(tmp_path, ("a", "b", "c"), truth, tables)))
    for place, (name, n_images, area, average, share) in enumerate(table.rows):
        is_it = truth == place
        assert name in roc.svg
        assert n_images.sort == 20
        assert area.sort == pytest.approx(roc_auc_score(is_it, tables[0, :, place]))
        assert average.sort == pytest.approx(average_precision_score(is_it, tables[0, :, place]))
        assert share.written == "33 %"
        assert f"{area.sort:.3f}  {name}" in roc.svg
        assert f"{average.sort:.3f}  {name}" in precision.svg


@pytest.mark.parametrize(
    ("metric", "name"),
    [("auto", "tumour"), ({"name": "recall", "params": {"positive": "normal"}}, "normal")],
)
def test_of_two_classes_the_one_that_is_looked_for(tmp_path, metric, name):
    truth, tables = drawn(2)
    config = {"validation": {"metric": metric}}
    section = curves(made_run(tmp_path, ("normal", "tumour"), truth, tables, config=config))
    _, table = parts(section)
    assert [row[0] for row in table.rows] == [name]
    assert f"The class looked for is {name}." in section.blocks[0].written


def test_of_many_classes_those_told_least_well_are_drawn(tmp_path):
    truth, tables = drawn(9, 90)
    (roc, _), table = parts(curves(made_run(tmp_path, list("abcdefghi"), truth, tables)))
    assert len(table.rows) == 9
    worst = sorted(table.rows, key=lambda row: row[2].sort)[:6]
    assert {row[0] for row in roc.rows} == {row[0] for row in worst}


def test_classes_that_no_fold_can_show_are_named(tmp_path):
    truth = np.array([0, 0, 1, 1, 2, 2])
    _, tables = drawn(3, 6)
    folds = [[0, 1, 0, 1, 2, 2]]
    section = curves(made_run(tmp_path, ("a", "b", "alone"), truth, tables, folds))
    assert "No fold held images with and without: alone." in section.blocks[0].written


def test_labels_have_curves_and_numbers_none(tmp_path):
    random = np.random.default_rng(2)
    labels, tables = random.integers(0, 2, (40, 2)), random.random((1, 40, 2))
    _, table = parts(curves(made_run(tmp_path / "labels", ("x", "y"), labels, tables)))
    assert table.rows[1][2].sort == pytest.approx(roc_auc_score(labels[:, 1], tables[0, :, 1]))
    config = {"task": "regression"}
    assert curves(made_run(tmp_path / "n", (), [0.5, 1.5], np.ones((1, 2)), config=config)) is None
