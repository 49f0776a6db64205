"""Hidden rectangles: how many, how large, with what."""

import numpy as np
import pytest

from bioselect.augmentation.cutout import Cutout

RNG = np.random.default_rng


def test_the_hole_has_the_mean_of_each_channel():
    image = RNG(0).random((20, 20, 3)).astype(np.float32)
    step = Cutout()
    changed = step.image(image, [(3, 7, 10, 15)])
    assert np.allclose(changed[3:7, 10:15], image.mean(axis=(0, 1)), atol=1e-6)
    outside = np.ones((20, 20), dtype=bool)
    outside[3:7, 10:15] = False
    assert np.array_equal(changed[outside], image[outside])
    assert (Cutout(fill="black").image(image, [(3, 7, 10, 15)])[3:7, 10:15] == 0).all()


def test_holes_have_their_size_and_may_lie_partly_outside():
    step = Cutout(size=[0.5, 0.5], holes=3)
    heights, widths = [], []
    for seed in range(100):
        holes = step.draw((40, 60, 1), RNG(seed))
        assert len(holes) == 3
        for top, bottom, left, right in holes:
            assert 0 <= top <= bottom <= 40
            assert 0 <= left <= right <= 60
            heights.append(bottom - top)
            widths.append(right - left)
    # Whole ones are 20 x 30 (or a pixel more or less); a middle at the border leaves half.
    assert (max(heights), max(widths)) == (pytest.approx(20, abs=1), pytest.approx(30, abs=1))
    assert (min(heights), min(widths)) == (pytest.approx(10, abs=1), pytest.approx(15, abs=1))


def test_the_mask_stays():
    mask = np.arange(16).reshape(4, 4)
    assert np.array_equal(Cutout().mask(mask, [(0, 4, 0, 4)]), mask)
