import numpy as np
import pytest

from bioselect.data.rescaling import Rescaling, rescale, rescaled_dtype


@pytest.mark.parametrize(
    ("stored", "ends", "lines", "expected"),
    [
        ("uint16", (0, 65535), [(1, 0)], "uint16"),
        (">u2", (0, 65535), [(1, 0)], "uint16"),
        ("uint16", (0, 4095), [(1, -1024)], "int16"),
        ("uint16", (0, 4095), [(-1, 0)], "int16"),
        ("uint16", (0, 32767), [(1, 0), (1, 1)], "float32"),  # up to 32768
        ("uint16", (0, 32767), [(1, 0), (1, -1)], "int16"),
        ("int16", (-32768, 32767), [(1, -1)], "float32"),
        ("uint8", (0, 255), [(0.5, 0)], "float32"),
        ("uint8", (0, 255), [(1, 0.5)], "float32"),
        ("float32", (0, 0), [(2, 0)], "float32"),
        ("float64", (0, 0), [(2, 0)], "float64"),
    ],
)
def test_the_type_holds_every_value_that_can_occur(stored, ends, lines, expected):
    found = rescaled_dtype(np.dtype(stored), ends, [Rescaling(*map(float, line)) for line in lines])
    assert found == np.dtype(expected)
    assert found.isnative


def test_values_are_computed_with_double_precision():
    # 9 x 0.1 with a slope of single precision would be 0.90000004.
    found = rescale(np.array([9], np.uint16), Rescaling(0.1, 0.0), np.dtype("float32"))
    assert found.tolist() == [float(np.float32(0.9))]
    assert rescale(np.array([7], np.uint16), Rescaling(), np.dtype("float32")).tolist() == [7.0]


@pytest.mark.parametrize(
    ("slope", "intercept", "is_valid"),
    [(1.0, 0.0, True), (0.0, 0.0, False), (float("nan"), 0.0, False), (1.0, float("inf"), False)],
)
def test_a_line_must_be_one(slope, intercept, is_valid):
    assert Rescaling(slope, intercept).is_valid == is_valid
