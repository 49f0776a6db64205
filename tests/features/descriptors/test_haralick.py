"""Haralick's measures against his own example, scikit-image and arithmetic by hand."""

import numpy as np
import pytest
from skimage.feature import graycomatrix, graycoprops

from bioselect.exceptions import ComponentError, UnreadableImageError
from bioselect.features.descriptors.haralick import (
    DIRECTIONS,
    MEASURES,
    Haralick,
    cooccurrences,
    grey_levels,
    haralick_measures,
)

#: Figure 3 of Haralick, Shanmugam, Dinstein (1973).
EXAMPLE = np.array([[0, 0, 1, 1], [0, 0, 1, 1], [0, 2, 2, 2], [2, 2, 3, 3]])
HORIZONTAL = [[4, 2, 1, 0], [2, 4, 0, 0], [1, 0, 6, 1], [0, 0, 1, 2]]
VERTICAL = [[6, 0, 2, 0], [0, 4, 2, 0], [2, 2, 2, 2], [0, 0, 2, 0]]
LEFT_DIAGONAL = [[2, 1, 3, 0], [1, 2, 1, 0], [3, 1, 0, 2], [0, 0, 2, 0]]  # 135 degrees
RIGHT_DIAGONAL = [[4, 1, 0, 0], [1, 2, 2, 0], [0, 2, 4, 1], [0, 0, 1, 0]]  # 45 degrees


def measures_of(matrix):
    shares = np.asarray(matrix, dtype=np.float64)
    return dict(zip(MEASURES, haralick_measures(shares[None] / shares.sum())[0], strict=True))


@pytest.mark.parametrize(
    ("direction", "counts"),
    [
        (DIRECTIONS[0], HORIZONTAL),
        (DIRECTIONS[1], RIGHT_DIAGONAL),
        (DIRECTIONS[2], VERTICAL),
        (DIRECTIONS[3], LEFT_DIAGONAL),
    ],
)
def test_matrices_of_the_paper(direction, counts):
    shares = cooccurrences(EXAMPLE, 4, *direction)
    np.testing.assert_allclose(shares, np.array(counts) / np.sum(counts), rtol=1e-15)


def test_matrices_are_those_of_scikit_image():
    levels = np.random.default_rng(0).integers(0, 8, (20, 23))
    # scikit-image's angles run with the clock, so 45 and 135 degrees change places. It rounds sin
    # and cos of the distance: diagonally, 5 * 0.707 = 3.5 pixels, so only the axes are compared.
    angles = [0, 3 * np.pi / 4, np.pi / 2, np.pi / 4]
    theirs = graycomatrix(levels.astype(np.uint8), [1, 5], angles, 8, symmetric=True, normed=True)
    for place, (down, right) in enumerate(DIRECTIONS):
        ours = cooccurrences(levels, 8, down, right)
        np.testing.assert_allclose(ours, theirs[:, :, 0, place], rtol=1e-12)
    np.testing.assert_allclose(cooccurrences(levels, 8, 0, 5), theirs[:, :, 1, 0], rtol=1e-12)
    np.testing.assert_allclose(cooccurrences(levels, 8, -5, 0), theirs[:, :, 1, 2], rtol=1e-12)


def test_measures_are_those_of_scikit_image():
    levels = np.random.default_rng(0).integers(0, 8, (20, 23)).astype(np.uint8)
    matrix = graycomatrix(levels, [1], [0], 8, symmetric=True, normed=True)
    ours = measures_of(matrix[:, :, 0, 0])
    theirs = {
        "angular_second_moment": "ASM",
        "contrast": "contrast",
        "correlation": "correlation",
        "inverse_difference_moment": "homogeneity",
    }
    for mine, name in theirs.items():
        assert ours[mine] == pytest.approx(graycoprops(matrix, name)[0, 0], rel=1e-12)


def test_measures_by_hand():
    # Two levels, shares [[3/8, 1/8], [1/8, 3/8]]: level mean 1/2, variance 1/4.
    # |i - j|: 0 with 3/4, 1 with 1/4. i + j: 0 with 3/8, 1 with 1/4, 2 with 3/8, mean 1.
    # Entropy: -2 (3/8 log2 3/8) - 2 (1/8 log2 1/8) = 1.0612781 + 0.75 = 1.8112781 bits.
    # Marginals are 1/2: each has 1 bit; H(i) + H(j) = cross entropy = 2 bits.
    # information_1 = (1.8112781 - 2) / 1; information_2 = sqrt(1 - 2 ** (-2 * 0.1887219)).
    ours = measures_of([[3, 1], [1, 3]])
    expected = {
        "angular_second_moment": 2 * 9 / 64 + 2 / 64,
        "contrast": 0.25,
        "correlation": (3 / 8 - 0.25) / 0.25,
        "variance": 0.25,
        "inverse_difference_moment": 0.75 + 0.25 / 2,
        "sum_average": 1.0,
        "sum_variance": 0.75,
        "sum_entropy": 1.0612781 + 0.5,
        "entropy": 1.8112781,
        "difference_variance": 0.25 - 0.0625,
        "difference_entropy": 0.8112781,
        "information_1": -0.1887219,
        "information_2": (1 - 2 ** (-0.3774438)) ** 0.5,
    }
    assert ours == pytest.approx(expected, abs=1e-7)


def test_one_level():
    ours = measures_of([[5, 0], [0, 0]])
    expected = dict.fromkeys(MEASURES, 0.0)
    expected |= {
        "angular_second_moment": 1.0,
        "correlation": 1.0,
        "inverse_difference_moment": 1.0,
    }
    assert ours == expected


def test_levels_cover_what_is_asked_for():
    plane = np.linspace(0, 1, 1000, dtype=np.float32).reshape(10, 100)
    # Equal classes over [0, 1]: 250 values of each of four, as numpy's histogram has it.
    expected = np.histogram(plane, bins=4, range=(0, 1))[0].tolist()
    assert np.bincount(grey_levels(plane, 4, "unit").ravel()).tolist() == expected
    assert np.bincount(grey_levels(plane * 0.3 + 0.1, 4, "image").ravel()).tolist() == [250] * 4
    assert grey_levels(plane * 0.2, 4, "unit").max() == 0


def test_brightness_matters_only_for_the_unit_range():
    image = np.random.default_rng(0).integers(0, 9, (20, 20, 1)).astype(np.float32) / 16
    both = [image, image + 0.25]
    rows = Haralick(levels=8, range="image").transform(both)
    np.testing.assert_array_equal(rows[0], rows[1])
    rows = Haralick(levels=8).transform(both)
    assert not np.allclose(rows[0], rows[1])


def test_row_is_mean_and_range_over_directions():
    image = np.random.default_rng(0).random((30, 20, 2)).astype(np.float32)
    extractor = Haralick(levels=8, distances=[3, 1], range="image")
    row = extractor.transform([image])[0]
    names = extractor.feature_names(2)
    assert len(set(names)) == len(row) == 2 * 2 * 26
    # scikit-image as the independent source, of the second channel at distance 1.
    plane = image[:, :, 1]
    levels = np.floor((plane - plane.min()) / (plane.max() - plane.min()) * 8).clip(max=7)
    angles = [0, np.pi / 4, np.pi / 2, 3 * np.pi / 4]
    matrix = graycomatrix(levels.astype(np.uint8), [1], angles, 8, symmetric=True, normed=True)
    contrast = graycoprops(matrix, "contrast")[0]
    found = dict(zip(names, row.tolist(), strict=True))
    assert found["haralick_distance1_contrast_mean_c1"] == pytest.approx(contrast.mean(), rel=1e-5)
    assert found["haralick_distance1_contrast_range_c1"] == pytest.approx(
        np.ptp(contrast), rel=1e-5
    )


@pytest.mark.parametrize("distances", [[64], [7, 3, 64, 1], list(range(1, 13)), (2,)])
def test_any_list_of_distances_is_the_rows_of_each_side_by_side(distances):
    image = np.random.default_rng(0).random((65, 70, 1)).astype(np.float32)
    row = Haralick(levels=8, distances=distances).transform([image])[0]
    each = [Haralick(levels=8, distances=[one]).transform([image])[0] for one in distances]
    np.testing.assert_array_equal(row, np.concatenate(each))
    names = Haralick(distances=distances).feature_names(1)
    assert names[-1] == f"haralick_distance{distances[-1]}_information_2_range_c0"
    assert len(set(names)) == len(row) == 26 * len(distances)


def test_a_quarter_turn_changes_nothing():
    image = np.random.default_rng(0).random((30, 30, 1)).astype(np.float32)
    rows = Haralick().transform([image, np.rot90(image)])
    np.testing.assert_allclose(rows[0], rows[1], rtol=1e-5, atol=1e-7)


def test_smallest_image():
    image = np.random.default_rng(0).random((5, 5, 1)).astype(np.float32)
    assert Haralick().transform([image]).shape == (1, 78)
    with pytest.raises(UnreadableImageError, match=r"at least 5 x 5 pixels. Got 4 x 5"):
        Haralick().transform([image[:4]])


def test_wrong_distances():
    with pytest.raises(ComponentError, match=r"haralick: params.distances must be .*Got \[0\]"):
        Haralick(distances=[0])
