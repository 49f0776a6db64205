import numpy as np
import pytest

from bioselect.data.intensities import Intensity, resolve_auto, scale
from bioselect.exceptions import ConfigurationError, UnreadableImageError


def _column(values, dtype):
    return np.array(values, dtype=dtype).reshape(-1, 1, 1)


@pytest.mark.parametrize(
    ("dtype", "values", "expected"),
    [
        ("uint8", [0, 51, 255], [0, 0.2, 1]),  # 51 / 255
        ("uint16", [0, 13107, 65535], [0, 0.2, 1]),  # 13107 / 65535
        ("uint32", [0, 858993459, 4294967295], [0, 0.2, 1]),
        ("float32", [0, 0.25, 1], [0, 0.25, 1]),
        ("float64", [0, 0.25, 1], [0, 0.25, 1]),
    ],
)
def test_dtype_divides_by_the_largest_value_of_the_type(dtype, values, expected):
    scaled = scale(_column(values, dtype), Intensity("dtype"), "a.tif")
    assert scaled.dtype == np.float32
    np.testing.assert_allclose(scaled.ravel(), expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("dtype", "values"),
    [("float32", [0, 1.5]), ("float32", [-0.1, 1]), ("int16", [0, 5]), ("float64", [0, np.nan])],
)
def test_dtype_refuses_values_that_have_no_scale(dtype, values):
    with pytest.raises(UnreadableImageError, match=r"plate/a\.tif.*Choose `intensity: percentile`"):
        scale(_column(values, dtype), Intensity("dtype"), "plate/a.tif")


def test_range_maps_its_ends_and_clips_beyond():
    image = _column([50, 100, 150, 300, 400], "uint16")
    scaled = scale(image, Intensity("range", 100, 300), "a.tif")
    np.testing.assert_allclose(scaled.ravel(), [0, 0, 0.25, 1, 1])


def test_range_keeps_small_differences_on_a_large_offset():
    # float32 has steps of 64 at 1e9: subtracting in float32 would lose the difference of 8.
    image = _column([1_000_000_000, 1_000_000_008, 1_000_000_016], "uint32")
    scaled = scale(image, Intensity("range", 1e9, 1e9 + 16), "a.tif")
    np.testing.assert_allclose(scaled.ravel(), [0, 0.5, 1])


def test_percentile_is_that_of_all_channels_together():
    # 0 to 2000 in 2001 values: the 0.1th percentile is 2, the 99.9th 1998.
    image = np.arange(2001, dtype=np.uint16).reshape(3, 23, 29)
    scaled = scale(image, Intensity("percentile"), "a.tif")
    expected = np.clip((np.arange(2001) - 2) / 1996, 0, 1).reshape(image.shape)
    np.testing.assert_allclose(scaled, expected, atol=1e-6)


def test_percentile_takes_any_numbers():
    scaled = scale(_column([-7.5, 0, 7.5], "float64"), Intensity("percentile"), "a.tif")
    np.testing.assert_allclose(scaled.ravel(), [0, 0.5, 1], atol=1e-6)


@pytest.mark.parametrize("value", [0, 900])
def test_percentile_makes_a_constant_image_zeros(value):
    image = np.full((4, 5, 2), value, dtype=np.uint16)
    np.testing.assert_array_equal(scale(image, Intensity("percentile"), "a.tif"), 0)


def test_percentile_keeps_one_bright_point_on_a_flat_ground():
    # One point in 10,000 lies beyond the 99.9th percentile, which is the ground itself.
    image = np.full((100, 100, 1), 10, dtype=np.uint16)
    image[3, 4] = 210
    scaled = scale(image, Intensity("percentile"), "a.tif")
    assert scaled[3, 4] == 1
    assert scaled.sum() == 1


def test_the_image_itself_is_not_changed():
    image = np.array([[[0.0], [0.5], [2.0]]])
    before = image.copy()
    for intensity in (Intensity("percentile"), Intensity("range", 0, 1)):
        scale(image, intensity, "a.tif")
    np.testing.assert_array_equal(image, before)


@pytest.mark.parametrize("value", ["dtype", "percentile", {"min": -1.5, "max": 4095}])
def test_configuration_round_trip(value):
    assert Intensity.from_config(value).as_config() == value


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("auto", "Got 'auto'"),
        ({"min": 3}, "must be dtype, percentile or"),
        ({"min": 5, "max": 5}, "min below max"),
        ({"min": 0, "max": float("nan")}, "finite"),
        ({"min": 0, "max": "high"}, "finite numbers"),
        ({"min": False, "max": True}, "finite numbers"),
        (None, "Got None"),
    ],
)
def test_a_wrong_configuration_is_refused(value, message):
    with pytest.raises(ConfigurationError, match=message):
        Intensity.from_config(value)


def test_a_range_belongs_to_the_mode_range_only():
    with pytest.raises(ConfigurationError, match="percentile takes no min and max"):
        Intensity("percentile", 0, 1)


@pytest.mark.parametrize(
    ("dtypes", "minimum", "maximum", "expected"),
    [
        ({"uint8"}, 0, 12, "dtype"),
        ({"uint16"}, 0, 255, {"min": 0, "max": 255}),
        ({"uint16"}, 0, 256, {"min": 0, "max": 1023}),
        ({"uint16"}, 7, 3014, {"min": 0, "max": 4095}),
        ({"uint16"}, 7, 4096, {"min": 0, "max": 16383}),
        ({"uint16"}, 7, 65535, {"min": 0, "max": 65535}),
        ({"float32"}, 0, 1, "dtype"),
        ({"float32", "float64"}, 0.1, 0.9, "dtype"),
        ({"float32"}, 0, 1.01, "percentile"),
        ({"float32"}, -0.01, 1, "percentile"),
        ({"uint8", "uint16"}, 0, 255, "percentile"),
        ({"float32", "uint8"}, 0, 1, "percentile"),
        ({"int16"}, 0, 100, "percentile"),
        ({"uint32"}, 0, 100, "percentile"),
    ],
)
def test_auto_decides_by_type_and_range(dtypes, minimum, maximum, expected):
    intensity, explanation = resolve_auto(dtypes, minimum, maximum)
    assert intensity.as_config() == expected
    assert explanation


def test_auto_explains_with_the_numbers_it_saw():
    _, explanation = resolve_auto({"uint16"}, 0, 3014)
    assert "3014" in explanation
    assert "12 bits" in explanation
    _, explanation = resolve_auto({"uint8", "uint16"}, 0, 3014)
    assert "uint16, uint8" in explanation
