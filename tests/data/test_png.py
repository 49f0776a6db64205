import struct
import zlib

import cv2
import numpy as np
import pytest
from PIL import Image

from bioselect.data.png import png_facts
from bioselect.data.reading import read_image
from bioselect.exceptions import UnreadableImageError

GREY, RGB, GREY_ALPHA, RGB_ALPHA = 0, 2, 4, 6


def _chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _png(pixels, colour_type, *extra_chunks, bits=0):
    """Write a PNG by its specification, so that no library decides what is in it."""
    height, width = pixels.shape[:2]
    bits = bits or pixels.dtype.itemsize * 8
    rows = pixels.astype(pixels.dtype.newbyteorder(">")).reshape(height, -1)
    if bits < 8:
        singly = np.unpackbits(rows[:, :, np.newaxis], axis=2)[:, :, -bits:]
        rows = np.packbits(singly.reshape(height, -1), axis=1)
    raw = b"".join(b"\0" + row.tobytes() for row in rows)
    header = struct.pack(">IIBBBBB", width, height, bits, colour_type, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + b"".join(_chunk(*chunk) for chunk in extra_chunks)
        + _chunk(b"IDAT", zlib.compress(raw))
        + _chunk(b"IEND", b"")
    )


def _deep(*shape):
    return np.random.default_rng(3).integers(0, 65536, shape).astype(np.uint16)


def _read(folder, data, name="a.png"):
    path = folder / name
    path.write_bytes(data)
    return read_image(path)


@pytest.mark.parametrize(("colour_type", "n_channels"), [(GREY, 1), (RGB, 3)])
def test_sixteen_bits_are_kept(tmp_path, colour_type, n_channels):
    pixels = _deep(5, 7, n_channels)
    image = _read(tmp_path, _png(pixels, colour_type))
    assert image.dtype == np.uint16
    np.testing.assert_array_equal(image, pixels)


@pytest.mark.parametrize(("colour_type", "n_channels"), [(GREY_ALPHA, 1), (RGB_ALPHA, 3)])
def test_sixteen_bits_with_opaque_transparency(tmp_path, colour_type, n_channels):
    pixels = _deep(5, 7, n_channels + 1)
    pixels[:, :, -1] = 65535
    image = _read(tmp_path, _png(pixels, colour_type))
    np.testing.assert_array_equal(image, pixels[:, :, :-1])
    pixels[4, 6, -1] = 65534
    with pytest.raises(UnreadableImageError, match="transparent"):
        _read(tmp_path, _png(pixels, colour_type))


@pytest.mark.parametrize(("colour_type", "n_channels"), [(GREY, 1), (RGB, 3)])
def test_a_transparent_colour_of_sixteen_bits(tmp_path, colour_type, n_channels):
    pixels = np.full((2, 3, n_channels), 300, dtype=np.uint16)
    absent, present = (struct.pack(f">{n_channels}H", *[value] * n_channels) for value in (44, 300))
    # 44 is the low byte of 300: a reader that compares 8 bits would take it for transparent.
    np.testing.assert_array_equal(
        _read(tmp_path, _png(pixels, colour_type, (b"tRNS", absent))), pixels
    )
    with pytest.raises(UnreadableImageError, match="transparent"):
        _read(tmp_path, _png(pixels, colour_type, (b"tRNS", present)))


def test_sixteen_bits_are_turned_as_declared(tmp_path):
    exif = Image.Exif()
    exif[274] = 6
    pixels = _deep(2, 3, 3)
    data = _png(pixels, RGB, (b"eXIf", exif.tobytes().removeprefix(b"Exif\0\0")))
    np.testing.assert_array_equal(_read(tmp_path, data), np.rot90(pixels, -1))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_all_depths_are_turned_by_the_same_words(tmp_path, dtype):
    exif = Image.Exif()
    exif[274] = 6
    exif = exif.tobytes()
    old = b"\nexif\n%8d\n%s\n" % (len(exif), exif.hex().encode())
    xmp = b'<rdf:Description tiff:Orientation="6"/>'
    words = {
        b"zTXt": b"Raw profile type exif\0\0" + zlib.compress(old),
        b"tEXt": b"Raw profile type exif\0" + old,
        b"iTXt": b"XML:com.adobe.xmp\0\0\0\0\0" + xmp,
    }
    pixels = _deep(2, 3, 3).astype(dtype)
    for chunk in words.items():
        np.testing.assert_array_equal(
            _read(tmp_path, _png(pixels, RGB, chunk)), np.rot90(pixels, -1)
        )


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
def test_a_transparent_grey_of_few_bits(tmp_path, bits):
    highest = 2**bits - 1
    pixels = np.array([[1, 0, 1, 1]], dtype=np.uint8)
    pixels[0, 2] = highest - (bits > 1)
    for value in {0, 1, highest - 1, highest}:
        data = _png(pixels, GREY, (b"tRNS", struct.pack(">H", value)), bits=bits)
        if value in pixels:
            with pytest.raises(UnreadableImageError, match="transparent"):
                _read(tmp_path, data)
        else:
            expected = pixels[:, :, np.newaxis] * (255 // highest)
            np.testing.assert_array_equal(_read(tmp_path, data), expected)


def test_opencv_agrees_on_sixteen_bits(tmp_path):
    pixels = _deep(9, 4, 3)
    data = cv2.imencode(".png", pixels[:, :, ::-1])[1].tobytes()
    np.testing.assert_array_equal(_read(tmp_path, data), pixels)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_one_flipped_bit_in_the_pixels_is_an_error(tmp_path, dtype):
    data = bytearray(_png(_deep(8, 8, 3).astype(dtype), RGB))
    data[data.index(b"IDAT") + 20] ^= 1
    with pytest.raises(UnreadableImageError, match=r"damaged \(checksum of b'IDAT'\)"):
        _read(tmp_path, bytes(data))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("n_missing", [1, 4, 12, 13, 40])
def test_a_missing_end_is_an_error(tmp_path, dtype, n_missing):
    data = _png(_deep(8, 8, 3).astype(dtype), RGB)
    with pytest.raises(UnreadableImageError, match="cut short after"):
        _read(tmp_path, data[:-n_missing])


def test_an_animation_is_an_error(tmp_path):
    frames = [Image.fromarray(_deep(4, 4, 3).astype(np.uint8) + shift) for shift in (0, 1)]
    frames[0].save(tmp_path / "a.png", save_all=True, append_images=frames[1:])
    with pytest.raises(UnreadableImageError, match="animation"):
        read_image(tmp_path / "a.png")


def test_the_facts_are_those_of_the_header(tmp_path):
    facts = png_facts(tmp_path / "a.png", _png(_deep(5, 7, 3), RGB, (b"tRNS", bytes(6))))
    assert (facts.width, facts.height, facts.bit_depth, facts.colour_type) == (7, 5, 16, RGB)
    assert facts.transparent_colour == bytes(6)
