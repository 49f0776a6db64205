"""A network that learns a number: its head, its units, what it refuses."""

import numpy as np
import pytest

from bioselect.augmentation.choice import Augmentation
from bioselect.component import ComponentSpec
from bioselect.exceptions import ComponentError
from bioselect.networks.regressor import NetworkRegressor
from bioselect.networks.task import NetworkTask, TargetScale
from bioselect.testing.value_network_checks import draw_pixels, draw_values, value_task

TINY = {"filters": 4, "n_blocks": 1, "batch_size": 8, "epochs": 2}


def make(augmentation=None, **params):
    return NetworkRegressor(ComponentSpec.of("small_cnn", {**TINY, **params}), augmentation)


def test_the_scale_is_that_of_the_images_to_train_on():
    values = np.array([2.0, 6.0, 1000.0, 4.0])
    task = NetworkTask(1, values, np.array([0, 1, 3]), np.array([2]), seed=0)
    # 2, 6 and 4: the mean is 4, the variance 8/3.
    assert task.scale == TargetScale(4.0, pytest.approx((8 / 3) ** 0.5))
    expected = (np.array([1000.0, 2.0]) - 4) / (8 / 3) ** 0.5
    np.testing.assert_allclose(task.targets(np.array([2, 0]))[:, 0], expected, rtol=1e-6)


def test_equal_numbers_have_the_unit_one():
    task = NetworkTask(1, np.full(3, 7.0), np.arange(3), np.zeros(0, dtype=int), seed=0)
    assert task.scale == TargetScale(7.0, 1.0)
    task.check(3)


def test_the_head_is_linear_and_the_last_layer_gives_the_units():
    values = draw_values(10)
    network = make(loss="huber")
    pixels = draw_pixels((16, 16, 3), values)
    task = value_task(values, 8)
    trained = network.fit(pixels, task)
    last = trained.model.layers[-1].get_config()
    assert (last["scale"], last["offset"]) == (task.scale.unit, task.scale.offset)
    assert trained.unit == task.scale.unit
    assert trained.n_classes == 1
    assert not trained.is_multi_label
    assert [one.accuracy for one in trained.history] == [None, None]
    # The loss is of numbers in units of their own, the error in those of the target.
    first = trained.history[0]
    assert first.error > 10 * first.loss


def test_a_blend_of_images_is_refused():
    steps = (ComponentSpec("mixup"),)
    with pytest.raises(ComponentError, match=r"^small_cnn: a blend of two images \(mixup\)"):
        make(Augmentation(steps, "combined", 0.5)).check_available()
    # Other steps are not.
    make(Augmentation((ComponentSpec("horizontal_flip"),), "combined", 0.5)).check_available()


@pytest.mark.parametrize(
    ("params", "part"),
    [
        ({"class_weight": "balanced"}, "numbers have no classes that could be rare"),
        ({"label_smoothing": 0.1}, "a number has no share to give"),
        ({"gce_q": 0.5}, "write loss: mae"),
        ({"loss": "cross_entropy"}, "mse"),
    ],
)
def test_what_is_about_classes_is_refused(params, part):
    with pytest.raises(ComponentError) as caught:
        make(**params).check_available()
    assert part in str(caught.value)
