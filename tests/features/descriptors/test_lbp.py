"""Local binary patterns against scikit-image and arithmetic by hand."""

import numpy as np
import pytest
from skimage.feature import local_binary_pattern

from bioselect.exceptions import ComponentError, UnreadableImageError
from bioselect.features.descriptors.lbp import LocalBinaryPatterns, pattern_shares


def noise(*shape):
    return np.random.default_rng(1).random(shape).astype(np.float32)


@pytest.mark.filterwarnings("ignore:Applying `local_binary_pattern`")
@pytest.mark.parametrize("radius", [1, 2, 3, 5])
@pytest.mark.parametrize("shape", [(11, 11), (300, 41)])  # within one block, and over three
def test_shares_are_those_of_scikit_image(radius, shape):
    plane = noise(*shape)
    kinds = local_binary_pattern(plane.astype(np.float64), 8 * radius, radius, "uniform")
    inside = kinds[radius:-radius, radius:-radius].astype(int).ravel()
    expected = np.bincount(inside, minlength=8 * radius + 2) / inside.size
    np.testing.assert_allclose(pattern_shares(plane, radius), expected, atol=1e-12)


@pytest.mark.parametrize(
    ("centre", "kind"),
    # All eight neighbours are 0.5: none is darker than 0.2, all are darker than 0.9.
    [(0.2, 8), (0.9, 0)],
)
def test_a_spot(centre, kind):
    plane = np.full((3, 3), 0.5, dtype=np.float32)
    plane[1, 1] = centre
    assert np.flatnonzero(pattern_shares(plane, 1)).tolist() == [kind]


def test_an_edge():
    # The right column is 1, the centre 0.5. The points at the right and at both diagonals to the
    # right are not darker, nor are those straight above and below (equal); the three on the left
    # are darker: five ones in a row.
    plane = np.tile(np.array([0.0, 0.5, 1.0], dtype=np.float32), (3, 1))
    assert np.flatnonzero(pattern_shares(plane, 1)).tolist() == [5]


def test_a_chequerboard_is_not_uniform():
    # Around a dark pixel of a chequerboard: straight neighbours bright; diagonal points lie
    # between dark and bright, above dark too. Around a bright one all are darker but for the
    # diagonals' share of bright, still darker. So dark pixels have 8 ones, bright ones 0.
    plane = (np.indices((6, 6)).sum(axis=0) % 2).astype(np.float32)
    shares = pattern_shares(plane, 1)
    assert shares[[0, 8]].tolist() == [0.5, 0.5]
    # Lines of three: bright left and right, dark above and below: four changes, not uniform.
    plane = np.array([[0, 0, 0], [1, 0.5, 1], [0, 0, 0]], dtype=np.float32)
    assert np.flatnonzero(pattern_shares(plane, 1)).tolist() == [9]


def test_brightness_and_contrast_do_not_matter():
    image = noise(30, 31, 2)
    rows = LocalBinaryPatterns().transform([image, image * 0.5 + 0.25])
    np.testing.assert_allclose(rows[0], rows[1], atol=2e-3)


@pytest.mark.parametrize("value", [0.0, 0.1, 0.3, 0.7, 1.0])
def test_rounding_of_the_weights_makes_no_pattern(value):
    flat = np.full((20, 20), value, dtype=np.float32)
    assert pattern_shares(flat, 3)[24] == 1.0


def test_a_quarter_turn_changes_nothing():
    image = noise(24, 24, 1)
    rows = LocalBinaryPatterns().transform([image, np.rot90(image)])
    np.testing.assert_array_equal(rows[0], rows[1])


def test_row_is_channels_then_radii():
    image = noise(20, 25, 2)
    row = LocalBinaryPatterns(radii=[2, 1]).transform([image])[0]
    second = np.ascontiguousarray(image[:, :, 1])
    np.testing.assert_allclose(row[28:46], pattern_shares(second, 2), rtol=1e-6)
    names = LocalBinaryPatterns(radii=[2, 1]).feature_names(len(row))
    assert len(names) == len(set(names)) == len(row) == 56
    assert names[28] == "channel1_radius2_ones0"
    assert names[-1] == "channel1_radius1_other"


def test_smallest_image():
    assert LocalBinaryPatterns().transform([noise(7, 7, 1)]).shape == (1, 54)
    with pytest.raises(UnreadableImageError, match=r"at least 7 x 7 pixels. Got 7 x 6"):
        LocalBinaryPatterns().transform([noise(7, 6, 1)])


def test_wrong_radii():
    with pytest.raises(ComponentError, match=r"lbp: params.radii must be .* 1 to 5. Got \[6\]"):
        LocalBinaryPatterns(radii=[6])
