"""A calibration in ONNX gives what bioselect gives, and keeps the predicted class."""

import numpy as np
import pytest

from bioselect.bundle.export.calibrating import calibrated, calibrated_labels
from bioselect.bundle.export.graph import Graph
from bioselect.estimators.calibration import Calibration

#: By so much the predicted class is raised above others that it is tied with.
CLOSE = 1e-6
OFFSETS = (1.0, 0.0, -2.0, 0.5)


def knots(seed, count):
    random = np.random.default_rng(seed)
    return tuple(
        (tuple(sorted(random.random(6))), tuple(sorted(0.05 + 0.9 * random.random(6))))
        for _ in range(count)
    )


#: Two knots at one place, where the curve jumps.
JUMP = (((0.0, 0.2, 0.2, 0.6), (0.05, 0.1, 0.5, 0.9)),)
FOUR = [
    Calibration(),
    Calibration("temperature", slope=0.4, lapse=0.03),
    Calibration("temperature", slope=1.7, floor=0.01),
    Calibration("sigmoid", 0.7, 0.001, OFFSETS),
    Calibration("isotonic", knots=knots(0, 4)),
    Calibration("isotonic", knots=JUMP * 4),
]
TWO = [Calibration("sigmoid", 0.7, 0.001, (1.0, 0.0)), Calibration("isotonic", knots=knots(1, 1))]


def in_onnx(calibrate, calibration, table, computed):
    graph = Graph()
    given = graph.input("table", np.float64, [table.shape[1]])
    found = calibrate(graph, calibration, given, table.shape[1])
    graph.output("found", found, [table.shape[1]], np.float64)
    return computed(graph.model(), table=table)[0]


@pytest.mark.parametrize(
    ("calibration", "n_classes"), [*((one, 4) for one in FOUR), *((one, 2) for one in TWO)]
)
def test_of_classes(calibration, n_classes, computed):
    table = np.random.default_rng(2).dirichlet([0.4] * n_classes, 300)
    table[0] = np.eye(n_classes)[1]
    table[1] = 1.0 / n_classes
    expected = calibration.applied_to(table)
    got = in_onnx(calibrated, calibration, table, computed)
    np.testing.assert_allclose(got, expected, rtol=0, atol=CLOSE)
    # Also as float32, in which they are given out.
    assert (got.astype(np.float32).argmax(axis=1) == table.argmax(axis=1)).all()


@pytest.mark.parametrize("calibration", TWO)
def test_of_labels(calibration, computed):
    table = np.random.default_rng(3).random((300, 3))
    table[0] = 0.5
    expected = calibration.applied_to_labels(table)
    got = in_onnx(calibrated_labels, calibration, table, computed)
    np.testing.assert_allclose(got, expected, rtol=0, atol=CLOSE)
    assert ((got.astype(np.float32) > 0.5) == (table > 0.5)).all()
