"""Blends of images and of their targets."""

import numpy as np
import pytest

from bioselect.augmentation.mixup import Blend, Mixup

RNG = np.random.default_rng
ALL = np.ones(3, dtype=bool)
IMAGES = np.arange(3, dtype=np.float32).reshape(3, 1, 1, 1) / 2
TARGETS = np.eye(3, dtype=np.float32)
BLEND = Blend(np.array([1, 2, 0]), np.float32([0.75, 0.5, 1.0]))


def test_images_and_targets_are_blended_in_the_same_proportion():
    images, targets = Mixup().batch(IMAGES, TARGETS, BLEND, ALL)
    # 0.75 * 0 + 0.25 * 0.5; 0.5 * 0.5 + 0.5 * 1; 1
    assert images.ravel().tolist() == [0.125, 0.75, 1.0]
    assert targets.tolist() == [[0.75, 0.25, 0], [0, 0.5, 0.5], [0, 0, 1]]
    assert images.dtype == targets.dtype == np.float32


def test_who_is_not_chosen_stays():
    images, targets = Mixup().batch(IMAGES, TARGETS, BLEND, np.array([False, True, True]))
    assert images.ravel().tolist() == [0.0, 0.75, 1.0]
    assert targets[0].tolist() == [1, 0, 0]


def test_shares_follow_the_beta_distribution_and_are_at_least_one_half():
    shares = Mixup(alpha=1.0).draw(4000, RNG(0)).shares
    # Beta(1, 1) is even from 0 to 1; the larger part of both is even from 0.5 to 1.
    assert shares.min() >= 0.5
    assert float(shares.mean()) == pytest.approx(0.75, abs=0.012)
    assert Mixup(alpha=0.01).draw(1000, RNG(0)).shares.mean() > 0.97


def test_only_some_are_blended_where_the_probability_says_so():
    shares = Mixup(alpha=1.0, probability=0.25).draw(4000, RNG(0)).shares
    assert float(np.mean(shares < 1)) == pytest.approx(0.25, abs=0.035)


@pytest.mark.parametrize("n_channels", [1, 4, 7])
def test_any_number_of_channels(n_channels):
    images = RNG(0).random((3, 5, 6, n_channels)).astype(np.float32)
    mixed, _ = Mixup().batch(images, TARGETS, BLEND, ALL)
    assert np.allclose(mixed[0], 0.75 * images[0] + 0.25 * images[1], atol=1e-6)
    assert np.array_equal(mixed[2], images[2])


def test_an_image_alone_in_its_batch_stays():
    step = Mixup(alpha=1.0)
    images, targets = step.batch(IMAGES[1:2], TARGETS[1:2], step.draw(1, RNG(0)), ALL[:1])
    assert images.ravel() == pytest.approx([0.5])
    assert targets.tolist() == [[0, 1, 0]]
