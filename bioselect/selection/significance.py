"""Is a difference between candidates real, given that their test rounds share images.

The scores of repeated cross-validation come from one data set: training sets overlap and test
sets return in every repeat. Ordinary tests take such scores for a sample and call candidates of
the same worth different in half of all cases. Every function here therefore takes `n_eff`, the
number of independent rounds that the scores are worth (:func:`effective_folds`).

References
----------
C. Nadeau, Y. Bengio. Inference for the generalization error. Machine Learning 52, 2003.
R. Bouckaert, E. Frank. Evaluating the replicability of significance tests. PAKDD 2004.
G. Corani, A. Benavoli. A Bayesian approach for comparing cross-validated algorithms on multiple
data sets. Machine Learning 100, 2015.
S. Holm. A simple sequentially rejective multiple test procedure. Scand. J. Statistics 6, 1979.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

#: Scores are compared after rounding to this many decimals: two candidates with the same
#: predictions must have a difference of exactly zero, whatever the order of a sum.
DECIMALS = 12


@dataclass(frozen=True)
class CorrectedT:
    """A corrected comparison of two candidates over the same test rounds.

    Attributes
    ----------
    mean : float
        Mean of the differences.
    standard_error : float
        Standard deviation of the differences over the root of `n_eff`.
    t : float
        `mean / standard_error`; infinite when every difference is the same and not zero.
    df : float
        Degrees of freedom: the number of rounds, or of groups, less one.
    p : float
        Two-sided p-value, in [0, 1], never NaN.
    ci_low, ci_high : float
        Interval of the mean difference.
    identical : bool
        Every round, or group, gave the same difference, so there is no spread to test against.
    """

    mean: float
    standard_error: float
    t: float
    df: float
    p: float
    ci_low: float
    ci_high: float
    identical: bool


@dataclass(frozen=True)
class Posterior:
    """How probable it is that the first candidate is better, practically as good, or worse."""

    p_better: float
    p_practically_equal: float
    p_worse: float


@dataclass(frozen=True)
class Omnibus:
    """A corrected test of "these candidates do not all perform alike".

    `epsilon` is the Greenhouse-Geisser factor that both degrees of freedom hold already.
    """

    statistic: float
    df_between: float
    df_residual: float
    p: float
    epsilon: float


def effective_folds(n_folds: int, n_repeats: int = 1, test_to_train: float | None = None) -> float:
    """Return how many independent test rounds a design is worth.

    This is a heuristic: it assumes that the scores of two rounds correlate as the share of
    images tested in a round.

    Parameters
    ----------
    n_folds, n_repeats : int
        Rounds in a repeat, repeats; for repeated random splits, the number of splits and 1.
    test_to_train : float, optional
        Images tested over images trained on in one round; `1 / (n_folds - 1)` by default, which
        is that of k-fold cross-validation.

    Returns
    -------
    float
        `1 / (1 / n_rounds + test_to_train)`.

    Raises
    ------
    ValueError
        If there is no round, or one fold only and no `test_to_train`.

    Examples
    --------
    >>> round(effective_folds(5, 10), 2)
    3.7
    >>> round(effective_folds(20, test_to_train=0.25), 2)  # 20 splits that test 20 %
    3.33
    """
    n_rounds = n_folds * n_repeats
    if n_rounds < 1:
        raise ValueError(f"the number of test rounds must be at least 1. Got {n_rounds}.")
    if test_to_train is None:
        if n_folds < 2:
            raise ValueError(f"n_folds must be at least 2. Got {n_folds}.")
        test_to_train = 1.0 / (n_folds - 1)
    return 1.0 / (1.0 / n_rounds + test_to_train)


def corrected_t(
    differences: np.ndarray | Sequence[float], n_eff: float, confidence: float = 0.95
) -> CorrectedT:
    """Compare two candidates by the corrected resampled t-test, two-sided.

    Parameters
    ----------
    differences : array of shape (n_rounds,)
        Score of the first candidate less that of the second, round by round. At least 2.
    n_eff : float
        Independent rounds they are worth, from :func:`effective_folds`.
    confidence : float
        Confidence of the interval, in (0, 1).

    Returns
    -------
    CorrectedT
        Where all differences are alike, p is 1 when they are zero and 0 otherwise, and
        `identical` is true.

    Raises
    ------
    ValueError
        If there are fewer than 2 differences, or one is not finite.

    Examples
    --------
    >>> result = corrected_t([0.01, 0.03, 0.02, 0.04, 0.0], effective_folds(5, 1))
    >>> round(result.t, 3), round(result.p, 3)
    (1.886, 0.132)
    """
    values = np.round(np.asarray(differences, dtype=np.float64), DECIMALS)
    if values.ndim != 1 or len(values) < 2:
        raise ValueError(f"at least 2 differences are needed. Got shape {values.shape}.")
    if not np.isfinite(values).all():
        raise ValueError("every difference must be finite. Leave failed candidates out first.")
    df = len(values) - 1
    if (values == values[0]).all():
        return student_t(float(values[0]), 0.0, df, confidence)
    error = float(values.std(ddof=1)) / math.sqrt(n_eff)
    return student_t(float(values.mean()), error, df, confidence)


def student_t(mean: float, error: float, df: float, confidence: float = 0.95) -> CorrectedT:
    """Compare a mean difference with its standard error, two-sided.

    Parameters
    ----------
    mean, error : float
        The difference and its standard error, at least 0. Where that is 0, p is 1 for no difference
        and 0 for any other, and `identical` is true.
    df, confidence : float
        Degrees of freedom of the error, above 0; confidence of the interval, in (0, 1).

    Examples
    --------
    >>> result = student_t(0.02, 0.01, df=9)
    >>> round(result.t, 3), round(result.p, 3)
    (2.0, 0.077)
    """
    from scipy.special import stdtr, stdtrit

    mean += 0.0
    if error == 0:
        t = 0.0 if mean == 0 else math.copysign(math.inf, mean)
        p = 1.0 if mean == 0 else 0.0
        return CorrectedT(mean, 0.0, t, df, p, mean, mean, identical=True)
    t = mean / error
    half = float(stdtrit(df, 0.5 + confidence / 2)) * error
    p = min(1.0, 2.0 * float(stdtr(df, -abs(t))))
    return CorrectedT(mean, error, t, df, p, mean - half, mean + half, identical=False)


def posterior(comparison: CorrectedT, rope: float) -> Posterior:
    """Return the three probabilities of the Bayesian correlated t-test.

    The difference is taken to follow Student's t around the mean seen, with the corrected
    standard error (a flat prior).

    Parameters
    ----------
    comparison : CorrectedT
        The comparison of the first candidate with the second; positive means better.
    rope : float
        Differences of at most this size are of no practical importance (region of practical
        equivalence), in units of the metric, at least 0.

    Examples
    --------
    >>> posterior(corrected_t([0.02] * 10, 3.0), rope=0.01)
    Posterior(p_better=1.0, p_practically_equal=0.0, p_worse=0.0)
    """
    from scipy.special import stdtr

    if comparison.standard_error == 0:
        better = float(comparison.mean > rope)
        worse = float(comparison.mean < -rope)
        return Posterior(better, 1.0 - better - worse, worse)
    df, error = comparison.df, comparison.standard_error
    better = float(stdtr(df, (comparison.mean - rope) / error))
    worse = float(stdtr(df, (-rope - comparison.mean) / error))
    return Posterior(better, max(0.0, 1.0 - better - worse), worse)


def holm(p_values: np.ndarray | Sequence[float]) -> np.ndarray:
    """Adjust the p-values of one family by Holm's step-down procedure.

    Parameters
    ----------
    p_values : array of shape (n_tests,)
        In [0, 1]; may be empty.

    Returns
    -------
    np.ndarray of shape (n_tests,)
        Adjusted p-values in the same order, at most 1.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03, 0.005]).round(4).tolist()
    [0.03, 0.06, 0.06, 0.02]
    """
    p = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate((len(p) - np.arange(len(p))) * p[order])
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted


def corrected_omnibus(scores: np.ndarray, n_eff: float) -> Omnibus:
    """Test whether any of several candidates differs, on their scores.

    The F of a repeated-measures analysis of variance, divided by `n_rounds / n_eff`, with
    degrees of freedom after Greenhouse and Geisser. For two candidates it is the square of the
    corrected t. The division is bioselect's extension of the pairwise correction, checked by
    simulation.

    Parameters
    ----------
    scores : array of shape (n_rounds, n_candidates)
        At least 2 of each, finite.
    n_eff : float
        Independent rounds they are worth, from :func:`effective_folds`.

    Returns
    -------
    Omnibus
        p is 1 when all scores of every round are alike, and 0 when the candidates differ by the
        same amounts in every round.

    Examples
    --------
    >>> corrected_omnibus(np.ones((10, 3)), 2.9).p
    1.0
    """
    table = _checked_table(scores)
    epsilon = greenhouse_geisser(without_margins(np.cov(table, rowvar=False)))
    return _corrected_f(table, n_eff, epsilon)


def greenhouse_geisser(covariance: np.ndarray) -> float:
    """Return the factor of both degrees of freedom, from a covariance without its margins."""
    squares, df = float(np.sum(covariance * covariance)), len(covariance) - 1
    if squares <= 0:
        return 1.0
    return min(1.0, max(float(np.trace(covariance)) ** 2 / (df * squares), 1.0 / df))


def rank_omnibus(scores: np.ndarray, n_eff: float) -> Omnibus:
    """Test whether any of several candidates differs, on their ranks in each round.

    The statistic of Iman and Davenport (exact with ties), divided by `n_rounds / n_eff`. It is
    the line of robustness beside :func:`corrected_omnibus`.

    Parameters
    ----------
    scores, n_eff
        As in :func:`corrected_omnibus`.

    Examples
    --------
    >>> scores = np.array([[0.8, 0.7, 0.6], [0.9, 0.7, 0.8], [0.7, 0.8, 0.6]])
    >>> round(rank_omnibus(scores, n_eff=3).statistic, 3)  # uncorrected: F of Iman-Davenport
    1.6
    """
    from scipy.stats import rankdata

    return _corrected_f(rankdata(_checked_table(scores), axis=1), n_eff, 1.0)


def _checked_table(scores: np.ndarray) -> np.ndarray:
    table = np.round(np.asarray(scores, dtype=np.float64), DECIMALS)
    if table.ndim != 2 or min(table.shape) < 2:
        raise ValueError(f"scores must hold 2 rounds and 2 candidates. Got shape {table.shape}.")
    if not np.isfinite(table).all():
        raise ValueError("every score must be finite. Leave failed candidates out first.")
    return table


def without_margins(table: np.ndarray) -> np.ndarray:
    """Take row and column means out of a table, so that only the interaction is left."""
    rows = table.mean(axis=1, keepdims=True)
    centred: np.ndarray = table - table.mean(axis=0) - rows + table.mean()
    return centred


def _corrected_f(table: np.ndarray, n_eff: float, epsilon: float) -> Omnibus:
    from scipy.special import fdtrc

    n_rounds, n_candidates = table.shape
    df_between = epsilon * (n_candidates - 1)
    df_residual = df_between * (n_rounds - 1)
    between = n_rounds * float(np.sum((table.mean(axis=0) - table.mean()) ** 2))
    residual = float(np.sum(without_margins(table) ** 2))
    # Sums of squares of this size are what is left of zero after rounding.
    nothing = 1e-20 * max(1.0, float(np.sum(table * table)))
    if between <= nothing:
        return Omnibus(0.0, df_between, df_residual, 1.0, epsilon)
    if residual <= nothing:
        return Omnibus(math.inf, df_between, df_residual, 0.0, epsilon)
    ratio = between * (n_rounds - 1) / residual
    statistic = ratio * n_eff / n_rounds
    p = float(fdtrc(df_between, df_residual, statistic))
    return Omnibus(statistic, df_between, df_residual, p, epsilon)
