"""A TIFF that lacks something is an error, and nothing is filled in."""

import io
import logging

import numpy as np
import pytest
import tifffile

from bioselect.data.reading import read_image
from bioselect.exceptions import UnreadableImageError

RANDOM = np.random.default_rng(5)
GREY = RANDOM.integers(0, 4096, (32, 32), dtype=np.uint16)
COLOUR = RANDOM.integers(0, 256, (32, 32, 3), dtype=np.uint8)
STRIPS = ("StripOffsets", "StripByteCounts")


@pytest.mark.parametrize("compression", [None, "lzw", "zlib", "jpeg"])
@pytest.mark.parametrize("layout", [{"rowsperstrip": 8}, {"tile": (16, 16)}])
def test_a_file_cut_anywhere_is_an_error(tmp_path, caplog, compression, layout):
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, COLOUR, compression=compression, photometric="rgb", **layout)
    data = buffer.getvalue()
    path = tmp_path / "a.tif"
    for cut in range(0, len(data), len(data) // 40):
        path.write_bytes(data[:cut])
        with pytest.raises(UnreadableImageError, match=r"a\.tif: "):
            read_image(path)


@pytest.mark.parametrize("compression", [None, "zlib"])
def test_a_cut_file_is_told_by_its_size(tmp_path, compression):
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, GREY, compression=compression)
    data = path.read_bytes()
    path.write_bytes(data[:-5])
    message = rf"cut short \({len(data) - 5} of {len(data)} bytes\)"
    with pytest.raises(UnreadableImageError, match=message):
        read_image(path)


@pytest.mark.parametrize("tag_name", ["TileByteCounts", "TileOffsets"])
def test_pixels_that_were_never_written_are_an_error(tmp_path, tag_name):
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, GREY, tile=(16, 16), compression="zlib")
    with tifffile.TiffFile(path, mode="r+") as tiff:
        tag = tiff.pages[0].tags[tag_name]
        tag.overwrite([*tag.value[:-1], 0])
    with pytest.raises(UnreadableImageError, match="never written"):
        read_image(path)


def test_what_tifffile_logs_of_a_damaged_file_does_not_reach_the_terminal(tmp_path, capfd):
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, COLOUR[:8, :8].astype(np.uint16), photometric="rgb")
    path = tmp_path / "a.tif"
    path.write_bytes(buffer.getvalue()[:210])
    root = logging.getLogger()
    handlers, root.handlers = root.handlers, []
    try:
        with pytest.raises(UnreadableImageError):
            read_image(path)
    finally:
        root.handlers = handlers
    assert capfd.readouterr().err == ""


def _renamed_tag(path, code, new_code):
    """Make a tag one that no reader knows; the order of tags is kept."""
    data = bytearray(path.read_bytes())
    with tifffile.TiffFile(path) as tiff:
        place = tiff.pages[0].tags[code].offset
    data[place : place + 2] = new_code.to_bytes(2, "little")
    path.write_bytes(data)


def test_whether_zero_is_black_must_be_said(tmp_path):
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, GREY, metadata=None, description=None, software=False)
    _renamed_tag(path, 262, 261)
    with pytest.raises(UnreadableImageError, match=r"PhotometricInterpretation is missing.*anew"):
        read_image(path)


@pytest.mark.parametrize("compression", [None, "zlib"])
@pytest.mark.parametrize("layout", [{"rowsperstrip": 8}, {"tile": (16, 16)}])
def test_missing_strips_are_not_filled_in(tmp_path, compression, layout):
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, GREY, compression=compression, **layout)
    names = ("TileOffsets", "TileByteCounts") if "tile" in layout else STRIPS
    with tifffile.TiffFile(path, mode="r+") as tiff:
        for name in names:
            tag = tiff.pages[0].tags[name]
            tag.overwrite(tag.value[:-1])
    with pytest.raises(UnreadableImageError, match=r"must have 4 strips or tiles.*Got 3"):
        read_image(path)


def test_all_strips_as_one_run_are_whole(tmp_path):
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, GREY, rowsperstrip=8)
    with tifffile.TiffFile(path, mode="r+") as tiff:
        offsets, counts = (tiff.pages[0].tags[name] for name in STRIPS)
        offsets.overwrite(offsets.value[:1])
        counts.overwrite((GREY.nbytes,))
    np.testing.assert_array_equal(read_image(path)[:, :, 0], GREY)
