"""The statistics of a study against other libraries, on random scores."""

import numpy as np
import pandas as pd
import pytest
import scikit_posthocs
import statsmodels.api as sm
from scipy import stats
from sklearn.metrics import classification_report
from statsmodels.formula.api import ols
from statsmodels.stats.contingency_tables import cochrans_q as cochrans_q_of_statsmodels
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests

from bioselect.selection.descriptive import (
    cochrans_q,
    cohens_dz,
    critical_difference,
    eta_squared,
    friedman_chi_square,
    kendalls_w,
    levene_w,
    nemenyi_quantile,
    quade_f,
    ranks_of,
    shapiro_wilk_w,
    wilcoxon_v,
)
from bioselect.selection.per_class import class_scores
from bioselect.selection.significance import corrected_t, effective_folds, holm, posterior

# Folds, repeats and rope; differences; and what baycomp 1.0.3, two_on_single(differences, zeros,
# rope, runs=repeats), made of them. It is no requirement of the tests because it installs a package
# that is called `tests` itself.
BAYCOMP = [
    (
        (5, 1, 0.01),
        "-14 -30 3 23 44",
        (0.40955155115510583, 0.3491818904281514, 0.24126655841674283),
    ),
    (
        (5, 2, 0.01),
        "13 -7 -14 32 59 18 -27 -19 58 16",
        (0.5623756606721766, 0.320586587142755, 0.1170377521850684),
    ),
    (
        (10, 2, 0.005),
        "-42 7 -25 -9 -5 -11 27 8 -8 22 35 -39 2 -19 5 -29 11 9 1 -21",
        (0.14708583390099772, 0.3974027216231748, 0.4555114444758275),
    ),
    (
        (3, 4, 0.03),
        "-2 -23 -31 17 -23 45 31 -50 18 -23 11 11",
        (0.08655518284454082, 0.8051223573616008, 0.10832245979385846),
    ),
]


@pytest.mark.parametrize(("design", "thousandths", "expected"), BAYCOMP)
def test_posterior_is_that_of_baycomp(design, thousandths, expected):
    n_folds, n_repeats, rope = design
    differences = np.array(thousandths.split(), dtype=float) / 1000
    chances = posterior(corrected_t(differences, effective_folds(n_folds, n_repeats)), rope)
    got = (chances.p_better, chances.p_practically_equal, chances.p_worse)
    assert got == pytest.approx(expected, abs=1e-9)


def drawn(seed, n_rounds=20, n_candidates=4, ties=False):
    random = np.random.default_rng(seed)
    scores = 0.8 + 0.02 * np.arange(n_candidates) + random.normal(0, 0.05, (n_rounds, n_candidates))
    return np.round(scores, 1) if ties else scores


SEEDS = range(4)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("ties", [False, True])
def test_friedman_and_kendall(seed, ties):
    scores = drawn(seed, ties=ties)
    ranks = ranks_of(scores)
    expected = stats.friedmanchisquare(*scores.T).statistic
    assert friedman_chi_square(ranks) == pytest.approx(expected)
    # By definition: variance of the sums of ranks over the largest there can be, ties accounted.
    sums = ranks.sum(axis=0)
    deviation = ((sums - sums.mean()) ** 2).sum()
    groups = [np.unique(row, return_counts=True)[1] for row in ranks]
    tied = sum((sizes**3 - sizes).sum() for sizes in groups)
    n, k = ranks.shape
    by_definition = 12 * deviation / (n**2 * (k**3 - k) - n * tied)
    assert kendalls_w(ranks) == pytest.approx(by_definition)


@pytest.mark.parametrize("seed", SEEDS)
def test_nemenyi_calls_different_what_scikit_posthocs_does(seed):
    scores = drawn(seed, n_rounds=30, n_candidates=5)
    p_values = scikit_posthocs.posthoc_nemenyi_friedman(scores).to_numpy()
    mean_ranks = ranks_of(scores).mean(axis=0)
    distances = np.abs(mean_ranks[:, None] - mean_ranks[None])
    for alpha in (0.05, 0.3, 0.7):
        limit = critical_difference(nemenyi_quantile(5, alpha), 5, 30)
        np.testing.assert_array_equal(distances > limit, p_values < alpha)
    unit = critical_difference(1.0, 5, 30)
    expected = stats.studentized_range.sf(distances / unit * np.sqrt(2), 5, np.inf)
    np.testing.assert_allclose(expected, p_values, atol=1e-6)


@pytest.mark.parametrize("seed", SEEDS)
def test_quade(seed):
    # The F of a two-way analysis of variance of the weighted, centred ranks, without interaction.
    scores = drawn(seed, n_rounds=12)
    weights = stats.rankdata(np.ptp(scores, axis=1))
    ranks = stats.rankdata(-scores, axis=1)
    table = sm.stats.anova_lm(_two_way(weights[:, None] * (ranks - 2.5)), typ=2)
    assert quade_f(scores) == pytest.approx(table.loc["C(candidate)", "F"])


@pytest.mark.parametrize("seed", SEEDS)
def test_eta_squared(seed):
    scores = drawn(seed)
    squares = sm.stats.anova_lm(_two_way(scores), typ=2)["sum_sq"]
    assert eta_squared(scores) == pytest.approx(squares["C(candidate)"] / squares.sum())


def _two_way(values):
    rounds, candidates = np.indices(values.shape)
    columns = {"v": values.ravel(), "round": rounds.ravel(), "candidate": candidates.ravel()}
    return ols("v ~ C(candidate) + C(round)", pd.DataFrame(columns)).fit()


@pytest.mark.parametrize("seed", SEEDS)
def test_pairs(seed):
    scores = drawn(seed, ties=seed % 2 == 0)
    differences = scores[:, 0] - scores[:, 1]
    # Of the paired t-test, t is d_z times the root of the number of pairs.
    t = stats.ttest_rel(scores[:, 0], scores[:, 1]).statistic
    assert cohens_dz(differences) == pytest.approx(t / np.sqrt(len(scores)))
    kept = np.round(differences, 12)
    smaller = stats.wilcoxon(kept[kept != 0]).statistic
    assert min(wilcoxon_v(differences), wilcoxon_v(-differences)) == smaller


@pytest.mark.parametrize("seed", SEEDS)
def test_shapiro_and_levene(seed):
    scores = drawn(seed)
    assert shapiro_wilk_w(scores[:, 0]) == pytest.approx(stats.shapiro(scores[:, 0]).statistic)
    # The F of a one-way analysis of variance of the distances from the medians.
    distances = np.abs(scores - np.median(scores, axis=0))
    assert levene_w(scores) == pytest.approx(stats.f_oneway(*distances.T).statistic)


@pytest.mark.parametrize("seed", SEEDS)
def test_right_and_wrong_images(seed):
    is_right = (np.random.default_rng(seed).random((60, 3)) < [0.6, 0.7, 0.8]).astype(int)
    expected = cochrans_q_of_statsmodels(is_right).statistic
    assert cochrans_q(is_right) == pytest.approx(expected)
    table = pd.crosstab(is_right[:, 0], is_right[:, 1])
    expected = mcnemar(table, exact=False, correction=False).statistic
    assert cochrans_q(is_right[:, :2]) == pytest.approx(expected)


@pytest.mark.parametrize("seed", SEEDS)
def test_holm(seed):
    p_values = np.random.default_rng(seed).random(28) ** 4
    assert holm(p_values) == pytest.approx(multipletests(p_values, method="holm")[1], abs=1e-15)


@pytest.mark.parametrize("seed", SEEDS)
def test_scores_of_classes_are_those_of_scikit_learn(seed):
    random = np.random.default_rng(seed)
    truth, names = random.integers(0, 4, 80), ("a", "b", "c", "d")
    tables = random.dirichlet(np.ones(4), (3, 80)) + np.eye(4)[truth] / 3
    tables[:, :, 3] = 0  # Never predicted.
    reports = [
        classification_report(
            truth, table.argmax(axis=1), target_names=names, output_dict=True, zero_division=0
        )
        for table in tables
    ]
    scores = list(class_scores(tables, truth, names))
    assert len(scores) == 4 * 3
    for score in scores:
        metric = score.metric if score.metric != "f1" else "f1-score"
        values = [report[score.class_name][metric] for report in reports]
        assert score.mean == pytest.approx(np.mean(values))
        assert score.sd == pytest.approx(np.std(values, ddof=1))
        assert score.n_images == reports[0][score.class_name]["support"]
        assert score.n_repeats == 3
