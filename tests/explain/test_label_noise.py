"""About how many labels are wrong: planted flips lie in the range, and silence where it must be."""

import numpy as np
import pytest

from bioselect.explain.label_noise import among_surest, confident_learning, label_noise


def predictions(seed, n_images, n_classes, strength):
    """True classes, and what a model that is not sure of all of them says."""
    random = np.random.default_rng(seed)
    true = random.integers(0, n_classes, n_images)
    logits = random.normal(0, 1, (n_images, n_classes))
    logits[np.arange(n_images), true] += strength
    odds = np.exp(logits)
    return true, odds / odds.sum(axis=1, keepdims=True), random


def flipped(true, share, n_classes, random):
    given = true.copy()
    places = random.permutation(len(true))[: round(share * len(true))]
    given[places] = (given[places] + random.integers(1, n_classes, len(places))) % n_classes
    return given


@pytest.mark.parametrize("share", [0.0, 0.05, 0.1])
@pytest.mark.parametrize(("n_classes", "strength"), [(2, 4), (3, 5), (5, 4)])
def test_planted_flips_lie_in_the_range(share, n_classes, strength):
    for seed in range(3):
        true, predicted, random = predictions(seed, 500, n_classes, strength)
        given = flipped(true, share, n_classes, random)
        found = label_noise(predicted, given, np.arange(500), seed)
        assert found.low <= share <= found.high
        assert abs(found.share - share) <= 0.03
        assert found.is_clear == (share > 0)


def test_confident_learning_by_hand():
    # Usual probabilities: of a (.9 + .8 + .4) / 3 = .7, of b (.9 + .1) / 2 = .5.
    of_a = np.array([0.9, 0.8, 0.4, 0.1, 0.9])
    predicted = np.stack([of_a, 1 - of_a], axis=1)
    given = np.array([0, 0, 0, 1, 1])
    # Counted: a as a twice, a as b once (.6 >= .5), b as b once, b as a once (.9 >= .7).
    assert confident_learning(predicted, given) == pytest.approx((3 / 3 + 2 / 2) / 5)


def test_the_surest_by_hand():
    of_a = np.array([0.99, 0.98, 0.97, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6])
    given = np.array([0, 1, 0, 1, 1, 1, 1, 1, 1, 1])
    assert among_surest(np.stack([of_a, 1 - of_a], axis=1), given) == pytest.approx(1 / 3)


def test_images_that_were_not_tested_count_nowhere():
    true, predicted, random = predictions(0, 300, 2, 5)
    given, units = flipped(true, 0.05, 2, random), np.arange(300)
    more = np.vstack([predicted, np.full((40, 2), np.nan)])
    padded = np.concatenate([given, np.zeros(40, dtype=int)])
    alone = label_noise(predicted, given, units, 0)
    assert label_noise(more, padded, np.arange(340), 0) == alone


def test_few_patients_make_the_range_wide():
    true, predicted, _ = predictions(1, 400, 2, 5)
    given = true.copy()
    given[:20] = 1 - given[:20]  # all of one patient
    alone = label_noise(predicted, given, np.arange(400), 0)
    of_patients = label_noise(predicted, given, np.arange(400) // 20, 0)
    assert of_patients.low == 0 < alone.low
    assert of_patients.high > alone.high


@pytest.mark.parametrize(
    ("n_images", "n_classes", "strength"), [(90, 2, 6), (130, 8, 6), (500, 3, 1)]
)
def test_silence_with_few_images_rare_classes_and_weak_models(n_images, n_classes, strength):
    true, predicted, _ = predictions(0, n_images, n_classes, strength)
    assert label_noise(predicted, true, np.arange(n_images), 0) is None


def test_silence_of_numbers_and_of_several_labels():
    assert label_noise(np.zeros((200, 1)), np.arange(200.0), np.arange(200), 0) is None
    labels = np.tile([[0, 1]], (200, 1))
    assert label_noise(np.full((200, 2), 0.5), labels, np.arange(200), 0) is None
