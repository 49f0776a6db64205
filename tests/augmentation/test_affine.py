"""Steps that move images: what they draw, and that neighbours are one resampling."""

import numpy as np
import pytest

from bioselect.augmentation.affine import (
    HorizontalFlip,
    QuarterTurns,
    RandomResizedCrop,
    Rotation,
    Scale,
    Shift,
    VerticalFlip,
)

RNG = np.random.default_rng


def image_of(height, width, n_channels=1):
    return RNG(0).random((height, width, n_channels)).astype(np.float32)


def moved(step, image, seed=0):
    return step.image(image, step.draw(image.shape, RNG(seed)))


def test_flips():
    image = image_of(5, 8, 3)
    assert np.array_equal(moved(HorizontalFlip(), image), np.fliplr(image))
    assert np.array_equal(moved(VerticalFlip(), image), np.flipud(image))


def test_quarter_turns_are_those_of_numpy_and_all_three_occur():
    image = image_of(6, 6, 2)
    turns = [np.rot90(image, n) for n in (1, 2, 3)]
    seen = set()
    for seed in range(30):
        turned = moved(QuarterTurns(), image, seed)
        (which,) = [n for n, one in enumerate(turns) if np.array_equal(one, turned)]
        seen.add(which)
    assert seen == {0, 1, 2}


def test_an_image_that_is_not_square_is_only_turned_by_half():
    image = image_of(4, 9)
    for seed in range(10):
        assert np.array_equal(moved(QuarterTurns(), image, seed), np.rot90(image, 2))


def test_rotation_is_counter_clockwise():
    # A white pixel right of the middle is above it after 90 degrees counter-clockwise.
    image = np.zeros((9, 9, 1), dtype=np.float32)
    image[4, 7] = 1.0
    assert np.argwhere(moved(Rotation([90, 90]), image)[:, :, 0] > 0.5).tolist() == [[1, 4]]


def test_angles_are_drawn_from_the_whole_range():
    angles = [
        np.degrees(np.arctan2(matrix[1, 0], matrix[0, 0]))
        for matrix in (Rotation([-20, 10]).draw((5, 5, 1), RNG(seed)) for seed in range(400))
    ]
    # 400 even draws from 30 degrees: the outermost lie within half a degree of the ends.
    assert -20 <= min(angles) < -19.5
    assert 9.5 < max(angles) <= 10


def test_scale_changes_lengths_by_its_factor():
    # The volume under a bell goes with the square of its width; a narrow one ends in the image.
    rows, columns = np.mgrid[:81, :81]
    bell = np.exp(-((rows - 40) ** 2 + (columns - 40) ** 2) / 50).astype(np.float32)
    bell = bell[:, :, np.newaxis]
    assert moved(Scale([2, 2]), bell).sum() / bell.sum() == pytest.approx(4.0, rel=0.01)
    smaller = moved(Scale([0.5, 0.5]), bell)[20:61, 20:61]
    assert smaller.sum() / bell.sum() == pytest.approx(0.25, rel=0.01)


def test_shift_is_to_the_right_and_down_in_parts_of_the_sides():
    image = image_of(20, 10)
    result = moved(Shift(x=[0.2, 0.2], y=[0.1, 0.1]), image)
    assert np.allclose(result[2:, 2:], image[:-2, :-2], atol=1e-6)


def test_a_crop_of_everything_changes_nothing():
    image = image_of(12, 17, 3)
    assert np.array_equal(moved(RandomResizedCrop(area=[1, 1], ratio=[1, 1]), image), image)


def test_a_crop_lies_inside_and_has_its_area():
    step = RandomResizedCrop(area=[0.25, 0.25], ratio=[1, 1])
    height, width = 40, 60
    for seed in range(50):
        matrix = step.draw((height, width, 1), RNG(seed))
        # Half of each side; its corners (half a side from the middle) stay in the image.
        assert np.allclose(np.diag(matrix), [0.5, 0.5, 1.0])
        corners = matrix[:2, :2] @ [[width / 2, -width / 2], [height / 2, -height / 2]]
        corners = corners + matrix[:2, 2:]
        assert (np.abs(corners[0]) <= width / 2 + 1e-9).all()
        assert (np.abs(corners[1]) <= height / 2 + 1e-9).all()


def test_a_crop_that_is_too_long_is_as_long_as_the_image():
    matrix = RandomResizedCrop(area=[1, 1], ratio=[4, 4]).draw((30, 30, 1), RNG(0))
    assert np.allclose(np.diag(matrix), [1.0, 0.5, 1.0])


def test_a_crop_twice_as_wide_is_as_likely_as_twice_as_high():
    step = RandomResizedCrop(area=[0.1, 0.1], ratio=[0.5, 2.0])
    ratios = []
    for seed in range(400):
        matrix = step.draw((30, 30, 1), RNG(seed))
        ratios.append(matrix[0, 0] / matrix[1, 1])
    # 400 draws: one half within five standard deviations of 2.5 %.
    assert np.mean(np.array(ratios) > 1) == pytest.approx(0.5, abs=0.125)
