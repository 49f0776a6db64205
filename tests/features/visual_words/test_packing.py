"""Bytes come back as they were, whatever they are."""

import numpy as np
import pytest

from bioselect.features.visual_words.packing import (
    numbers_per_descriptor,
    packed,
    row_length,
    unpacked,
)


@pytest.mark.parametrize("n_bytes", [1, 2, 3, 32, 128])
@pytest.mark.parametrize("n", [0, 1, 7])
def test_bytes_come_back(n_bytes, n):
    descriptors = np.random.default_rng(0).integers(0, 256, (n, n_bytes)).astype(np.uint8)
    descriptors[:1] = 255  # three of these are 2**24 - 1, the largest number of a row
    row = packed(descriptors, 7)
    assert row.dtype == np.float32
    assert len(row) == row_length(7, n_bytes)
    assert row[0] == n
    numbers = row[1:].reshape(7, numbers_per_descriptor(n_bytes))
    for dtype in (np.float32, np.float64):
        np.testing.assert_array_equal(unpacked(numbers[:n].astype(dtype), n_bytes), descriptors)
    assert not numbers[n:].any()


def test_numbers_are_whole_and_below_two_to_the_24():
    row = packed(np.full((2, 128), 255, dtype=np.uint8), 2)
    # 42 numbers of three bytes, then two bytes and an empty one: 255 * 65536 + 255 * 256.
    assert row[1:43].tolist() == [2**24 - 1] * 42
    assert row[43] == 16776960


def test_memory_of_5000_images():
    # 5,000 x (1 + 256 x 43) x 4 bytes; unpacked it would be 5,000 x 256 x 128 x 4 = 655 MB.
    assert 5000 * 4 * row_length(256, 128) == 220_180_000
    assert 5000 * 4 * row_length(256, 32) == 56_340_000
