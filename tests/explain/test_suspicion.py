"""What combinations say together, how far labels are believed, how undecided a prediction is."""

import numpy as np
import pytest

from bioselect.explain.suspicion import common_prediction, entropy, mean_over_repeats, trust


def test_repeats_in_which_an_image_was_not_tested_do_not_count() -> None:
    nan = np.nan
    table = np.array([[[0.2, 0.8], [nan, nan]], [[0.4, 0.6], [nan, nan]], [[nan, nan]] * 2])
    found = mean_over_repeats(table)
    np.testing.assert_allclose(found[0], [0.3, 0.7])
    assert np.isnan(found[1]).all()


def test_a_combination_counts_once_however_many_repeats_it_has() -> None:
    first = np.full((4, 1, 2), 0.5)
    second = np.array([[[1.0, 0.0]]])
    np.testing.assert_allclose(common_prediction([first, second], np.array([0])), [[0.75, 0.25]])


def test_one_combination_that_is_far_off_does_not_move_a_number() -> None:
    tables = [np.full((1, 2, 1), value) for value in (3.0, 5.0, 1e9)]
    np.testing.assert_array_equal(common_prediction(tables, np.array([4.0, 4.0])), [[5.0], [5.0]])


def test_most_flipped_labels_are_believed_the_least() -> None:
    random = np.random.default_rng(0)
    true = random.integers(0, 3, 200)
    tables = []
    for _ in range(3):  # each is right in 80 % of the images, in others by itself
        said = np.where(random.random(200) < 0.8, true, random.integers(0, 3, 200))
        tables.append((0.1 + 0.7 * np.eye(3)[said])[None])
    given = true.copy()
    given[-10:] = (given[-10:] + 1) % 3
    first = np.argsort(trust(common_prediction(tables, given), given), kind="stable")[:20]
    assert len(set(first.tolist()) & set(range(190, 200))) >= 9
    alone = np.argsort(trust(tables[0][0], given), kind="stable")[:20]
    assert len(set(alone.tolist()) & set(range(190, 200))) < 9


@pytest.mark.parametrize("n_classes", [2, 5])
def test_entropy_reaches_from_sure_to_even(n_classes) -> None:
    table = np.array([np.eye(n_classes)[0], np.full(n_classes, 1 / n_classes)])
    np.testing.assert_allclose(entropy(table, False), [0.0, 1.0])
    # By hand: 0.9 and 0.1 have 0.469 bits.
    pair = np.array([[0.9, 0.1]])
    np.testing.assert_allclose(entropy(pair, False), [0.469], atol=1e-3)
    assert np.isnan(entropy(np.full((1, 2), np.nan), False)).all()
