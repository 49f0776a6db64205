"""Dense networks as estimators: trained by Keras, computed by NumPy."""

from types import SimpleNamespace

import numpy as np
import pytest
import skops.io
from sklearn.base import clone

from bioselect.backbones.keras_import import import_keras
from bioselect.data.units_of_views import units_of_views
from bioselect.estimators.dense_network import ACTIVATIONS, DenseNetwork
from bioselect.exceptions import DataError
from bioselect.networks.row_training import build_model
from bioselect.networks.rows import RowDesign

DESIGN = {
    "name": "mlp_network",
    "hidden": [9, 5],
    "activation": "relu",
    "dropout": 0.0,
    "loss": "mse",
    "optimizer": "adam",
    "learning_rate": 0.01,
    "momentum": 0.0,
    "epochs": 4,
    "batch_size": 8,
    "early_stopping": None,
}
ASKED = []


def note(design, *arrays):
    """Stand for the training: remember what was asked for, answer twice the first number."""
    ASKED.append((design, *arrays))
    kernel = np.zeros((arrays[0].shape[1], 1), dtype=np.float32)
    kernel[0] = 2.0
    return SimpleNamespace(kernels=[kernel], biases=[np.float32([0.5])], best_epoch=3)


def rows_and_numbers(n_rows=40, n_features=3):
    random = np.random.default_rng(1)
    X = random.normal(size=(n_rows, n_features))
    y = 100 + 7 * X[:, 0]
    X.flags.writeable = y.flags.writeable = False
    return X, y


def noted(**changes):
    return DenseNetwork({**DESIGN, **changes}, trained_by=f"{__name__}:note")


@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
def test_it_computes_what_keras_computes(activation):
    X, y = rows_and_numbers()
    network = DenseNetwork({**DESIGN, "activation": activation}).fit(X, y)
    model = build_model(
        import_keras(), RowDesign(**{**DESIGN, "activation": activation, "seed": 0}), X.shape[1]
    )
    model.set_weights(
        [a for pair in zip(network.kernels_, network.biases_, strict=True) for a in pair]
    )
    wide = np.concatenate([X, 30 * X])  # Also where exponentials get large.
    expected = model.predict(wide.astype(np.float32), verbose=0)[:, 0].astype(float)
    got = (network.predict(wide) - network.offset_) / network.unit_
    np.testing.assert_allclose(got, expected, rtol=1e-6, atol=1e-6)


def test_the_target_is_learnt_in_units_of_its_own():
    X, y = rows_and_numbers()
    network = noted().fit(X, y)
    _, _, taught, _, kept = ASKED[-1]
    assert abs(taught.mean()) < 1e-12
    assert abs(taught.std() - 1) < 1e-12
    assert len(kept) == 0
    # Twice the first feature and a half, in the target's units.
    expected = (2 * X[:, 0] + 0.5) * y.std() + y.mean()
    np.testing.assert_allclose(network.predict(X), expected)


def test_without_scaling_the_target_is_learnt_as_it_is():
    X, y = rows_and_numbers()
    network = noted().set_params(target_scaling=False).fit(X, y)
    np.testing.assert_array_equal(ASKED[-1][2], y)
    np.testing.assert_allclose(network.predict(X), 2 * X[:, 0] + 0.5)


def test_a_constant_target_is_predicted():
    X, _ = rows_and_numbers()
    assert np.isfinite(noted().fit(X, np.full(len(X), 3.0)).predict(X)).all()


def test_early_stopping_keeps_whole_units_and_scales_by_the_others():
    X, y = rows_and_numbers()
    units = np.repeat(np.arange(10), 4)
    noted(early_stopping=3).fit(X, y, units)
    _, rows, taught, kept_rows, kept = ASKED[-1]
    of_taught = {units[np.flatnonzero(np.equal(X, row).all(axis=1))[0]] for row in rows}
    of_kept = {units[np.flatnonzero(np.equal(X, row).all(axis=1))[0]] for row in kept_rows}
    assert of_taught | of_kept == set(range(10))
    assert not of_taught & of_kept
    assert 0 < len(kept) <= 12
    assert abs(taught.mean()) < 1e-12
    assert abs(taught.std() - 1) < 1e-12


def test_views_of_images_are_trained_on_and_never_judged_by():
    X, y = rows_and_numbers()
    units = np.arange(20)
    noted(early_stopping=3).fit(X, y, np.concatenate([units, units_of_views(units)]))
    _, rows, _, kept_rows, _ = ASKED[-1]
    places = [int(np.flatnonzero(np.equal(X, row).all(axis=1))[0]) for row in kept_rows]
    assert places
    assert max(places) < 20
    # The views of what is kept are left out altogether.
    assert len(rows) == 40 - 2 * len(kept_rows)


def test_one_unit_leaves_nothing_to_keep():
    X, y = rows_and_numbers()
    with pytest.raises(DataError, match=r"mlp_network: early_stopping keeps some .* Got 1 indep"):
        noted(early_stopping=3).fit(X, y, np.zeros(len(X), dtype=int))


def test_it_is_an_estimator_that_a_file_without_pickle_holds():
    X, y = rows_and_numbers()
    network = clone(DenseNetwork(DESIGN, seed=4)).fit(X, y)
    data = skops.io.dumps(network)
    kinds = skops.io.get_untrusted_types(data=data)
    assert kinds == ["bioselect.estimators.dense_network.DenseNetwork"]
    again = skops.io.loads(data, trusted=kinds)
    np.testing.assert_array_equal(again.predict(X), network.predict(X))


def test_same_seed_same_bits():
    X, y = rows_and_numbers()
    first, second = (DenseNetwork(DESIGN, seed=4).fit(X, y).predict(X) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(first, DenseNetwork(DESIGN, seed=5).fit(X, y).predict(X))
