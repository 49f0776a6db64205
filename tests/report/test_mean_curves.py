"""Curves of one class against the rest; values are those of scikit-learn, fold by fold."""

import numpy as np
import pytest
from sklearn.metrics import (
    average_precision_score,
    precision_recall_curve,
    roc_auc_score,
    roc_curve,
)

from bioselect.report.mean_curves import GRID, mean_curves


@pytest.fixture(scope="module")
def predicted():
    random = np.random.default_rng(3)
    is_positive = random.random(120) < 0.3
    # Rounded, so that scores are tied.
    scores = np.round(0.3 * is_positive + random.random((2, 120)), 1)
    folds = np.stack([random.permutation(120) % 4 for _ in range(2)])
    return is_positive, scores, folds


def parts_of(is_positive, scores, folds):
    return [
        (is_positive[fold == number], row[fold == number])
        for row, fold in zip(scores, folds, strict=True)
        for number in range(4)
    ]


def test_areas_are_means_over_the_folds(predicted):
    found = mean_curves(*predicted)
    parts = parts_of(*predicted)
    assert found.n_folds == 8
    assert found.roc_area == pytest.approx(np.mean([roc_auc_score(*part) for part in parts]))
    wanted = np.mean([average_precision_score(*part) for part in parts])
    assert found.average_precision == pytest.approx(wanted)


def test_curves_are_averaged_upwards(predicted):
    found = mean_curves(*predicted)
    parts = parts_of(*predicted)
    rises = [np.interp(GRID, *roc_curve(*part, drop_intermediate=False)[:2]) for part in parts]
    np.testing.assert_allclose(found.roc, np.mean(rises, axis=0))
    for place in (10, 50, 100):
        wanted = []
        for part in parts:
            precision, recall, _ = precision_recall_curve(*part)
            # Recall falls: the last of these is the strictest border that still finds so many.
            wanted.append(precision[recall >= GRID[place] - 1e-12][-1])
        assert found.precision[place] == pytest.approx(np.mean(wanted))


def test_folds_without_both_kinds_are_left_out():
    is_positive = np.array([True, True, True, False])
    found = mean_curves(is_positive, np.array([[0.1, 0.2, 0.9, 0.3]]), np.array([[0, 0, 1, 1]]))
    assert (found.n_folds, found.roc_area) == (1, 1.0)
    assert mean_curves(is_positive, np.array([[0.1, 0.2, 0.9, 0.3]]), np.arange(4)[None]) is None


def test_images_that_were_not_tested_do_not_count():
    scores = np.array([[0.9, 0.4, 0.6, np.nan]])
    found = mean_curves(np.array([True, False, True, True]), scores, np.array([[0, 0, 0, -1]]))
    assert found.roc_area == 1.0
