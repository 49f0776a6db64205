"""Descriptors as numbers: the right distances, and exact in float32."""

import numpy as np
import pytest

from bioselect.features.visual_words.kinds import KINDS


@pytest.fixture
def some_bytes():
    def draw(kind, n=50, seed=0):
        return np.random.default_rng(seed).integers(0, 256, (n, KINDS[kind].n_bytes)).astype("u1")

    return draw


def test_distances_of_sift_are_those_of_hellinger(some_bytes):
    histograms = some_bytes("sift")
    values = KINDS["sift"].values(histograms).astype(float) / 1024
    shares = histograms / histograms.sum(axis=1, keepdims=True)
    expected = np.sqrt(shares[:, None] * shares[None]).sum(axis=2)  # Bhattacharyya's coefficient
    np.testing.assert_allclose(values @ values.T, expected, atol=2e-3)


def test_squared_distances_of_orb_count_bits(some_bytes):
    descriptors = some_bytes("orb", 9)
    values = KINDS["orb"].values(descriptors).astype(float) / 128
    squared = ((values[:, None] - values[None]) ** 2).sum(axis=2)
    hamming = [
        [sum((int(a) ^ int(b)).bit_count() for a, b in zip(x, y, strict=True)) for y in descriptors]
        for x in descriptors
    ]
    assert squared.tolist() == hamming


@pytest.mark.parametrize("kind", KINDS)
def test_products_are_exact_whatever_the_order(kind, some_bytes):
    shapes = [some_bytes(kind), np.full((1, KINDS[kind].n_bytes), 255, dtype="u1")]
    values = KINDS[kind].values(np.vstack(shapes))
    assert values.dtype == np.float32
    assert values.shape[1] == KINDS[kind].n_values
    assert (values == np.rint(values)).all()
    # Halves of squares are wanted too: whole multiples of 1/2 are exact below 2**23.
    assert (values.astype(float) ** 2).sum(axis=1).max() < 2**23
    exact = (values.astype(np.int64) @ values.T.astype(np.int64)).tolist()
    assert (values @ values.T).tolist() == exact
    order = np.random.default_rng(1).permutation(values.shape[1])
    assert (values[:, order] @ values[:, order].T).tolist() == exact


def test_a_patch_without_gradients_stays_zero():
    assert not KINDS["sift"].values(np.zeros((2, 128), dtype="u1")).any()
