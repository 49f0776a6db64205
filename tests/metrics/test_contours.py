import numpy as np
import pytest
from scipy.ndimage import binary_erosion, distance_transform_edt
from scipy.spatial.distance import cdist, directed_hausdorff
from skimage.draw import disk
from skimage.segmentation import find_boundaries

from bioselect.data.pairs import IGNORED
from bioselect.metrics import contours
from bioselect.metrics.contours import contour, contour_scores, distances_to

RANDOM = np.random.default_rng(0)
SHAPE = (70, 90)


def _blobs(n, seed):
    random, mask = np.random.default_rng(seed), np.zeros(SHAPE, np.uint8)
    for row, column, radius in zip(
        random.integers(0, 70, n), random.integers(0, 90, n), random.integers(4, 14, n), strict=True
    ):
        mask[disk((row, column), radius, shape=SHAPE)] = 1
    return mask


PAIRS = [(_blobs(4, seed), _blobs(4, seed + 100)) for seed in range(6)]
PAIRS += [(_blobs(5, 1), _blobs(5, 1) | _blobs(1, 7))]


def _points(region, frame):
    return np.argwhere(contour(region > 0, frame)).astype(float)


@pytest.mark.parametrize(("true", "predicted"), PAIRS)
def test_contours_are_those_of_scikit_image_and_scipy(true, predicted):
    inner = find_boundaries(true, connectivity=1, mode="inner")
    assert np.array_equal(contour(true > 0, frame=False), inner)
    eroded = binary_erosion(true > 0)  # beyond the border is nothing
    assert np.array_equal(contour(true > 0, frame=True), (true > 0) & ~eroded)


@pytest.mark.parametrize(("true", "predicted"), PAIRS)
def test_distances_are_those_of_scipy(true, predicted):
    line = contour(true > 0, frame=True)
    everywhere = np.ones(line.shape, dtype=bool)
    np.testing.assert_array_equal(
        distances_to(line, everywhere), distance_transform_edt(~line).ravel()
    )


@pytest.mark.parametrize(("true", "predicted"), PAIRS)
def test_hausdorff_is_that_of_scipy(true, predicted, monkeypatch):
    first, second = _points(true, True), _points(predicted, True)
    table = cdist(first, second)
    expected = max(np.percentile(table.min(axis=1), 95), np.percentile(table.min(axis=0), 95))
    assert contour_scores(true, predicted, 1).hausdorff_95 == pytest.approx(expected, rel=1e-6)
    monkeypatch.setattr(contours, "PERCENTILE", 100.0)
    whole = max(directed_hausdorff(first, second)[0], directed_hausdorff(second, first)[0])
    assert contour_scores(true, predicted, 1).hausdorff_95 == pytest.approx(whole, rel=1e-6)


@pytest.mark.parametrize(("true", "predicted"), PAIRS)
def test_boundary_f1_is_that_of_all_distances(true, predicted):
    table = cdist(_points(true, False), _points(predicted, False))
    recall, precision = (np.mean(table.min(axis=axis) <= 2) for axis in (1, 0))
    expected = 2 * precision * recall / (precision + recall) if precision + recall else 0
    found = contour_scores(true, predicted, 1).boundary_f1
    assert found == pytest.approx(expected, abs=1e-12)


def test_shifted_square_by_hand():
    true, predicted = np.zeros((2, 20, 20), np.uint8)
    true[5:15, 5:15], predicted[5:15, 9:19] = 1, 1
    # Of 36 pixels: 8 of the upper side (columns 9 to 16), 8 of the lower one, 4 of the left one
    # (rows 6, 7, 12, 13). The right side is 4 pixels away, more than a tenth of all: HD95 is 4.
    scores = contour_scores(true, predicted, 1)
    assert scores.boundary_f1 == pytest.approx(20 / 36)
    assert scores.hausdorff_95 == 4.0
    near = np.roll(true, 2, axis=1)
    assert contour_scores(true, near, 1).boundary_f1 == 1.0
    assert contour_scores(true, np.roll(true, 3, axis=1), 1).boundary_f1 < 1.0


def test_undefined_cases():
    empty, part, full = np.zeros((3, 6, 8), np.uint8)
    part[2:4, 2:5], full[:] = 1, 1
    neither = contour_scores(empty, empty, 1)
    assert np.isnan([neither.boundary_f1, neither.hausdorff_95]).all()
    for true, predicted in ((empty, part), (part, empty)):
        scores = contour_scores(true, predicted, 1)
        assert (scores.boundary_f1, scores.hausdorff_95) == (0.0, 10.0)  # 6, 8, 10
    equal = contour_scores(full, full, 1)
    assert (equal.boundary_f1, equal.hausdorff_95) == (1.0, 0.0)
    # The whole image has no contour but the frame, which is up to 2 to 3 pixels away.
    for true, predicted in ((full, part), (part, full)):
        scores = contour_scores(true, predicted, 1)
        assert scores.boundary_f1 == 0.0
        assert 2.0 < scores.hausdorff_95 < 5.0


def test_what_lies_at_ignored_pixels_is_not_judged():
    true, predicted = np.zeros((2, 30, 30), np.uint8)
    true[5:20, 5:15] = 1
    predicted[5:20, 5:25] = 1  # goes on beyond column 14, where the truth is not known
    true[:, 15:] = IGNORED
    scores = contour_scores(true, predicted, 1)
    assert (scores.boundary_f1, scores.hausdorff_95) == (1.0, 0.0)
    predicted[:] = np.where(np.arange(30) < 15, predicted, 0)
    assert contour_scores(true, predicted, 1).boundary_f1 == 1.0
    predicted[5:20, 5:9] = 0  # the left side is wrong by 4 pixels
    assert contour_scores(true, predicted, 1).boundary_f1 < 1.0
    assert contour_scores(true, predicted, 1).hausdorff_95 == 4.0
    # The true contour goes along the unknown (10 pixels), where the object may go on: what was
    # predicted is not near, but only 2 of the other 26 pixels (column 13) and 4 of the 28 pixels
    # of the predicted contour (rows 8 to 11 of column 10) are wrong for certain.
    square, part = np.zeros((2, 30, 30), np.uint8)
    square[5:15, 5:15], part[5:15, 5:11], square[:, 15:] = 1, 1, IGNORED
    precision, recall = 24 / 28, 24 / 26
    expected = 2 * precision * recall / (precision + recall)
    assert contour_scores(square, part, 1).boundary_f1 == pytest.approx(expected)
    everything = np.full((5, 5), IGNORED, np.uint8)
    assert np.isnan(contour_scores(everything, np.ones_like(everything), 1).boundary_f1)


def test_a_ring_of_ignored_pixels_leaves_nothing_to_judge():
    true, predicted = np.zeros((2, 20, 20), np.uint8)
    true[4:16, 4:16] = IGNORED
    true[6:14, 6:14] = 1
    predicted[5:15, 5:15] = 1
    scores = contour_scores(true, predicted, 1)
    assert (scores.boundary_f1, scores.hausdorff_95) == (1.0, 0.0)


def test_one_pixel():
    one = np.ones((1, 1), np.uint8)
    scores = contour_scores(one, one, 1)
    assert (scores.boundary_f1, scores.hausdorff_95) == (1.0, 0.0)
