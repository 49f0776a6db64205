import io
import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import tifffile
from PIL import Image, ImageOps

from bioselect.data import limits, reading
from bioselect.data.reading import READING_VERSION, open_image, read_image, read_source
from bioselect.data.records import FilePart
from bioselect.data.stacks import Stack
from bioselect.exceptions import UnreadableImageError


def _pixels(*shape, seed=0):
    return np.random.default_rng(seed).integers(0, 256, shape).astype(np.uint8)


def _encoded(picture, kind, **options):
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def _write(folder, name, data):
    path = folder / name
    path.write_bytes(data)
    return path


def _save(folder, name, picture, **options):
    path = folder / name
    picture.save(path, **options)
    return path


STACK = np.random.default_rng(4).integers(0, 4096, (5, 6, 8)).astype(np.uint16)


@pytest.fixture
def stack_file(tmp_path):
    tifffile.imwrite(tmp_path / "stack.tif", STACK, photometric="minisblack")
    return tmp_path / "stack.tif"


def test_a_part_is_a_plane_whatever_the_stack_says(stack_file):
    for stack in (None, Stack("max"), Stack("every", 2)):
        image = read_image(stack_file, "3", stack)
        np.testing.assert_array_equal(image[:, :, 0], STACK[3])
    np.testing.assert_array_equal(read_source(FilePart(stack_file, "4"))[:, :, 0], STACK[4])


def test_the_stack_decides_what_a_whole_file_is(stack_file):
    np.testing.assert_array_equal(
        read_image(stack_file, stack=Stack("max"))[:, :, 0], STACK.max(axis=0)
    )
    mean = read_source(stack_file, Stack("mean"))
    np.testing.assert_array_equal(mean[:, :, 0], STACK.mean(axis=0).astype(np.float32))
    np.testing.assert_array_equal(read_image(stack_file, stack=Stack("middle"))[:, :, 0], STACK[2])
    with pytest.raises(UnreadableImageError, match=r"stack\.tif: a file must hold one image"):
        read_image(stack_file)


def test_a_plane_that_is_not_there_is_an_error(stack_file):
    with pytest.raises(UnreadableImageError, match=r"stack\.tif#5: must be one of 5 planes"):
        read_image(stack_file, "5")


def test_the_first_image_of_a_picture_is_its_only_plane(tmp_path):
    path = _save(tmp_path, "a.png", Image.fromarray(_pixels(4, 4, 3)))
    assert open_image(path).n_planes == 1
    np.testing.assert_array_equal(read_image(path, "0"), read_image(path))


def test_values_that_are_not_finite_name_the_plane(tmp_path):
    pixels = np.zeros((3, 4, 4), dtype=np.float32)
    pixels[1, 2, 2] = np.nan
    tifffile.imwrite(tmp_path / "a.tif", pixels, photometric="minisblack")
    assert read_image(tmp_path / "a.tif", "0").max() == 0
    with pytest.raises(UnreadableImageError, match=r"a\.tif#1: 1 of its 16 values are not finite"):
        read_image(tmp_path / "a.tif", "1")
    with pytest.raises(UnreadableImageError, match=r"a\.tif: 1 of its 16 values"):
        read_image(tmp_path / "a.tif", stack=Stack("max"))


def test_a_stack_is_opened_once_for_all_its_planes(stack_file, monkeypatch):
    opened = []
    genuine = reading.open_image
    monkeypatch.setattr(
        reading, "open_image", lambda path, *rest: opened.append(path) or genuine(path, *rest)
    )
    for place in range(5):
        np.testing.assert_array_equal(read_image(stack_file, str(place))[:, :, 0], STACK[place])
    assert len(opened) == 1


def test_a_stack_that_was_written_anew_is_opened_anew(stack_file):
    assert read_image(stack_file, "0")[0, 0, 0] == STACK[0, 0, 0]
    tifffile.imwrite(stack_file, STACK[:4] + 1, photometric="minisblack")
    assert read_image(stack_file, "0")[0, 0, 0] == STACK[0, 0, 0] + 1
    with pytest.raises(UnreadableImageError, match="one of 4 planes"):
        read_image(stack_file, "4")


def test_threads_read_planes_of_one_file_at_once(stack_file):
    with ThreadPoolExecutor(4) as pool:
        images = list(pool.map(lambda place: read_image(stack_file, str(place % 5)), range(200)))
    for place, image in enumerate(images):
        np.testing.assert_array_equal(image[:, :, 0], STACK[place % 5])


def test_the_version_of_reading_is_stated():
    assert READING_VERSION == 3


@pytest.mark.parametrize("name", ["a.png", "a.bmp", "a.tif"])
def test_lossless_colour_comes_back_as_it_was(tmp_path, name):
    pixels = _pixels(5, 7, 3)
    image = read_image(_save(tmp_path, name, Image.fromarray(pixels)))
    assert image.dtype == np.uint8
    np.testing.assert_array_equal(image, pixels)


@pytest.mark.parametrize("name", ["a.png", "a.bmp", "a.tif"])
def test_grey_has_one_channel(tmp_path, name):
    pixels = _pixels(5, 7)
    image = read_image(_save(tmp_path, name, Image.fromarray(pixels)))
    np.testing.assert_array_equal(image, pixels[:, :, np.newaxis])


@pytest.mark.parametrize("shape", [(16, 24, 3), (16, 24)])
def test_jpeg_equals_another_decoder(tmp_path, shape):
    imagecodecs = pytest.importorskip("imagecodecs")
    data = _encoded(Image.fromarray(_pixels(*shape)), "JPEG", quality=90)
    expected = np.atleast_3d(imagecodecs.jpeg8_decode(data))
    image = read_image(_write(tmp_path, "a.JPG", data))
    # Two builds of the decoder may round the conversion to RGB differently by one step.
    assert np.abs(image.astype(int) - expected.astype(int)).max() <= 1
    assert image.shape == expected.shape


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF"])
def test_the_content_counts_not_the_name(tmp_path, kind):
    pixels = _pixels(4, 4, 3)
    path = _write(tmp_path, "mri.jpg", _encoded(Image.fromarray(pixels), kind))
    np.testing.assert_array_equal(read_image(path), pixels)


@pytest.mark.parametrize("name", ["a.png", "a.bmp", "a.tif"])
def test_black_and_white_becomes_0_and_255(tmp_path, name):
    pixels = _pixels(5, 11) > 127
    image = read_image(_save(tmp_path, name, Image.fromarray(pixels)))
    assert image.dtype == np.uint8
    np.testing.assert_array_equal(image[:, :, 0], np.where(pixels, 255, 0))


@pytest.mark.parametrize("name", ["a.png", "a.bmp", "a.tif"])
def test_a_palette_becomes_rgb(tmp_path, name):
    picture = Image.fromarray(np.array([[0, 1], [2, 1]], dtype=np.uint8), mode="P")
    picture.putpalette([10, 20, 30, 200, 100, 0, 0, 0, 255])
    image = read_image(_save(tmp_path, name, picture))
    colours = [[10, 20, 30], [200, 100, 0], [0, 0, 255]]
    np.testing.assert_array_equal(image, [[colours[0], colours[1]], [colours[2], colours[1]]])


@pytest.mark.parametrize("name", ["a.png", "a.bmp", "a.tif", "a.gif"])
def test_a_palette_of_greys_is_grey(tmp_path, name):
    places = _pixels(5, 7) % 100
    picture = Image.fromarray(places, mode="P")
    greys = np.random.default_rng(1).permutation(256)[:100].astype(np.uint8)
    picture.putpalette(greys.repeat(3).tolist())
    image = read_image(_save(tmp_path, name, picture))
    np.testing.assert_array_equal(image, greys[places][:, :, np.newaxis])
    picture.putpalette([*greys.repeat(3).tolist(), 1, 2, 3])
    if name != "a.gif":  # Pillow leaves out what a GIF does not use.
        assert read_image(_save(tmp_path, name, picture)).shape == (5, 7, 3)


@pytest.mark.parametrize("name", ["a.png", "a.tif"])
@pytest.mark.parametrize(("mode", "n_channels"), [("RGBA", 3), ("LA", 1)])
def test_opaque_transparency_is_left_out(tmp_path, name, mode, n_channels):
    pixels = _pixels(4, 6, len(mode))
    pixels[:, :, -1] = 255
    image = read_image(_save(tmp_path, name, Image.fromarray(pixels, mode=mode)))
    np.testing.assert_array_equal(image, pixels[:, :, :n_channels])


@pytest.mark.parametrize("name", ["a.png", "a.tif"])
@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_real_transparency_is_an_error(tmp_path, name, mode):
    pixels = _pixels(4, 6, len(mode))
    pixels[:, :, -1] = 255
    pixels[2, 3, -1] = 254
    path = _save(tmp_path, name, Image.fromarray(pixels, mode=mode))
    with pytest.raises(UnreadableImageError, match=r"a\.\w+: .*transparen.*without transparency"):
        read_image(path)


@pytest.mark.parametrize("mode", ["P", "L", "RGB"])
def test_a_transparent_colour_is_an_error_where_it_occurs(tmp_path, mode):
    used, unused = (5, 1) if mode != "RGB" else ((5, 5, 5), (1, 1, 1))
    picture = Image.new(mode, (3, 3), used)
    if mode == "P":
        picture.putpalette(list(range(30)))
    unused_is_transparent = _save(tmp_path, "unused.png", picture, transparency=unused)
    assert read_image(unused_is_transparent).shape == (3, 3, 1 if mode == "L" else 3)
    with pytest.raises(UnreadableImageError, match="transparent"):
        read_image(_save(tmp_path, "used.png", picture, transparency=used))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("name", ["a.png", "a.tif", "a.jpg"])
def test_the_declared_orientation_is_applied(tmp_path, name, orientation):
    exif = Image.Exif()
    exif[274] = orientation
    path = _save(tmp_path, name, Image.fromarray(_pixels(16, 24, 3)), exif=exif)
    with Image.open(path) as picture:
        expected = np.asarray(ImageOps.exif_transpose(picture))
    image = read_image(path)
    np.testing.assert_array_equal(image, expected)
    assert image.flags.c_contiguous


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "JPEG"])
def test_a_file_cut_anywhere_is_never_half_an_image(tmp_path, kind):
    data = _encoded(Image.fromarray(_pixels(24, 24, 3)), kind)
    whole = read_image(_write(tmp_path, "whole", data))
    n_refused = 0
    cuts = range(0, len(data), max(1, len(data) // 60))
    for cut in cuts:
        path = _write(tmp_path, "cut", data[:cut])
        try:
            np.testing.assert_array_equal(read_image(path), whole)
        except UnreadableImageError as error:
            assert str(error).startswith(f"{path}: ")  # noqa: PT017
            assert "\n" not in str(error)  # noqa: PT017
            n_refused += 1
    assert n_refused >= len(cuts) - 1  # A BMP may lack its last filling bytes.


def test_progressive_jpeg_cut_short_is_an_error(tmp_path):
    data = _encoded(Image.fromarray(_pixels(32, 32, 3)), "JPEG", progressive=True)
    with pytest.raises(UnreadableImageError, match=r"cut\.jpg"):
        read_image(_write(tmp_path, "cut.jpg", data[: len(data) * 3 // 4]))


def test_a_jpeg_whose_tail_is_zeros_is_an_error(tmp_path):
    data = _encoded(Image.fromarray(_pixels(64, 64, 3)), "JPEG")
    broken = data[: len(data) // 2] + bytes(len(data) - len(data) // 2)
    with pytest.raises(UnreadableImageError, match="its end is missing"):
        read_image(_write(tmp_path, "broken.jpg", broken))


def test_bytes_behind_the_end_of_a_jpeg_do_no_harm(tmp_path):
    data = _encoded(Image.fromarray(_pixels(16, 16, 3)), "JPEG")
    expected = read_image(_write(tmp_path, "a.jpg", data))
    np.testing.assert_array_equal(
        read_image(_write(tmp_path, "b.jpg", data + b"\0" * 99)), expected
    )


@pytest.mark.parametrize("progressive", [False, True])
def test_a_film_behind_a_jpeg_neither_harms_nor_hides_a_missing_end(tmp_path, progressive):
    # Phones append one; it may hold the marker that starts a picture, or the one that ends it.
    picture = Image.fromarray(_pixels(64, 64, 3))
    data = _encoded(picture, "JPEG", progressive=progressive, restart_marker_blocks=2)
    expected = read_image(_write(tmp_path, "a.jpg", data))
    film = b"\0\0ftyp" + b"\xff\xda" * 3
    np.testing.assert_array_equal(read_image(_write(tmp_path, "b.jpg", data + film)), expected)
    cut = data[: len(data) * 3 // 4] + b"\0" * 999
    for tail in (b"", data):
        with pytest.raises(UnreadableImageError, match=r"c\.jpg: .*(end is missing|cut short)"):
            read_image(_write(tmp_path, "c.jpg", cut + tail[:-2]))


def test_the_first_picture_of_a_multi_picture_jpeg_is_the_image(tmp_path):
    first, second = (Image.fromarray(_pixels(16, 16, 3, seed=seed)) for seed in (1, 2))
    alone = read_image(_write(tmp_path, "one.jpg", _encoded(first, "JPEG")))
    path = _save(tmp_path, "two.jpg", first, format="MPO", save_all=True, append_images=[second])
    np.testing.assert_array_equal(read_image(path), alone)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "it is empty"),
        (b"GIF89a" + bytes(20), "damaged or cut short"),
        (b"%PDF-1.7", "it is a PDF"),
        (b"<html>not found</html>", "it is text"),
        (b"hello world", "it begins with b'hell'"),
        (b"\xff\xd8\xff\xe0" + bytes(100), "damaged or cut short"),
        (b"\x89PNG\r\n\x1a\n", "cut short"),
        (b"II*\0" + bytes(40), "a.png: "),
        (b"BM" + bytes(40), "damaged or cut short"),
    ],
)
def test_what_is_no_image_is_an_error_that_says_so(tmp_path, data, message):
    path = _write(tmp_path, "a.png", data)
    with pytest.raises(UnreadableImageError, match=message) as caught:
        read_image(path)
    assert str(caught.value).startswith(f"{path}: ")


def test_a_missing_file_and_a_folder_are_errors(tmp_path):
    with pytest.raises(UnreadableImageError, match=r"gone\.png: there is no such file"):
        read_image(tmp_path / "gone.png")
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(UnreadableImageError, match="it is a folder"):
        read_image(tmp_path / "folder.png")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_an_error(tmp_path):
    path = _write(tmp_path, "secret.png", b"x")
    path.chmod(0)
    with pytest.raises(UnreadableImageError, match="no permission"):
        read_image(path)


def test_cmyk_is_an_error(tmp_path):
    path = _save(tmp_path, "print.jpg", Image.fromarray(_pixels(8, 8, 4), mode="CMYK"))
    with pytest.raises(UnreadableImageError, match=r"its colours are CMYK.*Save it as RGB"):
        read_image(path)


@pytest.mark.parametrize("name", ["ein Bild.png", "zëllkern 细胞 №1.png", "a'b\"c.tif"])
def test_names_in_any_script_are_read(tmp_path, name):
    pixels = _pixels(3, 4, 3)
    path = _write(
        tmp_path, name, _encoded(Image.fromarray(pixels), "TIFF" if "tif" in name else "PNG")
    )
    np.testing.assert_array_equal(read_image(path), pixels)


def test_a_picture_larger_than_pillows_own_limit_is_read(tmp_path, monkeypatch):
    path = _save(tmp_path, "large.png", Image.fromarray(_pixels(30, 30, 3)))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    assert read_image(path).shape == (30, 30, 3)


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.bmp", "a.tif"])
def test_a_picture_larger_than_our_limit_is_refused_before_decoding(tmp_path, monkeypatch, name):
    path = _save(tmp_path, name, Image.fromarray(_pixels(30, 40, 3)))
    monkeypatch.setattr(limits, "MAXIMUM_PIXELS", 1199)
    with pytest.raises(UnreadableImageError, match=r"at most 1,199 pixels\. Got 40 x 30"):
        read_image(path)
