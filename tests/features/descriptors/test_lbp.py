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


@pytest.mark.filterwarnings("ignore:Applying `local_binary_pattern`")
@pytest.mark.parametrize("radius", [1, 2, 3, 5])
@pytest.mark.parametrize("shape", [(11, 13), (300, 41)])
def test_uniform_shares_are_those_of_scikit_image(radius, shape):
    plane, n_points = noise(*shape), 8 * radius
    kinds = local_binary_pattern(plane.astype(np.float64), n_points, radius, "nri_uniform")
    inside = kinds[radius:-radius, radius:-radius].astype(int).ravel()
    theirs = np.bincount(inside, minlength=n_points * (n_points - 1) + 3) / inside.size
    ours = pattern_shares(plane, radius, "uniform")
    # Both begin with no point and end with all points and all others; between, with n ones,
    # scikit-image counts the beginnings backwards: 0, P - 1, ... 1.
    backwards = [0, *range(n_points - 1, 0, -1)]
    middle = theirs[1:-2].reshape(n_points - 1, n_points)[:, backwards].ravel()
    np.testing.assert_allclose(ours, [theirs[0], *middle, *theirs[-2:]], atol=1e-12)


@pytest.mark.filterwarnings("ignore:Applying `local_binary_pattern`")
@pytest.mark.parametrize("radius", [1, 2, 3, 5])
def test_shares_of_turned_patterns_are_those_of_scikit_image(radius):
    plane = noise(300, 41)
    codes = local_binary_pattern(plane.astype(np.float64), 8, radius, "ror")
    inside = codes[radius:-radius, radius:-radius].astype(int).ravel()
    counts = np.bincount(inside, minlength=256)
    # Of the 256 patterns of 8 points, 36 are the smallest of their turns (Ojala et al. 2002).
    turns = [min(int(f"{c:08b}"[i:] + f"{c:08b}"[:i], 2) for i in range(8)) for c in range(256)]
    smallest = sorted(set(turns))
    assert len(smallest) == 36
    expected = counts[smallest] / inside.size
    np.testing.assert_allclose(
        pattern_shares(plane, radius, "rotation_invariant"), expected, atol=1e-12
    )


@pytest.mark.parametrize(
    ("mapping", "lengths"),
    [
        ("uniform", (59, 243, 555)),
        ("rotation_invariant", (36, 36, 36)),
        ("rotation_invariant_uniform", (10, 18, 26)),
    ],
)
def test_lengths_of_the_mappings(mapping, lengths):
    extractor = LocalBinaryPatterns(mapping=mapping)
    row = extractor.transform([noise(12, 12, 1)])[0]
    names = extractor.feature_names(1)
    assert len(set(names)) == len(names) == len(row) == sum(lengths)
    ends = np.cumsum(lengths)
    assert [names[end - 1].split("_")[1] for end in ends] == ["radius1", "radius2", "radius3"]
    np.testing.assert_allclose([row[: ends[0]].sum(), row.sum()], [1, 3], rtol=1e-5)


def test_names_say_which_points_are_not_darker():
    # An edge: at the points 6, 7, 0, 1, 2 (below, right, above) nothing is darker: five ones,
    # which begin at point 6, straight below the centre.
    image = np.tile(np.array([0.0, 0.5, 1.0], dtype=np.float32), (3, 1))[:, :, None]
    for mapping, name in (
        ("uniform", "ones5_start6"),
        ("rotation_invariant", "turns00011111"),
        ("rotation_invariant_uniform", "ones5"),
    ):
        extractor = LocalBinaryPatterns(radii=[1], mapping=mapping)
        found = extractor.feature_names(1)[int(extractor.transform([image])[0].argmax())]
        assert found == f"lbp_radius1_{name}_c0"


@pytest.mark.parametrize("mapping", ["rotation_invariant", "rotation_invariant_uniform"])
def test_turning_changes_nothing_unless_beginnings_count(mapping):
    image = noise(24, 24, 1)
    both = [image, np.rot90(image)]
    rows = LocalBinaryPatterns(mapping=mapping).transform(both)
    np.testing.assert_array_equal(rows[0], rows[1])
    rows = LocalBinaryPatterns(mapping="uniform").transform(both)
    assert not np.allclose(rows[0], rows[1])


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


def test_row_is_channels_then_radii():
    image = noise(20, 25, 2)
    row = LocalBinaryPatterns(radii=[2, 1]).transform([image])[0]
    second = np.ascontiguousarray(image[:, :, 1])
    np.testing.assert_allclose(row[28:46], pattern_shares(second, 2), rtol=1e-6)
    names = LocalBinaryPatterns(radii=[2, 1]).feature_names(2)
    assert len(names) == len(set(names)) == len(row) == 56
    assert names[28] == "lbp_radius2_ones0_c1"
    assert names[-1] == "lbp_radius1_other_c1"


def test_smallest_image():
    assert LocalBinaryPatterns().transform([noise(7, 7, 1)]).shape == (1, 54)
    with pytest.raises(UnreadableImageError, match=r"at least 7 x 7 pixels. Got 7 x 6"):
        LocalBinaryPatterns().transform([noise(7, 6, 1)])


def test_wrong_radii():
    with pytest.raises(ComponentError, match=r"lbp: params.radii must be .* 1 to 5. Got \[6\]"):
        LocalBinaryPatterns(radii=[6])
