"""Expected values come from publications, exact arithmetic, scipy and statsmodels."""

import warnings
from fractions import Fraction

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.anova import AnovaRM
from statsmodels.stats.multitest import multipletests

from bioselect.selection.significance import (
    CorrectedT,
    corrected_omnibus,
    corrected_t,
    effective_folds,
    holm,
    posterior,
    rank_omnibus,
)


def numbers(text: str) -> np.ndarray:
    return np.array(text.split(), dtype=float)


# scikit-learn, example "Statistical comparison of models using grid search" (BSD-3-Clause): two
# kernels over 10 x 10 folds of 25 images each; here as images classified rightly.
RBF = """
    23 18 19 23 25 25 25 25 24 25 24 25 25 23 21 23 25 25 20 25 20 23 22 23 25 25 22 23 25 25 20
    24 21 25 25 25 25 24 23 25 25 23 25 23 25 19 25 25 25 25 25 21 25 25 25 18 23 25 25 25 23 23
    25 25 20 22 25 23 24 25 24 23 21 23 25 25 25 22 23 23 25 23 24 25 18 25 25 25 25 19 24 22 25
    18 23 25 24 25 25 21
"""
LINEAR = """
    24 21 19 23 25 24 24 25 23 25 23 24 24 22 20 24 25 25 20 25 21 24 21 25 25 24 21 22 25 25 21
    23 21 25 24 25 25 23 22 25 24 23 25 23 25 19 25 23 25 25 25 20 24 24 25 17 24 23 25 25 23 23
    25 20 21 22 24 23 24 25 24 22 20 21 25 24 25 23 23 23 24 25 23 25 17 25 25 25 25 19 24 23 25
    19 23 25 23 23 25 21
"""

# Benavoli, Corani, Demsar, Zaffalon, JMLR 18(77), 2017, data set anneal: AODE and naive Bayes over
# 10 x 10 folds; accuracies as rounded in baycomp's documentation (MIT), times 100,000.
AODE = """
    96667 100000 96667 100000 97778 96667 100000 96667 96629 98876 97778 98889 98889 96667 98889
    96667 96667 95556 94382 100000 100000 98889 97778 98889 95556 98889 97778 97778 95506 98876
    97778 98889 97778 98889 94444 96667 98889 98889 100000 96629 96667 98889 95556 97778 98889
    98889 98889 96667 100000 98876 96667 98889 100000 96667 96667 97778 97778 95556 100000 97753
    97778 98889 97778 100000 94444 96667 98889 97778 97753 98876 100000 97778 96667 97778 97778
    98889 96667 98889 95506 100000 96667 93333 96667 100000 98889 100000 95556 96667 98876 98876
    97778 100000 97778 98889 97778 97778 98889 98889 96629 97753
"""
NAIVE_BAYES = """
    94444 98889 94444 98889 96667 95556 98889 96667 94382 95506 96667 97778 96667 95556 97778
    95556 95556 88889 87640 100000 96667 95556 95556 94444 94444 97778 96667 97778 94382 94382
    95556 96667 96667 94444 94444 91111 97778 95556 97753 94382 96667 97778 93333 96667 95556
    97778 94444 96667 100000 93258 93333 95556 97778 96667 94444 94444 96667 93333 96629 96629
    96667 97778 95556 100000 88889 95556 96667 97778 95506 97753 100000 95556 95556 96667 96667
    96667 95556 98889 94382 96629 95556 92222 95556 97778 95556 97778 94444 96667 94382 96629
    95556 100000 95556 92222 95556 97778 97778 96667 94382 97753
"""

# Garcia and Herrera, JMLR 9:2677-2694, 2008, Table 2: C4.5, k-NN, naive Bayes, kernel, CN2 on 30
# data sets; times 1,000.
GARCIA_HERRERA = """
    219 202 249 165 261 803 750 813 692 798 859 814 845 542 816 809 774 673 275 785 768 790 727
    872 706 759 654 734 703 714 693 611 572 689 572 544 531 558 439 541 945 954 978 541 858 725
    705 739 625 717 674 736 721 356 704 801 357 520 309 520 785 770 841 659 759 710 402 728 120
    674 691 827 667 527 638 743 739 830 549 746 990 482 941 857 990 867 98 915 986 784 821 872 815
    885 778 893 824 902 739 885 799 655 925 517 755 845 731 693 653 704 741 701 591 663 619 799
    994 603 269 621 949 955 989 770 954 555 505 569 312 556 928 928 945 419 897 915 857 860 700
    777 855 796 857 607 809 906 359 895 641 918
"""

# Hollander and Wolfe, 1973, p. 140, also on the help page of R's friedman.test: seconds of three
# ways to round first base, 22 players; times 100.
ROUNDING_TIMES = """
    540 550 555 585 570 575 520 560 550 555 550 540 590 585 570 545 555 560 540 540 535 545 550
    535 525 515 500 585 580 570 525 520 510 565 555 545 560 535 545 505 500 495 550 550 540 545
    555 550 555 555 535 545 550 555 550 545 525 565 560 540 570 565 555 630 630 625
"""

# Demsar, JMLR 7, 2006, Table 6: printed ranks of four classifiers on 14 data sets.
DEMSAR_RANKS = """
    4 3 2 1  1 2 3 4  4 1 2 3  4 1 3 2  4 2 3 1  1 2.5 4 2.5  3 2 4 1
    2.5 2.5 4 1  4 3 2 1  2.5 2.5 2.5 2.5  4 2.5 1 2.5  3 2 4 1  4 1 2 3  3 1 4 2
"""

# 10 differences of 5 x 2 folds whose statistics are exact fractions, see below.
HAND = [0.01, 0.03, 0.02, 0.04, 0.0, 0.05, 0.02, 0.03, 0.01, 0.04]


@pytest.mark.parametrize(
    ("n_folds", "n_repeats", "expected"),
    # 1 / (1 / (k r) + 1 / (k - 1)), by hand: 10 x 10 gives 900 / 109, 5 x 10 gives 100 / 27, ...
    [
        (10, 10, Fraction(900, 109)),
        (10, 5, Fraction(450, 59)),
        (5, 20, Fraction(50, 13)),
        (5, 10, Fraction(100, 27)),
        (5, 2, Fraction(20, 7)),
        (5, 1, Fraction(20, 9)),
    ],
)
def test_effective_folds_of_repeated_folds(n_folds, n_repeats, expected):
    assert effective_folds(n_folds, n_repeats) == pytest.approx(float(expected), abs=1e-12)


def test_effective_folds_of_random_splits_uses_their_own_ratio():
    # 20 splits that test 20 %: 1 / (1/20 + 0.2/0.8) = 1 / 0.3
    assert effective_folds(20, test_to_train=0.25) == pytest.approx(1 / 0.3)


@pytest.mark.parametrize("design", [(1, 5), (0, 5), (5, 0)])
def test_effective_folds_refuses_what_is_no_cross_validation(design):
    with pytest.raises(ValueError, match="must be at least"):
        effective_folds(*design)


def test_corrected_t_reproduces_scikit_learns_example():
    differences = (numbers(RBF) - numbers(LINEAR)) / 25
    result = corrected_t(differences, effective_folds(10, 10))
    # The example prints t = 0.750 and the one-sided p = 0.227; two-sided it is twice that.
    assert result.t == pytest.approx(0.7503126954482333, abs=1e-7)
    assert result.p == pytest.approx(0.45484594202672907, abs=1e-7)
    assert (result.ci_low, result.ci_high) == pytest.approx((-0.016445200, 0.036445200), abs=1e-7)
    chances = posterior(result, 0.01)
    # The example prints 0.432 for "practically equivalent" and 0.068 for "linear is better".
    assert chances.p_practically_equal == pytest.approx(0.4316824582426998, abs=1e-7)
    assert chances.p_worse == pytest.approx(0.0683175417573002, abs=1e-7)
    assert chances.p_better == pytest.approx(0.5, abs=1e-7)
    assert posterior(result, 0.0).p_better == pytest.approx(0.7725770289866339, abs=1e-7)


def test_posterior_reproduces_the_bayesian_correlated_t_test_on_anneal():
    differences = (numbers(AODE) - numbers(NAIVE_BAYES)) / 100_000
    result = corrected_t(differences, effective_folds(10, 10))
    chances = posterior(result, 0.01)
    # Computed by baycomp 1.0.3, two_on_single(runs=10); published: 0.95430, 0.04570, 3.0e-7.
    assert chances.p_better == pytest.approx(0.9542856649905701, abs=1e-8)
    assert chances.p_practically_equal == pytest.approx(0.04571403289892517, abs=1e-8)
    assert chances.p_worse == pytest.approx(3.021105047240624e-07, abs=1e-8)
    assert result.t == pytest.approx(3.5200282809922534, abs=1e-8)
    assert result.p == pytest.approx(0.000653815009796434, abs=1e-8)


def test_corrected_t_by_exact_arithmetic():
    # mean 1/40, variance 1/4000, n_eff 20/7: t squared = (1/1600) / (1/4000) * 20/7 = 50/7
    result = corrected_t(HAND, effective_folds(5, 2))
    assert result.mean == pytest.approx(0.025, abs=1e-12)
    assert result.t**2 == pytest.approx(50 / 7, abs=1e-9)
    assert result.df == 9
    assert result.p == pytest.approx(2 * stats.t.sf((50 / 7) ** 0.5, 9), abs=1e-12)
    half = stats.t.ppf(0.975, 9) * (7 / 80_000) ** 0.5  # 1/4000 * 7/20 = 7/80000
    assert (result.ci_low, result.ci_high) == pytest.approx((0.025 - half, 0.025 + half), abs=1e-12)
    assert posterior(result, 0.01).p_better == pytest.approx(0.9283635850765336, abs=1e-9)


def test_corrected_t_without_correction_is_scipys_paired_test():
    generator = np.random.default_rng(3)
    first, second = generator.normal(size=(2, 25))
    result = corrected_t(first - second, n_eff=25)
    reference = stats.ttest_rel(first, second)
    interval = reference.confidence_interval(0.9)
    assert (result.t, result.p) == pytest.approx((reference.statistic, reference.pvalue))
    narrower = corrected_t(first - second, n_eff=25, confidence=0.9)
    assert (narrower.ci_low, narrower.ci_high) == pytest.approx((interval.low, interval.high))


@pytest.mark.parametrize(
    ("difference", "p", "chances"),
    # Cases of baycomp's tests for zero variance, rope 0.01; (better, practically equal, worse).
    [
        (0.0, 1.0, (0, 1, 0)),
        (0.02, 0.0, (1, 0, 0)),
        (-0.005, 0.0, (0, 1, 0)),
        (0.01, 0.0, (0, 1, 0)),
    ],
)
def test_the_same_difference_in_every_fold_is_no_nan_and_no_warning(difference, p, chances):
    # 0.1 + 0.2 style noise: the two scores differ by rounding, not by value.
    scores = np.array([0.1, 0.2, 0.3, 0.7, 0.6])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = corrected_t((scores + difference) - scores, effective_folds(5, 1))
        probabilities = posterior(result, 0.01)
    assert result.identical
    assert (result.p, result.standard_error) == (p, 0.0)
    assert result.ci_low == result.ci_high == pytest.approx(difference)
    got = (probabilities.p_better, probabilities.p_practically_equal, probabilities.p_worse)
    assert got == chances


@pytest.mark.parametrize("differences", [[], [0.1], [[0.1, 0.2]]])
def test_corrected_t_needs_two_rounds(differences):
    with pytest.raises(ValueError, match="at least 2 differences"):
        corrected_t(differences, 2.0)


def test_corrected_t_refuses_nan():
    with pytest.raises(ValueError, match="finite"):
        corrected_t([0.1, np.nan], 2.0)


def test_posterior_sums_to_one_and_mirrors():
    comparison = CorrectedT(0.03, 0.02, 1.5, 9, 0.2, 0.0, 0.1, identical=False)
    mirrored = CorrectedT(-0.03, 0.02, -1.5, 9, 0.2, -0.1, 0.0, identical=False)
    one, other = posterior(comparison, 0.01), posterior(mirrored, 0.01)
    assert one.p_better + one.p_practically_equal + one.p_worse == pytest.approx(1.0)
    assert (one.p_better, one.p_worse) == pytest.approx((other.p_worse, other.p_better))


def test_holm_by_hand_and_ties():
    # Sorted 0.005*4, 0.01*3, 0.03*2, then not below the one before: 0.02, 0.03, 0.06, 0.06.
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02], abs=1e-12)
    assert holm([0.02, 0.02, 0.5]) == pytest.approx([0.06, 0.06, 0.5], abs=1e-12)
    assert holm([]).shape == (0,)


def test_holm_agrees_with_statsmodels():
    generator = np.random.default_rng(0)
    for size in (1, 2, 10, 45):
        p = generator.random(size) ** 3
        assert holm(p) == pytest.approx(multipletests(p, method="holm")[1], abs=1e-12)


@pytest.mark.parametrize(
    ("text", "n_candidates", "statistic", "p"),
    # F of Iman and Davenport with ties, from the tie-corrected chi square of
    # scipy.stats.friedmanchisquare: F = (J - 1) chi2 / (J (K - 1) - chi2).
    [
        (GARCIA_HERRERA, 5, 14.45261040811193, 1.322727137502752e-09),
        (ROUNDING_TIMES, 3, 7.121739130434792, 0.0021712983876075115),
        (DEMSAR_RANKS, 4, 4.185130111524169, 0.011620659515310975),
    ],
)
def test_rank_omnibus_uncorrected_is_iman_davenport(text, n_candidates, statistic, p):
    scores = numbers(text).reshape(-1, n_candidates)
    result = rank_omnibus(scores, n_eff=len(scores))
    assert result.statistic == pytest.approx(statistic, abs=1e-6)
    assert result.p == pytest.approx(p, rel=1e-6)
    chi2 = stats.friedmanchisquare(*scores.T).statistic
    n_rounds = len(scores)
    by_scipy = (n_rounds - 1) * chi2 / (n_rounds * (n_candidates - 1) - chi2)
    assert result.statistic == pytest.approx(by_scipy, rel=1e-9)


def _correlated_scores(seed, n_rounds, n_candidates):
    generator = np.random.default_rng(seed)
    mixing = generator.normal(size=(n_candidates, n_candidates))
    return generator.normal(size=(n_rounds, n_candidates)) @ mixing + np.arange(n_candidates) / 3


def test_omnibus_uncorrected_is_repeated_measures_anova():
    pandas = pytest.importorskip("pandas")
    scores = _correlated_scores(1, 20, 4)
    frame = pandas.DataFrame(
        [(r, c, scores[r, c]) for r in range(20) for c in range(4)], columns=["round", "c", "score"]
    )
    reference = AnovaRM(frame, "score", "round", within=["c"]).fit().anova_table.iloc[0]
    result = corrected_omnibus(scores, n_eff=20)
    assert result.statistic == pytest.approx(reference["F Value"], rel=1e-9)
    # With the epsilon taken out again the degrees of freedom are those of the table: 3 and 57.
    assert result.df_between / result.epsilon == pytest.approx(reference["Num DF"])
    assert result.df_residual / result.epsilon == pytest.approx(reference["Den DF"])


def test_greenhouse_geisser_epsilon_from_eigenvalues():
    # By definition: with the eigenvalues l of an orthonormal contrast's covariance,
    # epsilon = (sum l)^2 / ((K - 1) sum l^2).
    scores = _correlated_scores(2, 30, 4)
    contrast = np.linalg.qr(np.c_[np.ones(4), np.eye(4)[:, :3]])[0][:, 1:]
    values = np.linalg.eigvalsh(contrast.T @ np.cov(scores, rowvar=False) @ contrast)
    expected = values.sum() ** 2 / (3 * (values**2).sum())
    result = corrected_omnibus(scores, n_eff=5.0)
    assert result.epsilon == pytest.approx(expected, rel=1e-9)
    assert result.p == pytest.approx(
        stats.f.sf(result.statistic, result.df_between, result.df_residual), rel=1e-9
    )


def test_omnibus_of_two_candidates_is_the_corrected_t_squared():
    scores = np.c_[np.array(HAND), np.zeros(10)]
    n_eff = effective_folds(5, 2)
    result, pair = corrected_omnibus(scores, n_eff), corrected_t(HAND, n_eff)
    assert result.statistic == pytest.approx(50 / 7, abs=1e-9)
    assert result.p == pytest.approx(pair.p, abs=1e-12)


@pytest.mark.parametrize("test", [corrected_omnibus, rank_omnibus])
def test_omnibus_of_degenerate_tables(test):
    rounds = np.linspace(0.5, 0.9, 10)[:, None]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert test(np.full((10, 3), 0.7), 3.0).p == 1.0
        assert test(np.tile(rounds, (1, 3)), 3.0).p == 1.0
        shifted = test(rounds + np.array([0.0, 0.01, 0.02]), 3.0)
    assert (shifted.p, shifted.statistic) == (0.0, np.inf)


@pytest.mark.parametrize("test", [corrected_omnibus, rank_omnibus])
def test_omnibus_refuses_too_little_and_nan(test):
    with pytest.raises(ValueError, match="2 rounds and 2 candidates"):
        test(np.ones((5, 1)), 3.0)
    with pytest.raises(ValueError, match="finite"):
        test(np.array([[0.1, np.nan], [0.2, 0.3]]), 3.0)
