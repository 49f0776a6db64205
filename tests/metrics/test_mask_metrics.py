import numpy as np
import pytest

from bioselect.metrics.base import UndefinedMetricError, evaluate, get_metric
from bioselect.metrics.builtin import MASKS, OF_TARGETS

SCORES = np.array([[0.5], [1.0], [0.0]])


@pytest.mark.parametrize("name", OF_TARGETS[MASKS])
def test_the_metric_is_the_mean_of_the_images_scores(name):
    metric = get_metric(name)
    assert metric.takes_masks
    assert evaluate(metric, np.zeros(3), SCORES) == pytest.approx(0.5)
    weights = np.array([[1.0, 1, 1], [0, 4, 0], [2, 1, 1]])
    # (0.5 + 0.5 + 1 + 0) / 4 in the last draw.
    values = metric.weighted(np.zeros(3), SCORES, 1, weights)
    assert values.tolist() == [0.5, 1.0, 0.5]


def test_images_without_a_value_are_left_out():
    metric, scores = get_metric("dice"), np.array([[0.5], [np.nan]])
    assert evaluate(metric, np.zeros(2), scores) == 0.5
    values = metric.weighted(np.zeros(2), scores, 1, np.array([[1.0, 1.0], [0.0, 2.0]]))
    assert values[0] == 0.5
    assert np.isnan(values[1])
    with pytest.raises(UndefinedMetricError, match="dice: must have a value in 1 image"):
        metric.function(np.zeros(1), scores[1:], 1)
