import struct

import numpy as np
import pytest
import tifffile

from bioselect.data.ifd_chain import check_chain
from bioselect.exceptions import UnreadableImageError


@pytest.fixture
def three_pages(tmp_path):
    path = tmp_path / "a.tif"
    with tifffile.TiffWriter(path) as writer:
        for _ in range(3):
            writer.write(np.zeros((4, 4), dtype=np.uint8), metadata=None, description="a page" * 4)
    return path


@pytest.mark.parametrize("options", [{}, {"byteorder": ">"}, {"bigtiff": True}])
def test_pages_are_counted(tmp_path, options):
    pages = np.zeros((5, 4, 4), dtype=np.uint8)
    tifffile.imwrite(tmp_path / "a.tif", pages, photometric="minisblack", **options)
    assert check_chain(tmp_path / "a.tif") == 5


def _places(path):
    """Return where each page begins, and where in the file the place of the next one stands."""
    with tifffile.TiffFile(path) as tiff:
        return [(page.offset, page.offset + 2 + 12 * len(page.tags)) for page in tiff.pages]


def _overwrite(path, place, number):
    data = bytearray(path.read_bytes())
    data[place : place + 4] = struct.pack("<I", number)
    path.write_bytes(data)


def test_pages_that_run_in_a_circle_are_an_error(three_pages):
    places = _places(three_pages)
    _overwrite(three_pages, places[2][1], places[1][0])
    with pytest.raises(UnreadableImageError, match="in a circle after 3"):
        check_chain(three_pages)


def test_a_page_behind_the_end_is_an_error(three_pages):
    places = _places(three_pages)
    _overwrite(three_pages, places[1][1], 10**6)
    with pytest.raises(UnreadableImageError, match="2 pages the next must begin at byte 1000"):
        check_chain(three_pages)


def test_a_description_behind_the_end_is_an_error(three_pages):
    with tifffile.TiffFile(three_pages) as tiff:
        tag = tiff.pages[1].tags["ImageDescription"]
    _overwrite(three_pages, tag.offset + 8, three_pages.stat().st_size - 3)
    with pytest.raises(UnreadableImageError, match="the description of its pages is missing"):
        check_chain(three_pages)


@pytest.mark.parametrize("n_bytes", [3, 6, 9, 30])
def test_a_list_of_pages_cut_short_is_an_error(three_pages, n_bytes):
    three_pages.write_bytes(three_pages.read_bytes()[:n_bytes])
    with pytest.raises(UnreadableImageError, match="cut short"):
        check_chain(three_pages)
