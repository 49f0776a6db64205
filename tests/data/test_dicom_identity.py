"""What the header of a DICOM file says of whose it is, and which files are DICOM at all."""

from pathlib import Path

import numpy as np
import pytest

from bioselect.data.dicom_identity import Identity, identity_of, is_dicom_file, read_identity
from bioselect.exceptions import UnreadableImageError

pydicom = pytest.importorskip("pydicom")

PIXELS = np.zeros((4, 4), dtype=np.uint16)


def test_series_study_and_patient_are_read(write_dicom):
    path = write_dicom(PIXELS, SeriesInstanceUID="1.9", StudyInstanceUID="1.2", PatientID=" p 7 ")
    assert read_identity(path) == Identity("1.9", "1.2", "p 7")


def test_what_the_header_does_not_say_is_empty(write_dicom):
    assert read_identity(write_dicom(PIXELS, SeriesInstanceUID=None)) == Identity()


def test_an_index_of_files_is_of_nobody():
    index = Path(pydicom.data.get_testdata_file("dicomdirtests/DICOMDIR"))
    assert read_identity(index) == Identity()


def test_a_file_that_is_written_again_is_read_again(write_dicom):
    assert read_identity(write_dicom(PIXELS, PatientID="ann")).patient == "ann"
    assert read_identity(write_dicom(PIXELS, PatientID="robert")).patient == "robert"


def test_a_damaged_file_is_told_of_by_its_reader(tmp_path):
    (tmp_path / "a.dcm").write_bytes(bytes(128) + b"DICM" + b"\xff" * 9)
    assert identity_of(tmp_path / "a.dcm") is None
    with pytest.raises(UnreadableImageError, match=r"a\.dcm: it is damaged"):
        read_identity(tmp_path / "a.dcm")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.dcm", True),
        ("A.DCM", True),
        ("a.dicom", True),
        ("IM000001", True),
        ("1.2.840.113619", True),
        ("a.ima", True),
        ("a.txt", False),
    ],
)
def test_names_of_dicom_files(tmp_path, name, expected):
    (tmp_path / name).write_bytes(bytes(128) + b"DICM")
    assert is_dicom_file(tmp_path / name) is expected


def test_the_content_decides(tmp_path):
    (tmp_path / "README").write_text("This is no DICOM file." * 20)
    (tmp_path / "a.dcm").write_bytes(b"")
    for name in ("README", "a.dcm", "gone.dcm"):
        assert not is_dicom_file(tmp_path / name)
    assert not is_dicom_file(tmp_path)


def test_a_file_without_its_first_bytes_is_a_dicom_file_that_nobody_can_assign(write_dicom):
    # The preamble of 128 bytes and the four of DICM.
    path = write_dicom(PIXELS, "IM1")
    path.write_bytes(path.read_bytes()[132:])
    assert is_dicom_file(path)
    assert identity_of(path) is None
