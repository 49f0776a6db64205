import pytest

from bioselect.data.tiles import Tile, Tiles, tiles_problem
from bioselect.exceptions import ConfigurationError


@pytest.mark.parametrize(
    ("length", "n_tiles"),
    # Tiles of 64 every 48: they begin at 0, 48, 96, ... and end 64 later.
    [(63, 0), (64, 1), (111, 1), (112, 2), (159, 2), (160, 3)],
)
def test_tiles_lie_wholly_inside(length, n_tiles):
    tiles = Tiles(64, 48)
    assert tiles.grid(length, 64) == ((n_tiles, 1) if n_tiles else (0, 0))
    assert tiles.grid(64, length) == ((1, n_tiles) if n_tiles else (0, 0))
    if n_tiles:
        assert tiles.at(n_tiles - 1, 0).window[0].stop <= length


def test_a_tile_says_where_it_is():
    tile = Tiles(64, 48).at(2, 1)
    assert tile == Tile(96, 48, 64) == Tile.of("96:48:64")
    assert tile.window == (slice(96, 160), slice(48, 112))


def test_what_is_left_out_is_filled_in():
    written = Tiles.from_config({"size": 32}).as_config()
    assert written == {"size": 32, "stride": 32, "background": "skip"}
    assert Tiles.from_config(written).as_config() == written
    assert not Tiles.from_config({"size": 32, "background": "keep"}).skips_background


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (256, "must be null or {size: 256, stride: 256, background: skip}"),
        ({"stride": 256}, "of which size must be there"),
        ({"size": 256, "overlap": 3}, "must be null or"),
        ({"size": 15}, "size must be a whole number of at least 16. Got 15."),
        ({"size": True}, "size must be a whole number of at least 16. Got True."),
        ({"size": 256.0}, "size must be a whole number"),
        ({"size": 256, "stride": 0}, "stride must be a whole number of at least 1. Got 0."),
        ({"size": 256, "background": "auto"}, "background must be skip or keep. Got 'auto'."),
    ],
)
def test_anything_else_is_an_error(value, problem):
    assert problem in tiles_problem(value)
    if isinstance(value, dict):
        with pytest.raises(ConfigurationError, match=r"^dataset\.tiles: "):
            Tiles.from_config(value)
