"""The smallest visible difference, by the arithmetic of the planning table."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from scipy import stats

from bioselect.selection.families import ScoreTable
from bioselect.selection.outcome import Context, Entrant, OutOfFold
from bioselect.selection.visible_difference import (
    disagreement,
    smallest_visible,
    visible_difference,
)


@dataclass(frozen=True)
class MetricOf:
    name: str


CONTEXT = Context((("a", 80), ("b", 20)), n_folds=5, n_repeats=10, seed=0)
TRUTH = np.repeat([0, 1], [80, 20])


def pair_that_disagrees_on(images):
    first = np.zeros(100, dtype=int)
    second = first.copy()
    second[images] = 1
    tables = (np.eye(2)[[first]], np.eye(2)[[second]], np.eye(2)[[first]])
    return OutOfFold(tables, TRUTH, np.arange(100), 2)


def table_of(context=CONTEXT):
    scores = np.random.default_rng(0).normal(0.8, 0.05, size=(3, 50))
    return ScoreTable(
        (Entrant("a", "x"), Entrant("b", "x"), Entrant("c", "x")), scores, False, context
    )


@pytest.mark.parametrize(
    ("n_images", "points"),
    # 3.25 * sqrt(0.15 / n): 18 points at 50 images, 6 at 500, 2 at 5000.
    [(50, 18), (500, 6), (5000, 2)],
)
def test_the_planning_table(n_images, points):
    assert round(100 * smallest_visible(0.15 / n_images, several=False)) == points


def test_several_comparisons_cost_a_third_more():
    assert smallest_visible(0.01, several=True) == pytest.approx(1.3 * 0.325)


def test_disagreement_is_the_share_of_images_over_their_number():
    data = pair_that_disagrees_on(range(10))
    assert disagreement(data, 0, 1) == pytest.approx(0.10 / 100)
    # By class: 10 of the 80 images of one class, none of the other 20: (10/80) / 80 / 4.
    assert disagreement(data, 0, 1, by_class=True) == pytest.approx(0.125 / 80 / 4)


def test_accuracy_is_judged_by_disagreement_and_groups_count_as_units():
    data = pair_that_disagrees_on(range(10))
    expected = 3.25 * np.sqrt(0.10 / 100)
    got = visible_difference(table_of(), [0, 1], data, MetricOf("accuracy"))
    assert got == pytest.approx(expected)
    # 25 groups of 4 images: the same share over 25.
    grouped = table_of(replace(CONTEXT, n_groups=25))
    got = visible_difference(grouped, [0, 1], data, MetricOf("accuracy"))
    assert got == pytest.approx(2 * expected)
    got = visible_difference(table_of(), [0, 1, 2], data, MetricOf("accuracy"))
    assert got == pytest.approx(1.3 * expected)


def test_other_metrics_are_judged_by_the_standard_error():
    table = table_of()
    difference = table.scores[0] - table.scores[1]
    error = difference.std(ddof=1) * np.sqrt(0.27)  # n_eff = 1 / 0.27
    expected = (stats.t.ppf(0.975, 49) + stats.t.ppf(0.8, 49)) * error
    data = pair_that_disagrees_on(range(10))
    assert visible_difference(table, [0, 1], data, MetricOf("roc_auc")) == pytest.approx(expected)


def test_nothing_is_said_without_a_pair_or_a_disagreement():
    data = pair_that_disagrees_on(range(10))
    assert visible_difference(table_of(), [0], data, MetricOf("accuracy")) is None
    assert visible_difference(table_of(), [0, 2], data, MetricOf("accuracy")) is None
