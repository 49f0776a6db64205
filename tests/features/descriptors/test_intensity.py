"""Statistics of values against scipy and numpy."""

import numpy as np
import pytest
from scipy import stats

from bioselect.exceptions import ComponentError
from bioselect.features.descriptors.intensity import MOMENTS, Intensity, moments


def test_moments_are_those_of_scipy():
    plane = np.random.default_rng(0).beta(2, 5, (40, 50)).astype(np.float32)
    values = plane.ravel().astype(np.float64)
    found = dict(zip(MOMENTS, moments(plane), strict=True))
    counts = np.histogram(values, bins=256, range=(0, 1))[0]
    assert found["mean"] == pytest.approx(values.mean())
    assert found["sd"] == pytest.approx(values.std())
    assert found["skewness"] == pytest.approx(stats.skew(values))
    assert found["kurtosis"] == pytest.approx(stats.kurtosis(values))
    assert found["entropy"] == pytest.approx(stats.entropy(counts, base=2))


def test_clipped_shares():
    plane = np.array([[0, 0, 0.5, 1]], dtype=np.float32)
    found = dict(zip(MOMENTS, moments(plane), strict=True))
    assert found["share_black"] == 0.5
    assert found["share_saturated"] == 0.25


@pytest.mark.parametrize("value", [0.0, 0.1, 0.3, 1.0])
@pytest.mark.parametrize("shape", [(1, 1), (33, 47)])
def test_a_flat_channel_has_no_shape(value, shape):
    found = dict(zip(MOMENTS, moments(np.full(shape, value, np.float32)), strict=True))
    assert found["mean"] == pytest.approx(value)
    assert found["sd"] == pytest.approx(0.0, abs=1e-12)
    assert found["skewness"] == found["kurtosis"] == found["entropy"] == 0.0
    assert not np.signbit(found["entropy"])


def test_one_odd_pixel_of_a_16_bit_image_counts():
    # Of n = 10,000 pixels one differs: skewness is (n - 2) / sqrt(n - 1).
    plane = np.full((100, 100), 0.5, dtype=np.float32)
    plane[3, 4] += 1 / 65535
    found = dict(zip(MOMENTS, moments(plane), strict=True))
    assert found["skewness"] == pytest.approx(9998 / 9999**0.5, rel=1e-6)


def test_row_is_channels_then_statistics():
    image = np.random.default_rng(0).random((20, 30, 2)).astype(np.float32)
    extractor = Intensity(quantiles=[0.1, 0.9])
    row = extractor.transform([image])[0]
    found = dict(zip(extractor.feature_names(2), row.tolist(), strict=True))
    assert len(found) == 18
    second = image[:, :, 1].astype(np.float64)
    assert found["intensity_mean_c1"] == pytest.approx(second.mean(), rel=1e-6)
    assert found["intensity_quantile0.9_c1"] == pytest.approx(np.quantile(second, 0.9), rel=1e-6)


def test_mean_of_channels():
    image = np.random.default_rng(0).random((20, 30, 4)).astype(np.float32)
    rows = Intensity(channels="mean").transform([image, image[:, :, :1]])
    assert rows.shape == (2, 14)
    assert rows[0, 1] == pytest.approx(image.mean(axis=2).std(), rel=1e-5)


@pytest.mark.parametrize("quantiles", [[], [1.5], [0.5, 0.5]])
def test_wrong_quantiles(quantiles):
    with pytest.raises(ComponentError, match=r"intensity: params.quantiles must be"):
        Intensity(quantiles=quantiles)
