"""The same pixels give the same features, whatever file they come in."""

import struct
from functools import partial

import numpy as np
import pytest
import tifffile
from PIL import Image

from bioselect.data.intensities import Intensity, resolve_auto
from bioselect.data.preparation import Reading, prepare
from bioselect.data.reading import read_image
from bioselect.data.stacks import Stack
from bioselect.features.extraction import iterate_features, transform_prepared
from bioselect.registry import ComponentSpec, create

NAMES = ("haralick", "intensity")
HEIGHT, WIDTH = 36, 50


def blobs(n_channels, seed=3):
    """Return float64 (36, 50, n_channels) in [0, 1]: spots under noise, others in each channel."""
    random = np.random.default_rng(seed)
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    planes = []
    for _ in range(n_channels):
        plane = random.normal(0.25, 0.05, (HEIGHT, WIDTH))
        for y, x, size in random.uniform((0, 0, 2), (HEIGHT, WIDTH, 6), (12, 3)):
            plane += 0.3 * np.exp(-((rows - y) ** 2 + (columns - x) ** 2) / (2 * size**2))
        planes.append(plane)
    return np.clip(np.stack(planes, axis=2), 0, 1)


COLOUR = (blobs(3) * 5).round().astype(np.uint8) * 51  # at most 216 colours: they fit a palette
DEEP = (blobs(1) * 65535).round().astype(np.uint16)
TWELVE = (blobs(1) * 4095).round().astype(np.uint16)
FIVE = (blobs(5) * 4095).round().astype(np.uint16)
FLOAT = blobs(1).astype(np.float32)
NUMBERS = {
    name: (blobs(1) * 100).astype(name)
    for name in ("uint8", "uint32", "int8", "int16", "int32", "float16", "float64")
}


def palette():
    """Return the different colours of COLOUR, and the number of the colour of each pixel."""
    colours, places = np.unique(COLOUR.reshape(-1, 3), axis=0, return_inverse=True)
    assert len(colours) <= 256
    return colours.astype(np.uint8), places.reshape(HEIGHT, WIDTH).astype(np.uint8)


def with_pillow(path, pixels, **options):
    Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels).save(path, **options)


def with_palette(path, _):
    colours, places = palette()
    picture = Image.fromarray(places, mode="P")
    picture.putpalette(colours.ravel().tolist())
    picture.save(path)


def palette_tiff(path, _, **options):
    colours, places = palette()
    table = np.zeros((3, 256), dtype=np.uint16)
    table[:, : len(colours)] = colours.T.astype(np.uint16) * 257
    tifffile.imwrite(path, places, photometric="palette", colormap=table, **options)


def grey_palette_tiff(path, pixels):
    """Write 16-bit greys as the numbers of the entries of a palette with 65536 greys."""
    greys = np.random.default_rng(2).permutation(65536).astype(np.uint16)
    places = np.argsort(greys).astype(np.uint16)[pixels[:, :, 0]]
    tifffile.imwrite(path, places, photometric="palette", colormap=np.stack([greys] * 3))


def turned_tiff(path, pixels, **options):
    """Store it upside down, and say so (orientation 4)."""
    tags = [(274, "H", 1, 4, True)]
    tifffile.imwrite(path, pixels[::-1].copy(), extratags=tags, **options)


def contiguous(path, pixels, **options):
    stored = pixels[:, :, 0] if pixels.shape[2] == 1 else pixels
    tifffile.imwrite(path, stored, **options)


def planar(path, pixels, **options):
    tifffile.imwrite(path, np.moveaxis(pixels, 2, 0).copy(), **options)


def as_pages(path, pixels, **options):
    with tifffile.TiffWriter(path, **options) as writer:
        for channel in range(pixels.shape[2]):
            writer.write(pixels[:, :, channel], metadata=None, photometric="minisblack")


def as_npy(path, pixels, order="<"):
    np.save(path, pixels.astype(pixels.dtype.newbyteorder(order)))


def packed_tiff(path, pixels, order, n_bits=12):
    """Write a TIFF bit by bit: the most significant first, each row filled up to whole bytes."""
    rows = []
    for row in pixels[:, :, 0]:
        bits = "".join(format(int(value), f"0{n_bits}b") for value in row)
        bits += "0" * (-len(bits) % 8)
        rows.append(int(bits, 2).to_bytes(len(bits) // 8, "big"))
    data = b"".join(rows)
    tags = {256: WIDTH, 257: HEIGHT, 258: n_bits, 259: 1, 262: 1, 277: 1, 278: HEIGHT}
    start = 8 + 2 + 12 * (len(tags) + 2) + 4
    tags = dict(sorted({**tags, 273: start, 279: len(data)}.items()))
    head = {"<": b"II", ">": b"MM"}[order] + struct.pack(order + "HIH", 42, 8, len(tags))
    entries = [struct.pack(order + "HHII", tag, 4, 1, value) for tag, value in tags.items()]
    path.write_bytes(head + b"".join(entries) + bytes(4) + data)


RGB = {"photometric": "rgb"}
GREY = {"photometric": "minisblack"}
TILES = {"tile": (16, 16)}
COLOUR_FILES = {
    "a.png": with_pillow,
    "palette.png": with_palette,
    "a.bmp": with_pillow,
    "a.gif": with_palette,
    "a.webp": partial(with_pillow, lossless=True, exact=True),
    "pillow.tif": with_pillow,
    "lzw by pillow.tif": partial(with_pillow, compression="tiff_lzw"),
    "palette by pillow.tif": with_palette,
    "contiguous.tif": partial(contiguous, **RGB),
    "planar.tif": partial(planar, planarconfig="separate", **RGB),
    "big-endian.tif": partial(contiguous, byteorder=">", **RGB),
    "big.tif": partial(contiguous, bigtiff=True, **RGB),
    "big big-endian.tif": partial(contiguous, bigtiff=True, byteorder=">", **RGB),
    "tiles.tif": partial(contiguous, **TILES, **RGB),
    "planar tiles.tif": partial(planar, planarconfig="separate", **TILES, **RGB),
    "strips.tif": partial(contiguous, rowsperstrip=5, **RGB),
    "lzw.tif": partial(contiguous, compression="lzw", **RGB),
    "zip.tif": partial(contiguous, compression="zlib", predictor=True, **RGB),
    "zstd.tif": partial(contiguous, compression="zstd", **TILES, **RGB),
    "packbits.tif": partial(contiguous, compression="packbits", **RGB),
    "ome.tif": partial(contiguous, ome=True, **RGB),
    "planar ome.tif": partial(planar, ome=True, planarconfig="separate", **RGB),
    "imagej.tif": partial(contiguous, imagej=True, **RGB),
    "ome channels.tif": partial(planar, ome=True, metadata={"axes": "CYX"}, **GREY),
    "palette.tif": palette_tiff,
    "palette big-endian tiles.tif": partial(palette_tiff, byteorder=">", **TILES),
    "palette zip.tif": partial(palette_tiff, compression="zlib"),
    "turned.tif": partial(turned_tiff, **RGB),
    "a.npy": as_npy,
}
GREY_FILES = {
    "a.png": with_pillow,
    "plain.tif": partial(contiguous, **GREY),
    "big-endian.tif": partial(contiguous, byteorder=">", **GREY),
    "big.tif": partial(contiguous, bigtiff=True, **GREY),
    "tiles.tif": partial(contiguous, **TILES, **GREY),
    "lzw.tif": partial(contiguous, compression="lzw", **GREY),
    "lzw big-endian.tif": partial(contiguous, compression="lzw", byteorder=">", **GREY),
    "zip.tif": partial(contiguous, compression="zlib", predictor=True, **GREY),
    "zip big-endian.tif": partial(
        contiguous, compression="zlib", predictor=True, byteorder=">", **GREY
    ),
    "zstd.tif": partial(contiguous, compression="zstd", **GREY),
    "ome.tif": partial(contiguous, ome=True, **GREY),
    "imagej.tif": partial(contiguous, imagej=True),
    "palette.tif": grey_palette_tiff,
    "inverted.tif": lambda path, pixels: tifffile.imwrite(
        path, 65535 - pixels[:, :, 0], photometric="miniswhite"
    ),
    "a.npy": as_npy,
    "big-endian.npy": partial(as_npy, order=">"),
}
FIVE_FILES = {
    "contiguous.tif": partial(contiguous, planarconfig="contig", **GREY),
    "planar.tif": partial(planar, planarconfig="separate", **GREY),
    "planar tiles.tif": partial(planar, planarconfig="separate", **TILES, **GREY),
    "imagej.tif": partial(planar, imagej=True, metadata={"axes": "CYX"}),
    "ome.tif": partial(planar, ome=True, metadata={"axes": "CYX"}),
    "ome zstd big-endian.tif": partial(
        planar, ome=True, metadata={"axes": "CYX"}, compression="zstd", byteorder=">"
    ),
    "one slice.tif": lambda path, pixels: tifffile.imwrite(
        path,
        np.moveaxis(pixels, 2, 0)[np.newaxis, :, np.newaxis],
        ome=True,
        metadata={"axes": "TCZYX"},
    ),
}
FLOAT_FILES = {
    "plain.tif": contiguous,
    "big-endian.tif": partial(contiguous, byteorder=">"),
    "zip.tif": partial(contiguous, compression="zlib", predictor=True),
    "lzw tiles.tif": partial(contiguous, compression="lzw", **TILES),
    "ome.tif": partial(contiguous, ome=True),
    "a.npy": as_npy,
}


def cases():
    for pixels, writers in (
        (COLOUR, COLOUR_FILES),
        (DEEP, GREY_FILES),
        (FIVE, FIVE_FILES),
        (FLOAT, FLOAT_FILES),
    ):
        kind = f"{pixels.shape[2]} x {pixels.dtype}"
        for name, write in writers.items():
            yield pytest.param(pixels, write, name, id=f"{kind}, {name}")
    for order in "<>":
        yield pytest.param(
            TWELVE, partial(packed_tiff, order=order), "12.tif", id=f"12 bits packed {order}"
        )
    for name, pixels in NUMBERS.items():
        for order in "<>":
            write = partial(contiguous, byteorder=order, compression="zlib", **GREY)
            yield pytest.param(pixels, write, "a.tif", id=f"{name} {order}")


def features(name, sources, reading):
    extractor = create("extractor", ComponentSpec(name))
    ((_, rows, errors),) = iterate_features(extractor, sources, reading, 1)
    assert errors == [""] * len(sources)
    return rows


def reading_of(pixels, stack=None):
    low, high = float(pixels.min()), float(pixels.max())
    return Reading(resolve_auto({pixels.dtype.name}, low, high)[0], stack=stack)


@pytest.mark.parametrize(("pixels", "write", "name"), list(cases()))
def test_pixels_and_features_do_not_depend_on_the_file(tmp_path, pixels, write, name):
    path = tmp_path / name
    write(path, pixels)
    image = read_image(path)
    assert image.dtype == pixels.dtype
    np.testing.assert_array_equal(image, pixels)
    reading = reading_of(pixels)
    for extractor in NAMES:
        expected = transform_prepared(
            create("extractor", ComponentSpec(extractor)), [pixels], reading, ["drawn"]
        )
        np.testing.assert_array_equal(features(extractor, [path], reading), expected)


def test_the_number_of_files_compared_is_as_intended():
    # 29 with colour, 16 deep, 7 of five channels, 6 floats, 2 packed, 7 types in both byte orders.
    assert len(list(cases())) == 29 + 16 + 7 + 6 + 2 + 14


def test_pages_that_are_channels_give_what_one_file_of_channels_gives(tmp_path):
    as_pages(tmp_path / "pages.tif", FIVE)
    as_pages(tmp_path / "big.tif", FIVE, bigtiff=True, byteorder=">")
    reading = reading_of(FIVE, Stack("channels"))
    paths = [tmp_path / "pages.tif", tmp_path / "big.tif"]
    for name in NAMES:
        expected = transform_prepared(
            create("extractor", ComponentSpec(name)), [FIVE], reading, ["drawn"]
        )
        np.testing.assert_array_equal(features(name, paths, reading), expected.repeat(2, axis=0))


def test_a_twelve_bit_tiff_keeps_its_levels(tmp_path):
    packed_tiff(tmp_path / "a.tif", TWELVE, "<")
    contiguous(tmp_path / "b.tif", TWELVE, **GREY)
    n_drawn = len(np.unique(TWELVE))
    assert n_drawn >= 250
    for name in ("a.tif", "b.tif"):
        image = read_image(tmp_path / name)
        reading = reading_of(image)
        assert reading.intensity == Intensity("range", 0, 4095)
        assert len(np.unique(prepare(image, reading, None, None, name))) == n_drawn


def cosine(one, other):
    one, other = one.astype(np.float64), other.astype(np.float64)
    return one @ other / (np.linalg.norm(one) * np.linalg.norm(other))


DESCRIPTORS = ("haralick", "intensity", "color_histogram", "hog", "lbp", "hu_moments")


@pytest.mark.parametrize("name", DESCRIPTORS)
@pytest.mark.parametrize("top", [65535, 4095])
def test_a_set_in_sixteen_and_in_eight_bits_gives_features_alike(tmp_path, name, top):
    deep, flat = [], []
    for number in range(6):
        drawn = blobs(1, seed=number)
        deep.append(tmp_path / f"{number}.tif")
        contiguous(deep[-1], (drawn * top).round().astype(np.uint16), **GREY)
        flat.append(tmp_path / f"{number}.png")
        with_pillow(flat[-1], (drawn * 255).round().astype(np.uint8))
    sixteen = features(name, deep, Reading(Intensity("range", 0, top)))
    eight = features(name, flat, Reading(Intensity("dtype")))
    assert cosine(sixteen.ravel(), eight.ravel()) >= 0.99
    # The sign of one of Hu's moments says left or right; of a shape that is neither, it may flip.
    lowest = 0.98 if name == "hu_moments" else 0.99
    assert min(cosine(one, other) for one, other in zip(sixteen, eight, strict=True)) >= lowest
    assert not np.array_equal(sixteen, eight)


@pytest.mark.parametrize("name", ["haralick", "intensity", "lbp"])
def test_all_four_channels_of_an_ome_tiff_are_described(tmp_path, name):
    four = (blobs(4) * 65535).round().astype(np.uint16)
    planar(tmp_path / "a.ome.tif", four, ome=True, metadata={"axes": "CYX"})
    reading = Reading(Intensity("dtype"))
    whole = features(name, [tmp_path / "a.ome.tif"], reading)
    one = whole.shape[1] // 4
    for channel in range(4):
        changed = four.copy()
        changed[:, :, channel] = np.roll(changed[:, ::-1, channel] // 2, 5, axis=0)
        planar(tmp_path / "b.ome.tif", changed, ome=True, metadata={"axes": "CYX"})
        other = features(name, [tmp_path / "b.ome.tif"], reading)
        # A row holds one channel after the other: only this one's part changes.
        different = np.flatnonzero(whole != other)
        assert different.size > 0
        assert set(different // one) == {channel}


def test_each_of_four_channels_counts_where_they_are_described_together(tmp_path):
    four = (blobs(4) * 65535).round().astype(np.uint16)
    rows = []
    for silent in (None, 0, 1, 2, 3):
        pixels = four.copy()
        if silent is not None:
            pixels[:, :, silent] = 0
        planar(tmp_path / "a.ome.tif", pixels, ome=True, metadata={"axes": "CYX"})
        rows.append(features("hog", [tmp_path / "a.ome.tif"], Reading(Intensity("dtype")))[0])
    assert len(np.unique(rows, axis=0)) == 5
