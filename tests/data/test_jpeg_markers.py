"""The markers of JPEG, against files that another library writes."""

import io

import numpy as np
import pytest
from PIL import Image

from bioselect.data.jpeg_markers import END, JPEG_LS, frame_header, markers

GREY = np.arange(64, dtype=np.uint8).reshape(8, 8)


def jpeg(**options):
    file = io.BytesIO()
    Image.fromarray(GREY).save(file, "JPEG", **options)
    return file.getvalue()


@pytest.mark.parametrize(("options", "marker"), [({}, 0xC0), ({"progressive": True}, 0xC2)])
def test_the_header_of_the_picture_is_found(options, marker):
    assert frame_header(jpeg(**options)) == (marker, 8)


@pytest.mark.parametrize("n_bits", [8, 12])
def test_the_bits_are_those_it_was_written_with(n_bits):
    imagecodecs = pytest.importorskip("imagecodecs")
    pixels = GREY.astype("u1" if n_bits == 8 else "u2")
    assert frame_header(imagecodecs.jpeg8_encode(pixels, bitspersample=n_bits))[1] == n_bits


def test_jpeg_ls_has_a_marker_of_its_own():
    imagecodecs = pytest.importorskip("imagecodecs")
    assert frame_header(imagecodecs.jpegls_encode(GREY)) == (JPEG_LS, 8)


def test_what_follows_the_end_does_not_count():
    data = jpeg()
    found = [marker for marker, _ in markers(data + data)]
    assert found.count(END) == 1
    assert found[-1] == END


@pytest.mark.parametrize("data", [b"", b"\xff\xd8", b"\xff\xd8\xff\xc0\x00", b"no JPEG"])
def test_without_a_header_there_is_none(data):
    assert frame_header(data) is None
