"""Images of one DICOM patient share a group where none is declared, and notes say so."""

import numpy as np
import pytest

from bioselect.data.expansion import expanded
from bioselect.data.layouts import GroupRule, from_class_folders
from bioselect.data.stacks import Stack
from bioselect.data.tables import from_table

pytest.importorskip("pydicom")
MAX = Stack("max")


@pytest.fixture
def scans(tmp_path, write_dicom):
    """Return a function that writes series of two slices: (folder, patient, study) each."""

    def write(*series):
        for number, (folder, patient, study) in enumerate(series):
            for place in range(2):
                write_dicom(
                    np.full((4, 4), place, dtype=np.uint16),
                    f"data/{folder}/{place}.dcm",
                    SeriesInstanceUID=f"1.{number}",
                    InstanceNumber=place,
                    PatientID=patient,
                    StudyInstanceUID=study,
                )
        return tmp_path / "data"

    return write


def listed(root, rule=None):
    return expanded(from_class_folders(root, rule)[0], MAX)


def test_series_of_one_patient_share_a_group(scans):
    root = scans(("a/p0", "ann", "1"), ("a/p1", "ann", "2"), ("b/p2", "bob", "3"))
    dataset, notes = listed(root)
    # The patient's name is in no group: tables with groups are passed on.
    assert dataset.groups == ["patient of a/p0/0.dcm", "patient of a/p0/0.dcm", None]
    assert notes == [
        "6 DICOM files are the slices of 3 series; each series is one volume.",
        "2 DICOM images are of 1 patient with several (PatientID in their headers); those of one "
        "patient share a group and stay in the same fold.",
    ]


@pytest.mark.parametrize("same", ["ANONYMOUS", "", "0"])
def test_an_anonymous_set_is_not_one_patient(scans, same):
    root = scans(("a/p0", same, "1"), ("a/p1", same, "1"), ("b/p2", same, "2"))
    dataset, notes = listed(root)
    assert dataset.groups == ["study of a/p0/0.dcm", "study of a/p0/0.dcm", None]
    assert notes[1:] == [
        "2 DICOM images are of 1 study with several (StudyInstanceUID in their headers); those of "
        "one study share a group and stay in the same fold.",
        "the DICOM headers do not tell patients apart (PatientID is missing, or the same in all): "
        "images stay together by study only. If several are of one patient, declare the group.",
    ]


def test_without_patient_and_study_series_are_told_apart(scans):
    root = scans(("a/p0", "x", "1"), ("a/p1", "x", "1"), ("b/p2", "x", "1"))
    dataset, notes = listed(root)
    assert dataset.groups == [None] * 3
    assert len(notes) == 2
    assert "images stay together by series only" in notes[1]


def test_images_that_name_no_patient_are_told_of(scans):
    root = scans(("a/p0", "ann", "1"), ("a/p1", "bob", "2"), ("b/p2", "", "3"))
    assert listed(root)[1][1:] == [
        "2 DICOM files name no patient (PatientID) while others do: they stay together by study "
        "and series only. If several are of one patient, declare the group."
    ]


def test_a_declared_group_stays(scans):
    root = scans(("a/p0", "ann", "1"), ("a/p1", "ann", "2"), ("b/p2", "bob", "3"))
    dataset, notes = listed(root, GroupRule(folder_level=2))
    assert dataset.groups == ["p0", "p1", "p2"]
    assert len(notes) == 1


def test_folders_in_a_table_are_linked_with_folders_and_slices(scans):
    root = scans(("a/p0", "x", "1"), ("a/p1", "x", "1"), ("b/p2", "x", "1"))
    (root / "a" / "q0").mkdir()
    (root / "a" / "p0" / "1.dcm").rename(root / "a" / "q0" / "1.dcm")
    table = root / "t.csv"
    table.write_text("f,c\na/p0,a\na/q0,a\na/p1,a\na/p1/1.dcm,a\nb/p2,b\n")
    dataset, _ = expanded(from_table(table, "f", "c")[0], MAX, join_series=False)
    assert {one.image_id: one.group for one in dataset.records} == {
        "a/p0": "series:1.0",
        "a/q0": "series:1.0",
        "a/p1": "series:1.1",
        "a/p1/1.dcm": "series:1.1",
        "b/p2": None,
    }


def test_planes_of_all_series_of_a_patient_share_a_group(scans):
    root = scans(("a/p0", "ann", "1"), ("a/p1", "ann", "2"), ("b/p2", "bob", "3"))
    dataset, _ = expanded(from_class_folders(root)[0], Stack("every", 1))
    assert dataset.groups == ["patient of a/p0/0.dcm"] * 4 + ["b/p2#series:1.2"] * 2


def test_one_series_says_nothing_of_patients(scans):
    assert len(listed(scans(("a/p0", "", "1")))[1]) == 1
