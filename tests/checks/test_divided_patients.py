"""Declared groups that divide a patient of the DICOM headers are told of."""

from dataclasses import replace

import pytest

from bioselect.checks.divided_patients import divided_patients
from bioselect.checks.findings import WARNING
from bioselect.checks.listing import listing_findings
from bioselect.data.records import ImageDataset, ImageRecord

pydicom = pytest.importorskip("pydicom")


@pytest.fixture
def images(tmp_path):
    """Return four images: two of ann, two of bob."""
    records = []
    for number, patient in enumerate(("ann", "ann", "bob", "bob")):
        meta = pydicom.dataset.FileMetaDataset()
        meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
        header = pydicom.dataset.FileDataset("", {}, file_meta=meta, preamble=bytes(128))
        header.SOPClassUID = meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.7"
        header.SOPInstanceUID = meta.MediaStorageSOPInstanceUID = f"1.7.{number}"
        header.SeriesInstanceUID = f"1.{number}"
        header.PatientID = patient
        path = tmp_path / f"{number}.dcm"
        pydicom.dcmwrite(path, header, enforce_file_format=True)
        records.append(ImageRecord(path.name, path, "xy"[number % 2]))
    return ImageDataset("demo", tmp_path, tuple(records), ("x", "y"))


def grouped(images, *groups):
    records = zip(images.records, groups, strict=True)
    return replace(images, records=tuple(replace(one, group=name) for one, name in records))


def test_a_divided_patient_is_told_of(images):
    (found,) = divided_patients(grouped(images, "g1", "g2", "g3", "g3"))
    assert found.severity == WARNING
    assert found.what == (
        "the declared groups divide a patient, by the PatientID in the DICOM headers: 0.dcm is in "
        "the group 'g1' and 1.dcm, which is of the same, in 'g2'."
    )
    (found,) = divided_patients(grouped(images, "g1", "g2", "g1", "g2"))
    assert found.what.startswith("the declared groups divide 2 patients,")
    assert found in listing_findings(grouped(images, "g1", "g2", "g1", "g2"), None, True)


def test_whole_patients_are_not(images):
    assert divided_patients(grouped(images, "g1", "g1", "g2", "g2")) == []
    assert divided_patients(grouped(images, "g1", "g1", "g1", "g1")) == []


def test_images_of_other_kinds_are_not(dataset):
    records = [replace(one, group=one.image_id) for one in dataset(("a", "1.png")).records]
    assert divided_patients(ImageDataset("demo", records[0].path, tuple(records))) == []
