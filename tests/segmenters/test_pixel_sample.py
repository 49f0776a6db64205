import numpy as np
import pytest

from bioselect.data.pairs import IGNORED, ArrayPairs
from bioselect.segmenters import pixel_sample
from bioselect.segmenters.pixel_sample import class_counts, drawn_pixels, quotas

MASK = np.random.default_rng(0).choice([0, 1, 2, IGNORED], (31, 17), p=[0.6, 0.2, 0.1, 0.1])
MASK = MASK.astype(np.uint8)
PAIRS = ArrayPairs([np.zeros((31, 17, 1), np.float32)] * 2, [MASK, MASK[::-1]])


def test_counts_leave_ignored_pixels_out():
    expected = [(one == MASK).sum() for one in range(4)]
    assert class_counts(PAIRS, 0, 4).tolist() == expected
    assert expected[3] == 0


def test_shares_of_classes():
    counts = np.array([[8100, 900], [8100, 900]])  # 9 to 1; square roots 3 to 1
    for balance, expected in [
        ("equal", [200, 200]),
        ("square_root", [300, 100]),
        ("as_is", [360, 40]),
    ]:
        assert quotas(counts, 400, balance).sum(axis=0).tolist() == expected


def test_images_that_have_few_pixels_give_all_and_others_more():
    counts = np.array([[500], [10], [500], [0]])
    assert quotas(counts, 210, "equal").ravel().tolist() == [100, 10, 100, 0]
    assert quotas(counts, 5000, "equal").ravel().tolist() == [500, 10, 500, 0]


def test_a_rare_class_gets_a_pixel_and_a_missing_one_none():
    wanted = quotas(np.array([[10_000_000, 1, 0]]), 20, "as_is")
    assert wanted.tolist() == [[20, 1, 0]]


@pytest.mark.parametrize("at_a_time", [1 << 22, 17 * 4])
def test_drawn_pixels_are_of_their_class_and_no_other(monkeypatch, at_a_time):
    monkeypatch.setattr(pixel_sample, "_PIXELS_AT_A_TIME", at_a_time)
    counts = class_counts(PAIRS, 0, 3)
    drawn = drawn_pixels(PAIRS, 0, {0: 50, 2: 20}, counts, seed=3)
    assert {one: len(places) for one, places in drawn.items()} == {0: 50, 2: 20}
    for one, places in drawn.items():
        assert (np.diff(places) > 0).all()
        assert set(MASK.ravel()[places]) == {one}
    everything = drawn_pixels(PAIRS, 0, {1: int(counts[1])}, counts, seed=3)
    assert np.array_equal(everything[1], np.flatnonzero(MASK == 1))


def test_seed_and_place_decide():
    def draw(place, seed):
        return drawn_pixels(PAIRS, place, {0: 30}, class_counts(PAIRS, place, 3), seed)[0].tolist()

    assert draw(0, 1) == draw(0, 1) != draw(0, 2)
    same_mask = ArrayPairs(PAIRS.images, [MASK, MASK])
    first, second = (
        drawn_pixels(same_mask, place, {0: 30}, class_counts(same_mask, 0, 3), 1)[0]
        for place in (0, 1)
    )
    assert first.tolist() != second.tolist()
