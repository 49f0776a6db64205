"""Statistics that describe the scores of a study and decide nothing.

They belong to tests that take the rounds for independent ones, which the folds of one data set are
not: as tests they call candidates of the same worth different in most studies. So there are no
p-values here, and no threshold is compared with anything. The values are for readers who expect
them and for pictures.

`scores` and `ranks` are float64 ``(n_rounds, n_candidates)``; rank 1 is the best.

References
----------
J. Demsar. Statistical comparisons of classifiers over multiple data sets. JMLR 7, 2006.
D. Sheskin. Handbook of parametric and nonparametric statistical procedures. 2007.
D. Quade. Using weighted rankings in the analysis of complete blocks. JASA 74, 1979.
R. J. Tibshirani, R. Tibshirani. A bias correction for the minimum error rate in cross-validation.
Annals of Applied Statistics 3, 2009.
"""

from __future__ import annotations

import math

import numpy as np

from bioselect.selection.significance import DECIMALS


def ranks_of(scores: np.ndarray, lower_is_better: bool = False) -> np.ndarray:
    """Return the rank of each candidate in each round; equal scores share the mean of theirs.

    Examples
    --------
    >>> ranks_of(np.array([[0.8, 0.9, 0.8]])).tolist()
    [[2.5, 1.0, 2.5]]
    """
    from scipy.stats import rankdata

    rounded = np.round(scores, DECIMALS)
    ranks: np.ndarray = rankdata(rounded if lower_is_better else -rounded, axis=1)
    return ranks


def friedman_chi_square(ranks: np.ndarray) -> float | None:
    """Return Friedman's chi-square, corrected for ties; None if all are tied in every round."""
    middle = (ranks.shape[1] + 1) / 2.0
    within = float(np.sum((ranks - middle) ** 2)) / len(ranks)
    between = len(ranks) * float(np.sum((ranks.mean(axis=0) - middle) ** 2))
    return None if within == 0 else (ranks.shape[1] - 1) * between / within


def kendalls_w(ranks: np.ndarray) -> float | None:
    """Return Kendall's coefficient of concordance of the rounds, 0 to 1."""
    chi_square = friedman_chi_square(ranks)
    return None if chi_square is None else chi_square / (len(ranks) * (ranks.shape[1] - 1))


def iman_davenport_f(ranks: np.ndarray) -> float | None:
    """Return the F of Iman and Davenport, as if rounds were independent; None if all agree."""
    concordance = kendalls_w(ranks)
    if concordance is None or concordance >= 1.0:
        return None
    return (len(ranks) - 1) * concordance / (1.0 - concordance)


def quade_f(scores: np.ndarray, lower_is_better: bool = False) -> float | None:
    """Return Quade's F: as Friedman's, with rounds in which candidates differ more counting more.

    None if all candidates score the same in every round, or the ranks agree completely.
    """
    from scipy.stats import rankdata

    n_rounds, n_candidates = scores.shape
    ranks = ranks_of(scores, lower_is_better)
    weights = rankdata(np.round(np.ptp(scores, axis=1), DECIMALS))
    weighted = weights[:, None] * (ranks - (n_candidates + 1) / 2.0)
    total = float(np.sum(weighted**2))
    between = float(np.sum(weighted.sum(axis=0) ** 2)) / n_rounds
    residual = total - between
    return None if residual <= 1e-12 * total else (n_rounds - 1) * between / residual


def eta_squared(scores: np.ndarray) -> float | None:
    """Return the share of all variation of the scores that lies between the candidates."""
    total = float(np.sum((scores - scores.mean()) ** 2))
    between = len(scores) * float(np.sum((scores.mean(axis=0) - scores.mean()) ** 2))
    return None if total <= 10.0**-DECIMALS else between / total


def cohens_dz(differences: np.ndarray) -> float | None:
    """Return mean over standard deviation of paired differences; None if they are all equal.

    Examples
    --------
    >>> round(cohens_dz(np.array([0.01, 0.03])), 3)
    1.414
    """
    rounded = np.round(differences, DECIMALS)
    if len(rounded) < 2 or (rounded == rounded[0]).all():
        return None
    return float(rounded.mean() / rounded.std(ddof=1))


def wilcoxon_v(differences: np.ndarray) -> float:
    """Return the sum of the ranks of the positive differences; zeros are left out.

    Examples
    --------
    >>> wilcoxon_v(np.array([0.03, -0.01, 0.02, 0.0]))
    5.0
    """
    from scipy.stats import rankdata

    kept = np.round(differences, DECIMALS)
    kept = kept[kept != 0]
    return float(rankdata(np.abs(kept))[kept > 0].sum())


def shapiro_wilk_w(values: np.ndarray) -> float | None:
    """Return the W of Shapiro and Wilk; None for fewer than 3 values or where all are equal."""
    from scipy.stats import shapiro

    rounded = np.round(values, DECIMALS)
    if len(rounded) < 3 or np.ptp(rounded) == 0:
        return None
    return float(shapiro(rounded).statistic)


def levene_w(scores: np.ndarray) -> float | None:
    """Return Levene's W around the medians (Brown and Forsythe); None where nothing varies."""
    from scipy.stats import levene

    rounded = np.round(scores, DECIMALS)
    if np.ptp(rounded - np.median(rounded, axis=0)) == 0:
        return None
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = float(levene(*rounded.T, center="median").statistic)
    return statistic if math.isfinite(statistic) else None


def cochrans_q(is_right: np.ndarray) -> float | None:
    """Return Cochran's Q of candidates that were right (1) or wrong (0) on the same images.

    For two candidates it is McNemar's chi-square without continuity correction. None if all
    candidates are right and wrong on the same images.

    Parameters
    ----------
    is_right : np.ndarray
        ``(n_images, n_candidates)``.
    """
    n_candidates = is_right.shape[1]
    by_image, by_candidate = is_right.sum(axis=1), is_right.sum(axis=0)
    spread = float(np.sum(by_image * (n_candidates - by_image)))
    if spread == 0:
        return None
    between = float(np.sum((by_candidate - by_candidate.mean()) ** 2))
    return float(n_candidates * (n_candidates - 1) * between / spread)


def tibshirani_bias(scores: np.ndarray, winner: int, lower_is_better: bool = False) -> float:
    """Return by how much the best of each round beats the winner there, on average.

    It is what Tibshirani and Tibshirani take off the winner's score; with several folds that is
    too much, which is why the expected score of a study is computed otherwise.
    """
    best = scores.min(axis=1) if lower_is_better else scores.max(axis=1)
    return float(np.mean(np.abs(best - scores[:, winner])))


def nemenyi_quantile(n_candidates: int, alpha: float) -> float:
    """Return the q of Nemenyi's test: of the studentized range, over the root of 2.

    Examples
    --------
    >>> round(nemenyi_quantile(2, 0.05), 3)
    1.96
    """
    from scipy.stats import studentized_range

    return float(studentized_range.ppf(1.0 - alpha, n_candidates, np.inf)) / math.sqrt(2.0)


def dunn_quantile(n_candidates: int, alpha: float) -> float:
    """Return the quantile of Bonferroni and Dunn, for comparisons of all with one."""
    from scipy.special import ndtri

    return float(ndtri(1.0 - alpha / (2.0 * (n_candidates - 1))))


def critical_difference(quantile: float, n_candidates: int, n_rounds: float) -> float:
    """Return the difference of mean ranks that a quantile stands for.

    Parameters
    ----------
    quantile : float
        From :func:`nemenyi_quantile` or :func:`dunn_quantile`.
    n_candidates : int
        At least 2.
    n_rounds : float
        Independent rounds; of cross-validation what the folds are worth
        (:func:`bioselect.selection.significance.effective_folds`).

    Examples
    --------
    >>> round(critical_difference(nemenyi_quantile(4, 0.05), 4, 14), 2)
    1.25
    """
    return quantile * math.sqrt(n_candidates * (n_candidates + 1) / (6.0 * n_rounds))
