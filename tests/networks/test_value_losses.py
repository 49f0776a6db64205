"""Losses of numbers are those of Keras."""

import numpy as np
import pytest

from bioselect.backbones.keras_import import import_keras
from bioselect.networks.value_losses import make_value_loss


@pytest.mark.parametrize(
    ("name", "of_keras"),
    [("mse", "mean_squared_error"), ("mae", "mean_absolute_error"), ("huber", "huber")],
)
def test_losses_are_those_of_keras(name, of_keras):
    random = np.random.default_rng(0)
    targets, output = random.normal(scale=2, size=(2, 50, 1)).astype(np.float32)
    expected = getattr(import_keras().losses, of_keras)(targets, output).numpy()
    got = make_value_loss(name)(targets, output).numpy()
    assert got.shape == (50,)
    np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-7)
