import numpy as np
import pytest

from bioselect.component import ComponentSpec
from bioselect.networks.builtin import NETWORKS
from bioselect.networks.optimizers import make_optimizer
from bioselect.networks.settings import settings_of


def stepped(start, gradients, name="kernel", **params):
    """Return a weight after the steps of an optimizer."""
    import keras

    settings, _ = settings_of(NETWORKS["small_cnn"], ComponentSpec.of("small_cnn", params))
    variable = keras.Variable([float(start)], name=name)
    optimizer = make_optimizer(keras, settings, [variable])
    for gradient in gradients:
        optimizer.apply([np.float32([gradient])], [variable])
    return float(variable.numpy()[0])


def test_sgd_gathers_momentum():
    # v = -0.1, then 0.9 * -0.1 - 0.1 = -0.19.
    rate = {"optimizer": "sgd", "learning_rate": 0.1}
    assert stepped(1, [1, 1], **rate) == pytest.approx(1 - 0.1 - 0.19)
    assert stepped(1, [1, 1], momentum=0, **rate) == pytest.approx(0.8)


def test_adam_takes_steps_of_the_rate():
    assert stepped(1, [7], learning_rate=0.01) == pytest.approx(0.99, abs=1e-6)


def test_decay_takes_the_rate_times_the_decay_of_a_weight():
    # 1 - 0.1 * 0.5 and no gradient.
    decayed = {"optimizer": "adamw", "learning_rate": 0.1, "weight_decay": 0.5}
    assert stepped(1, [0], **decayed) == pytest.approx(0.95)
    assert stepped(1, [0], "bias", **decayed) == 1
    assert stepped(1, [0], **{**decayed, "optimizer": "sgd"}) == pytest.approx(0.95)
    assert stepped(1, [0], optimizer="adamw", weight_decay=0) == 1
