"""Descriptive statistics where nothing varies, and the appendix made of them."""

import numpy as np
import pytest

from bioselect.metrics.base import get_metric
from bioselect.selection import descriptive
from bioselect.selection.outcome import Context, Entrant, OutOfFold
from bioselect.selection.verdict import decide

FLAT = np.full((6, 3), 0.7)


# What another test has left open may be told of here.
@pytest.mark.filterwarnings("error", "ignore::ResourceWarning")
def test_what_does_not_vary_has_no_value():
    ranks = descriptive.ranks_of(FLAT)
    assert ranks.tolist() == [[2.0, 2.0, 2.0]] * 6
    for of_ranks in (
        descriptive.friedman_chi_square,
        descriptive.kendalls_w,
        descriptive.iman_davenport_f,
    ):
        assert of_ranks(ranks) is None
    assert descriptive.quade_f(FLAT) is None
    assert descriptive.eta_squared(FLAT) is None
    assert descriptive.levene_w(FLAT) is None
    assert descriptive.shapiro_wilk_w(FLAT[:, 0]) is None
    assert descriptive.cohens_dz(np.full(5, 0.02)) is None
    assert descriptive.wilcoxon_v(np.zeros(5)) == 0.0
    assert descriptive.cochrans_q(np.ones((5, 2))) is None


def test_full_agreement_has_no_f():
    ranks = descriptive.ranks_of(np.tile([0.9, 0.8, 0.7], (5, 1)))
    assert descriptive.kendalls_w(ranks) == 1.0
    assert descriptive.iman_davenport_f(ranks) is None


def test_rank_one_is_the_best_in_either_direction():
    scores = np.array([[0.3, 0.2, 0.2]])
    assert descriptive.ranks_of(scores).tolist() == [[1.0, 2.5, 2.5]]
    assert descriptive.ranks_of(scores, lower_is_better=True).tolist() == [[3.0, 1.5, 1.5]]


def test_bias_of_errors_is_that_of_the_scores_they_come_from():
    scores = np.random.default_rng(0).random((5, 3))
    bias = descriptive.tibshirani_bias(scores, 1)
    assert bias > 0
    assert descriptive.tibshirani_bias(1 - scores, 1, lower_is_better=True) == pytest.approx(bias)


LABELS = [("hog", "lda"), ("hog", "svm"), ("lbp", "lda"), ("lbp", "svm"), ("lbp", "knn")]


def verdict(metric="accuracy", n_folds=5, n_repeats=2, labels=LABELS):
    random = np.random.default_rng(3)
    truth = np.arange(60) % 2
    tables = random.random((len(labels), n_repeats, 60, 2)) + 0.4 * np.eye(2)[truth]
    scores = random.normal(0.8, 0.03, (len(labels), n_folds * n_repeats))
    scores += 0.01 * np.arange(len(labels))[:, None]
    out_of_fold = OutOfFold(tuple(tables), truth, np.arange(60), 2)
    entrants = [Entrant(extractor, estimator) for extractor, estimator in labels]
    context = Context((("a", 30), ("b", 30)), n_folds, n_repeats, seed=0)
    decided = decide(entrants, scores, out_of_fold, get_metric(metric), context)
    return decided, scores, tables, truth


def test_the_appendix_describes_every_family_member_and_pair():
    decided, scores, _, _ = verdict()
    rows = decided.descriptive
    families = [("hog", 1, 2), ("lbp", 1, 3), ("winners", 2, 2)]
    for name, stage, n_members in families:
        mine = [row for row in rows if row.family == name]
        assert {row.stage for row in mine} == {stage}
        # Ten of the family, two of each member, two of each pair.
        n_pairs = n_members * (n_members - 1) // 2
        assert len(mine) == 10 + 2 * n_members + 2 * n_pairs
    assert len(rows) == sum(1 for row in rows if row.family in {name for name, _, _ in families})
    ranks = {
        row.candidate: row.value
        for row in rows
        if row.family == "lbp" and row.quantity == "mean_rank"
    }
    order = descriptive.ranks_of(scores[2:].T).mean(axis=0)
    assert ranks == pytest.approx(
        dict(zip(["lbp + lda", "lbp + svm", "lbp + knn"], order, strict=True))
    )


def test_every_row_says_that_it_decides_nothing_and_none_is_a_p_value():
    for row in verdict()[0].descriptive:
        assert row.note.startswith("descriptive: folds are not independent")
        assert not row.quantity.startswith("p_")
        assert "p_value" not in row.quantity


def test_critical_differences_count_the_rounds_that_folds_are_worth():
    decided, _, _, _ = verdict()
    (row,) = (
        row
        for row in decided.descriptive
        if (row.family, row.quantity) == ("lbp", "nemenyi_critical_difference")
    )
    # 5 x 2 folds are worth 20/7 rounds; q of 3 candidates is 2.3437 (Demsar 2006, table 5a).
    assert row.value == pytest.approx(2.3437 * np.sqrt(3 * 4 / (6 * 20 / 7)), abs=1e-3)
    assert "very conservative" in row.note


def test_pairs_are_positive_where_the_first_is_better_whatever_the_direction():
    for metric in ("accuracy", "log_loss"):
        decided, _, _, _ = verdict(metric)
        sizes = [row.value for row in decided.descriptive if row.quantity == "cohens_dz"]
        # Members stand in the order of their means, so that the first has the better one.
        assert len(sizes) == 1 + 3 + 1
        assert all(size > 0 for size in sizes)


def test_cochrans_q_is_of_the_images_of_the_first_repeat():
    decided, _, tables, truth = verdict()
    (row,) = (
        row for row in decided.descriptive if (row.family, row.quantity) == ("hog", "cochrans_q")
    )
    is_right = np.stack([table[0].argmax(axis=1) == truth for table in tables[:2]], axis=1)
    first, second = (
        (is_right[:, 0] & ~is_right[:, 1]).sum(),
        (~is_right[:, 0] & is_right[:, 1]).sum(),
    )
    assert row.value == pytest.approx((first - second) ** 2 / (first + second))
    assert "first repeat" in row.note


def test_a_family_of_one_needs_no_description():
    decided, _, _, _ = verdict(labels=LABELS[:2])
    assert {row.family for row in decided.descriptive} == {"hog"}
    assert verdict(labels=LABELS[:1])[0].descriptive == ()
