"""Histograms of oriented gradients against OpenCV and arithmetic by hand."""

import cv2
import numpy as np
import pytest

from bioselect.exceptions import ComponentError, UnreadableImageError
from bioselect.features.descriptors.hog import HistogramOfOrientedGradients


def grey(plane):
    return np.asarray(plane, dtype=np.float32)[:, :, None]


@pytest.mark.parametrize(("turned", "direction"), [(False, 0), (True, 4)])
def test_a_ramp_has_one_direction(turned, direction):
    # Values grow to the right: the gradient points along 0 degrees, class 0 of 9; downwards: 90
    # degrees, class 4 (80 to 100). A block of 2 x 2 cells has four equal numbers; L2 makes each
    # 1/2, clipping 0.2, L2 again 1/2. (The outermost cells have pixels without a neighbour.)
    ramp = np.tile(np.linspace(0, 1, 32), (32, 1))
    extractor = HistogramOfOrientedGradients(size=32, cell=8)
    row = extractor.transform([grey(ramp.T if turned else ramp)])[0]
    inner = dict(zip(extractor.feature_names(2), row.tolist(), strict=True))
    for cell in ("0-0", "0-1", "1-0", "1-1"):
        for one in range(9):
            expected = 0.5 if one == direction else 0.0
            assert inner[f"hog_block1-1_cell{cell}_direction{one}_cstrongest"] == pytest.approx(
                expected, abs=1e-3
            )


# Cells that fill the image; that leave over 5 pixels right and below; 3; an odd size with 6.
@pytest.mark.parametrize(("size", "cell"), [(24, 8), (29, 8), (24, 7), (27, 7)])
def test_values_are_those_of_the_paper(size, cell):
    # Dalal and Triggs's steps one by one: central differences (none at the border), unsigned
    # directions in 4 classes of 45 degrees, 3 x 3 whole cells, blocks of 2 x 2, L2-Hys.
    plane = np.random.default_rng(0).random((size, size)).astype(np.float32).astype(np.float64)
    cells = np.zeros((3, 3, 4))
    for y in range(3 * cell):
        for x in range(3 * cell):
            down = plane[y + 1, x] - plane[y - 1, x] if 0 < y < size - 1 else 0.0
            right = plane[y, x + 1] - plane[y, x - 1] if 0 < x < size - 1 else 0.0
            degrees = np.degrees(np.arctan2(down, right)) % 180
            cells[y // cell, x // cell, int(degrees // 45)] += np.hypot(down, right) / cell**2
    expected = []
    for top in range(2):
        for left in range(2):
            block = cells[top : top + 2, left : left + 2].ravel()
            block = np.minimum(block / np.sqrt((block**2).sum() + 1e-10), 0.2)
            expected.append(block / np.sqrt((block**2).sum() + 1e-10))
    row = HistogramOfOrientedGradients(size, cell, orientations=4).transform([grey(plane)])[0]
    np.testing.assert_allclose(row, np.concatenate(expected), rtol=1e-4)


def test_places_are_those_of_opencv():
    # OpenCV shares each gradient among neighbouring cells and directions and weighs the middle of
    # a block more, so numbers differ; for a smooth image the pattern does not.
    image = cv2.GaussianBlur(np.random.default_rng(0).random((64, 64)).astype("f4"), (0, 0), 8)
    image = (image - image.min()) / (image.max() - image.min())
    ours = HistogramOfOrientedGradients(size=64).transform([grey(image)])[0]
    theirs = cv2.HOGDescriptor((64, 64), (32, 32), (16, 16), (16, 16), 9).compute(
        np.round(image * 255).astype(np.uint8)
    )
    theirs = theirs.reshape(3, 3, 2, 2, 9)

    def likeness(*axes):
        return np.corrcoef(ours, theirs.transpose(axes).ravel())[0, 1]

    # OpenCV goes column by column through the blocks and through the cells of a block.
    assert likeness(1, 0, 3, 2, 4) > 0.8
    assert max(likeness(0, 1, 2, 3, 4), likeness(1, 0, 2, 3, 4), likeness(0, 1, 3, 2, 4)) < 0.6


def test_strongest_channel_decides():
    ramp = np.tile(np.linspace(0, 1, 32, dtype=np.float32), (32, 1))
    image = np.stack([ramp * 0.2, ramp.T, np.zeros_like(ramp)], axis=2)
    make = HistogramOfOrientedGradients
    strongest = make(size=32, cell=8).transform([image])[0]
    alone = make(size=32, cell=8).transform([grey(ramp.T)])[0]
    # At the border only one of the two ramps has a gradient; the block in the middle is clear.
    middle = slice(4 * 36, 5 * 36)
    np.testing.assert_allclose(strongest[middle], alone[middle], atol=1e-3)


def test_each_and_mean():
    image = np.random.default_rng(0).random((32, 32, 3)).astype(np.float32)

    def row(image, channels):
        return HistogramOfOrientedGradients(32, 8, channels=channels).transform([image])[0]

    each = row(image, "each").reshape(3, -1)
    np.testing.assert_array_equal(each[2], row(image[:, :, 2:], "mean"))
    mean = image.mean(axis=2, keepdims=True)
    np.testing.assert_allclose(row(image, "mean"), row(mean, "strongest"), atol=1e-5)


@pytest.mark.parametrize("channels", ["strongest", "mean", "each"])
def test_length_and_names(channels):
    extractor = HistogramOfOrientedGradients(64, 16, block=3, orientations=6, channels=channels)
    row = extractor.transform([np.ones((64, 64, 2), np.float32)])[0]
    # 64 / 16 = 4 cells, 4 - 3 + 1 = 2 blocks a side, of 9 cells with 6 directions.
    assert len(row) == 2 * 2 * 9 * 6 * (2 if channels == "each" else 1)
    assert not row.any()
    names = extractor.feature_names(2)
    assert len(set(names)) == len(row)


def test_any_number_of_channels_gives_rows_of_one_length():
    images = [np.zeros((128, 128, n), np.float32) for n in (1, 2, 5)]
    assert HistogramOfOrientedGradients().transform(images).shape == (3, 1764)


def test_images_of_another_size_are_an_error():
    assert HistogramOfOrientedGradients(size=64).input_size == (64, 64)
    with pytest.raises(UnreadableImageError, match=r"64 x 64 pixels first. Got 64 x 65"):
        HistogramOfOrientedGradients(size=64).transform([np.zeros((64, 65, 1), np.float32)])


def test_cells_larger_than_the_image():
    with pytest.raises(ComponentError, match=r"hog: params.size must be at least .*128\). Got 64"):
        HistogramOfOrientedGradients(size=64, cell=64)
