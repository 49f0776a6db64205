"""How much a search tries follows from the number of its combinations alone."""

import pytest

from bioselect.component import ComponentSpec
from bioselect.estimators.search_plan import (
    MOST_TRIED,
    n_combinations,
    relative_cost,
    search_in_words,
    tried_places,
)


def svm(n):
    return ComponentSpec.of("svm", search={"C": list(range(1, n + 1))})


@pytest.mark.parametrize(
    ("n", "cost"),
    [
        (5, 1 + 2 * 5),
        (30, 1 + 2 * 30),
        # 36 on a ninth, 12 on a third, 4 on all: 4 + 4 + 4 whole ones instead of 36.
        (36, 1 + 2 * 12),
        # 300 are tried: 300 / 9 + 100 / 3 + 34.
        (9000, 1 + 2 * (300 / 9 + 100 / 3 + 34)),
    ],
)
def test_what_a_search_costs(n, cost):
    assert relative_cost(svm(n)) == pytest.approx(cost)


def test_a_threshold_takes_five_more_fits_of_whatever_is_searched():
    spec = ComponentSpec.of("svm", {"threshold": "youden"}, {"C": [1, 2, 3]})
    assert relative_cost(spec) == 5 * 7
    among = ComponentSpec.of("svm", search={"threshold": [None, "youden"]})
    assert relative_cost(among) == 5 * 5


def test_drawn_places_are_different_ones_in_their_order():
    places = list(tried_places(10_000))
    assert len(set(places)) == MOST_TRIED
    assert places == sorted(places)
    assert 0 <= places[0] < 200
    assert 9_800 < places[-1] < 10_000
    assert list(tried_places(MOST_TRIED)) == list(range(MOST_TRIED))


def test_words_tell_of_large_searches_only():
    assert search_in_words(svm(30)) == ""
    assert search_in_words(ComponentSpec("svm")) == ""
    assert "1000 combinations of values: 300, drawn at random, are tried on a ninth" in (
        search_in_words(svm(1000))
    )


def test_combinations_are_the_product_of_the_lists():
    assert n_combinations({"a": [1, 2], "b": [1, 2, 3], "c": [1]}) == 6
    assert n_combinations({}) == 1
