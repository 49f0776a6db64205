"""Large images become a record for each tile."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tifffile

import bioselect.data.reading
from bioselect.data.expansion import expanded, expanded_scans, expanded_sources
from bioselect.data.fingerprint import fingerprint_images
from bioselect.data.intensities import Intensity
from bioselect.data.layouts import from_class_folders
from bioselect.data.preparation import Reading
from bioselect.data.reading import read_image, read_source
from bioselect.data.records import ImageRecord
from bioselect.data.stacks import Stack
from bioselect.data.tiles import Tiles
from bioselect.exceptions import DataError, UnreadableImageError
from bioselect.progress import SILENT

ALL = Tiles(32, 32, "keep")
SKIPPING = Tiles(32, 32)
#: 70 x 100 pixels: two rows and three columns of tiles, and a margin.
SCAN = np.random.default_rng(4).integers(0, 255, (70, 100, 3)).astype(np.uint8)


@pytest.fixture
def folder(tmp_path):
    """Return a folder of two classes with a scan each; one is empty on the left."""
    for name in ("normal", "tumour"):
        (tmp_path / "data" / name).mkdir(parents=True)
    tifffile.imwrite(tmp_path / "data" / "normal" / "a.tif", SCAN, photometric="rgb")
    half = np.kron(SCAN[:9, :13], np.ones((8, 8, 1), np.uint8))[:70, :100]
    half[:, :32] = 255
    tifffile.imwrite(tmp_path / "data" / "tumour" / "b.tif", half, photometric="rgb")
    return tmp_path / "data"


def test_every_tile_is_a_record_with_class_and_group_of_its_scan(folder):
    dataset, notes = expanded(from_class_folders(folder)[0], None, tiles=ALL)
    assert [one.image_id for one in dataset.records[:4]] == [
        "normal/a.tif#tile:0:0:32",
        "normal/a.tif#tile:0:32:32",
        "normal/a.tif#tile:0:64:32",
        "normal/a.tif#tile:32:0:32",
    ]
    assert len(dataset.records) == 12
    assert {(one.target, one.group) for one in dataset.records} == {
        ("normal", "normal/a.tif"),
        ("tumour", "tumour/b.tif"),
    }
    assert {one.file_id for one in dataset.records} == {"normal/a.tif", "tumour/b.tif"}
    assert notes == [
        "2 images cut into 12 tiles of 32 x 32 pixels.",
        "The tiles of one image have its class, share a group and stay in the same fold.",
    ]
    tile = read_source(dataset.records[5].source)
    np.testing.assert_array_equal(tile, SCAN[32:64, 64:96])


def test_a_tile_does_not_keep_the_scan_in_memory(tmp_path):
    # As wide as the scan, so that its pixels lie side by side there.
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, SCAN[:, :32], photometric="rgb")
    tile = read_image(path, "tile:32:0:32")
    owner = tile if tile.base is None else tile.base
    assert owner.nbytes == tile.nbytes


def test_an_error_names_the_tile_once(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tifffile.imwrite("a.tif", SCAN[:20], photometric="rgb")
    record = ImageRecord("a.tif#tile:0:0:32", Path("a.tif"), part="tile:0:0:32")
    (mark,) = fingerprint_images([record], None, SILENT, 1)
    assert mark.error.startswith("a.tif#tile:0:0:32: must be at least as large")


def test_background_is_left_out_and_told(folder):
    dataset, notes = expanded(from_class_folders(folder)[0], None, tiles=SKIPPING)
    ids = [one.image_id for one in dataset.records]
    assert len(ids) == 10
    assert "tumour/b.tif#tile:0:0:32" not in ids
    assert "tumour/b.tif#tile:0:32:32" in ids
    assert notes[2].startswith("2 of 12 tiles (17%) left out as background: a tile is background")


def test_a_declared_group_is_kept(folder):
    dataset, _ = from_class_folders(folder)
    records = tuple(replace(one, group="p7") for one in dataset.records)
    found, _ = expanded(replace(dataset, records=records), None, tiles=ALL)
    assert {one.group for one in found.records} == {"p7"}


def test_an_image_without_anything_on_it_is_named(folder):
    tifffile.imwrite(folder / "normal" / "empty.tif", np.full((70, 100), 9, np.uint8))
    dataset, notes = expanded(from_class_folders(folder)[0], None, tiles=SKIPPING)
    assert {one.group for one in dataset.records} == {"normal/a.tif", "tumour/b.tif"}
    assert notes[-1] == "Nothing is used of 1 image, all background: normal/empty.tif."


def test_only_background_is_an_error(tmp_path):
    path = tmp_path / "x.tif"
    tifffile.imwrite(path, np.full((70, 100), 9, np.uint8))
    reading = Reading(Intensity("dtype"), tiles=SKIPPING)
    with pytest.raises(DataError, match=r"x\.tif: at least one tile must show .* 6 tiles of 1 im"):
        expanded_sources([path], reading)
    (scan,) = expanded_scans([path], reading)  # A map of nothing is a map.
    assert not scan.is_kept.any()


def test_too_small_and_unreadable_images_say_so_when_they_are_read(folder):
    tifffile.imwrite(folder / "normal" / "small.tif", SCAN[:20], photometric="rgb")
    (folder / "normal" / "torn.tif").write_bytes(b"II*\0")
    dataset, _ = expanded(from_class_folders(folder)[0], None, tiles=ALL)
    marks = fingerprint_images(dataset.records, None, SILENT, 1)
    errors = [mark.error for mark in marks if mark.error]
    assert len(errors) == 2
    assert errors[0] == (
        "normal/small.tif#tile:0:0:32: must be at least as large as its tiles, 32 x 32 pixels. "
        "Got 20 x 100. Leave it out, or train with smaller tiles."
    )
    assert errors[1].startswith("normal/torn.tif: ")
    assert len(marks) == 14


def test_tiles_of_planes(tmp_path):
    (tmp_path / "c").mkdir()
    planes = np.random.default_rng(1).integers(0, 99, (2, 40, 70)).astype(np.uint8)
    path = tmp_path / "c" / "z.tif"
    tifffile.imwrite(path, planes, photometric="minisblack")
    dataset, _ = from_class_folders(tmp_path)
    each, _ = expanded(dataset, Stack("every", 1), tiles=ALL)
    assert [one.image_id for one in each.records] == [
        "c/z.tif#0@tile:0:0:32",
        "c/z.tif#0@tile:0:32:32",
        "c/z.tif#1@tile:0:0:32",
        "c/z.tif#1@tile:0:32:32",
    ]
    assert {one.group for one in each.records} == {"c/z.tif"}
    np.testing.assert_array_equal(
        read_source(each.records[3].source)[:, :, 0], planes[1, :32, 32:64]
    )
    top, _ = expanded(dataset, Stack("max"), tiles=ALL)
    np.testing.assert_array_equal(
        read_source(top.records[1].source, Stack("max"))[:, :, 0], planes.max(0)[:32, 32:64]
    )


def test_a_scan_is_decoded_once_for_all_of_its_tiles(folder, monkeypatch):
    opened = []
    really = bioselect.data.reading.open_image
    monkeypatch.setattr(
        bioselect.data.reading,
        "open_image",
        lambda path, series="": opened.append(path.name) or really(path, series),
    )
    dataset, _ = expanded(from_class_folders(folder)[0], None, tiles=ALL)
    opened.clear()
    fingerprint_images(dataset.records, None, SILENT, 1)
    assert opened == ["a.tif", "b.tif"]


def test_a_scan_that_is_written_again_is_read_again(tmp_path):
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, SCAN, photometric="rgb")
    before = read_image(path, "tile:0:0:32")
    tifffile.imwrite(path, 255 - SCAN[:64], photometric="rgb")
    np.testing.assert_array_equal(read_image(path, "tile:0:0:32"), 255 - before)


def test_new_images_are_cut_as_in_training(folder):
    files = sorted(folder.rglob("*.tif"))
    reading = Reading(Intensity("dtype"), tiles=SKIPPING)
    again = Reading.from_dict(reading.as_dict())
    sources = expanded_sources(files, again)
    assert len(sources) == 10
    assert str(sources[0]) == f"{files[0]}#tile:0:0:32"
    with pytest.raises(DataError, match="trained on images as they are"):
        expanded_scans(files, Reading(Intensity("dtype")))


@pytest.mark.parametrize("part", ["tile:40:0:32", "tile:0:90:32"])
def test_a_tile_beside_the_image_is_an_error(folder, part):
    with pytest.raises(UnreadableImageError, match="at least as large"):
        read_image(folder / "normal" / "a.tif", part)
