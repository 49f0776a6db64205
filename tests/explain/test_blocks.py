import numpy as np
import pandas as pd
import pytest

from bioselect.explain.blocks import Block, close_blocks, correlations


def named(n):
    return [Block(f"c{place}", (place,)) for place in range(n)]


def test_correlations_are_those_of_pandas_with_missing_values():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(40, 6)) + 1e6
    X[:, 3] = X[:, 1] * -2 + 0.1 * rng.normal(size=40)
    X[rng.random(X.shape) < 0.2] = np.nan
    assert np.allclose(correlations(X), pd.DataFrame(X).corr().to_numpy(), atol=1e-9)


def test_constant_columns_and_too_few_rows_have_no_correlation():
    X = np.array([[1.0, 5.0, np.nan], [2.0, 5.0, 1.0], [3.0, 5.0, 2.0]])
    assert correlations(X)[0].tolist() == pytest.approx([1.0, 0.0, 0.0])


def test_lots_are_joined_through_a_third():
    # Along a chain, neighbours correlate by more than 0.9 and the ends by less.
    rng = np.random.default_rng(1)
    a, noise = rng.normal(size=(2, 4000))
    angles = np.deg2rad([0, 20, 40])
    X = np.stack([np.cos(t) * a + np.sin(t) * noise for t in angles] + [rng.normal(size=4000)], 1)
    near = np.abs(correlations(X)) > 0.9
    assert near[0, 1]
    assert near[1, 2]
    assert not near[0, 2]
    (lot,) = close_blocks(X, named(4))
    assert (lot.columns, lot.members) == ((0, 1, 2), ("c0", "c1", "c2"))


def test_negative_correlation_counts_and_blocks_of_many_columns_do_not():
    rng = np.random.default_rng(2)
    a = rng.normal(size=50)
    X = np.stack([a, -a, a], axis=1)
    assert [lot.columns for lot in close_blocks(X, named(3))] == [(0, 1, 2)]
    blocks = [Block("x", (0,)), Block("rows", (1, 2))]
    assert close_blocks(X, blocks) == []


def test_lots_do_not_depend_on_the_order_of_what_is_near():
    rng = np.random.default_rng(3)
    a, b = rng.normal(size=(2, 60))
    X = np.stack([a, b, a + 0.01 * b, b + 0.01 * a], axis=1)
    assert [lot.columns for lot in close_blocks(X, named(4))] == [(0, 2), (1, 3)]
