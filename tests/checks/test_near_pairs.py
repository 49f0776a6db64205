"""Near copies among drawn cells: which are found, how they are described, and what is none."""

import cv2
import numpy as np
import pytest

from bioselect.checks.near_pairs import near_pairs
from bioselect.data.miniature import miniature

N_CELLS, SIDE = 40, 64


def cell(random):
    """Draw a round cell with spots in the middle of a plain ground: all look much alike."""
    down, across = np.mgrid[:SIDE, :SIDE] - (SIDE - 1) / 2
    image = 60 + 90 / (1 + np.exp((np.hypot(down, across) - random.uniform(18, 22)) / 1.5))
    for _ in range(7):
        place, angle = random.uniform(0, 15), random.uniform(0, 2 * np.pi)
        row, column = place * np.cos(angle), place * np.sin(angle)
        width = random.uniform(2, 4)
        image += 60 * np.exp(-((down - row) ** 2 + (across - column) ** 2) / width**2)
    image = image + random.normal(0, 2, image.shape)
    return np.clip(image, 0, 255).astype(np.uint8)[:, :, None]


@pytest.fixture(scope="module")
def cells():
    random = np.random.default_rng(0)
    return [cell(random) for _ in range(N_CELLS)]


@pytest.fixture(scope="module")
def small(cells):
    return [miniature(image) for image in cells]


def warped(image, angle=0.0, zoom=1.0, across=0.0):
    matrix = cv2.getRotationMatrix2D(((SIDE - 1) / 2, (SIDE - 1) / 2), angle, zoom)
    matrix[0, 2] += across
    return cv2.warpAffine(image, matrix, (SIDE, SIDE), borderMode=cv2.BORDER_REFLECT)[:, :, None]


def as_jpeg(image):
    coded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 60])[1]
    return cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE)[:, :, None]


def test_different_cells_are_no_copies(small):
    assert near_pairs(small) == []
    assert near_pairs(small[:5]) == []
    assert near_pairs([]) == []


@pytest.mark.parametrize(
    ("change", "how"),
    [
        (as_jpeg, ""),
        (lambda image: np.clip(image * 0.9 + 20, 0, 255).astype(np.uint8), ""),
        (lambda image: np.rint(255 * (image / 255) ** 0.9).astype(np.uint8), ""),
        (lambda image: cv2.GaussianBlur(image, (0, 0), 1.0)[:, :, None], ""),
        (lambda image: image.astype(np.uint16) * 12 + 7, ""),
        (lambda image: cv2.resize(image, (96, 48))[:, :, None], ""),
        (lambda image: image[::-1], "mirrored"),
        (lambda image: image[:, ::-1], "mirrored"),
        (lambda image: np.rot90(image), "turned by 90 degrees"),
        (lambda image: np.rot90(image, 2), "turned by 180 degrees"),
        (lambda image: image.transpose(1, 0, 2), "mirrored, turned by 90 degrees"),
        (lambda image: warped(image, across=0.05 * SIDE), "cut or shifted"),
        (lambda image: image[6:, 4:61], "cut or shifted"),
        (lambda image: warped(image, angle=9), "turned by 9 degrees"),
        (lambda image: warped(image, angle=-5)[::-1], "mirrored, 5 degrees more"),
        (lambda image: as_jpeg(np.ascontiguousarray(np.rot90(image[:58, :58]))), None),
    ],
)
def test_each_kind_of_copy_is_found(cells, small, change, how):
    sources = (3, 17, 31)
    copies = [miniature(change(cells[place])) for place in sources]
    found = near_pairs([*small, *copies])
    expected = [(place, N_CELLS + n) for n, place in enumerate(sources)]
    assert [(pair.first, pair.second) for pair in found] == expected
    if how is not None:
        assert {pair.how for pair in found} == {how}


def test_several_copies_of_one_image_are_found(cells, small):
    image = cells[9]
    copies = [np.rot90(image), image[::-1], np.rot90(image, 2), as_jpeg(image)]
    found = near_pairs([*small, *map(miniature, copies)])
    pairs = {(pair.first, pair.second) for pair in found}
    family = {9, *range(N_CELLS, N_CELLS + 4)}
    assert {place for pair in pairs for place in pair} == family
    assert {(9, N_CELLS + n) for n in range(4)} <= pairs


def test_noise_and_simple_shapes_are_no_copies():
    random = np.random.default_rng(1)
    noise = [random.integers(0, 255, (40, 40, 1)).astype(np.uint8) for _ in range(30)]
    down, across = np.mgrid[:SIDE, :SIDE]
    spots = []
    for row, column, width in random.uniform((20, 20, 5), (44, 44, 9), (30, 3)):
        light = 250 * np.exp(-((down - row) ** 2 + (across - column) ** 2) / width**2)
        spots.append(light.astype(np.uint8)[:, :, None])
    assert near_pairs([miniature(image) for image in noise]) == []
    assert near_pairs([miniature(image) for image in spots]) == []
