"""Threads read ahead of a slow network, but no more than memory has room for."""

import numpy as np
import pytest

from bioselect.features import streaming
from bioselect.features.streaming import read_ahead
from bioselect.features.transforming import flat_parts

N_PLACES, N_THREADS, BATCH = 40, 3, 4


class Here:
    batch_size, in_processes = BATCH, False

    def __init__(self, input_size):
        self.input_size = input_size

    def transform(self, images):
        return np.zeros((len(images), 1), dtype=np.float32)


def numbers_begun(input_size, n_bytes):
    """Return how many images are read or under way when the first, second, ... is taken."""
    n_begun, found = 0, []

    def places():
        nonlocal n_begun
        for place in range(N_PLACES):
            n_begun += 1
            yield place

    images = read_ahead(abs, places(), n_bytes, flat_parts(Here(input_size)), N_THREADS)
    for place, future in enumerate(images):
        assert future.result() == place
        found.append(n_begun)
    return found


@pytest.mark.parametrize(
    ("input_size", "n_bytes", "n_ahead"),
    [
        ((8, 8), 1, BATCH + N_THREADS),
        (None, 1, 1 + N_THREADS),
        ((8, 8), 1000, 2),
        (None, 1000, 2),
        (None, 10**9, 1),
    ],
)
def test_as_many_are_read_ahead_as_memory_has_room_for(monkeypatch, input_size, n_bytes, n_ahead):
    monkeypatch.setattr(streaming, "AHEAD_BYTES", 2500)
    found = numbers_begun(input_size, lambda _: n_bytes)
    # The first one tells how large they are.
    assert found == [1, *(min(n + 1 + n_ahead, N_PLACES) for n in range(1, N_PLACES))]


def test_after_a_huge_one_no_more_are_read_until_those_before_are_taken(monkeypatch):
    monkeypatch.setattr(streaming, "AHEAD_BYTES", 2500)
    found = numbers_begun((8, 8), lambda place: 10**9 if place >= 5 else 1)
    n_begun = 5 + BATCH + N_THREADS  # when the last of the small ones was taken
    assert found[4:14] == [n_begun, *[n_begun + 1] * 7, n_begun + 2, n_begun + 3]


def test_an_image_that_cannot_be_read_is_told_in_its_turn_and_the_others_come():
    def load(place):
        if place == 3:
            raise OSError("gone")
        return place

    images = list(read_ahead(load, range(6), lambda _: 1, flat_parts(Here(None)), N_THREADS))
    assert [one.exception() is None for one in images] == [True] * 3 + [False] + [True] * 2
