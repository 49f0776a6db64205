"""The strongest corners, described by OpenCV's ORB."""

import cv2
import numpy as np
import pytest

from bioselect.features.visual_words.kinds import KINDS
from bioselect.features.visual_words.orb_bow import OrbBow, n_levels
from bioselect.features.visual_words.packing import unpacked


def squares(height=160, width=160, n=12, seed=0):
    """Draw bright and dark rectangles: corners, and nothing else."""
    random = np.random.default_rng(seed)
    image = np.full((height, width, 1), 0.5, dtype=np.float32)
    for _ in range(n):
        top, left = random.integers(0, height - 30), random.integers(0, width - 30)
        tall, wide = random.integers(8, 30, 2)
        image[top : top + tall, left : left + wide] = random.random()
    return image


def descriptors_of(extractor, image):
    [row] = extractor.transform([image])
    assert len(row) == 1 + 11 * extractor.keypoints
    numbers = row[1:].reshape(extractor.keypoints, 11)
    assert not numbers[int(row[0]) :].any()
    return unpacked(numbers[: int(row[0])], 32)


def differing_bits(some, others):
    """Return the bits in which each of some differs from the nearest of the others."""
    bits = [np.unpackbits(one, axis=1).astype(int) for one in (some, others)]
    return np.abs(bits[0][:, None] - bits[1][None]).sum(axis=2).min(axis=1)


def test_corners_stay_the_same_when_the_image_is_turned():
    image = squares()
    here = descriptors_of(OrbBow(), image)
    turned = descriptors_of(OrbBow(), np.ascontiguousarray(np.rot90(image)))
    other = descriptors_of(OrbBow(), squares(seed=1))
    assert min(len(here), len(turned), len(other)) > 50
    # Of 256 bits; unrelated descriptors differ in about 128, the nearest of many in fewer.
    assert np.median(differing_bits(turned, here)) < 20
    assert np.median(differing_bits(other, here)) > 30


def test_the_strongest_are_taken():
    image = squares()
    many = descriptors_of(OrbBow(keypoints=400), image)
    few = descriptors_of(OrbBow(keypoints=20), image)
    # Each level of the pyramid has its share of the 20, which it need not fill.
    assert 10 < len(few) <= 20 < len(many)
    levels = np.rint(255 * (image[:, :, 0] - image.min()) / np.ptp(image)).astype(np.uint8)
    orb = cv2.ORB_create(nfeatures=20, nlevels=8, edgeThreshold=3, fastThreshold=10)
    corners, expected = orb.detectAndCompute(levels, None)
    assert {one.tobytes() for one in few} <= {one.tobytes() for one in expected}
    strengths = sorted((corner.response for corner in corners), reverse=True)
    first = next(
        corner.response
        for corner, one in zip(corners, expected, strict=True)
        if one.tobytes() == few[0].tobytes()
    )
    assert first == strengths[0]


def test_a_cell_of_40_pixels_has_corners_up_to_its_edge():
    image = np.zeros((40, 40, 1), dtype=np.float32)
    image[4:12, 4:12] = 1  # OpenCV's defaults ignore what is nearer than 31 pixels
    assert len(descriptors_of(OrbBow(), image)) >= 4
    assert not cv2.ORB_create().detect(np.uint8(255 * image[:, :, 0]))


def test_a_lower_threshold_finds_more():
    noise = np.random.default_rng(0).random((80, 80, 1)).astype(np.float32)
    image = cv2.GaussianBlur(noise, (0, 0), 3).reshape(80, 80, 1)
    counts = [len(descriptors_of(OrbBow(threshold=t), image)) for t in (5, 20, 100)]
    assert counts[0] > counts[1] > counts[2]


@pytest.mark.parametrize("value", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("shape", [(1, 1), (2, 3), (6, 6), (7, 40), (40, 7), (40, 40), (3, 400)])
def test_constant_images_have_no_corner(shape, value):
    assert len(descriptors_of(OrbBow(), np.full((*shape, 1), value, dtype=np.float32))) == 0


@pytest.mark.parametrize("shape", [(1, 1), (2, 3), (6, 6), (7, 7), (8, 8), (40, 7), (31, 31)])
def test_tiny_images(shape):
    image = np.random.default_rng(0).random((*shape, 1)).astype(np.float32)
    assert len(descriptors_of(OrbBow(), image)) <= 256


def test_each_channel():
    image = np.concatenate([squares(seed=seed) for seed in range(3)], axis=2)
    [row] = OrbBow(channels="each").transform([image])
    for place, part in enumerate(row.reshape(3, 2817)):
        np.testing.assert_array_equal(part, OrbBow().transform([image[:, :, [place]]])[0])


def test_levels_are_those_whose_patches_fit():
    # 31 x 1.2**n: 31, 37.2, 44.6, 53.6, 64.3, 77.1, 92.6, 111.1.
    assert [n_levels(side) for side in (5, 31, 37, 38, 64, 65, 111, 112)] == [
        1,
        1,
        1,
        2,
        4,
        5,
        7,
        8,
    ]


def test_its_step():
    step = OrbBow(words=9, keypoints=40).learnt_step(3)
    assert step.get_params() == {
        "descriptor": "orb",
        "n_descriptors": 40,
        "n_words": 9,
        "seed": 3,
    }
    assert OrbBow.learnt_parameters == ("words",)
    assert KINDS["orb"].n_bytes == 32


def test_declared_operations():
    scaled = sum(1.2 ** (-2 * level) for level in range(8))
    assert OrbBow().operations() == 262_144 * (8 + 80 * scaled) + 256 * (10_000 + 2 * 256 * 200)
