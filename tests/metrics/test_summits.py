import tracemalloc

import cv2
import numpy as np
import pytest
from skimage.measure import label, regionprops
from skimage.morphology import local_maxima, reconstruction
from skimage.segmentation import watershed

from bioselect.metrics import objects, summits
from bioselect.metrics.objects import ObjectRule, label_region
from bioselect.metrics.summits import numbered_summits, squared_whole


def _blobs(shape, scale, seed=0):
    noise = np.random.default_rng(seed).standard_normal(shape)
    return cv2.GaussianBlur(noise, (0, 0), scale) > 0


def _distance(region):
    padded = np.pad(region, 1).astype(np.uint8)
    return cv2.distanceTransform(padded, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)


def _summits_of_scikit_image(squared, neck):
    distance = np.sqrt(squared)
    return local_maxima(reconstruction(distance - neck, distance), connectivity=2) & (squared > 0)


@pytest.mark.parametrize("tile", [7, 32, 1024])
@pytest.mark.parametrize("neck", [0.5, 1.0, 3.0])
def test_summits_are_those_of_scikit_image_whatever_the_tiles(monkeypatch, tile, neck):
    monkeypatch.setattr(summits, "_TILE", tile)
    # Long plateaus and slopes that cross many tiles, and bodies of all sizes.
    wedge = np.abs(np.arange(60) - 30)[:, None] < np.linspace(2, 20, 150)[None]
    for region in (_blobs((90, 110), 4.0), wedge, np.ones((20, 130), bool)):
        pieces = label(region, connectivity=2)
        largest = pieces == 1 + np.argmax(np.bincount(pieces.ravel())[1:])
        squared = squared_whole(_distance(largest))
        numbers, n_summits = numbered_summits(squared, neck)
        expected = _summits_of_scikit_image(squared, neck)
        assert np.array_equal(numbers > 0, expected)
        assert n_summits == label(expected, connectivity=2).max()
        assert np.unique(numbers).tolist() == list(range(n_summits + 1))


def test_objects_are_divided_as_scikit_image_divides_the_whole(monkeypatch):
    monkeypatch.setattr(summits, "_TILE", 16)
    region = _blobs((90, 110), 4.0)
    found, n_found = label_region(region, ObjectRule("watershed"))
    expected, n_expected = np.zeros(region.shape, np.int32), 0
    pieces = regionprops(label(region, connectivity=2))
    for piece in pieces:
        squared = np.round(np.square(_distance(piece.image), dtype=np.float64))
        where = _summits_of_scikit_image(squared, 1.0)
        if not where.any():  # nothing can fall by so much
            where = squared > 0
        _, markers = cv2.connectedComponents(where.astype(np.uint8), connectivity=8)
        parts = watershed(-np.sqrt(squared), markers, mask=squared > 0, connectivity=2)[1:-1, 1:-1]
        expected[piece.slice][piece.image] = parts[piece.image] + n_expected
        n_expected += parts.max()
    assert n_found == n_expected > len(pieces)
    assert np.array_equal(found, expected)


def test_memory_is_a_few_bytes_a_pixel_of_a_large_piece(monkeypatch):
    monkeypatch.setattr(summits, "_TILE", 64)
    monkeypatch.setattr(objects, "_ROWS_AT_A_TIME", 16)
    region = np.ones((900, 900), bool)
    region[::300, 20:-20] = False  # bars, and so a piece that is divided
    tracemalloc.start()
    try:
        _, n_parts = label_region(region, ObjectRule("watershed", min_area=9))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert n_parts > 2
    # scikit-image's copies for the flood are 22 bytes a pixel, what was found before 5.
    assert peak < 32 * region.size
