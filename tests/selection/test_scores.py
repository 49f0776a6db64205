import math

import numpy as np
import pytest

from bioselect.data.splitting import draw_folds
from bioselect.metrics.base import Metric
from bioselect.registry import ComponentSpec
from bioselect.selection.candidates import Candidate
from bioselect.selection.cross_validation import FoldResult, Problem
from bioselect.selection.scores import score_folds

CANDIDATE = Candidate(ComponentSpec("hog"), ComponentSpec("svm"))


@pytest.fixture
def problem():
    class_indices = np.arange(24) % 2
    plan = draw_folds(class_indices, np.arange(24), 3, 2, 0)
    return Problem(class_indices, 2, np.arange(24), plan, "accuracy", 0)


def result_of(fold, probabilities, error=""):
    return FoldResult(CANDIDATE, fold.repeat, fold.index, probabilities, error=error)


def share_right(y_true, labels, n_classes):
    return float(np.mean(y_true == labels))


def undefined(y_true, labels, n_classes):
    raise ValueError("needs two classes\n  in the test part")


def metric(name, function):
    return Metric(
        name=name, direction="higher", bounds=(0.0, 1.0), response="labels", function=function
    )


def test_every_metric_of_every_fold_on_its_own_test_images(problem):
    generator = np.random.default_rng(0)
    results = []
    for fold in problem.plan.folds:
        second = generator.random(len(fold.test))
        results.append(result_of(fold, np.column_stack([1 - second, second])))
    metrics = [metric("first", share_right), metric("second", lambda y, p, k: 0.25)]
    scores = score_folds(results, problem, metrics)
    assert [(s.repeat, s.fold, s.metric) for s in scores] == [
        (repeat, fold, name)
        for repeat in range(2)
        for fold in range(3)
        for name in ("first", "second")
    ]
    for score, result, fold in zip(scores[::2], results, problem.plan.folds, strict=True):
        expected = np.mean(result.probabilities.argmax(axis=1) == problem.class_indices[fold.test])
        assert score.score == expected
        assert score.error == ""
        assert score.candidate == CANDIDATE
    assert {s.score for s in scores[1::2]} == {0.25}


def test_a_failed_fold_is_a_row_with_its_reason(problem):
    failed = result_of(problem.plan.folds[0], None, "ValueError: no")
    scores = score_folds([failed], problem, [metric("a", share_right), metric("b", share_right)])
    assert [s.error for s in scores] == ["ValueError: no"] * 2
    assert all(math.isnan(s.score) for s in scores)


def test_a_metric_that_is_undefined_on_a_fold_is_a_row_with_its_reason(problem):
    fold = problem.plan.folds[0]
    fine = result_of(fold, np.full((len(fold.test), 2), 0.5))
    scores = score_folds(
        [fine],
        problem,
        [metric("a", undefined), metric("b", lambda y, p, k: math.nan), metric("c", share_right)],
    )
    assert scores[0].error == "ValueError: needs two classes in the test part"
    assert scores[1].error.startswith("b: has no value")
    assert math.isnan(scores[0].score)
    assert math.isnan(scores[1].score)
    assert scores[2].error == ""


def test_scores_agree_with_scikit_learn(problem):
    from sklearn.metrics import balanced_accuracy_score, log_loss, roc_auc_score

    from bioselect.metrics.base import get_metric

    generator = np.random.default_rng(0)
    names = ["balanced_accuracy", "roc_auc", "log_loss"]
    for fold in problem.plan.folds:
        y_true = problem.class_indices[fold.test]
        p = generator.dirichlet([1, 1], len(fold.test))
        scores = score_folds([result_of(fold, p)], problem, [get_metric(n) for n in names])
        expected = [
            balanced_accuracy_score(y_true, p.argmax(axis=1)),
            roc_auc_score(y_true, p[:, 1]),
            log_loss(y_true, p),
        ]
        np.testing.assert_allclose([s.score for s in scores], expected, rtol=1e-9)
