"""TIFF: plain, compressed, tiled, stacks, BigTIFF, ImageJ, OME."""

import io

import numpy as np
import tifffile

from tests.fuzzing.images import feed_image

COVERED = (
    "data/tiff*.py", "data/ifd_chain.py", "data/combining.py", "data/volumes.py", "data/reading.py",
    "data/expansion.py",
)  # fmt: skip
feed = feed_image


def saved(pixels, **options):
    file = io.BytesIO()
    writer = {
        name: options.pop(name)
        for name in ("bigtiff", "imagej", "ome", "byteorder")
        if name in options
    }
    with tifffile.TiffWriter(file, **writer) as tiff:
        tiff.write(pixels, **options)
    return file.getvalue()


def seeds():
    rng = np.random.default_rng(0)
    grey = rng.integers(0, 256, (12, 17), np.uint8)
    colour = rng.integers(0, 256, (12, 17, 3), np.uint8)
    deep = rng.integers(0, 65536, (12, 17), np.uint16)
    stack = rng.integers(0, 65536, (5, 12, 16), np.uint16)
    floats = rng.random((12, 17), np.float32)
    tiles = rng.integers(0, 256, (32, 48), np.uint8)
    palette = rng.integers(0, 65536, (3, 256), np.uint16)
    alpha = np.dstack([colour, np.full((12, 17), 255, np.uint8)])
    hyper = rng.integers(0, 256, (2, 3, 2, 8, 9), np.uint8)
    return {
        "grey.tif": saved(grey),
        "white_is_zero.tif": saved(grey, photometric="miniswhite"),
        "bits.tif": saved(grey > 99, photometric="minisblack"),
        "colour.tif": saved(colour, photometric="rgb"),
        "planar.tif": saved(np.moveaxis(colour, 2, 0).copy(), photometric="rgb", planarconfig="separate"),
        "alpha.tif": saved(alpha, photometric="rgb", extrasamples=["unassalpha"]),
        "palette.tif": saved(grey, photometric="palette", colormap=palette),
        "deep.tif": saved(deep, byteorder=">"),
        "floats.tif": saved(floats, predictor=3, compression="zlib"),
        "zip.tif": saved(deep, compression="zlib", predictor=True, rowsperstrip=4),
        "lzw.tif": saved(grey, compression="lzw", rowsperstrip=5),
        "packbits.tif": saved(grey, compression="packbits"),
        "zstd.tif": saved(grey, compression="zstd"),
        "jpeg.tif": saved(np.tile(colour, (2, 2, 1))[:16, :32], photometric="rgb", compression="jpeg"),
        "webp.tif": saved(colour, photometric="rgb", compression="webp"),
        "tiles.tif": saved(tiles, tile=(16, 16), compression="zlib"),
        "big.tif": saved(stack[:2], bigtiff=True, photometric="minisblack"),
        "stack.tif": saved(stack, photometric="minisblack"),
        "pages.tif": saved(stack, photometric="minisblack", metadata=None),
        "imagej.tif": saved(stack, imagej=True, metadata={"axes": "ZYX"}),
        "hyperstack.tif": saved(hyper, imagej=True, metadata={"axes": "TZCYX"}),
        "ome.tif": saved(stack, ome=True, photometric="minisblack", metadata={"axes": "ZYX"}),
        "ome_channels.tif": saved(hyper[0], ome=True, photometric="minisblack", metadata={"axes": "ZCYX"}),
    }  # fmt: skip
