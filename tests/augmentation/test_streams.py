"""Who gets which random numbers."""

import numpy as np

from bioselect.augmentation.streams import stream_of, streams_of_batch


def test_seed_epoch_and_place_all_count():
    numbers = {
        stream_of(*numbers).random()
        for numbers in [(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1), (0, 1, 1), (1, 1, 0)]
    }
    assert len(numbers) == 6


def test_images_of_a_batch_have_different_numbers():
    numbers = [stream.random() for stream in streams_of_batch(50, np.random.default_rng(0))]
    assert len(set(numbers)) == 50
