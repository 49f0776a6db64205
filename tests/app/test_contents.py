import io

import numpy as np
import pytest
import tifffile
from PIL import Image

from bioselect.app.contents import ending_of
from bioselect.exceptions import UnreadableImageError

WIDTH, HEIGHT = 31, 17


def made(kind, **options):
    buffer = io.BytesIO()
    Image.new("RGB", (WIDTH, HEIGHT), (200, 100, 50)).save(buffer, kind, **options)
    return buffer.getvalue()


def tiff(shape, **options):
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, np.zeros(shape, dtype=np.uint16), photometric="minisblack", **options)
    return buffer.getvalue()


FILES = {
    "png": (made("PNG"), ".png", 1),
    "jpeg": (made("JPEG"), ".jpg", 1),
    "progressive jpeg": (made("JPEG", progressive=True), ".jpg", 1),
    "bmp": (made("BMP"), ".bmp", 1),
    "gif": (made("GIF"), ".gif", 1),
    "lossy webp": (made("WEBP"), ".webp", 1),
    "lossless webp": (made("WEBP", lossless=True), ".webp", 1),
    "webp with profile": (made("WEBP", icc_profile=b"x" * 200), ".webp", 1),
    "tiff": (made("TIFF"), ".tif", 1),
    "16-bit stack": (tiff((5, HEIGHT, WIDTH)), ".tif", 5),
    "bigtiff": (tiff((HEIGHT, WIDTH), bigtiff=True), ".tif", 1),
}


@pytest.mark.parametrize("kind", FILES)
def test_the_size_is_told_by_the_header_whatever_the_name(kind, tmp_path):
    content, ending, n_planes = FILES[kind]
    path = tmp_path / "received"
    path.write_bytes(content)
    n_pixels = WIDTH * HEIGHT * n_planes
    assert ending_of(path, "cell.dat", n_pixels) == ending
    with pytest.raises(UnreadableImageError, match=r"Got 31 x 17.*Choose the folder"):
        ending_of(path, "cell.dat", n_pixels - 1)


@pytest.mark.parametrize("kind", FILES)
def test_a_header_that_is_cut_short_is_told_in_one_line(kind, tmp_path):
    path = tmp_path / "received"
    path.write_bytes(FILES[kind][0][:9])
    with pytest.raises(UnreadableImageError, match=r"^cell\.dat: ") as caught:
        ending_of(path, "cell.dat", 10**6)
    assert "\n" not in str(caught.value)
    assert str(tmp_path) not in str(caught.value)


def test_kinds_whose_size_is_not_in_the_header_are_not_uploaded(tmp_path):
    path = tmp_path / "received"
    np.save(path.with_suffix(".npy"), np.zeros((3, 3)))
    with pytest.raises(UnreadableImageError, match="a NPY file is not uploaded"):
        ending_of(path.with_suffix(".npy"), "a.npy", 10**6)


def test_a_tiff_that_claims_many_samples_of_each_pixel_is_too_large(tmp_path):
    path = tmp_path / "received"
    content = bytearray(tiff((HEIGHT, WIDTH)))
    with tifffile.TiffFile(io.BytesIO(content)) as file:
        place = file.pages.first.tags["SamplesPerPixel"].valueoffset
    content[place : place + 2] = (60_000).to_bytes(2, "little")
    path.write_bytes(content)
    with pytest.raises(UnreadableImageError, match="Got 31 x 17 x 15,000 planes"):
        ending_of(path, "cell.tif", 10**6)


def test_a_tiff_that_claims_many_planes_in_words_is_too_large(tmp_path):
    path = tmp_path / "received"
    words = '<OME><Pixels SizeX="31" SizeY="17" SizeC="3" SizeZ="50000" SizeT="60000"/></OME>'
    path.write_bytes(tiff((HEIGHT, WIDTH), description=words, metadata=None))
    with pytest.raises(UnreadableImageError, match="Got 31 x 17 x 3,000,000,000 planes"):
        ending_of(path, "cell.tif", 10**6)
