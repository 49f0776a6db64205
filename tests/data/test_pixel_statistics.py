"""Facts about pixels, with values counted by hand."""

import numpy as np
import pytest
from PIL import Image

from bioselect.data.pixel_statistics import looks_alike, pixel_statistics


def test_values_of_a_ramp():
    # 0 to 999: the 0.5 % and 99.5 % quantiles are the values at places 4 and 994.
    found = pixel_statistics(np.arange(1000, dtype=np.uint16).reshape(20, 50, 1))
    assert (found.minimum, found.maximum, found.spread) == (0.0, 999.0, 990.0)
    assert found.share_at_maximum == 0.001
    assert (found.n_blank_channels, found.is_two_valued) == (0, False)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int16, np.float32, np.float64])
def test_the_same_values_in_every_type(dtype):
    random = np.random.default_rng(0)
    values = random.integers(0, 120, (31, 17, 2))
    assert pixel_statistics(values.astype(dtype)) == pixel_statistics(values.astype(np.uint8))


def test_the_channel_that_counts_is_the_one_with_most():
    image = np.zeros((10, 10, 3), dtype=np.uint8)
    image[:, :, 1] = 40
    image[:3, :, 2] = 200
    found = pixel_statistics(image)
    assert (found.n_blank_channels, found.share_at_maximum, found.spread) == (2, 0.3, 200.0)


def test_the_share_at_the_maximum_is_that_of_one_channel():
    image = np.zeros((10, 10, 2), dtype=np.uint8)
    image[:3, :, 0] = 200
    image[4:9, :, 1] = 200
    assert pixel_statistics(image).share_at_maximum == 0.5


def test_images_of_more_rows_than_are_counted_at_once(monkeypatch):
    monkeypatch.setattr("bioselect.data.pixel_statistics.N_AT_ONCE", 10)
    # 5 columns, so 2 rows at once; of 35 values those at places 0 and 33 are 0 and 33.
    found = pixel_statistics(np.arange(35, dtype=np.uint8).reshape(7, 5, 1))
    assert (found.minimum, found.maximum, found.spread) == (0.0, 34.0, 33.0)


@pytest.mark.parametrize(
    ("values", "expected"), [([0, 255], True), ([0, 7, 255], False), ([9], False)]
)
def test_two_values(values, expected):
    image = np.resize(np.array(values, dtype=np.uint8), (6, 7, 1))
    assert pixel_statistics(image).is_two_valued is expected


def test_the_look_is_the_light_of_eight_by_eight_fields():
    image = np.zeros((16, 16, 1), dtype=np.uint8)
    image[:2, :2] = 255
    assert pixel_statistics(image).look == "f" + "0" * 63
    assert pixel_statistics(np.full((4, 4, 3), 9, dtype=np.uint8)).look == "0" * 64


@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 300, 3), (3, 5, 2), (9, 9, 1), (2000, 40, 1)])
def test_images_of_any_size_have_a_look(shape):
    random = np.random.default_rng(0)
    assert len(pixel_statistics(random.integers(0, 255, shape).astype(np.uint8)).look) == 64


def test_copies_look_alike_and_other_images_do_not(tmp_path):
    random = np.random.default_rng(0)
    looks = []
    for number in range(6):
        small = Image.fromarray(random.integers(0, 255, (9, 9), dtype=np.uint8))
        image = small.resize((200, 160), Image.Resampling.BICUBIC)
        image.save(tmp_path / "copy.jpg", quality=50)
        half = image.resize((100, 80))
        copies = [np.asarray(one) for one in (Image.open(tmp_path / "copy.jpg"), half)]
        copies.append(np.asarray(image).astype(np.uint16) * 257)
        look = pixel_statistics(np.asarray(image)[:, :, None]).look
        assert all(looks_alike(look, pixel_statistics(one[:, :, None]).look) for one in copies)
        assert not any(looks_alike(look, other) for other in looks), number
        looks.append(look)
