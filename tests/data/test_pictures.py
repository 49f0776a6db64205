"""GIF and WebP; PNG, JPEG and BMP are tested with the reading of all files."""

import io

import numpy as np
import pytest
from PIL import Image

from bioselect.data import limits
from bioselect.data.reading import read_image
from bioselect.exceptions import UnreadableImageError


def _pixels(*shape, seed=0, high=256):
    return np.random.default_rng(seed).integers(0, high, shape).astype(np.uint8)


def _paletted(seed=0):
    """Return a picture of 200 colours, and its colours pixel by pixel."""
    colours, places = _pixels(200, 3, seed=seed), _pixels(30, 40, seed=seed, high=200)
    picture = Image.fromarray(places, mode="P")
    picture.putpalette(colours.ravel().tolist())
    return picture, colours[places]


def test_a_gif_is_read_in_its_colours(tmp_path):
    picture, expected = _paletted()
    picture.save(tmp_path / "a.gif")
    np.testing.assert_array_equal(read_image(tmp_path / "a.gif"), expected)


def test_a_grey_gif_has_one_channel(tmp_path):
    pixels = _pixels(20, 20)
    Image.fromarray(pixels).save(tmp_path / "a.gif")
    np.testing.assert_array_equal(read_image(tmp_path / "a.gif"), pixels[:, :, np.newaxis])


@pytest.mark.parametrize("suffix", [".gif", ".webp"])
def test_the_first_frame_of_an_animation_is_the_image(tmp_path, suffix):
    frames = [_paletted(seed)[0] for seed in (1, 2, 3)]
    if suffix == ".webp":
        frames = [frame.convert("RGB") for frame in frames]
    path = tmp_path / f"a{suffix}"
    options = {"lossless": True} if suffix == ".webp" else {}
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=100, **options)
    with Image.open(path) as picture:
        assert picture.n_frames == 3
    np.testing.assert_array_equal(read_image(path), _paletted(1)[1])


def test_a_first_frame_that_does_not_fill_the_gif_is_an_error(tmp_path):
    data = io.BytesIO()
    _paletted()[0].save(data, "GIF")
    stored = bytearray(data.getvalue())
    stored[6:10] = (50).to_bytes(2, "little") + (60).to_bytes(2, "little")  # the size of the whole
    (tmp_path / "a.gif").write_bytes(stored)
    with pytest.raises(UnreadableImageError, match="fill the picture of 50 x 60"):
        read_image(tmp_path / "a.gif")


def test_transparency_of_a_gif_counts_only_where_it_occurs(tmp_path):
    picture, expected = _paletted()
    picture.save(tmp_path / "unused.gif", transparency=250)
    np.testing.assert_array_equal(read_image(tmp_path / "unused.gif"), expected)
    picture.save(tmp_path / "used.gif", transparency=int(np.asarray(picture)[3, 3]))
    with pytest.raises(UnreadableImageError, match="transparent"):
        read_image(tmp_path / "used.gif")


def test_a_lossless_webp_comes_back_as_it_was(tmp_path):
    pixels = _pixels(20, 30, 3)
    Image.fromarray(pixels).save(tmp_path / "a.webp", lossless=True)
    np.testing.assert_array_equal(read_image(tmp_path / "a.webp"), pixels)


def test_transparency_of_a_webp(tmp_path):
    pixels = _pixels(20, 30, 4)
    pixels[:, :, 3] = 255
    Image.fromarray(pixels).save(tmp_path / "a.webp", lossless=True, exact=True)
    np.testing.assert_array_equal(read_image(tmp_path / "a.webp"), pixels[:, :, :3])
    pixels[2, 2, 3] = 254
    Image.fromarray(pixels).save(tmp_path / "a.webp", lossless=True, exact=True)
    with pytest.raises(UnreadableImageError, match="transparent"):
        read_image(tmp_path / "a.webp")


def test_the_orientation_of_a_webp_is_applied(tmp_path):
    pixels = _pixels(20, 30, 3)
    exif = Image.Exif()
    exif[274] = 6
    Image.fromarray(pixels).save(tmp_path / "a.webp", lossless=True, exif=exif)
    # Orientation 6: the first row is the right side, the first column the top.
    np.testing.assert_array_equal(read_image(tmp_path / "a.webp"), np.rot90(pixels, -1))


@pytest.mark.parametrize("kind", ["GIF", "WebP"])
def test_a_file_cut_anywhere_is_an_error(tmp_path, kind):
    data = io.BytesIO()
    _paletted()[0].convert("P" if kind == "GIF" else "RGB").save(data, kind)
    stored = data.getvalue()
    path = tmp_path / "a.png"
    for cut in range(0, len(stored) - 1, len(stored) // 50):
        path.write_bytes(stored[:cut])
        with pytest.raises(UnreadableImageError, match=r"a\.png: "):
            read_image(path)


@pytest.mark.parametrize("suffix", [".gif", ".webp"])
def test_a_picture_larger_than_the_limit_is_refused_before_decoding(tmp_path, monkeypatch, suffix):
    path = tmp_path / f"a{suffix}"
    Image.fromarray(_pixels(30, 40, 3)).save(path)
    monkeypatch.setattr(limits, "MAXIMUM_PIXELS", 1199)
    with pytest.raises(UnreadableImageError, match=r"at most 1,199 pixels\. Got 40 x 30"):
        read_image(path)


@pytest.mark.parametrize(
    ("frame", "n_bits", "found"), [(0xC1, 12, "12 bits"), (0xF7, 8, "JPEG-LS")]
)
def test_relatives_of_jpeg_are_named_and_not_called_damaged(tmp_path, frame, n_bits, found):
    data = io.BytesIO()
    Image.fromarray(_pixels(16, 16)).save(data, "JPEG")
    stored = bytearray(data.getvalue())
    place = stored.index(b"\xff\xc0")
    stored[place + 1], stored[place + 4] = frame, n_bits
    (tmp_path / "a.jpg").write_bytes(stored)
    with pytest.raises(UnreadableImageError, match=rf"Got {found}\. Save it as PNG or TIFF\."):
        read_image(tmp_path / "a.jpg")
