import numpy as np
import pytest
from scipy.ndimage import gaussian_filter, laplace
from skimage.feature import structure_tensor_eigenvalues

from bioselect.data.pairs import ArrayScene
from bioselect.segmenters import filter_bank
from bioselect.segmenters.filter_bank import FilterBank

RANDOM = np.random.default_rng(0)
IMAGE = RANDOM.random((61, 83, 2)).astype(np.float32)
BANK = FilterBank((1.0, 3.0))
INSIDE = (slice(2, -2), slice(2, -2))  # where np.gradient takes differences on both sides


def _named(bank=BANK, image=IMAGE):
    return dict(zip(bank.names(image.shape[2]), bank.responses(image), strict=True))


def _smooth(plane, scale):
    return gaussian_filter(plane.astype(np.float64), scale, mode="mirror", truncate=3.0)


@pytest.mark.parametrize("channel", [0, 1])
@pytest.mark.parametrize("scale", [1.0, 3.0])
def test_responses_are_those_of_scipy_and_scikit_image(channel, scale):
    found, plane = _named(), IMAGE[..., channel]
    smooth = _smooth(plane, scale)
    finer = plane if scale == 1.0 else _smooth(plane, 1.0)
    dy, dx = (scale * slope for slope in np.gradient(smooth))
    xy = scale * np.gradient(dy, axis=1)
    trace = scale**2 * laplace(smooth, mode="mirror")
    yy = scale**2 * np.diff(smooth, 2, axis=0)[1:-1, 2:-2]
    hessian = np.stack([trace[INSIDE] - yy, xy[INSIDE], xy[INSIDE], yy], axis=-1)
    hessian = np.linalg.eigvalsh(hessian.reshape(*yy.shape, 2, 2))
    tensor = [_smooth(product, scale) for product in (dx * dx, dx * dy, dy * dy)]
    structure = structure_tensor_eigenvalues(tensor)
    deep = (slice(12, -12), slice(12, -12))
    for kind, expected, where in [
        ("gaussian", smooth, ...),
        ("difference", finer - smooth, ...),
        ("gradient", np.hypot(dx, dy), INSIDE),
        ("laplacian", trace, ...),
        ("hessian_high", hessian[..., 1], None),
        ("hessian_low", hessian[..., 0], None),
        ("structure_high", structure[0], deep),
        ("structure_low", structure[1], deep),
    ]:
        response = found[f"c{channel}_{kind}_{scale:g}"]
        if where is None:
            response = response[INSIDE]
        else:
            response, expected = response[where], expected[where]
        assert response == pytest.approx(expected, abs=2e-6 * scale**2), kind
    assert np.array_equal(found[f"c{channel}"], plane)


def test_numbers_are_as_large_for_a_shape_twice_as_large():
    rows, columns = np.mgrid[-64:65, -64:65]
    blobs = {s: np.exp(-(rows**2 + columns**2) / (2 * s**2))[..., None] for s in (3.0, 6.0)}
    small, large = (_named(FilterBank((s,)), blobs[s].astype(np.float32)) for s in (3.0, 6.0))
    for kind in ("gaussian", "laplacian", "hessian_low"):
        first, second = small[f"c0_{kind}_3"][64, 64], large[f"c0_{kind}_6"][64, 64]
        assert first == pytest.approx(second, rel=0.03)
        assert abs(first) > 0.1
    # A bright blob curves downwards every way.
    assert small["c0_hessian_high_3"][64, 64] < 0 < small["c0_gaussian_3"][64, 64]


def test_rows_of_a_band_have_the_bits_of_the_whole(monkeypatch):
    bank, whole = BANK, BANK.responses(IMAGE)
    monkeypatch.setattr(filter_bank, "_NUMBERS_AT_A_TIME", 7 * 83 * bank.n_responses(2))
    bands = list(bank.bands(ArrayScene(IMAGE)))
    assert [(rows.start, rows.stop) for rows in bands][:2] == [(0, 7), (7, 14)]
    parts = [bank.responses_in(ArrayScene(IMAGE), rows) for rows in bands]
    assert np.array_equal(np.concatenate(parts, axis=1), whole)


def test_the_margin_is_needed_and_enough():
    far = IMAGE.copy()
    far[0] += 0.5
    changed = (BANK.responses(far) != BANK.responses(IMAGE)).any(axis=(0, 2))
    assert changed[BANK.margin]
    assert not changed[BANK.margin + 1 :].any()


@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 7, 3), (5, 1, 2), (2, 2, 1), (3, 400, 1)])
def test_any_size_is_taken(shape):
    image = RANDOM.random(shape).astype(np.float32)
    image.flags.writeable = False
    found = FilterBank((0.5, 8.0)).responses(image)
    assert found.shape == (shape[2] * 17, *shape[:2])
    assert np.isfinite(found).all()
    assert len(FilterBank((0.5, 8.0)).names(shape[2])) == len(found)
    constant = FilterBank((2.0,)).responses(np.full(shape, 0.3, np.float32))
    assert constant[3] == pytest.approx(np.zeros(shape[:2]), abs=1e-6)
