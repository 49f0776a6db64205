from pathlib import Path

import pytest

from bioselect.data.parts import PartName
from bioselect.data.records import FilePart, ImageRecord
from bioselect.data.tiles import Tile
from bioselect.exceptions import UnreadableImageError

NAMES = {
    "": PartName(),
    "7": PartName(number=7),
    "train/12": PartName(split="train", number=12),
    "series:1.2.840.1": PartName(series="1.2.840.1"),
    "series:1.2.840.1#7": PartName(series="1.2.840.1", number=7),
    "tile:512:0:256": PartName(tile=Tile(512, 0, 256)),
    "7@tile:0:8:16": PartName(number=7, tile=Tile(0, 8, 16)),
    "series:1.2#7@tile:0:8:16": PartName(series="1.2", number=7, tile=Tile(0, 8, 16)),
    "train/12@tile:0:8:16": PartName(split="train", number=12, tile=Tile(0, 8, 16)),
}


@pytest.mark.parametrize("text", NAMES)
def test_names_are_taken_apart_and_put_together(text):
    name = PartName.of(Path("a"), text)
    assert name == NAMES[text]
    assert str(name) == text
    # A tile of a stack is one of the image that `dataset.stack` makes of it.
    assert name.is_whole_file == (text in ("", "series:1.2.840.1", "tile:512:0:256"))


@pytest.mark.parametrize(
    "text", ["-1", "seven", "train/", "/3", "series:", "7#", "train/x", "1.5", "tile:1:2"]
)
def test_anything_else_is_an_error(text):
    with pytest.raises(UnreadableImageError, match=r"a\.tif: an image in it is named by.*Got"):
        PartName.of(Path("a.tif"), text)


def test_a_record_is_read_from_its_file_or_from_a_part_of_it():
    path = Path("plate1/stack.tif")
    assert ImageRecord("a", path).source == path
    source = ImageRecord("a", path, part="7").source
    assert source == FilePart(path, "7")
    assert str(source) == f"{path}#7"
