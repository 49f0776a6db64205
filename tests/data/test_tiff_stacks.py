"""Planes of a TIFF: each is read alone, in the right order, with its channels and its own tags."""

import io

import numpy as np
import pytest
import tifffile

from bioselect.data.reading import open_image
from bioselect.exceptions import UnreadableImageError


def _values(*shape, dtype="uint16", high=4096):
    return np.random.default_rng(5).integers(0, high, shape).astype(dtype)


def _opened(folder, pixels, **options):
    path = folder / "a.tif"
    tifffile.imwrite(path, pixels, **options)
    return open_image(path)


def _planes(volume):
    return np.stack([volume.plane(place) for place in range(volume.n_planes)])


GREY = {"photometric": "minisblack"}
GREY_STACKS = {
    "tifffile": GREY,
    "plain": {"metadata": None, **GREY},
    "imagej": {"imagej": True, "metadata": {"axes": "ZYX"}},
    "ome": {"ome": True, "metadata": {"axes": "ZYX"}},
    "ome big-endian": {"ome": True, "metadata": {"axes": "ZYX"}, "byteorder": ">"},
    "big": {"bigtiff": True, **GREY},
    "lzw": {"compression": "lzw", **GREY},
    "zip": {"compression": "zlib", "predictor": True, "byteorder": ">", **GREY},
    "zstd tiles": {"compression": "zstd", "tile": (16, 16), **GREY},
    "12 bits": {"bitspersample": 12, **GREY},
    # One page for all planes, as ImageJ writes stacks of more than 4 GB.
    "one page": {"truncate": True, **GREY},
    "one page big-endian": {"truncate": True, "byteorder": ">", **GREY},
    "one page in ImageJ": {"truncate": True, "imagej": True, "metadata": {"axes": "ZYX"}},
    "block of voxels": {"volumetric": True, "tile": (2, 16, 16), **GREY},
}


@pytest.mark.parametrize("options", GREY_STACKS.values(), ids=GREY_STACKS)
def test_grey_planes_in_any_layout(tmp_path, options):
    pixels = _values(6, 20, 33)
    volume = _opened(tmp_path, pixels, **options)
    with tifffile.TiffFile(tmp_path / "a.tif") as tiff:
        assert len(tiff.pages) == (1 if {"truncate", "volumetric"} & set(options) else 6)
    assert volume.n_planes == 6
    planes = _planes(volume)
    np.testing.assert_array_equal(planes[..., 0], pixels)
    assert planes.dtype == np.uint16
    last = volume.plane(5)
    assert last.flags.c_contiguous
    assert last.dtype.isnative


CHANNEL_STACKS = {
    # Axes of the file -> how to get there from (plane, row, column, channel).
    "ZCYX": ({"ome": True}, (0, 3, 1, 2)),
    "CZYX": ({"ome": True}, (3, 0, 1, 2)),
    "ZCYX in ImageJ": ({"imagej": True}, (0, 3, 1, 2)),
    "ZYXS": ({"ome": True, "photometric": "rgb"}, (0, 1, 2, 3)),
    "ZSYX": ({"ome": True, "photometric": "rgb", "planarconfig": "separate"}, (0, 3, 1, 2)),
    "TYXS in ImageJ": ({"imagej": True}, (0, 1, 2, 3)),
    "QYXS": ({"photometric": "rgb", "compression": "zlib"}, (0, 1, 2, 3)),
}


@pytest.mark.parametrize("name", CHANNEL_STACKS)
def test_planes_with_channels(tmp_path, name):
    options, order = CHANNEL_STACKS[name]
    pixels = _values(4, 10, 12, 3, dtype="uint8", high=256)
    stored = pixels.transpose(order).copy()
    volume = _opened(tmp_path, stored, metadata={"axes": name.split()[0]}, **options)
    np.testing.assert_array_equal(_planes(volume), pixels)


@pytest.mark.parametrize("options", [{"ome": True}, {"imagej": True}])
def test_two_axes_of_planes_go_in_the_order_of_the_file(tmp_path, options):
    pixels = _values(2, 3, 2, 6, 8)
    volume = _opened(tmp_path, pixels, metadata={"axes": "TZCYX"}, **options)
    assert volume.contents == ("2 points in time", "3 slices")
    expected = np.moveaxis(pixels.reshape(6, 2, 6, 8), 1, 3)
    np.testing.assert_array_equal(_planes(volume), expected)


@pytest.mark.parametrize("options", [{}, {"compression": "zlib"}, {"compression": "jpeg"}])
def test_a_plane_is_read_without_the_others(tmp_path, monkeypatch, options):
    pixels = _values(50, 64, 64, dtype="uint8", high=256)
    volume = _opened(tmp_path, pixels, rowsperstrip=16, **GREY, **options)
    n_read = []
    genuine = tifffile.FileHandle.read_array, tifffile.FileHandle.read_segments

    def read_array(handle, dtype, count, *rest, **options):
        n_read.append(count)
        return genuine[0](handle, dtype, count, *rest, **options)

    def read_segments(handle, offsets, counts, *rest, **options):
        n_read.append(len(offsets) * 16 * 64)
        return genuine[1](handle, offsets, counts, *rest, **options)

    monkeypatch.setattr(tifffile.FileHandle, "read_array", read_array)
    monkeypatch.setattr(tifffile.FileHandle, "read_segments", read_segments)
    plane = volume.plane(31)
    assert sum(n_read) == 64 * 64
    if "jpeg" not in options.values():
        np.testing.assert_array_equal(plane[:, :, 0], pixels[31])


def test_the_file_is_closed_between_planes(tmp_path):
    volume = _opened(tmp_path, _values(3, 6, 8), **GREY)
    for place in (0, 2):
        volume.plane(place)
        (tmp_path / "a.tif").rename(tmp_path / "b.tif")  # fails on Windows while it is open
        (tmp_path / "b.tif").rename(tmp_path / "a.tif")
    (tmp_path / "a.tif").unlink()
    with pytest.raises(UnreadableImageError, match=r"a\.tif: there is no such file"):
        volume.plane(1)


def test_each_page_has_its_own_palette(tmp_path):
    colours = np.zeros((2, 3, 256), dtype=np.uint16)
    colours[0, :, 1] = (10 * 257, 20 * 257, 30 * 257)
    colours[1, :, 1] = (40 * 257, 50 * 257, 60 * 257)
    with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
        for table in colours:
            page = np.array([[0, 1]], dtype=np.uint8)
            writer.write(page, photometric="palette", colormap=table, metadata=None)
    volume = open_image(tmp_path / "a.tif")
    np.testing.assert_array_equal(volume.plane(0), [[[0, 0, 0], [10, 20, 30]]])
    np.testing.assert_array_equal(volume.plane(1), [[[0, 0, 0], [40, 50, 60]]])


def test_each_page_has_its_own_orientation(tmp_path):
    pixels = _values(6, 8)
    with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
        for orientation, stored in ((1, pixels), (3, pixels[::-1, ::-1])):
            tags = [(274, "H", 1, orientation, True)]
            writer.write(stored.copy(), metadata=None, extratags=tags)
    np.testing.assert_array_equal(_planes(open_image(tmp_path / "a.tif"))[..., 0], [pixels] * 2)


def test_a_page_stored_otherwise_than_its_description_says_is_an_error(tmp_path):
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, _values(3, 6, 8), metadata={"axes": "ZYX"}, compression="lzw", **GREY)
    with tifffile.TiffFile(path, mode="r+") as tiff:
        tiff.pages[2].aspage().tags["Compression"].overwrite(8)
    volume = open_image(path)
    volume.plane(0)
    with pytest.raises(UnreadableImageError, match=r"alike\. Got page 3 of another"):
        volume.plane(2)


def test_a_description_that_cannot_be_followed_is_an_error(tmp_path):
    path = tmp_path / "a.ome.tif"
    tifffile.imwrite(path, _values(3, 6, 8), ome=True, metadata={"axes": "ZYX"})
    tifffile.tiffcomment(path, tifffile.tiffcomment(path).replace("</Image>", "").encode())
    with pytest.raises(UnreadableImageError, match="its OME description cannot be followed on its"):
        open_image(path)


def test_planes_that_the_description_names_and_the_file_lacks_are_an_error(tmp_path):
    path = tmp_path / "a.ome.tif"
    tifffile.imwrite(path, _values(3, 6, 8), ome=True, metadata={"axes": "ZYX"})
    text = tifffile.tiffcomment(path).replace('SizeZ="3"', 'SizeZ="4"')
    tifffile.tiffcomment(path, text.replace('PlaneCount="3"', 'PlaneCount="4"').encode())
    with pytest.raises(UnreadableImageError, match=r"a\.ome\.tif: "):
        _planes(open_image(path))


@pytest.mark.parametrize("name", [name for name in GREY_STACKS if name != "block of voxels"])
def test_a_stack_cut_anywhere_is_never_a_shorter_stack(tmp_path, name):
    pixels = _values(4, 16, 16)
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, pixels, **GREY_STACKS[name])
    data = buffer.getvalue()
    path = tmp_path / "a.tif"
    n_refused = 0
    cuts = range(0, len(data) - 8, max(1, len(data) // 80))  # tifffile ends with some padding
    for cut in cuts:
        path.write_bytes(data[:cut])
        with pytest.raises(UnreadableImageError, match=r"a\.tif: ") as caught:
            _planes(open_image(path))
        assert "\n" not in str(caught.value)
        n_refused += 1
    assert n_refused == len(cuts) >= 70


def test_axes_that_are_no_plane_are_errors(tmp_path):
    for pixels, axes, message in (
        (_values(3, 6, 8), "XYZ", "must be YX, YXS or CYX. Got axes XYZ"),
        (_values(2, 6, 8, 3, dtype="uint8"), "CYXS", "along one axis"),
    ):
        photometric = "rgb" if axes.endswith("S") else "minisblack"
        with pytest.raises(UnreadableImageError, match=message):
            _opened(tmp_path, pixels, metadata={"axes": axes}, photometric=photometric)
