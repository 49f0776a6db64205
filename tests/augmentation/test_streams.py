"""Who gets which random numbers."""

import numpy as np
import pytest

from bioselect.augmentation.choice import Augmentation
from bioselect.augmentation.streams import shown_as_they_are, stream_of, streams_of_batch
from bioselect.component import ComponentSpec

STEPS = (ComponentSpec("rotation"),)


def test_seed_epoch_and_place_all_count():
    numbers = {
        stream_of(*numbers).random()
        for numbers in [(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1), (0, 1, 1), (1, 1, 0)]
    }
    assert len(numbers) == 6


def test_images_of_a_batch_have_different_numbers():
    numbers = [stream.random() for stream in streams_of_batch(50, np.random.default_rng(0))]
    assert len(set(numbers)) == 50


@pytest.mark.parametrize(
    ("mix", "ratio", "n_originals"),
    [("none", 0.5, 101), ("augmented", 0.5, 0), ("combined", 0.25, 25), ("combined", 1.0, 101)],
)
def test_so_many_are_shown_as_they_are(mix, ratio, n_originals):
    augmentation = Augmentation(STEPS, mix, ratio)
    draws = [
        shown_as_they_are(augmentation, 101, np.random.default_rng(seed)) for seed in range(40)
    ]
    assert {int(draw.sum()) for draw in draws} == {n_originals}
    if 0 < n_originals < 101:
        # Not always the same ones: each image is an original in about a quarter of 40 draws.
        often = np.sum(draws, axis=0)
        assert 0 < often.min() <= often.max() < 30


def test_without_steps_all_are_shown_as_they_are():
    assert shown_as_they_are(Augmentation((), "augmented"), 5, np.random.default_rng(0)).all()
