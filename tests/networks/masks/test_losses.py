"""Losses of masks against arithmetic in numpy; ignored pixels count nowhere."""

import numpy as np
import pytest

from bioselect.data.pairs import IGNORED
from bioselect.networks.masks.loss_names import MASK_LOSSES
from bioselect.networks.masks.losses import (
    MaskLossPlan,
    balanced_pixel_weights,
    loss_of,
    make_batch_loss,
    make_sums,
)


@pytest.fixture(scope="module")
def drawn():
    random = np.random.default_rng(0)
    masks = random.integers(0, 3, size=(2, 5, 4)).astype(np.uint8)
    masks[0, :2] = IGNORED
    return masks, random.normal(size=(2, 5, 4, 3)).astype(np.float32)


def by_hand(name, masks, logits, alpha=0.3, gamma=2.0, weights=(1.0, 1.0, 1.0)):
    """Return the loss of one image, written down pixel by pixel; classes 1 and 2 count."""
    p = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)
    pixels = [(m, q) for m, q in zip(masks.ravel(), p.reshape(-1, 3), strict=True) if m != IGNORED]
    entropy = np.mean([-weights[m] * np.log(q[m]) for m, q in pixels])
    focal = np.mean([-((1 - q[m]) ** gamma) * np.log(q[m]) for m, q in pixels])
    dice, tversky = [], []
    for c in (1, 2):
        found = sum(q[c] for m, q in pixels if m == c)
        wrong = sum(q[c] for m, q in pixels if m != c)
        missing = sum(1 - q[c] for m, q in pixels if m == c)
        dice.append((2 * found + 1) / (2 * found + wrong + missing + 1))
        tversky.append((found + 1) / (found + alpha * wrong + (1 - alpha) * missing + 1))
    return {
        "cross_entropy": entropy,
        "dice": 1 - np.mean(dice),
        "cross_entropy_dice": entropy + 1 - np.mean(dice),
        "focal": focal,
        "tversky": 1 - np.mean(tversky),
    }[name]


@pytest.mark.parametrize("name", MASK_LOSSES)
def test_the_loss_of_an_image_is_that_of_its_pixels(drawn, name):
    masks, logits = drawn
    plan = MaskLossPlan(name, 3, (1, 2))
    log_p = logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))
    expected = [by_hand(name, masks[n], logits[n]) for n in range(2)]
    assert loss_of(plan, make_sums(plan)(masks, log_p)) == pytest.approx(expected, rel=1e-5)
    # A batch of one image is that image alone.
    alone = make_batch_loss(plan)(masks[:1], logits[:1]).numpy()
    assert alone == pytest.approx(expected[:1], rel=1e-5)


def test_the_overlap_of_a_batch_is_that_of_all_its_pixels(drawn):
    masks, logits = drawn
    both = make_batch_loss(MaskLossPlan("dice", 3, (1, 2)))(masks, logits).numpy()
    joined = by_hand("dice", masks.reshape(1, 10, 4), logits.reshape(1, 10, 4, 3))
    assert both == pytest.approx([joined, joined], rel=1e-5)


def test_weights_of_classes_scale_what_their_pixels_cost(drawn):
    masks, logits = drawn
    plan = MaskLossPlan("cross_entropy", 3, (1, 2), np.array([0.5, 1.0, 4.0]))
    got = make_batch_loss(plan)(masks, logits).numpy()
    expected = [
        by_hand("cross_entropy", m, x, weights=(0.5, 1.0, 4.0))
        for m, x in zip(masks, logits, strict=True)
    ]
    assert got == pytest.approx(expected, rel=1e-5)


def test_what_is_ignored_changes_nothing(drawn):
    masks, logits = drawn
    other = logits.copy()
    other[0, :2] += 7 * np.arange(3)
    for name in MASK_LOSSES:
        loss = make_batch_loss(MaskLossPlan(name, 3, (1, 2)))
        assert np.array_equal(loss(masks, logits), loss(masks, other))
        nothing = loss(np.full_like(masks, IGNORED), logits).numpy()
        assert np.isfinite(nothing).all()


def test_balanced_weights_are_those_of_scikit_learn():
    from sklearn.utils.class_weight import compute_class_weight

    labels = np.repeat([0, 1, 2], [70, 25, 5])
    expected = compute_class_weight("balanced", classes=np.arange(3), y=labels)
    assert balanced_pixel_weights(np.bincount(labels)) == pytest.approx(expected)
