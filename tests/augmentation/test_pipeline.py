"""All steps together: order, one resampling of neighbours, streams, own steps that go wrong."""

import numpy as np
import pytest

from bioselect.augmentation import affine
from bioselect.augmentation.named_step import result_problem
from bioselect.augmentation.pipeline import (
    Augmentation,
    Augmenter,
    create_augmenter,
    stream_of,
)
from bioselect.augmentation.table import STEPS
from bioselect.component import ComponentSpec
from bioselect.exceptions import ComponentError, DataError

RNG = np.random.default_rng
IMAGES = RNG(1).random((4, 24, 24, 3)).astype(np.float32)
IMAGES.flags.writeable = False
OWN = """
import numpy as np
from bioselect.augmentation.affine import AffineStep
from bioselect.augmentation.step import Step

class Inverted(Step):
    def draw(self, shape, rng):
        return None
    def image(self, image, drawn):
        return 1 - image

class TooBright(Inverted):
    def image(self, image, drawn):
        return image * 255

class Writes(Inverted):
    def image(self, image, drawn):
        image *= 0.5
        return image

class Smaller(Inverted):
    def image(self, image, drawn):
        return image[::2]

class Same(Inverted):
    def image(self, image, drawn):
        return image

class Undrawn(Inverted):
    def draw(self, shape, rng):
        raise KeyError("no")

class NoStep:
    pass

class WithoutMask:
    def draw(self, shape, rng):
        return None
    def image(self, image, drawn):
        return image[::-1].copy()

class Turned(AffineStep):
    def draw(self, shape, rng):
        return np.diag([-1.0, 1.0, 1.0])

class Rolled(Turned):
    def image(self, image, drawn):
        return np.roll(image, 1, axis=0)
"""


def augmenter_of(*steps, base_dir=None):
    specs = tuple(ComponentSpec(one) if isinstance(one, str) else one for one in steps)
    return create_augmenter(Augmentation(specs, "augmented"), base_dir)


def step(name, **params):
    return ComponentSpec.of(name, params)


ALL = tuple(ComponentSpec(name) for name in STEPS)


@pytest.fixture
def own(tmp_path):
    (tmp_path / "own_steps_lab.py").write_text(OWN)
    return lambda name: augmenter_of(ComponentSpec(f"own_steps_lab:{name}"), base_dir=tmp_path)


def test_all_steps_together_keep_shape_type_and_range():
    augmenter = augmenter_of(*ALL)
    for seed in range(5):
        images = augmenter.images(IMAGES, RNG(seed))
        assert images.shape == IMAGES.shape
        assert images.dtype == np.float32
        assert 0 <= images.min() <= images.max() <= 1
        assert not np.array_equal(images, IMAGES)


def test_the_same_state_gives_the_same_images():
    first, second = augmenter_of(*ALL), augmenter_of(*ALL)
    targets = np.eye(4, dtype=np.float32)
    one, two = first.batch(IMAGES, targets, RNG(3)), second.batch(IMAGES, targets, RNG(3))
    assert all(np.array_equal(a, b) for a, b in zip(one, two, strict=True))
    assert not np.array_equal(one[0], first.batch(IMAGES, targets, RNG(4))[0])


def test_an_image_does_not_depend_on_the_others_of_its_batch():
    augmenter = augmenter_of(*ALL)
    together = augmenter.images(IMAGES, RNG(0))
    others = np.concatenate([IMAGES[:1], 1 - IMAGES[1:]])
    assert np.array_equal(augmenter.images(others, RNG(0))[0], together[0])
    assert np.array_equal(augmenter.images(IMAGES[:1], RNG(0))[0], together[0])


def test_an_image_by_itself_has_its_own_stream():
    augmenter = augmenter_of(*ALL)
    expected = augmenter.one(IMAGES[2], stream_of(7, 3, 2))
    assert np.array_equal(augmenter.one(IMAGES[2], stream_of(7, 3, 2)), expected)
    assert not np.array_equal(augmenter.one(IMAGES[2], stream_of(7, 4, 2)), expected)


def test_what_comes_back_may_be_written_into():
    augmenter = augmenter_of(step("horizontal_flip", probability=0))
    image = augmenter.one(IMAGES[0], RNG(0))
    assert np.array_equal(image, IMAGES[0])
    image[:] = 0
    assert IMAGES[0].any()
    twice = augmenter_of(
        step("horizontal_flip", probability=1), step("vertical_flip", probability=1), step("shift")
    )
    assert twice.one(IMAGES[0], RNG(0)).flags.writeable


def test_steps_act_in_the_order_in_which_they_are_written():
    # Cut off before the square of what is between the ends, or after it.
    row = np.array([[[0.0], [0.5], [1.0]]], dtype=np.float32)
    brighter = step("brightness", amount=[0.5, 0.5])
    squared = step("gamma", exponent=[2, 2])
    first, last = augmenter_of(brighter, squared), augmenter_of(squared, brighter)
    assert np.allclose(first.one(row, RNG(0))[0, :, 0], [0.5, 1.0, 1.0])
    assert np.allclose(last.one(row, RNG(0))[0, :, 0], [0.5, 0.75, 1.0])


def test_neighbouring_moves_are_one_resampling_in_their_order(monkeypatch):
    turn, shift = step("rotation", degrees=[90, 90]), step("shift", x=[0.25, 0.25], y=[0, 0])
    calls = []
    warp = affine.warp_image
    monkeypatch.setattr(affine, "warp_image", lambda *given: calls.append(1) or warp(*given))
    turned_first = augmenter_of(turn, shift).one(IMAGES[0], RNG(0))
    assert len(calls) == 1
    expected = np.rot90(IMAGES[0])  # and then 6 pixels to the right
    assert np.allclose(turned_first[:, 6:], expected[:, :-6], atol=1e-5)
    shifted_first = augmenter_of(shift, turn).one(IMAGES[0], RNG(0))
    moved = np.zeros_like(IMAGES[0])
    moved[:, 6:] = IMAGES[0][:, :-6]
    assert np.allclose(shifted_first[:18], np.rot90(moved)[:18], atol=1e-5)


def test_a_step_between_two_moves_comes_between_them():
    hole = step("cutout", size=[1, 1], fill="black", probability=1)
    shift = step("shift", x=[0.5, 0.5], y=[0, 0])
    white = np.ones((8, 8, 1), dtype=np.float32)
    with_hole = augmenter_of(hole).one(white, RNG(5))
    assert 0 < with_hole.mean() < 1
    moved = augmenter_of(hole, shift).one(white, RNG(5))
    assert np.allclose(moved[:, 4:], with_hole[:, :-4], atol=1e-6)


def test_the_probability_is_how_often():
    augmenter = augmenter_of(step("horizontal_flip", probability=0.3))
    flipped = [
        not np.array_equal(augmenter.one(IMAGES[0], RNG(seed)), IMAGES[0]) for seed in range(500)
    ]
    # 500 draws: a standard deviation of 2 %.
    assert np.mean(flipped) == pytest.approx(0.3, abs=0.1)


def test_masks_go_with_their_images():
    masks = (IMAGES[:, :, :, 0] > 0.5).astype(np.int64) * 3
    augmenter = augmenter_of(*(one for one in ALL if one.name != "mixup"))
    images, moved = augmenter.images_and_masks(IMAGES, masks, RNG(0))
    assert np.array_equal(images, augmenter.images(IMAGES, RNG(0)))
    assert (moved.shape, moved.dtype) == (masks.shape, masks.dtype)
    assert set(np.unique(moved)) == {0, 3}
    flip = augmenter_of(step("horizontal_flip", probability=1))
    assert np.array_equal(flip.images_and_masks(IMAGES, masks, RNG(0))[1], masks[:, :, ::-1])


def test_batches_are_mixed_after_all_other_steps():
    augmenter = augmenter_of("mixup", step("brightness", amount=[0.2, 0.2]))
    plain = augmenter_of(step("brightness", amount=[0.2, 0.2]))
    assert augmenter.mixes_batches
    assert not plain.mixes_batches
    targets = np.eye(4, dtype=np.float32)
    images, soft = augmenter.batch(IMAGES, targets, RNG(0))
    # A blend is that of the brightened images, in the proportion of the targets.
    brightened = plain.images(IMAGES, RNG(0))
    for image, shares in zip(images, soft, strict=True):
        assert np.allclose(image, np.tensordot(shares, brightened, 1), atol=1e-6)
    assert (soft < 1).any(axis=1).all()


def test_originals_are_not_mixed():
    chosen = np.array([True, False, True, False])
    targets = np.eye(4, dtype=np.float32)
    images, soft = augmenter_of("mixup").mixed(IMAGES, targets, RNG(1), chosen)
    assert np.array_equal(images[~chosen], IMAGES[~chosen])
    assert np.array_equal(soft[~chosen], targets[~chosen])


def test_colours_need_three_channels():
    five = RNG(0).random((8, 8, 5)).astype(np.float32)
    with pytest.raises(DataError) as raised:
        augmenter_of("hue").one(five, RNG(0))
    assert str(raised.value) == (
        "augmentation hue: accepts images with 3 channels. Got 5. Remove the step."
    )


def test_somebodys_own_step(own):
    assert np.allclose(own("Inverted").one(IMAGES[0], RNG(0)), 1 - IMAGES[0])
    same = own("Same").one(IMAGES[0], RNG(0))
    assert np.array_equal(same, IMAGES[0])
    assert same.flags.writeable
    assert np.array_equal(own("Turned").one(IMAGES[0], RNG(0)), IMAGES[0][:, ::-1])
    assert np.array_equal(own("Rolled").one(IMAGES[0], RNG(0)), np.roll(IMAGES[0], 1, axis=0))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("TooBright", "must return values from 0 to 1. Got 0"),
        ("Writes", "raised ValueError: output array is read-only"),
        ("Smaller", r"must return float32 \(24, 24, 3\), as it was given. Got float32 \(12, 24"),
        ("Undrawn", "raised KeyError: 'no'. Correct it"),
    ],
)
def test_a_wrong_step_of_ones_own_is_named(own, name, message):
    with pytest.raises(ComponentError, match=message) as raised:
        own(name).one(IMAGES[0], RNG(0))
    assert f"augmentation own_steps_lab:{name}: " in str(raised.value)
    assert "\n" not in str(raised.value)


def test_what_is_no_step_is_refused(own):
    with pytest.raises(ComponentError, match=r"Got a NoStep without draw\. Derive it from"):
        own("NoStep")


def test_a_step_without_mask_does_for_images_only(own):
    augmenter = own("WithoutMask")
    assert np.array_equal(augmenter.one(IMAGES[0], RNG(0)), IMAGES[0][::-1])
    with pytest.raises(ComponentError, match=r"must have mask\(mask, drawn\)"):
        augmenter.one_with_mask(IMAGES[0], IMAGES[0][:, :, 0], RNG(0))


def test_not_a_number_is_no_result():
    broken = IMAGES[0].copy()
    broken[0, 0, 0] = np.nan
    assert "from 0 to 1. Got nan" in result_problem(IMAGES[0], broken)
    assert "must return an array. Got list" in result_problem(IMAGES[0], [1])


def test_no_steps_change_nothing():
    assert np.array_equal(Augmenter(()).images(IMAGES, RNG(0)), IMAGES)
