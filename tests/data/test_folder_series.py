"""The files of a folder that are the slices of one volume, and those that may be."""

import os
import sys
import time
from collections import Counter

import numpy as np
import pytest

from bioselect.data import folder_series
from bioselect.data.folder_series import series_files, series_in, series_of_files
from bioselect.data.reading import open_image, read_image
from bioselect.data.stacks import Stack
from bioselect.exceptions import UnreadableImageError

pydicom = pytest.importorskip("pydicom")


@pytest.fixture
def slices(tmp_path, write_dicom):
    for series, numbers in (("1.2.3", (1, 2)), ("1.2.4", (1,))):
        for number in numbers:
            write_dicom(
                np.full((4, 4), number, dtype=np.uint16),
                f"scan/{series}-{number}.dcm",
                SeriesInstanceUID=series,
                InstanceNumber=number,
            )
    return tmp_path / "scan"


def test_a_series_is_found_by_its_uid(slices):
    assert [path.name for path in series_files(slices, "1.2.3")] == ["1.2.3-1.dcm", "1.2.3-2.dcm"]
    with pytest.raises(UnreadableImageError, match=r"no DICOM series 1\.5\. Got 1\.2\.3, 1\.2\.4"):
        series_files(slices, "1.5")


def test_a_folder_stands_for_an_image_only_if_it_holds_one_series(slices, tmp_path):
    with pytest.raises(UnreadableImageError, match=r"one DICOM series.*Got 2"):
        open_image(slices)
    (slices / "1.2.4-1.dcm").unlink()
    assert open_image(slices).n_planes == 2
    np.testing.assert_array_equal(read_image(slices, stack=Stack("mean")), np.full((4, 4, 1), 1.5))
    (tmp_path / "empty").mkdir()
    with pytest.raises(UnreadableImageError, match="a folder, not an image, and holds no DICOM"):
        open_image(tmp_path / "empty")


def test_hidden_files_do_not_count(slices):
    (slices / "1.2.4-1.dcm").rename(slices / "._1.2.4-1.dcm")
    assert open_image(slices).n_planes == 2


def test_files_are_sorted_by_series_and_name(write_dicom):
    paths = [
        write_dicom(np.zeros((4, 4), dtype=np.uint8), f"{name}.dcm", SeriesInstanceUID=uid)
        for name, uid in (("d", "1.9"), ("b", "1.2"), ("a", "1.9"), ("c", "1.2"), ("e", None))
    ]
    found = series_of_files(paths)
    assert list(found) == ["1.2", "1.9"]
    assert [path.name for path in found["1.9"]] == ["a.dcm", "d.dcm"]
    assert series_of_files([pydicom.data.get_testdata_file("dicomdirtests/DICOMDIR")]) == {}


@pytest.mark.parametrize("content", [b"junk", b"", bytes(128) + b"DICM" + b"\xff" * 9])
@pytest.mark.parametrize("name", ["zz.dcm", "1.2.3-7.IMA"])
def test_a_file_that_may_be_a_slice_and_cannot_be_read_refuses_one_image(slices, name, content):
    (slices / name).write_bytes(content)
    with pytest.raises(UnreadableImageError) as caught:
        read_image(slices, "series:1.2.3", Stack("max"))
    assert str(caught.value) == (
        f"{slices}#series:1.2.3: {name} beside it cannot be read and may be a slice of it, so "
        "`stack: {projection: max}` may not be of the whole. Copy the series again, or write "
        "dataset.stack: all or {every: N}."
    )
    assert read_image(slices, "series:1.2.3#0", Stack("every", 1)).max() == 1


def test_files_that_are_no_slices_refuse_nothing(slices, write_dicom):
    (slices / "README").write_text("This is no DICOM file.")
    (slices / "labels.csv").write_text("a,b")
    (slices / "a.dcm").write_bytes(b"GIF89a, called otherwise")
    write_dicom(np.zeros((4, 4), dtype=np.uint16), "scan/alone.dcm", SeriesInstanceUID=None)
    assert series_in(slices, "1.2.3").unknown == ()
    assert read_image(slices, "series:1.2.3", Stack("max")).max() == 2


def test_without_endings_what_is_called_like_a_slice_may_be_one(slices):
    for number in (1, 2):
        (slices / f"1.2.3-{number}.dcm").rename(slices / f"IM{number:04d}")
    (slices / "IM0017").write_bytes(b"")
    (slices / "INFO").write_bytes(b"")
    assert [path.name for path in series_in(slices, "1.2.3").unknown] == ["IM0017"]


def test_one_slice_beside_a_damaged_one_is_no_image(slices):
    (slices / "1.2.3-1.dcm").write_bytes(b"junk")
    (slices / "1.2.4-1.dcm").unlink()
    with pytest.raises(UnreadableImageError, match=r"1\.2\.3-1\.dcm beside it cannot be read"):
        read_image(slices)


def test_a_repaired_file_is_no_longer_in_the_way(slices, write_dicom):
    damaged = slices / "1.2.3-3.dcm"
    damaged.write_bytes(b"junk")
    _settle(slices)
    assert series_in(slices, "1.2.3").unknown == (damaged,)
    # Written in place: the folder itself does not change.
    write_dicom(
        np.full((4, 4), 9, dtype=np.uint16),
        "scan/1.2.3-3.dcm",
        SeriesInstanceUID="1.2.3",
        InstanceNumber=3,
    )
    _settle(slices)
    assert len(series_in(slices, "1.2.3").files) == 3
    assert read_image(slices, "series:1.2.3", Stack("max")).max() == 9


def test_a_folder_is_looked_through_once_for_all_its_series(slices, monkeypatch):
    _settle(slices)
    looks = Counter()
    look_into = folder_series._look_into

    def counted(folder):
        looks[folder] += 1
        return look_into(folder)

    monkeypatch.setattr(folder_series, "_look_into", counted)
    for series in ("1.2.3", "1.2.4") * 5:
        read_image(slices, f"series:{series}", Stack("max"))
    assert looks == {slices: 1}


def test_a_folder_that_just_changed_is_seen_as_it_is(slices):
    now = time.time_ns()
    os.utime(slices, ns=(now, now))
    assert len(series_files(slices, "1.2.3")) == 2
    (slices / "1.2.3-2.dcm").unlink()
    os.utime(slices, ns=(now, now))  # as on disks whose clocks are coarse
    assert len(series_files(slices, "1.2.3")) == 1


def _settle(folder):
    """Let the last change of a folder lie so far back that it shows in its time."""
    os.utime(folder, ns=(10**18, 10**18))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes")
def test_a_pipe_named_as_a_slice_is_not_waited_for(slices):
    (slices / "1.2.4-1.dcm").unlink()
    os.mkfifo(slices / "1.2.3-9.dcm")
    found = series_in(slices)
    assert (len(found.files), found.unknown) == (2, ())


def test_a_link_to_a_name_that_is_too_long_is_an_unreadable_slice(slices):
    (slices / "1.2.3-9.dcm").symlink_to("x" * 300)
    assert [path.name for path in series_in(slices, "1.2.3").unknown] == ["1.2.3-9.dcm"]


@pytest.mark.skipif(sys.platform != "linux", reason="names are text elsewhere")
def test_a_name_that_is_no_text_is_shown_by_its_bytes(slices):
    (slices / os.fsdecode(b"\xff.dcm")).write_bytes(b"DICM")
    (slices / "1.2.3-1.dcm").unlink()
    with pytest.raises(UnreadableImageError, match=r"\\xff\.dcm beside it cannot be read"):
        open_image(slices, "1.2.3")
