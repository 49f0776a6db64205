"""Published statistics, reproduced by the functions that a study itself uses.

The values lie beside this file, each with its source. Some of the expected numbers belong to tests
that a study must not print, because the folds of one data set are not independent: their
statistics are described in the appendix, their p-values are nowhere. These numbers are named in
`NOT_PRINTED`; those that follow from a statistic of ours are derived from it here.
"""

import json
import math
import warnings
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from bioselect.selection.descriptive import (
    cochrans_q,
    critical_difference,
    dunn_quantile,
    friedman_chi_square,
    iman_davenport_f,
    kendalls_w,
    nemenyi_quantile,
    quade_f,
    ranks_of,
    tibshirani_bias,
    wilcoxon_v,
)
from bioselect.selection.honest import choose_and_score
from bioselect.selection.resampled_scores import CorrectnessScorer
from bioselect.selection.significance import (
    corrected_t,
    effective_folds,
    holm,
    posterior,
    rank_omnibus,
)

HERE = Path(__file__).resolve()
VECTORS = json.loads(HERE.with_name("stat_vectors.json").read_text(encoding="utf-8"))["vectors"]
#: Where the collection lies that these were copied from, if it is there.
COLLECTION = HERE.parents[3] / "shared" / "stat_vectors.json"


def of_ranks(ranks):
    """All that is said of ranks; p-values follow from the statistics."""
    n_rounds, n_candidates = ranks.shape
    chi2, ratio = friedman_chi_square(ranks), iman_davenport_f(ranks)
    omnibus = rank_omnibus(-ranks, n_eff=n_rounds)
    assert omnibus.statistic == pytest.approx(ratio, rel=1e-12)
    return {
        "mean_ranks": ranks.mean(axis=0),
        "chi2": chi2,
        "p_chi2": stats.chi2.sf(chi2, n_candidates - 1),
        "F_ID": ratio,
        "p_ID": omnibus.p,
        "df": [omnibus.df_between, omnibus.df_residual],
        "kendall_W": kendalls_w(ranks),
    }


def of_ranks_given(given):
    return of_ranks(np.array(given["ranks"], dtype=float))


def of_scores(given):
    return of_ranks(ranks_of(np.array(given["scores"]), not given["higher_is_better"]))


def quantiles(given):
    return {
        f"q_{name}": [nemenyi_quantile(k, alpha) for k in given["k"]]
        for name, alpha in (("005", 0.05), ("010", 0.1))
    }


def critical_differences(given):
    k, n_rounds = given["k"], given["N"]
    return {
        "cd_nemenyi_005": critical_difference(nemenyi_quantile(k, 0.05), k, n_rounds),
        "cd_nemenyi_010": critical_difference(nemenyi_quantile(k, 0.1), k, n_rounds),
        "cd_bonferroni_dunn_005": critical_difference(dunn_quantile(k, 0.05), k, n_rounds),
        "se": critical_difference(1.0, k, n_rounds),
    }


def nemenyi(given):
    ranks, n_rounds = np.array(given["mean_ranks"]), given["N"]
    k = len(ranks)
    first, second = np.array(given["pairs"]).T
    distances = np.abs(ranks[first] - ranks[second])
    limit = critical_difference(nemenyi_quantile(k, 0.05), k, n_rounds)
    unit = critical_difference(1.0, k, n_rounds)
    return {
        "cd_005": limit,
        "cd_010": critical_difference(nemenyi_quantile(k, 0.1), k, n_rounds),
        "different_at_005": distances > limit,
        "p_nemenyi": stats.studentized_range.sf(distances / unit * math.sqrt(2), k, np.inf),
    }


def wilcoxon(given):
    differences = np.array(given["x"]) - np.array(given["y"])
    positive = wilcoxon_v(differences)
    return {"V": positive, "W_min": min(positive, wilcoxon_v(-differences))}


def mcnemar(given):
    (both, first), (second, neither) = given["table"]
    pairs = [[1, 1]] * both + [[1, 0]] * first + [[0, 1]] * second + [[0, 0]] * neither
    chi2 = cochrans_q(np.array(pairs))
    return {"chi2": chi2, "p": stats.chi2.sf(chi2, 1)}


def compared(given):
    differences = np.array(given["differences"]) if "differences" in given else None
    if differences is None:
        differences = np.array(given["scores_a"]) - np.array(given["scores_b"])
    n_folds, n_repeats = given["n_folds"], given["n_repeats"]
    n_eff = effective_folds(n_folds, n_repeats)
    result, plain = corrected_t(differences, n_eff), corrected_t(differences, len(differences))
    half = corrected_t(differences, n_eff, confidence=0.5)
    chances = posterior(result, given["rope"])
    return {
        "n_eff": n_eff,
        "mean": result.mean,
        "variance": result.standard_error**2 * n_eff,
        "t": result.t,
        "t_corrected": result.t,
        "t_squared_exact": result.t**2,
        "df": result.df,
        "p_two_sided": result.p,
        # The statistic without the correction, which a study does not print.
        "t_naive": plain.t,
        "p_naive_two_sided": plain.p,
        "p_first_better": chances.p_better,
        "p_equivalent": chances.p_practically_equal,
        "p_second_better": chances.p_worse,
        "p_first_better_no_rope": posterior(result, 0.0).p_better,
        "credible_interval_95": [result.ci_low, result.ci_high],
        "credible_interval_50": [half.ci_low, half.ci_high],
    }


def degenerate(given):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return {"cases": [compared({**given, **case}) for case in given["cases"]]}


def adjusted(given):
    return {"p_holm": holm(given["p"]), "p_holm_ties": holm(given["p_with_ties"])}


def bootstrapped(given):
    correct = np.array(given["correct"], dtype=float)
    drawn = np.array(given["bootstrap_indices"])
    counts = np.stack([np.bincount(row, minlength=len(correct)) for row in drawn]).astype(float)
    scorer = CorrectnessScorer(correct, 1, np.zeros(len(correct), dtype=int), by_class=False)
    chosen, scores = choose_and_score(scorer, counts, lower_is_better=False)
    everything = scorer.score_all(np.ones((1, len(correct))))[0]
    return {
        "selected": chosen,
        "oob_score": scores,
        "bbc_estimate": scores.mean(),
        "naive_best_index": everything.argmax(),
        "naive_best_score": everything.max(),
    }


def tibshirani(given):
    scores = np.array(given["fold_scores"])
    winner = int(scores.mean(axis=0).argmax())
    bias, naive = tibshirani_bias(scores, winner), scores[:, winner].mean()
    return {"winner": winner, "naive": naive, "bias": bias, "corrected": naive - bias}


def cochran(given):
    is_right = np.array(given["correct"])
    statistic, df = cochrans_q(is_right), is_right.shape[1] - 1
    return {"Q": statistic, "df": df, "p": stats.chi2.sf(statistic, df)}


def quade(given):
    scores = np.array(given["scores"], dtype=float)
    statistic = quade_f(scores)
    df = [scores.shape[1] - 1, (len(scores) - 1) * (scores.shape[1] - 1)]
    return {"F": statistic, "df": df, "p": stats.f.sf(statistic, *df)}


COMPUTED = {
    "demsar2006_table6_friedman_from_printed_ranks": of_ranks_given,
    "demsar2006_table5a_nemenyi_q": quantiles,
    "demsar2006_critical_differences": critical_differences,
    "garcia_herrera2008_friedman_iman_davenport": of_scores,
    "garcia_herrera2008_nemenyi": nemenyi,
    "hollander_wolfe_rounding_times_friedman_ties": of_scores,
    "hollander_wolfe_depression_wilcoxon": wilcoxon,
    "agresti_approval_mcnemar": mcnemar,
    "sklearn_grid_search_stats_rbf_vs_linear": compared,
    "corani_benavoli_anneal_aode_vs_nbc": compared,
    "corrected_t_hand_example_5x2": compared,
    "corrected_t_degenerate": degenerate,
    "holm_small": adjusted,
    "bbc_cv_explicit_bootstrap": bootstrapped,
    "tibshirani_tibshirani_bias": tibshirani,
    "cochran_q_small": cochran,
    "quade_hand_lotion": quade,
}

#: What the package has no function for, and why.
NOT_PRINTED = {
    # Papers of the time left ties out of account; a study counts them.
    "chi2_no_tie_correction",
    "F_ID_no_tie_correction",
    "p_ID_no_tie_correction",
    "p_chi2_no_tie_correction",
    # Wilcoxon's test and McNemar's take folds or images of one data set for a sample.
    "p_two_sided_exact",
    "p_one_sided_exact",
    "chi2_corrected",
    "p_corrected",
    "p_exact",
    # One-sided, with the side chosen after looking.
    "p_one_sided",
}


def assert_same(got, expected, tolerance):
    if isinstance(expected, list) and expected and isinstance(expected[0], dict):
        for one, other in zip(got, expected, strict=True):
            for name, value in other.items():
                assert_same(one[name], value, tolerance)
        return
    if isinstance(expected, str):
        numerator, denominator = expected.split("/")
        expected = int(numerator) / int(denominator)
    np.testing.assert_allclose(got, expected, rtol=0, atol=tolerance)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_published_values(vector):
    computed = COMPUTED[vector["name"]](vector["input"])
    expected = {k: v for k, v in vector["expected"].items() if k not in NOT_PRINTED}
    assert expected, "nothing would be compared"
    assert expected.keys() <= computed.keys()
    for name, value in expected.items():
        assert_same(computed[name], value, vector["tolerance"])


def test_no_vector_is_left_out():
    assert [vector["name"] for vector in VECTORS] == list(COMPUTED)
    assert len(COMPUTED) == 17
    assert all(vector["source"] for vector in VECTORS)


@pytest.mark.skipif(not COLLECTION.is_file(), reason="the collection is not beside the repository")
def test_the_copies_are_those_of_the_collection():
    originals = json.loads(COLLECTION.read_text(encoding="utf-8"))["vectors"]
    for original, copy in zip(originals, VECTORS, strict=True):
        assert {name: original[name] for name in copy} == copy
