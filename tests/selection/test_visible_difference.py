"""The difference that is normally seen: the arithmetic of the planning table, and simulation."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from bioselect.selection.families import ScoreTable
from bioselect.selection.outcome import Context, Entrant
from bioselect.selection.significance import posterior
from bioselect.selection.visible_difference import visible_difference

CONTEXT = Context((("a", 80), ("b", 20)), n_folds=5, n_repeats=10, seed=0)


def table_of(differences, context=CONTEXT):
    """Return the table of a best candidate and its rivals, who lag by these amounts per round."""
    rows = np.vstack([np.full((1, np.shape(differences)[1]), 0.9), 0.9 - np.array(differences)])
    entrants = tuple(Entrant(f"e{place}", "x") for place in range(len(rows)))
    return ScoreTable(entrants, rows, False, context)


def spread(n_rounds, deviation, seed=0):
    """Return differences with exactly this standard deviation."""
    values = np.random.default_rng(seed).normal(size=n_rounds)
    return deviation * (values - values.mean()) / values.std(ddof=1)


@pytest.mark.parametrize(
    ("n_images", "n_repeats", "points"),
    # The two disagree on 15 % of the images, so that the variance of a round is 0.15 x 5 / n. The
    # planning table says 18, 6 and 2 points, for a test without a ROPE; with one of 1 point, by
    # hand: 1 + (1.984 + 0.845) x 6.24, 1 + (2.010 + 0.849) x 2.01 and 1 + (2.064 + 0.857) x 0.66.
    [(50, 20, 18.7), (500, 10, 6.8), (5000, 5, 2.9)],
)
def test_the_planning_table(n_images, n_repeats, points):
    context = Context((("a", n_images),), 5, n_repeats, seed=0)
    differences = spread(5 * n_repeats, math.sqrt(0.15 * 5 / n_images))
    found = visible_difference(table_of([differences], context), [0, 1])
    assert 100 * found == pytest.approx(points, abs=0.1)


def test_it_is_the_limit_of_clearly_behind_and_what_chance_takes():
    found = visible_difference(table_of([spread(50, 0.05)]), [0, 1])
    # n_eff = 1 / (1 / 50 + 1 / 4) = 1 / 0.27
    error = 0.05 * math.sqrt(0.27)
    limit = found - stats.t.ppf(0.8, 49) * error
    for lead, called in ((limit + 1e-6, True), (limit - 1e-6, False)):
        table = table_of([lead + spread(50, 0.05)])
        assert (posterior(table.compare(0, 1), 0.01).p_better >= 0.975) is called


def test_a_true_difference_of_that_size_is_called_in_four_of_five_studies():
    # Rounds that correlate as the correction assumes, by the share of images tested: 1 / 5.
    random = np.random.default_rng(1)
    found = visible_difference(table_of([spread(50, 0.05)]), [0, 1])
    called = 0
    for _ in range(2000):
        shared = math.sqrt(0.2) * random.normal()
        own = math.sqrt(0.8) * random.normal(size=50)
        # What differs inside a study has the standard deviation 0.05, as above.
        differences = found + 0.05 / math.sqrt(0.8) * (shared + own)
        comparison = table_of([differences]).compare(0, 1)
        called += posterior(comparison, 0.01).p_better >= 0.975
    assert called / 2000 == pytest.approx(0.8, abs=0.03)


def test_of_many_rivals_the_one_in_the_middle_counts():
    rivals = [spread(50, deviation) for deviation in (0.01, 0.04, 0.2)]
    alone = visible_difference(table_of(rivals[1:2]), [0, 1])
    assert visible_difference(table_of(rivals), [0, 1, 2, 3]) == pytest.approx(alone)


def test_among_many_comparisons_more_is_needed():
    table = table_of([spread(50, 0.05)])
    error = 0.05 * math.sqrt(0.27)
    # Bonferroni's quantile, the first step of Holm, two-sided: 1 - 0.05 / 20 = 0.9975
    more = (stats.t.ppf(0.9975, 49) - stats.t.ppf(0.975, 49)) * error
    seen = [visible_difference(table, [0, 1], n_compared) for n_compared in (1, 10)]
    assert seen[1] - seen[0] == pytest.approx(more)


def test_nothing_is_said_where_nothing_can_be_said():
    differences = [spread(50, 0.05), np.full(50, 0.02)]
    table = table_of(differences)
    assert visible_difference(table, [0]) is None
    assert visible_difference(table, [0, 2]) is None
    exploratory = table_of(differences, replace(CONTEXT, exploratory=True))
    assert visible_difference(exploratory, [0, 1]) is None
