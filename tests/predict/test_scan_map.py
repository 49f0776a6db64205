"""What is written of large images whose tiles were predicted."""

import csv
from pathlib import Path, PurePosixPath

import numpy as np
import pytest
import tifffile
from PIL import Image

from bioselect.data.records import ImageRecord
from bioselect.data.tiles import Tiles
from bioselect.data.tiling import TiledScan
from bioselect.exceptions import DataError
from bioselect.predict.claimed_folder import claimed
from bioselect.predict.files import Prediction
from bioselect.predict.scan_map import (
    FAILED,
    MappedScan,
    check_mappable,
    mapped_scans,
    nearest_tiles,
    write_shares,
    write_values,
)

CLASSES = ("fibrous", "loose")
SIZE = 32


def read(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def answer(name, error=""):
    if error:
        return Prediction(Path("x"), "", None, error)
    probabilities = np.array([0.75, 0.25] if name == "fibrous" else [0.125, 0.875])
    return Prediction(Path("x"), name, probabilities, "", (name,))


@pytest.fixture
def scan(tmp_path):
    """A scan of 70 x 100 pixels, two rows and three columns of tiles, the first is background."""
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, np.full((70, 100, 3), 200, np.uint8), photometric="rgb")
    kept = np.array([[False, True, True], [True, True, True]])
    return TiledScan(ImageRecord("a.tif", path), Tiles(SIZE, SIZE), kept)


@pytest.fixture
def found(tmp_path, scan):
    """What is said of it, and the folder that was written; one tile could not be used."""
    answers = [answer(one) for one in ("fibrous", "loose", "loose", "loose")]
    answers.insert(2, answer("", "torn"))
    torn = TiledScan(ImageRecord("b.tif", tmp_path / "b.tif"), scan.tiles, np.zeros((0, 0), bool))
    answers.append(answer("", "b.tif: cut short"))
    pairs = [(scan, PurePosixPath("slides/a")), (torn, PurePosixPath("b"))]
    with claimed(tmp_path / "maps") as results:
        found = list(mapped_scans(results, CLASSES, pairs, iter(answers)))
        write_values(results, CLASSES)
        write_shares(results, CLASSES, found)
    return found, tmp_path / "maps"


def test_a_map_has_one_pixel_a_tile(found):
    _, folder = found
    with Image.open(folder / "slides" / "a_map.png") as picture:
        assert np.asarray(picture).tolist() == [[0, 1, 2], [FAILED, 2, 2]]
    meanings = {row["value"]: row["meaning"] for row in read(folder / "values.csv")}
    assert meanings == {
        "0": "background",
        "1": "fibrous",
        "2": "loose",
        "255": "could not be used",
    }


def test_every_tile_has_a_row(found):
    rows = read(found[1] / "slides" / "a_tiles.csv")
    assert len(rows) == 6
    assert rows[0] | {"prediction": "", "is_background": "yes"} == rows[0]
    places = [(row["row"], row["column"], row["first_row"], row["first_column"]) for row in rows]
    assert places[2] == ("0", "2", "0", "64")
    assert places[3] == ("1", "0", "32", "0")
    assert [row["prediction"] for row in rows] == ["", "fibrous", "loose", "", "loose", "loose"]
    assert rows[1]["probability_fibrous"] == "0.75"
    assert rows[3]["error"] == "torn"


def test_shares_are_of_the_tiles_that_have_a_class(found):
    told, folder = found
    # Of six tiles one is background and one failed: one of four is fibrous.
    assert told[0] == MappedScan("slides/a", 6, 1, 1, (1, 3))
    assert told[0].shares() == (0.25, 0.75)
    assert told[1] == MappedScan("b", 0, 0, 0, (0, 0), "b.tif: cut short")
    rows = read(folder / "shares.csv")
    assert [row["share_loose"] for row in rows] == ["0.75", ""]
    assert rows[1]["error"] == "b.tif: cut short"
    assert not list(folder.glob("b_*"))


def test_the_overview_is_tinted_where_tiles_are(found):
    with Image.open(found[1] / "slides" / "a_overview.png") as picture:
        seen = np.asarray(picture).astype(int)
    assert seen.shape == (70, 100, 3)
    plain = seen[5, 5]  # background
    assert np.array_equal(seen[67, 50], plain)  # the margin, which is in no tile
    assert not np.array_equal(seen[16, 48], plain)
    assert not np.array_equal(seen[16, 48], seen[16, 80])  # two classes
    assert np.array_equal(seen[16, 80], seen[48, 80])  # the same class


@pytest.mark.parametrize(
    ("stride", "pixels", "expected"),
    [
        # Middles at 15.5, 31.5, 47.5: the border of the first two is 23.5.
        (16, [0, 23, 24, 39, 40, 63, 64], [0, 0, 1, 1, 2, 2, -1]),
        (64, [31, 32, 63, 64, 160, 192], [0, -1, -1, 1, -1, -1]),
    ],
)
def test_a_pixel_belongs_to_the_tile_with_the_nearest_middle(stride, pixels, expected):
    assert nearest_tiles(np.array(pixels), 3, Tiles(SIZE, stride)).tolist() == expected


def test_a_large_image_has_a_small_overview(tmp_path):
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, np.zeros((40, 2500), np.uint8))
    tiles = Tiles(SIZE, SIZE)
    scan = TiledScan(ImageRecord("a.tif", path), tiles, np.zeros((1, 78), bool))
    with claimed(tmp_path / "maps") as results:
        list(mapped_scans(results, CLASSES, [(scan, PurePosixPath("a"))], iter(())))
    with Image.open(tmp_path / "maps" / "a_overview.png") as picture:
        assert picture.size == (834, 14)  # every third pixel


def test_what_cannot_be_a_map_is_refused():
    check_mappable(CLASSES, has_labels=False)
    with pytest.raises(DataError, match=r"one class a tile\. Got a model of images with several"):
        check_mappable(CLASSES, has_labels=True)
    with pytest.raises(DataError, match=r"at most 254 classes\. Got a model with 255"):
        check_mappable([str(number) for number in range(255)], has_labels=False)
