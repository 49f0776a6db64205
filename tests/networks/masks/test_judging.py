"""Marks of a prediction: the same whole and in bands, by hand and by scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import f1_score

from bioselect.data.pairs import IGNORED, ArrayPairs
from bioselect.networks.masks.judging import counts_of, dice_of, make_judge
from bioselect.networks.masks.losses import MaskLossPlan


class Fixed:
    def __init__(self, probabilities, height):
        self.probabilities, self.height = probabilities, height

    def bands(self, scene):
        for start in range(0, len(self.probabilities), self.height):
            part = self.probabilities[start : start + self.height]
            yield slice(start, start + len(part)), part


@pytest.fixture(scope="module")
def drawn():
    random = np.random.default_rng(1)
    mask = random.integers(0, 3, size=(12, 9)).astype(np.uint8)
    mask[3, :4] = IGNORED
    probabilities = random.dirichlet([1, 1, 1], size=(12, 9)).astype(np.float32)
    return mask, probabilities


def test_dice_is_the_f1_of_the_pixels(drawn):
    mask, probabilities = drawn
    counts = mask != IGNORED
    true, found = mask[counts], probabilities.argmax(axis=-1)[counts]
    expected = f1_score(true, found, labels=[1, 2], average="macro")
    whole = counts_of(mask, probabilities.argmax(axis=-1), 3)
    assert dice_of(whole, (1, 2)) == pytest.approx(expected)


def test_bands_are_marked_as_the_whole(drawn):
    mask, probabilities = drawn
    judge = make_judge(
        MaskLossPlan("cross_entropy_dice", 3, (1, 2)), ArrayPairs([probabilities], [mask])
    )
    whole, parts = (judge(Fixed(probabilities, height), 0) for height in (12, 5))
    assert whole.dice == parts.dice
    assert whole.accuracy == parts.accuracy
    assert whole.loss == pytest.approx(parts.loss, rel=1e-6)
    counts = mask != IGNORED
    right = (probabilities.argmax(axis=-1) == mask)[counts]
    assert whole.accuracy == pytest.approx(right.mean())


def test_a_class_in_neither_is_left_out():
    assert dice_of(np.array([[4, 3, 0], [5, 4, 0], [4, 4, 0]]), (1, 2)) == pytest.approx(6 / 8)
    # Predicted where it is not: it counts, with 0.
    assert dice_of(np.array([[4, 3, 0], [5, 4, 2], [4, 4, 0]]), (1, 2)) == pytest.approx(3 / 8)
