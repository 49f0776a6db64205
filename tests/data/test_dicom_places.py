"""Slices lie where their headers say, and what does not belong together is not put together."""

import numpy as np
import pytest

pytest.importorskip("pydicom")
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from bioselect.data.dicom import open_dicom, open_series
from bioselect.data.reading import read_image
from bioselect.data.stacks import Stack
from bioselect.exceptions import UnreadableImageError

AXIAL = [1, 0, 0, 0, 1, 0]
SAGITTAL = [0, 1, 0, 0, 0, -1]


def slice_at(write_dicom, name, value, z, **others):
    return write_dicom(
        np.full((4, 4), value, dtype=np.uint16),
        f"series/{name}",
        ImagePositionPatient=[0, 0, z],
        **{"ImageOrientationPatient": AXIAL, "InstanceNumber": value, **others},
    )


def test_several_times_at_one_place_are_not_projected_together(write_dicom, tmp_path):
    paths = [
        slice_at(write_dicom, f"{place}_{time}.dcm", 10 * place + time, place)
        for place in range(3)
        for time in range(2)
    ]
    assert open_series(paths).contents == ("3 slices", "2 times or echoes")
    with pytest.raises(UnreadableImageError, match="3 slices x 2 times or echoes"):
        read_image(tmp_path / "series", stack=Stack("max"))


def test_what_there_is_at_one_place_is_told_truly(write_dicom):
    film = [slice_at(write_dicom, f"film{n}.dcm", n, 0) for n in range(3)]
    assert open_series(film).contents == ("3 times or echoes",)
    uneven = [slice_at(write_dicom, f"{n}.dcm", n, z) for n, z in enumerate((0, 0, 1))]
    assert open_series(uneven).contents == ("2 slices", "1 to 2 times or echoes")


@pytest.mark.parametrize("mode", ["middle", "max"])
def test_a_series_with_a_gap_is_not_made_one_image(write_dicom, tmp_path, mode):
    for n, z in enumerate((0, 1, 2, 7, 8, 9)):
        slice_at(write_dicom, f"{n}.dcm", n, z)
    folder = tmp_path / "series"
    with pytest.raises(UnreadableImageError) as caught:
        read_image(folder, stack=Stack(mode))
    written = "middle" if mode == "middle" else "{projection: max}"
    assert str(caught.value) == (
        f"{folder}: slices are missing between 2 and 7 mm, so `stack: {written}` may not be of "
        "the whole. Copy the series again, or write dataset.stack: all or {every: N}."
    )
    assert read_image(folder, part="3").max() == 3  # each slice as an image of its own


def test_slices_of_several_directions_are_no_volume(write_dicom):
    paths = [slice_at(write_dicom, f"{n}.dcm", n, n) for n in range(2)]
    paths.append(slice_at(write_dicom, "x.dcm", 9, 9, ImageOrientationPatient=SAGITTAL))
    with pytest.raises(UnreadableImageError, match="must have one direction"):
        open_series(paths)


@pytest.mark.parametrize("what", ["PatientID", "StudyInstanceUID"])
def test_slices_of_two_patients_are_no_volume(write_dicom, what):
    paths = [slice_at(write_dicom, f"{n}.dcm", n, n, **{what: f"1.{n // 2}"}) for n in range(4)]
    with pytest.raises(UnreadableImageError, match=f"Got 2 values of {what}"):
        open_series(paths)


def enhanced(write_dicom, depths, values):
    """Write a file of several frames that say where they lie."""
    frames = []
    for z in depths:
        position = Dataset()
        position.ImagePositionPatient = [0, 0, z]
        frame = Dataset()
        frame.PlanePositionSequence = Sequence([position])
        frames.append(frame)
    orientation = Dataset()
    orientation.ImageOrientationPatient = AXIAL
    shared = Dataset()
    shared.PlaneOrientationSequence = Sequence([orientation])
    pixels = np.stack([np.full((4, 4), value, dtype=np.uint16) for value in values])
    return write_dicom(
        pixels,
        "enhanced.dcm",
        frames=len(values),
        SharedFunctionalGroupsSequence=Sequence([shared]),
        PerFrameFunctionalGroupsSequence=Sequence(frames),
    )


def test_frames_are_sorted_by_where_they_lie(write_dicom):
    volume = open_dicom(enhanced(write_dicom, [3, 1, 4, 0, 2], [30, 10, 40, 0, 20]))
    assert [int(volume.plane(place)[0, 0, 0]) for place in range(5)] == [0, 10, 20, 30, 40]
    assert volume.contents == ("5 frames",)


def test_frames_at_one_place_are_times(write_dicom):
    path = enhanced(write_dicom, [0, 0, 1, 1], [1, 2, 3, 4])
    assert open_dicom(path).contents == ("2 frames", "2 times or echoes")
    with pytest.raises(UnreadableImageError, match="2 frames x 2 times"):
        read_image(path, stack=Stack("max"))
