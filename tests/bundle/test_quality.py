"""Faults planted in images are told; images like those of the training have no flag."""

import cv2
import numpy as np
import pytest

from bioselect.bundle.quality import QUALITY_FILE, parse_quality, usual_quality, write_quality
from bioselect.data.image_quality import measures
from bioselect.exceptions import BundleError


def picture(seed):
    random = np.random.default_rng(seed)
    coarse = cv2.resize(random.random((12, 12, 1)), (96, 96))[:, :, np.newaxis]
    stain = np.array([0.9, 0.6, 0.75]) * random.uniform(0.9, 1.1)
    image = (60 + 150 * coarse) * stain + random.normal(scale=5, size=(96, 96, 3))
    return np.clip(image, 0, 250).astype(np.uint8)


@pytest.fixture(scope="module")
def usual():
    return usual_quality([measures(picture(seed)) for seed in range(150)])


def grey(image):
    return np.repeat(image.mean(axis=2, keepdims=True).astype(np.uint8), 3, axis=2)


FAULTS = {
    "blurred": lambda image: cv2.GaussianBlur(image, (0, 0), 2),
    "saturated": lambda image: np.clip(image * 1.9, 0, 255).astype(np.uint8),
    "darker than training": lambda image: image // 4,
    "brighter than training": lambda image: 255 - image // 4,
    "channels in another order (fits as 1, 0, 2)": lambda image: image[:, :, [1, 0, 2]],
    "channels in another order (fits as 2, 1, 0)": lambda image: image[:, :, ::-1],
    "grey instead of colour": grey,
    "size unlike training (192 x 192 px)": lambda image: cv2.resize(image, (192, 192)),
    "pixel type unlike training (uint16)": lambda image: image.astype(np.uint16) * 257,
    "channels unlike training (2)": lambda image: image[:, :, :2],
}


@pytest.mark.parametrize("flag", FAULTS)
def test_a_planted_fault_is_told(usual, flag):
    found = [usual.flags(measures(FAULTS[flag](picture(seed)))) for seed in range(500, 520)]
    assert np.mean([flag in one for one in found]) >= 0.9


def test_images_like_those_of_the_training_have_no_flag(usual):
    found = [usual.flags(measures(picture(seed))) for seed in range(1000, 1200)]
    assert np.mean([bool(one) for one in found]) <= 0.02


def test_one_channel_is_grey_where_all_had_colour(usual):
    one_channel = picture(7).mean(axis=2, keepdims=True).astype(np.uint8)
    assert "grey instead of colour" in usual.flags(measures(one_channel))


def test_colour_is_told_where_all_were_grey():
    usual = usual_quality([measures(grey(picture(seed))) for seed in range(50)])
    assert "colour instead of grey" in usual.flags(measures(picture(60)))
    assert "colour" not in str(usual.flags(measures(grey(picture(61)))))


def test_few_images_say_nothing_of_what_is_usual():
    assert usual_quality([measures(picture(seed)) for seed in range(9)]) is None


def test_what_is_written_is_read_again(usual, tmp_path):
    write_quality(tmp_path / QUALITY_FILE, usual)
    assert parse_quality((tmp_path / QUALITY_FILE).read_bytes(), tmp_path) == usual


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"format": 1', '"format": 2', "reads 1. Upgrade"),
        ('"sides": [', '"sides": [1, ', "is damaged .4 finite numbers"),
        ('"spans"', '"span"', "is damaged .'spans'"),
        ("{", "", r"quality\.json is damaged\."),
        ('"format": 1', '"format": 1, "format": 1', r"quality\.json is damaged\."),
        ('"precision": [', '"precision": [[1, 2, 3], ', "lists do not fit"),
    ],
)
def test_a_damaged_file_is_told(usual, tmp_path, old, new, said):
    write_quality(tmp_path / QUALITY_FILE, usual)
    text = " ".join((tmp_path / QUALITY_FILE).read_text().split())
    assert old in text
    with pytest.raises(BundleError, match=said):
        parse_quality(text.replace(old, new, 1).encode(), tmp_path)
