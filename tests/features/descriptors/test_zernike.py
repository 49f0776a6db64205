"""Zernike moments against their definition with SciPy's Jacobi polynomials, and shapes."""

import numpy as np
import pytest
from scipy.special import eval_jacobi

from bioselect.features.descriptors.zernike import (
    Zernike,
    block_side,
    disc_deviations,
    middle_of,
    polynomials,
    zernike_shares,
)


def radial(n, m, rho):
    # R_nm(rho) = (-1)^k rho^m P_k^(m, 0)(1 - 2 rho^2) with k = (n - m) / 2.
    k = (n - m) // 2
    return (-1) ** k * rho**m * eval_jacobi(k, m, 0, 1 - 2 * rho**2)


def polar(shape, middle, radius):
    y, x = np.indices(shape)
    down, right = (y - middle[0]) / radius, (x - middle[1]) / radius
    return np.hypot(down, right), np.arctan2(-down, right)


def blobs(shape, middle, scale=1.0, degrees=0.0, mirrored=False):
    """Draw three smooth spots in a triangle without symmetry, turned against the clock."""
    y, x = np.indices(shape)
    image = np.zeros(shape)
    for right, up, width, height in ((0, 0, 5, 1.0), (11, 3, 4, 0.8), (-4, 9, 3, 0.6)):
        right = -right if mirrored else right
        place = (right + 1j * up) * np.exp(1j * np.radians(degrees)) * scale
        distance = np.hypot(x - middle[1] - place.real, y - middle[0] + place.imag)
        image += height * np.exp(-0.5 * (distance / (width * scale)) ** 2)
    return (image / 2).astype(np.float32)[:, :, None]


@pytest.mark.parametrize(
    ("shape", "middle", "radius"),
    # Inside the image, beyond its border, between pixels, and summed over blocks of pixels.
    [((31, 37), (15, 18), 12), ((24, 20), (3, 15.3), 9.7), ((300, 290), (149.5, 140.2), 140)],
)
def test_shares_are_those_of_the_definition(shape, middle, radius):
    plane = blobs(shape, (shape[0] / 2, shape[1] / 2), scale=shape[0] / 40)[:, :, 0]
    plane = plane + 0.1 * np.random.default_rng(0).random(shape).astype(np.float32)
    rho, theta = polar(shape, middle, radius)
    is_inside = rho <= 1
    deviation = plane[is_inside].astype(np.float64) - plane[is_inside].mean(dtype=np.float64)
    length = np.sqrt((deviation**2).sum()) * radius
    expected = []
    for n, m in polynomials(8):
        z = radial(n, m, rho[is_inside]) * np.exp(-1j * m * theta[is_inside])
        # Khotanzad and Hong's moment: (n + 1) / pi times the sum. Orthonormal: the root of that;
        # m and -m are one number here.
        moment = (n + 1) / np.pi * abs((deviation * z).sum())
        expected.append(moment / np.sqrt((n + 1) / np.pi) * (1 if m == 0 else 2**0.5) / length)
    ours = zernike_shares(plane, middle, radius, 8)
    # Blocks of 2 x 2 pixels take the polynomials from the middle of a block.
    np.testing.assert_allclose(ours, expected, atol=1e-6 if radius < 64 else 2e-3)


@pytest.mark.parametrize(("n", "m"), [(1, 1), (2, 0), (3, 1), (4, 4), (6, 2), (12, 0), (12, 6)])
@pytest.mark.parametrize("radius", [60, 250])
def test_a_polynomial_is_itself_and_no_other(n, m, radius):
    side = 2 * radius + 1
    rho, theta = polar((side, side), (radius, radius), radius)
    values = radial(n, m, np.minimum(rho, 1)) * np.cos(m * theta + 0.3)
    image = (0.5 + 0.4 * values / np.abs(values).max()).astype(np.float32)[:, :, None]
    row = Zernike(degree=12, radius=radius, center="image").transform([image])[0]
    expected = [1.0 if pair == (n, m) else 0.0 for pair in polynomials(12)]
    # Pixels at the rim are inside or outside as a whole, where the polynomials are steepest.
    np.testing.assert_allclose(row, expected, atol=0.04)


@pytest.mark.parametrize("degrees", [17, 45, 90, 200])
def test_turning_and_mirroring_change_nothing(degrees):
    middle = (40.0, 42.0)
    images = [
        blobs((81, 85), middle),
        blobs((81, 85), middle, degrees=degrees),
        blobs((81, 85), middle, mirrored=True),
    ]
    rows = Zernike(degree=12, radius=30).transform(images)
    np.testing.assert_allclose(rows[1:], rows[[0, 0]], atol=0.01)
    assert rows.max() > 0.3


def test_a_quarter_turn_changes_nothing_at_all():
    image = np.random.default_rng(0).random((50, 61, 2)).astype(np.float32)
    for center in ("bright", "dark", "image"):
        rows = Zernike(center=center).transform([image, np.rot90(image)])
        np.testing.assert_allclose(rows[0], rows[1], atol=1e-5)


def test_the_disc_follows_what_is_bright():
    images = [blobs((100, 100), middle) for middle in ((40.0, 42.0), (61.3, 55.8))]
    rows = Zernike(radius=30).transform(images)
    np.testing.assert_allclose(rows[0], rows[1], atol=0.01)
    rows = Zernike(radius=30, center="image").transform(images)
    assert abs(rows[0] - rows[1]).max() > 0.1


def test_size_does_not_matter_when_the_disc_grows_with_the_image():
    images = [blobs((s * 60, s * 60), (s * 30, s * 30), scale=s) for s in (1, 2, 8)]
    rows = Zernike().transform(images)
    np.testing.assert_allclose(rows[1:], rows[[0, 0]], atol=0.02)


def test_brightness_contrast_and_inversion_do_not_matter():
    image = blobs((60, 60), (28, 31)) * 0.8
    rows = Zernike().transform([image, image * 0.02 + 0.5])
    np.testing.assert_allclose(rows[0], rows[1], atol=2e-3)
    dark = Zernike(center="dark").transform([1 - image])[0]
    np.testing.assert_allclose(dark, rows[0], atol=2e-3)


def test_squares_sum_to_at_most_one():
    random = np.random.default_rng(0)
    for side in (2, 3, 5, 8, 16, 40, 200):
        row = Zernike(degree=20).transform([random.random((side, side, 1), "f4")])[0]
        assert row.max() <= 1
        assert side < 40 or (row.astype(np.float64) ** 2).sum() <= 1
    smooth = Zernike(degree=20, center="image").transform([blobs((101, 101), (50, 50), 2.0)])[0]
    # A smooth image is nearly all in the polynomials up to 20.
    assert (smooth.astype(np.float64) ** 2).sum() == pytest.approx(1, abs=0.02)


def test_the_middle_is_the_centre_of_mass_of_what_stands_out():
    # Two bright pixels, 0.8 and 0.38 above a rest of 0.2: column (0.8 * 5 + 0.38 * 8) / 1.18.
    column = 7.04 / 1.18
    plane = np.full((20, 30), 0.2, dtype=np.float32)
    plane[7, 5], plane[7, 8] = 1.0, 0.58
    assert middle_of(plane, "bright") == pytest.approx((7, column), abs=1e-5)
    assert middle_of(1 - plane, "dark") == pytest.approx((7, column), abs=1e-5)
    assert middle_of(plane, "image") == (9.5, 14.5)
    assert middle_of(np.full((4, 9), 0.3, np.float32), "bright") == (1.5, 4.0)


@pytest.mark.parametrize("value", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("shape", [(1, 1, 1), (2, 2, 3), (3, 50, 1), (300, 200, 1)])
def test_flat_images_have_only_zeros(value, shape):
    row = Zernike().transform([np.full(shape, value, np.float32)])[0]
    assert not row.any()


def test_the_radius_is_half_the_shorter_side():
    image = blobs((60, 91), (30, 40))
    rows = [Zernike(radius=radius).transform([image])[0] for radius in ("auto", 30, 45.5)]
    np.testing.assert_array_equal(rows[0], rows[1])
    assert abs(rows[0] - rows[2]).max() > 0.1
    turned = Zernike().transform([np.rot90(image)])[0]
    np.testing.assert_allclose(turned, rows[0], atol=1e-5)


@pytest.mark.parametrize("radius", [2, 7.5, 100, 700])
def test_any_radius_on_a_small_image(radius):
    row = Zernike(radius=radius).transform([np.random.default_rng(0).random((8, 11, 1), "f4")])[0]
    assert np.isfinite(row).all()
    assert row.any()


def test_a_disc_far_larger_than_the_image_takes_no_memory_for_what_is_not_there():
    deviation, down, right = disc_deviations(np.eye(60, dtype="f4"), (29.5, 29.5), 4096.0)
    assert max(deviation.shape) < 60 + 2 * block_side(4096.0)
    assert deviation.shape == (len(down), len(right))
    assert deviation[deviation > 0].sum() == pytest.approx(60 * (1 - 1 / 60))


def test_row_is_channels_then_polynomials():
    image = np.concatenate([blobs((50, 50), (25, 25)), blobs((50, 50), (20, 25))[::-1]], axis=2)
    extractor = Zernike(degree=5)
    row, names = extractor.transform([image])[0], extractor.feature_names(2)
    second = extractor.transform([image[:, :, 1:]])[0]
    np.testing.assert_array_equal(row[len(second) :], second)
    # Orders 1 to 5 have 1, 2, 2, 3, 3 polynomials.
    assert len(names) == len(set(names)) == len(row) == 2 * 11
    assert names[10] == "zernike_n5_m5_c0"
    assert names[11] == "zernike_n1_m1_c1"
