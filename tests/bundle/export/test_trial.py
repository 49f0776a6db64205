"""What is refused: another class than the model's, and what ONNX Runtime does not compute."""

from types import SimpleNamespace

import numpy as np
import pytest

from bioselect.bundle.export.trial import Tried, _check_predicted, _run, session_of
from bioselect.exceptions import BundleError

#: Of the second image, two classes are tied as far as float32 shows.
CLASSES = np.array([[0.7, 0.2, 0.1], [0.4, 0.4 + 1e-6, 0.2], [0.1, 0.2, 0.7]])
LABELS = np.array([[0.7, 0.2], [0.5 + 1e-6, 0.9], [0.1, 0.6]])


class Saying:
    """A session that says one thing of three images."""

    def __init__(self, said, names=("probabilities", "predicted")):
        self.said, self.names = said, names

    def get_outputs(self):
        return [SimpleNamespace(name=name) for name in self.names]

    def run(self, names, given):
        if self.said is None:
            raise RuntimeError("no such\noperator")
        return [np.array(self.said)]


def check(expected, said, near=(True, True, True), **more):
    tried = Tried({"rows": np.zeros((3, 1))}, [], expected)
    _check_predicted(Saying(said, **more), tried, expected is LABELS, np.array(near))


@pytest.mark.parametrize(
    ("expected", "right", "wrong"),
    [
        (CLASSES, ([0, 0, 2], [0, 1, 2]), ([1, 1, 2], [0, 1, 1], [2, 1, 0])),
        (LABELS, ([[1, 0], [0, 1], [0, 1]], [[1, 0], [1, 1], [0, 1]]), ([[1, 0], [1, 0], [0, 1]],)),
    ],
)
def test_another_class_is_refused_but_of_a_tie(expected, right, wrong):
    for said in right:
        check(expected, said)
    for said in wrong:
        with pytest.raises(BundleError, match=r"of [12] of 3 images, .* is not written\.$"):
            check(expected, said)


def test_what_jumps_or_is_not_said_is_not_looked_at():
    check(CLASSES, [0, 1, 1], near=(True, True, False))
    check(CLASSES, [0, 1, 1], names=("probabilities",))


def test_what_onnx_runtime_refuses_is_one_line():
    told = r"ONNX Runtime \d.* must compute the file\. It says: no such operator\."
    with pytest.raises(BundleError, match=told):
        _run(Saying(None), {"rows": np.zeros((3, 1))}, "predicted")
    with pytest.raises(BundleError, match="must compute the file"):
        session_of(SimpleNamespace(SerializeToString=lambda: b"no graph"))
