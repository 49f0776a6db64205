"""Edges against scikit-image, and shapes whose edges are known."""

import numpy as np
import pytest
from skimage.filters import scharr

from bioselect.exceptions import ComponentError, UnreadableImageError
from bioselect.features.descriptors.edges import Edges


def named(extractor, image):
    row = extractor.transform([image])[0]
    return dict(zip(extractor.feature_names(image.shape[2]), row.tolist(), strict=True))


def ramp(degrees, slope=0.005, side=64):
    """Draw values that grow in one direction; at 45 degrees towards the top right."""
    y, x = np.indices((side, side)) - side / 2
    along = np.cos(np.radians(degrees)) * x - np.sin(np.radians(degrees)) * y
    return (0.5 + slope * along).astype(np.float32)[:, :, None]


def cone(side=201):
    y, x = np.indices((side, side)) - (side - 1) / 2
    return (np.hypot(x, y) / side).astype(np.float32)[:, :, None]


@pytest.mark.parametrize(
    ("degrees", "name"),
    [(0, "o0"), (5, "o0"), (22.5, "o22.5"), (45, "o45"), (90, "o90"), (135, "o135"), (178, "o0")],
)
@pytest.mark.parametrize("turned", [0, 180])  # the other way up is the same edge
def test_a_ramp_has_one_strength_and_one_direction(degrees, name, turned):
    found = named(Edges(smoothing=0), ramp(degrees + turned))
    assert found["edges_mean_c0"] == pytest.approx(0.005, rel=1e-3)
    assert found["edges_sd_c0"] == pytest.approx(0, abs=1e-6)
    assert found["edges_quantile0.5_c0"] == pytest.approx(0.005, rel=1e-3)
    assert found[f"edges_{name}_c0"] == pytest.approx(1)
    assert found["edges_coherence_c0"] == pytest.approx(1, abs=1e-5)
    assert found["edges_local_coherence_c0"] == pytest.approx(1, abs=1e-5)
    assert found["edges_entropy_c0"] == 0
    # The same everywhere: nothing stands out.
    assert found["edges_density_c0"] == found["edges_edge_strength_c0"] == 0


def test_strengths_are_those_of_scikit_image():
    plane = np.random.default_rng(0).random((40, 50)).astype(np.float32)
    # There, the difference of two pixels 2 apart is not halved, and the root of the mean of both
    # squares is taken: sqrt(2) as large.
    theirs = scharr(plane.astype(np.float64))[1:-1, 1:-1] / 2**0.5
    found = named(Edges(smoothing=0, quantiles=[0.1, 0.9]), plane[:, :, None])
    assert found["edges_mean_c0"] == pytest.approx(theirs.mean(), rel=1e-5)
    assert found["edges_sd_c0"] == pytest.approx(theirs.std(), rel=1e-5)
    assert found["edges_quantile0.1_c0"] == pytest.approx(np.quantile(theirs, 0.1), rel=1e-4)
    assert found["edges_quantile0.9_c0"] == pytest.approx(np.quantile(theirs, 0.9), rel=1e-4)


def test_density_is_the_share_of_pixels_beside_an_edge():
    # A white square of a x a pixels: the gradient is not 0 on one pixel inside and one outside of
    # its outline, (a + 2)^2 - (a - 2)^2 = 8 a. The four outer corners have 3/32 in each direction,
    # the others at least 13/32, so Otsu's threshold lies between: 8 a - 4 pixels of 58 x 68 count.
    image = np.zeros((60, 70, 1), dtype=np.float32)
    image[20:36, 30:46] = 1.0
    found = named(Edges(smoothing=0), image)
    assert found["edges_density_c0"] == pytest.approx((8 * 16 - 4) / (58 * 68))
    # Sides have 1/2; near corners some more or less.
    assert found["edges_edge_strength_c0"] == pytest.approx(0.5, abs=0.02)
    # As many edges across as down; little between.
    assert found["edges_o0_c0"] == pytest.approx(found["edges_o90_c0"], rel=1e-5)
    assert found["edges_o0_c0"] > 0.4
    assert found["edges_coherence_c0"] == pytest.approx(0, abs=1e-6)


def test_edges_that_agree_nearby_but_not_on_the_whole():
    found = named(Edges(), cone())
    assert found["edges_coherence_c0"] == pytest.approx(0, abs=0.01)
    assert found["edges_local_coherence_c0"] > 0.95
    # Each direction has the part of the square that lies in its two sectors of 22.5 degrees. Of a
    # square of half side 1: tan 11.25 - tan -11.25 = 0.398 for 0 and 90 degrees, tan 33.75 -
    # tan 11.25 = 0.469 for 22.5 and its like, 2 (1 - tan 33.75) = 0.664 for 45; of 4 in all.
    shares = np.array([0.3978, 0.4693, 0.6636, 0.4693] * 2) / 4
    for place, share in enumerate(shares):
        assert found[f"edges_o{22.5 * place:g}_c0"] == pytest.approx(share, rel=0.03)
    entropy = -(shares * np.log2(shares)).sum()
    assert found["edges_entropy_c0"] == pytest.approx(entropy, abs=0.01)


def test_noise_has_no_direction():
    noise = np.random.default_rng(0).random((300, 300, 1)).astype(np.float32)
    found = named(Edges(), noise)
    assert found["edges_coherence_c0"] < 0.03
    assert found["edges_local_coherence_c0"] < 0.5


@pytest.mark.parametrize(("smoothing", "rel"), [(0, 0.01), (1, 0.03), (3, 0.03)])
def test_smoothing_is_a_gaussian_in_pixels(smoothing, rel):
    # A wave of k radians per pixel keeps exp(-(k s)^2 / 2) of its amplitude; its steepest slope
    # is amplitude times k, of which the difference of neighbours keeps sin(k) / k.
    k = 2 * np.pi / 16
    wave = np.tile(0.5 + 0.3 * np.sin(k * np.arange(160)), (50, 1)).astype(np.float32)
    found = named(Edges(smoothing, quantiles=[1.0]), wave[:, :, None])
    expected = 0.3 * np.sin(k) * np.exp(-((k * smoothing) ** 2) / 2)
    assert found["edges_quantile1_c0"] == pytest.approx(expected, rel=rel)


def test_turning_by_90_degrees_changes_only_the_histogram():
    image = np.random.default_rng(0).random((60, 40, 1)).astype(np.float32)
    both = [image, np.rot90(image)]
    rows = Edges(orientations="pooled").transform(both)
    assert rows.shape == (2, 12)
    np.testing.assert_allclose(rows[0], rows[1], rtol=1e-4)
    each = Edges().transform(both)
    np.testing.assert_array_equal(each[:, :12], rows)
    np.testing.assert_allclose(each[1, 12:], np.roll(each[0, 12:], 4), rtol=1e-3)


@pytest.mark.parametrize("directions", [2, 4, 6])
def test_gradients_between_two_classes_fall_to_the_same_side(directions):
    blocks = np.random.default_rng(0).integers(0, 3, (10, 10)).repeat(4, 0).repeat(4, 1)
    image = (blocks / 2).astype(np.float32)[:, :, None]
    extractor = Edges(smoothing=0, directions=directions, orientations="pooled")
    rows = extractor.transform([image, np.rot90(image)])
    np.testing.assert_allclose(rows[0], rows[1], rtol=1e-5)


def test_an_odd_number_of_directions_cannot_be_pooled():
    with pytest.raises(ComponentError, match=r"must be even where .* Got 7. Write 8"):
        Edges(directions=7, orientations="pooled")


def test_contrast_is_the_unit_and_brightness_does_not_matter():
    image = np.random.default_rng(0).random((60, 40, 1)).astype(np.float32)
    first, second = (named(Edges(), one) for one in (image, image / 8 + 0.5))
    for name, value in second.items():
        is_strength = any(word in name for word in ("mean", "sd", "quantile", "strength"))
        expected = first[name] / 8 if is_strength else first[name]
        assert value == pytest.approx(expected, rel=1e-3, abs=1e-4)


@pytest.mark.parametrize("value", [0.0, 0.1, 0.3, 1.0])
@pytest.mark.parametrize("shape", [(3, 3, 1), (8, 8, 3), (70, 33, 1)])
def test_flat_images_have_only_zeros(value, shape):
    row = Edges().transform([np.full(shape, value, np.float32)])[0]
    assert not row.any()


def test_smallest_image():
    image = np.random.default_rng(0).random((3, 3, 1)).astype(np.float32)
    assert np.isfinite(Edges().transform([image])).all()
    with pytest.raises(UnreadableImageError, match=r"edges: .*at least 3 x 3 pixels. Got 2 x 3"):
        Edges().transform([image[:2]])


def test_row_is_channels_then_statistics():
    image = np.concatenate([ramp(0), ramp(90)], axis=2)
    found = named(Edges(directions=4, quantiles=[0.5]), image)
    assert len(found) == 2 * (2 + 1 + 2 + 3 + 4)
    assert found["edges_o0_c0"] == pytest.approx(1)
    assert found["edges_o90_c1"] == pytest.approx(1)


def test_wrong_quantiles():
    with pytest.raises(ComponentError, match=r"edges: params.quantiles must be .*Got \[2\]"):
        Edges(quantiles=[2])
