import numpy as np
import pytest

from bioselect.data.background import FIELD, background_tiles, fields_inside
from bioselect.data.tiles import Tiles

SIZE = 32
TILES = Tiles(SIZE, SIZE)


def scan(level, noise, dtype=np.uint8, n_channels=1, seed=0):
    """Draw two by three tiles of noise around a level, with coarse structure in the middle two."""
    rng = np.random.default_rng(seed)
    image = level + noise * rng.standard_normal((2 * SIZE, 3 * SIZE, n_channels))
    blocks = np.kron(rng.random((2 * SIZE // 8, SIZE // 8)), np.ones((8, 8)))
    image[:, SIZE : 2 * SIZE] += (80 if level < 128 else -80) * blocks[..., None]
    factor = 200 if dtype == np.uint16 else 1
    return np.clip(factor * image, 0, np.iinfo(dtype).max).astype(dtype)


@pytest.mark.parametrize("level", [20, 230])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("n_channels", [1, 3])
def test_what_hardly_varies_is_background_dark_or_bright(level, dtype, n_channels):
    flat = background_tiles(scan(level, 2, dtype, n_channels), TILES)
    assert flat.tolist() == [[True, False, True]] * 2


def test_a_slow_change_of_the_light_is_background_still():
    # 3 grey levels from one side of a tile to the other, where structure spreads over about 80.
    image = scan(230, 2).astype(float) - np.linspace(0, 9, 3 * SIZE)[:, None]
    assert background_tiles(image, TILES).tolist() == [[True, False, True]] * 2


def test_dust_is_background_and_a_cell_is_not():
    image = scan(230, 2)
    image[4:8, 4:12] = 60  # 2 of 64 fields, 3 %: less than the 5 % that may differ
    image[4:16, 2 * SIZE + 4 : 2 * SIZE + 16] = 60  # 9 of 64 fields, 14 %
    assert background_tiles(image, TILES)[0].tolist() == [True, False, False]


def test_the_rule_in_numbers():
    # The light goes from 0 to 100 over the whole image, so its range is all but 100; a tile whose
    # halves differ by 4 is below a twentieth of that, one whose halves differ by 6 is not.
    image = np.zeros((SIZE, 4 * SIZE, 1), dtype=np.uint8)
    image[:, SIZE // 2 : SIZE] = 4
    image[:, SIZE + SIZE // 2 : 2 * SIZE] = 6
    image[:, 3 * SIZE :] = 100
    assert background_tiles(image, TILES).tolist() == [[True, False, True, True]]


def test_an_image_of_one_value_is_all_background():
    assert background_tiles(np.full((SIZE, 2 * SIZE, 3), 7, dtype=np.uint8), TILES).all()


def test_strips_and_margins_change_nothing():
    # More rows than are averaged at once, and sides that no field divides.
    rng = np.random.default_rng(3)
    image = rng.integers(0, 255, (70 * FIELD + 3, SIZE + 3, 1), dtype=np.uint8)
    image[: 8 * SIZE // 2] = 100
    flat = background_tiles(image, Tiles(SIZE, SIZE // 2))
    expected = []
    light = image[: 70 * FIELD, :SIZE, 0].reshape(70, FIELD, SIZE // FIELD, FIELD).mean((1, 3))
    low, high = np.percentile(light, (0.1, 99.9))
    for row in range(flat.shape[0]):
        part = light[4 * row : 4 * row + 8]
        ends = np.percentile(part, (5, 95))
        expected.append([ends[1] - ends[0] < 0.05 * (high - low)])
    assert flat.tolist() == expected
    assert 0 < sum(map(sum, expected)) < len(expected)


@pytest.mark.parametrize(
    ("first", "stop", "expected"), [(0, 32, (0, 8)), (4, 36, (1, 9)), (5, 37, (2, 9))]
)
def test_a_field_that_a_border_cuts_belongs_to_no_tile(first, stop, expected):
    assert fields_inside(slice(first, stop)) == slice(*expected)
