"""One record for every image that the files of a data set hold."""

import os
from dataclasses import replace

import numpy as np
import pytest
import tifffile
from PIL import Image

from bioselect.data.expansion import expanded, expanded_sources
from bioselect.data.intensities import Intensity
from bioselect.data.layouts import GroupRule, from_class_folders
from bioselect.data.preparation import Reading
from bioselect.data.reading import read_source
from bioselect.data.records import FilePart, ImageDataset, ImageRecord
from bioselect.data.stacks import Stack
from bioselect.data.tables import from_table
from bioselect.exceptions import DataError, UnreadableImageError

ALL = Stack("every", 1)
STACK = np.random.default_rng(1).integers(0, 4096, (12, 6, 8)).astype(np.uint16)


@pytest.fixture
def folder(tmp_path):
    """Return a folder of two classes: a stack of 12 planes and a picture, a stack of 3 planes."""
    for name in ("cell", "debris"):
        (tmp_path / "data" / name).mkdir(parents=True)
    root = tmp_path / "data"
    tifffile.imwrite(root / "cell" / "b.tif", STACK, photometric="minisblack")
    tifffile.imwrite(root / "debris" / "c.tif", STACK[:3], photometric="minisblack")
    Image.fromarray(STACK[0].astype(np.uint8)).save(root / "cell" / "a.png")
    return root


def ids(dataset):
    return [record.image_id for record in dataset.records]


@pytest.mark.parametrize("stack", [None, Stack("max"), Stack("middle"), Stack("channels")])
def test_what_makes_one_image_of_a_file_leaves_its_record(folder, stack):
    dataset, _ = from_class_folders(folder)
    assert expanded(dataset, stack) == (dataset, [])


def test_all_planes_are_records_in_the_order_of_the_file(folder):
    dataset, notes = expanded(from_class_folders(folder)[0], ALL)
    expected = ["cell/a.png", *(f"cell/b.tif#{place}" for place in range(12))]
    assert ids(dataset) == [*expected, *(f"debris/c.tif#{place}" for place in range(3))]
    assert [record.target for record in dataset.records] == ["cell"] * 13 + ["debris"] * 3
    assert notes == [
        "2 files hold 15 planes that are images of their own (stack: all). The planes of one file "
        "share a group and stay in the same fold."
    ]
    for record, plane in zip(dataset.records[1:13], STACK, strict=True):
        np.testing.assert_array_equal(read_source(record.source, ALL)[:, :, 0], plane)


def test_every_fifth_plane_begins_with_the_first(folder):
    dataset, _ = expanded(from_class_folders(folder)[0], Stack("every", 5))
    assert ids(dataset) == [
        "cell/a.png",
        *(f"cell/b.tif#{place}" for place in (0, 5, 10)),
        "debris/c.tif#0",
    ]


def test_planes_of_one_file_share_a_group(folder):
    dataset, _ = expanded(from_class_folders(folder)[0], ALL)
    assert dataset.groups == [None] + ["cell/b.tif"] * 12 + ["debris/c.tif"] * 3


def test_a_declared_group_goes_to_all_planes(folder):
    rule = GroupRule(folder_level=1)
    dataset, _ = expanded(from_class_folders(folder, rule)[0], ALL)
    assert dataset.groups == ["cell"] * 13 + ["debris"] * 3


def test_rows_of_a_table_are_taken_apart_too(folder):
    table = folder / "labels.csv"
    table.write_text("file,type,who\ncell/b.tif,x,p1\ncell/a.png,y,p2\n")
    dataset, _ = from_table(table, "file", "type", GroupRule(column="who"))
    dataset, _ = expanded(dataset, Stack("every", 6), join_series=False)
    assert ids(dataset) == ["cell/a.png", "cell/b.tif#0", "cell/b.tif#6"]
    assert dataset.groups == ["p2", "p1", "p1"]


def test_a_file_that_cannot_be_opened_stays_to_be_told_of(folder):
    (folder / "cell" / "b.tif").write_bytes(b"II*\0")
    dataset, _ = expanded(from_class_folders(folder)[0], ALL)
    assert ids(dataset)[:2] == ["cell/a.png", "cell/b.tif"]
    with pytest.raises(UnreadableImageError, match=r"b\.tif"):
        read_source(dataset.records[1].source, ALL)


def test_parts_of_files_are_left_as_they_are(tmp_path):
    record = ImageRecord("train/0012", tmp_path / "gone.npz", "x", None, "train/12")
    plane = ImageRecord("a.tif#3", tmp_path / "gone.tif", "x", None, "3")
    dataset = ImageDataset("demo", tmp_path, (plane, record), ("x",))
    assert expanded(dataset, ALL) == (dataset, [])


def test_files_to_predict_become_sources(folder):
    files = [folder / "cell" / "a.png", folder / "cell" / "b.tif"]
    assert expanded_sources(files, reading(None)) == files
    assert expanded_sources(files, reading(Stack("every", 6))) == [
        files[0],
        FilePart(files[1], "0"),
        FilePart(files[1], "6"),
    ]


def reading(stack, join_series=True):
    return Reading(Intensity("dtype"), stack=stack, join_series=join_series)


@pytest.fixture
def series(tmp_path, write_dicom):
    """Return a folder of two classes; one has a series of three slices, stored out of order."""
    pytest.importorskip("pydicom")
    (tmp_path / "data" / "well").mkdir(parents=True)
    for name, number in (("IM1", 3), ("IM2", 1), ("IM3.dcm", 2)):
        write_dicom(
            np.full((4, 4), 100 * number, dtype=np.uint16),
            f"data/ill/{name}",
            InstanceNumber=number,
            SeriesInstanceUID="1.2.3",
        )
    write_dicom(np.full((4, 4), 7, dtype=np.uint16), "data/well/x.dcm", SeriesInstanceUID="1.2.9")
    return tmp_path / "data"


def test_the_files_of_a_dicom_series_are_one_volume(series):
    dataset, notes = expanded(from_class_folders(series)[0], Stack("max"))
    assert ids(dataset) == ["ill#series:1.2.3", "well/x.dcm"]
    first, second = dataset.records
    assert (first.path, first.part, first.target) == (series / "ill", "series:1.2.3", "ill")
    assert (second.path, second.part) == (series / "well" / "x.dcm", "")
    assert notes[0] == "3 DICOM files are the slices of 1 series; each series is one volume."
    assert read_source(first.source, Stack("max")).max() == 300
    with pytest.raises(UnreadableImageError, match=r"ill#series:1\.2\.3: .*Got 3 slices.*stack"):
        read_source(first.source)


def test_the_slices_of_a_series_go_from_the_first_to_the_last(series):
    dataset, _ = expanded(from_class_folders(series)[0], ALL)
    assert ids(dataset) == [*(f"ill#series:1.2.3#{place}" for place in range(3)), "well/x.dcm"]
    assert dataset.groups == ["ill#series:1.2.3"] * 3 + [None]
    values = [read_source(record.source, ALL)[0, 0, 0] for record in dataset.records]
    assert values == [100, 200, 300, 7]


def test_a_series_must_have_one_class_and_one_group(series):
    dataset, _ = from_class_folders(series)
    records = list(dataset.records)
    for change, message in (({"target": "well"}, "one target"), ({"group": "p2"}, "one group")):
        mixed = replace(dataset, records=(replace(records[0], **change), *records[1:]))
        with pytest.raises(DataError, match=message):
            expanded(mixed, ALL)


def test_a_damaged_file_does_not_hide_its_series(series):
    (series / "ill" / "broken.dcm").write_bytes(bytes(128) + b"DICM" + b"\xff" * 9)
    dataset, _ = expanded(from_class_folders(series)[0], Stack("max"))
    assert ids(dataset) == ["ill#series:1.2.3", "ill/broken.dcm", "well/x.dcm"]


def test_slices_that_a_table_names_are_images_of_one_group(series):
    table = series / "labels.csv"
    rows = ["ill/IM1,a", "ill/IM2,b", "well/x.dcm,a"]
    table.write_text("\n".join(["file,type", *rows]))
    dataset, notes = expanded(from_table(table, "file", "type")[0], None, join_series=False)
    assert ids(dataset) == ["ill/IM1", "ill/IM2", "well/x.dcm"]
    assert dataset.groups == ["series:1.2.3", "series:1.2.3", None]
    assert notes[0].startswith("2 DICOM images are of series with several")


def test_a_table_can_name_the_folder_of_a_series(series):
    table = series / "labels.csv"
    table.write_text("file,type\nill,a\nwell/x.dcm,b\n")
    dataset, _ = from_table(table, "file", "type")
    whole, _ = expanded(dataset, Stack("max"), join_series=False)
    assert ids(whole) == ["ill", "well/x.dcm"]
    assert read_source(whole.records[0].source, Stack("max")).max() == 300
    planes, _ = expanded(dataset, ALL, join_series=False)
    assert ids(planes) == ["ill#0", "ill#1", "ill#2", "well/x.dcm"]
    assert [read_source(r.source, ALL)[0, 0, 0] for r in planes.records] == [100, 200, 300, 7]


@pytest.mark.parametrize("stack", [None, Stack("max"), ALL])
def test_parts_of_a_series_in_several_folders_share_a_group(series, write_dicom, stack):
    for number in (4, 5):
        write_dicom(
            np.full((4, 4), number, dtype=np.uint16),
            f"data/well/late{number}",
            InstanceNumber=number,
            SeriesInstanceUID="1.2.3",
        )
    dataset, notes = expanded(from_class_folders(series)[0], stack)
    group_of = {record.image_id.split("#")[0]: record.group for record in dataset.records}
    assert group_of == {"ill": "series:1.2.3", "well": "series:1.2.3", "well/x.dcm": None}
    assert any("those of one series share a group" in note for note in notes)


def test_some_files_of_a_series_are_no_volume(series):
    dataset, _ = from_class_folders(series)
    some = replace(dataset, records=dataset.records[:2])
    with pytest.raises(DataError, match=r"Got 2 of its 3 files .* Name the folder, or all"):
        expanded(some, Stack("max"))


@pytest.mark.parametrize("stack", [Stack("max"), ALL])
def test_some_files_of_a_series_to_predict_do_not_stop_the_others(series, stack):
    files = sorted((series / "ill").iterdir())[:2]
    sources = expanded_sources([*files, series / "well" / "x.dcm"], reading(stack))
    assert sources == [
        *(FilePart(file, "series:1.2.3") for file in files),
        series / "well" / "x.dcm",
    ]
    with pytest.raises(UnreadableImageError) as caught:
        read_source(sources[0], stack)
    assert str(caught.value) == (
        f"{files[0]}: it is one of 3 slices of a DICOM series, which is one volume, and not all "
        "of them are named. Name the folder, or all of them."
    )
    assert read_source(sources[2], stack).max() == 7


def test_a_model_of_single_slices_predicts_single_slices(series):
    files = sorted((series / "ill").iterdir())
    assert expanded_sources(files, reading(Stack("max"), join_series=False)) == files


def test_a_file_without_its_first_bytes_is_listed(series):
    bare = series / "ill" / "IM9"
    bare.write_bytes((series / "ill" / "IM1").read_bytes()[132:])
    dataset, _ = expanded(from_class_folders(series)[0], Stack("max"))
    assert ids(dataset) == ["ill#series:1.2.3", "ill/IM9", "well/x.dcm"]
    with pytest.raises(UnreadableImageError, match="looks like DICOM without its first 132 bytes"):
        read_source(dataset.records[1].source, Stack("max"))
    # It may be a slice of the series, which is then not whole.
    with pytest.raises(UnreadableImageError, match="IM9 beside it cannot be read"):
        read_source(dataset.records[0].source, Stack("max"))


def test_a_file_that_is_of_no_series_does_not_hide_one(series, write_dicom):
    write_dicom(np.zeros((4, 4), dtype=np.uint16), "data/ill/alone.dcm", SeriesInstanceUID=None)
    dataset, _ = expanded(from_class_folders(series)[0], Stack("max"))
    assert ids(dataset) == ["ill#series:1.2.3", "ill/alone.dcm", "well/x.dcm"]
    assert read_source(dataset.records[0].source, Stack("max")).max() == 300


def test_a_series_that_is_written_again_is_read_again(series, write_dicom):
    whole = FilePart(series / "ill", "series:1.2.3")
    assert read_source(whole, Stack("max")).max() == 300
    facts = (series / "ill").stat()
    write_dicom(
        np.full((4, 4), 999, dtype=np.uint16),
        "data/ill/IM1",
        InstanceNumber=3,
        SeriesInstanceUID="1.2.3",
    )
    os.utime(series / "ill", ns=(facts.st_atime_ns, facts.st_mtime_ns))
    assert read_source(whole, Stack("max")).max() == 999


def test_files_of_a_series_to_predict_are_one_source(series):
    files = sorted((series / "ill").iterdir())
    whole = FilePart(series / "ill", "series:1.2.3")
    assert expanded_sources(files, reading(Stack("max"))) == [whole]
    assert expanded_sources(files[:1], reading(Stack("max"))) == files[:1]
    assert [str(source) for source in expanded_sources(files, reading(Stack("every", 2)))] == [
        f"{whole}#0",
        f"{whole}#2",
    ]
