import numpy as np
import pytest
import tifffile
from PIL import Image

from bioselect.data.reading import read_image
from bioselect.exceptions import UnreadableImageError


def _values(*shape, dtype="uint16", high=4096):
    return np.random.default_rng(5).integers(0, high, shape).astype(dtype)


def _read(folder, pixels, name="a.tif", **options):
    tifffile.imwrite(folder / name, pixels, **options)
    return read_image(folder / name)


@pytest.mark.parametrize(
    "dtype",
    ["uint8", "uint16", "uint32", "int8", "int16", "int32", "float16", "float32", "float64"],
)
def test_the_type_is_kept(tmp_path, dtype):
    pixels = _values(5, 7, dtype=dtype, high=100)
    image = _read(tmp_path, pixels)
    assert image.dtype == dtype
    np.testing.assert_array_equal(image[:, :, 0], pixels)


@pytest.mark.parametrize("options", [{"byteorder": ">"}, {"bigtiff": True}])
def test_other_headers_give_the_same(tmp_path, options):
    pixels = _values(5, 7)
    image = _read(tmp_path, pixels, **options)
    assert image.dtype.isnative
    np.testing.assert_array_equal(image[:, :, 0], pixels)


@pytest.mark.parametrize("compression", ["lzw", "zlib", "zstd", "packbits"])
@pytest.mark.parametrize("layout", [{}, {"tile": (16, 16)}, {"rowsperstrip": 4}])
def test_compressed_files_lose_nothing(tmp_path, compression, layout):
    pixels = _values(20, 33, 3, dtype="uint8", high=256)
    image = _read(tmp_path, pixels, compression=compression, photometric="rgb", **layout)
    np.testing.assert_array_equal(image, pixels)


def test_any_number_of_interleaved_channels(tmp_path):
    pixels = _values(6, 8, 5)
    image = _read(tmp_path, pixels, photometric="minisblack", planarconfig="contig")
    np.testing.assert_array_equal(image, pixels)


@pytest.mark.parametrize(
    "options",
    [
        {"photometric": "minisblack", "planarconfig": "separate"},
        {"imagej": True, "metadata": {"axes": "CYX"}},
        {"ome": True, "metadata": {"axes": "CYX"}},
    ],
)
def test_channels_that_lie_in_planes_become_the_last_axis(tmp_path, options):
    planes = _values(5, 6, 8)
    image = _read(tmp_path, planes, **options)
    np.testing.assert_array_equal(image, np.moveaxis(planes, 0, 2))
    assert image.flags.c_contiguous


def test_one_slice_and_one_time_point_are_no_stack(tmp_path):
    planes = _values(1, 1, 3, 6, 8)
    image = _read(tmp_path, planes, ome=True, metadata={"axes": "TZCYX"})
    np.testing.assert_array_equal(image, np.moveaxis(planes[0, 0], 0, 2))


@pytest.mark.parametrize("shape", [(6, 8, 1), (1, 6, 8), (6, 1, 1), (1, 8)])
def test_axes_of_length_one_have_no_meaning(tmp_path, shape):
    pixels = _values(*shape)
    image = _read(tmp_path, pixels)
    expected = (1, 8, 1) if shape == (1, 8) else (6, 1, 1) if shape == (6, 1, 1) else (6, 8, 1)
    np.testing.assert_array_equal(image, pixels.reshape(expected))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"photometric": "minisblack"}, r"Got 5 pages whose meaning.*axes QYX, shape \(5, 6, 8\)"),
        ({"photometric": "minisblack", "metadata": None}, "Got 5 pages whose meaning.*axes IYX"),
        ({"imagej": True, "metadata": {"axes": "ZYX"}}, "Got 5 slices.*axes ZYX"),
        ({"imagej": True, "metadata": {"axes": "TYX"}}, "Got 5 points in time"),
        ({"ome": True, "metadata": {"axes": "ZYX"}}, "Got 5 slices"),
    ],
)
def test_a_stack_is_an_error_that_says_what_was_found(tmp_path, options, message):
    with pytest.raises(UnreadableImageError, match=message) as caught:
        _read(tmp_path, _values(5, 6, 8), **options)
    assert str(caught.value).endswith(
        "Write dataset.stack: {projection: max}, {projection: mean}, middle, all or {every: N}; if "
        "they are the channels of one image, write dataset.stack: channels."
    )


def test_a_stack_of_colour_images_is_an_error(tmp_path):
    stack = _values(2, 6, 8, 3, dtype="uint8", high=256)
    with pytest.raises(UnreadableImageError, match="Got 2 pages") as caught:
        _read(tmp_path, stack, photometric="rgb")
    assert "channels" not in str(caught.value)


def test_channels_and_slices_are_an_error(tmp_path):
    with pytest.raises(UnreadableImageError, match="Got 3 slices"):
        _read(tmp_path, _values(2, 3, 6, 8), ome=True, metadata={"axes": "CZYX"})


def test_two_images_of_different_size_are_an_error(tmp_path):
    with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
        writer.write(_values(6, 8), metadata=None)
        writer.write(_values(4, 4), metadata=None)
    with pytest.raises(UnreadableImageError, match=r"Got 2 of different.*\(6, 8\), \(4, 4\)"):
        read_image(tmp_path / "a.tif")


@pytest.mark.parametrize("others", [[(256, 0)], [(256, 1), (128, 0)]])
def test_a_second_image_is_no_level_of_a_pyramid_because_its_size_would_fit(tmp_path, others):
    with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
        for size, flag in [(512, 0), *others]:
            writer.write(_values(size, size), metadata=None, subfiletype=flag)
    last = others[-1][0]
    message = rf"Got 2 of different.*\(512, 512\), \({last}, {last}\)"
    with pytest.raises(UnreadableImageError, match=message):
        read_image(tmp_path / "a.tif")


def test_a_thumbnail_alone_is_an_error(tmp_path):
    with pytest.raises(UnreadableImageError, match=r"holds only.*reduced copies.*full image"):
        _read(tmp_path, _values(6, 8), subfiletype=1, metadata=None)


@pytest.mark.parametrize("n_subifds", [0, 1])
def test_levels_of_a_pyramid_do_not_count(tmp_path, n_subifds):
    full, reduced = _values(32, 32, 3), _values(16, 16, 3)
    with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
        options = {"photometric": "rgb", "metadata": None}
        writer.write(full, subifds=n_subifds, **options)
        writer.write(reduced, subfiletype=1, **options)
    np.testing.assert_array_equal(read_image(tmp_path / "a.tif"), full)


def test_a_thumbnail_of_another_kind_does_not_count(tmp_path):
    full, thumbnail = _values(64, 64), _values(10, 13, 3, dtype="uint8", high=256)
    with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
        writer.write(full, metadata=None)
        writer.write(thumbnail, subfiletype=1, photometric="rgb", metadata=None)
    np.testing.assert_array_equal(read_image(tmp_path / "a.tif")[:, :, 0], full)


def test_a_data_set_of_several_files_is_an_error(tmp_path):
    path = tmp_path / "a.ome.tif"
    tifffile.imwrite(path, _values(2, 6, 8), ome=True, metadata={"axes": "CYX"})
    description = tifffile.tiffcomment(path)
    start, end = description.index("<TiffData"), description.index("</Pixels>")
    planes = "".join(
        f'<TiffData FirstC="{channel}" IFD="0" PlaneCount="1">'
        f'<UUID FileName="{name}">urn:uuid:0000000{channel}</UUID></TiffData>'
        for channel, name in enumerate(["a.ome.tif", "b.ome.tif"])
    )
    tifffile.tiffcomment(path, (description[:start] + planes + description[end:]).encode())
    with pytest.raises(UnreadableImageError, match="several OME-TIFF files"):
        read_image(path)


def test_white_stored_as_zero_is_inverted(tmp_path):
    pixels = _values(5, 7, dtype="uint8", high=256)
    image = _read(tmp_path, pixels, photometric="miniswhite")
    np.testing.assert_array_equal(image[:, :, 0], 255 - pixels)
    with Image.open(tmp_path / "a.tif") as picture:
        np.testing.assert_array_equal(image[:, :, 0], np.asarray(picture.convert("L")))


def test_white_stored_as_zero_in_twelve_bits(tmp_path):
    pixels = _values(5, 7)
    image = _read(tmp_path, pixels, photometric="miniswhite", bitspersample=12)
    np.testing.assert_array_equal(image[:, :, 0], 4095 - pixels)


def test_white_stored_as_zero_in_floats_is_an_error(tmp_path):
    with pytest.raises(UnreadableImageError, match="white is stored as 0"):
        _read(tmp_path, np.ones((3, 3), dtype=np.float32), photometric="miniswhite")


def test_black_and_white_is_as_viewers_show_it(tmp_path):
    pixels = _values(5, 17, dtype="uint8", high=2).astype(bool)
    image = _read(tmp_path, pixels)
    with Image.open(tmp_path / "a.tif") as picture:
        np.testing.assert_array_equal(image[:, :, 0], np.asarray(picture.convert("L")))
    assert set(np.unique(image)) == {0, 255}


@pytest.mark.parametrize("bits", [2, 3, 4, 5, 6, 7])
@pytest.mark.parametrize("photometric", ["minisblack", "miniswhite"])
def test_fewer_than_eight_bits_fill_the_range(tmp_path, bits, photometric):
    pixels = _values(40, 8, dtype="uint8", high=2**bits)
    image = _read(tmp_path, pixels, bitspersample=bits, photometric=photometric)
    highest = 2**bits - 1
    shown = highest - pixels if photometric == "miniswhite" else pixels
    np.testing.assert_array_equal(image[:, :, 0], np.rint(shown * (255 / highest)))
    assert image.dtype == np.uint8


def test_a_palette_of_sixteen_bit_colours_keeps_them(tmp_path):
    colours = np.zeros((3, 256), dtype=np.uint16)
    colours[:, 1] = (1, 1000, 65535)
    pixels = np.array([[0, 1]], dtype=np.uint8)
    image = _read(tmp_path, pixels, photometric="palette", colormap=colours)
    np.testing.assert_array_equal(image, [[[0, 0, 0], [1, 1000, 65535]]])
    assert image.dtype == np.uint16


@pytest.mark.parametrize("factor", [1, 256, 257])
def test_a_palette_of_eight_bit_colours_becomes_eight_bits(tmp_path, factor):
    colours = np.zeros((3, 256), dtype=np.uint16)
    colours[:, 1] = np.array([1, 100, 255], dtype=np.uint16) * np.uint16(factor)
    image = _read(
        tmp_path, np.array([[0, 1]], dtype=np.uint8), photometric="palette", colormap=colours
    )
    np.testing.assert_array_equal(image, [[[0, 0, 0], [1, 100, 255]]])
    assert image.dtype == np.uint8


def test_a_fourth_channel_that_is_not_declared_transparent_is_kept(tmp_path):
    pixels = _values(4, 6, 4, dtype="uint8", high=256)
    image = _read(tmp_path, pixels, photometric="rgb", extrasamples=["unspecified"])
    np.testing.assert_array_equal(image, pixels)


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
@pytest.mark.parametrize("planar", [False, True])
def test_declared_transparency(tmp_path, dtype, planar):
    opaque = 1 if dtype == "float32" else np.iinfo(dtype).max
    pixels = _values(4, 6, 4, dtype=dtype, high=2)
    pixels[:, :, 3] = opaque
    options = {"photometric": "rgb", "extrasamples": ["unassalpha"]}
    options["planarconfig"] = "separate" if planar else "contig"

    def stored(image):
        return np.moveaxis(image, 2, 0).copy() if planar else image

    np.testing.assert_array_equal(_read(tmp_path, stored(pixels), **options), pixels[:, :, :3])
    pixels[0, 0, 3] = 0
    with pytest.raises(UnreadableImageError, match=r"channel 3.*declared as transparency"):
        _read(tmp_path, stored(pixels), **options)


@pytest.mark.parametrize("photometric", ["separated", "cielab"])
def test_other_colours_are_errors(tmp_path, photometric):
    n_channels = 4 if photometric == "separated" else 3
    with pytest.raises(UnreadableImageError, match=f"Got {photometric.upper()}"):
        _read(tmp_path, _values(4, 6, n_channels, dtype="uint8"), photometric=photometric)


def test_jpeg_colours_are_rgb(tmp_path):
    pixels = np.full((32, 32, 3), (200, 40, 90), dtype=np.uint8)
    image = _read(tmp_path, pixels, compression="jpeg")
    # JPEG rounds a flat colour by some steps; YCbCr of it would be (93, 126, 204).
    assert np.abs(image.astype(int) - pixels).max() <= 3


def test_complex_numbers_are_an_error(tmp_path):
    with pytest.raises(UnreadableImageError, match="Got complex64"):
        _read(tmp_path, np.ones((3, 3), dtype=np.complex64))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_values_that_are_not_finite_are_an_error(tmp_path, bad):
    pixels = np.zeros((3, 3), dtype=np.float32)
    pixels[1, 1] = bad
    with pytest.raises(UnreadableImageError, match=r"1 of its 9 values are not finite"):
        _read(tmp_path, pixels)


def test_depths_that_differ_by_channel_are_named(tmp_path):
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, _values(4, 4, 3, dtype="uint8"), photometric="rgb")
    with tifffile.TiffFile(path, mode="r+") as tiff:
        tiff.pages[0].tags["BitsPerSample"].overwrite((5, 6, 5))
    with pytest.raises(UnreadableImageError, match=r"Got 5, 6, 5 bits. Save it as PNG, or as TIFF"):
        read_image(path)
