from dataclasses import replace
from pathlib import Path

from bioselect.checks.listing import listing_findings
from bioselect.checks.near_copies import near_copies
from bioselect.checks.readable import readable_images
from bioselect.checks.whole_images import is_tile, whole_images
from bioselect.data.fingerprint import ImageFingerprint
from bioselect.data.records import ImageDataset, ImageRecord


def tiles_of(name, target, n_tiles, part=""):
    whole = f"{part}@" if part else ""
    return [
        ImageRecord(
            f"{name}#{whole}tile:0:{32 * number}:32",
            Path(name),
            target,
            name,
            f"{whole}tile:0:{32 * number}:32",
        )
        for number in range(n_tiles)
    ]


def dataset_of(records):
    names = sorted({one.target for one in records})
    return ImageDataset("scans", Path(), tuple(records), tuple(names))


def test_one_record_a_scan_or_plane_with_its_cells():
    records = [
        *tiles_of("a.tif", "x", 3),
        *tiles_of("b.tif", "y", 2, "0"),
        *tiles_of("b.tif", "y", 2, "1"),
        ImageRecord("c.tif", Path("c.tif"), "x"),
    ]
    assert [is_tile(one) for one in records] == [True] * 7 + [False]
    cells = {"stain": [str(place) for place in range(8)]}
    found, kept = whole_images(dataset_of(records), cells)
    assert [one.image_id for one in found.records] == [
        "a.tif#tile:0:0:32",
        "b.tif#0@tile:0:0:32",
        "b.tif#1@tile:0:0:32",
        "c.tif",
    ]
    assert kept == {"stain": ["0", "3", "5", "7"]}
    assert whole_images(found, None) == (found, None)


def test_tiles_are_not_taken_for_the_images_of_a_patient():
    # Scans are numbered anew in each class: one image with each number, though with 40 tiles ...
    scans = [tiles_of(f"{name}/scan{n:02d}.tif", name, 40) for name in "xy" for n in range(12)]
    dataset = dataset_of([one for tiles in scans for one in tiles])
    told = [one.what for one in listing_findings(dataset, None, is_grouped=False)]
    assert not any("no group is declared" in what for what in told)
    # ... and where several scans are of a patient, that is told still.
    scans = [tiles_of(f"patient{n // 3}_{n}.tif", "xy"[n % 2], 40) for n in range(36)]
    dataset = dataset_of([one for tiles in scans for one in tiles])
    told = [one.what for one in listing_findings(dataset, None, is_grouped=False)]
    assert any("look as if they were of 12 patients" in what for what in told)


def test_tiles_of_two_scans_that_look_alike_are_no_copies():
    look = "0123456789abcdef" * 4
    records = [*tiles_of("a.tif", "x", 1), *tiles_of("b.tif", "y", 1)]
    marks = [
        ImageFingerprint(one.image_id, "", one.image_id, one.image_id, look=look, maximum=9.0)
        for one in records
    ]
    assert near_copies(readable_images(records, marks)) == []
    whole = [replace(one, part="") for one in records]
    kinds = [one.kind for one in near_copies(readable_images(whole, marks))]
    assert kinds == ["conflicting near copy", "near copy in another group"]
