"""What is done to a file before its pixels go into a graph is said in the order of the work."""

import pytest

from bioselect.bundle.export.reading_words import reading_words
from bioselect.data.intensities import Intensity
from bioselect.data.preparation import Reading
from bioselect.data.stacks import Stack
from bioselect.data.tiles import Tiles

DECODE = (
    "decode the file with all its bits, turned as its EXIF or TIFF orientation says, height x "
    "width x channels, colours as red, green, blue"
)
DTYPE = Intensity("dtype")


def test_every_step_stands_in_the_order_of_the_work():
    tiles = Tiles.from_config({"size": 64})
    reading = Reading(Intensity("range", 0, 4095), (2, 0), stack=Stack("max"), tiles=tiles)
    lines = reading_words(reading, (96, 48), 2)
    assert lines[0] == DECODE
    assert "several planes" in lines[1]
    assert "max" in lines[1]
    assert lines[2] == "cut large images into tiles of 64 x 64 pixels"
    assert lines[3].startswith("scale so that 0 becomes 0 and 4095 becomes 1; clip")
    assert lines[4] == "take the channels 2, 0, counted from 0"
    assert lines[5] == "a single channel becomes two equal ones"
    assert lines[6].startswith("resize to 96 x 48 (height x width)")
    assert len(lines) == 7


@pytest.mark.parametrize(
    ("reading", "size", "n_channels", "rest"),
    [
        (Reading(DTYPE), None, None, []),
        (Reading(DTYPE), None, 1, []),
        (Reading(DTYPE), None, 7, ["a single channel becomes 7 equal ones"]),
        (Reading(DTYPE, repeat_grey=True), None, None, ["a single channel becomes 3 equal ones"]),
        # The channels that a component of any number takes are those of the file.
        (Reading(DTYPE, (1,)), None, None, []),
    ],
)
def test_what_is_not_done_is_not_said(reading, size, n_channels, rest):
    lines = reading_words(reading, size, n_channels)
    assert lines[:2] == [DECODE, lines[1]]
    assert lines[1].startswith("divide by the largest value of the pixel type")
    assert lines[2:] == rest


def test_percentiles_are_those_of_each_image():
    lines = reading_words(Reading(Intensity("percentile")), None, None)
    assert lines[1].startswith("scale each image so that its 0.1th percentile")
