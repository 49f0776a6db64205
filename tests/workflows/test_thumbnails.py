"""Small pictures: their size, and that images of any depth and channels can be looked at."""

import io

import numpy as np
import tifffile
from PIL import Image

from bioselect.data.intensities import Intensity
from bioselect.data.preparation import Reading
from bioselect.data.records import ImageRecord
from bioselect.workflows.thumbnails import LONGEST_SIDE, thumbnail

READING = Reading(Intensity("dtype"))


def shown(path, reading=READING):
    png = thumbnail(ImageRecord("a", path, "x", None), reading)
    return np.asarray(Image.open(io.BytesIO(png)))


def test_large_images_shrink_with_their_ratio_kept(tmp_path) -> None:
    pixels = np.zeros((300, 600, 3), dtype=np.uint8)
    pixels[:, 300:] = (255, 128, 0)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    found = shown(tmp_path / "a.png")
    assert found.shape == (LONGEST_SIDE // 2, LONGEST_SIDE, 3)
    np.testing.assert_array_equal(found[10, 10], [0, 0, 0])
    np.testing.assert_array_equal(found[10, -10], [255, 128, 0])


def test_eight_bits_stay_as_they_are_unless_they_are_nearly_black(tmp_path) -> None:
    colours = np.zeros((20, 20, 3), dtype=np.uint8)
    colours[:, :10], colours[:, 10:] = (40, 90, 130), (200, 150, 60)
    dark = np.zeros((20, 20), dtype=np.uint8)
    dark[:, 10:] = 30
    Image.fromarray(colours).save(tmp_path / "a.png")
    Image.fromarray(dark).save(tmp_path / "b.png")
    np.testing.assert_array_equal(shown(tmp_path / "a.png"), colours)
    assert set(np.unique(shown(tmp_path / "b.png"))) == {0, 255}


def test_twelve_bits_are_stretched_to_what_can_be_seen(tmp_path) -> None:
    ramp = np.linspace(200, 1200, 40 * 40).reshape(40, 40).astype(np.uint16)
    tifffile.imwrite(tmp_path / "a.tif", ramp)
    found = shown(tmp_path / "a.tif")
    assert found.shape == (40, 40, 3)
    assert (found.min(), found.max()) == (0, 255)
    assert len(np.unique(found)) > 200


def test_of_many_channels_those_that_are_read_are_shown(tmp_path) -> None:
    random = np.random.default_rng(0)
    image = random.integers(0, 4000, (30, 30, 5)).astype(np.uint16)
    image[:, :, 3] = np.where(np.arange(30) < 15, 100, 3000)
    tifffile.imwrite(tmp_path / "a.tif", image, photometric="minisblack", planarconfig="contig")
    found = shown(tmp_path / "a.tif", Reading(Intensity("dtype"), (3,)))
    assert set(np.unique(found[:, :15])) == {0}
    assert set(np.unique(found[:, 15:])) == {255}
