"""Which images are of one patient, whatever was made anonymous."""

from pathlib import Path

import numpy as np
import pytest

from bioselect.data.dicom_identity import Identity
from bioselect.data.dicom_patients import identity_of_record, owners
from bioselect.data.records import ImageRecord


def firsts(*identities):
    """Return the first image of the same patient; identities as series, study, patient."""
    found = owners([None if one is None else Identity(*one.split(",")) for one in identities])
    return found.first, found.told_by


@pytest.mark.parametrize(
    ("identities", "expected", "told_by"),
    [
        (["s1,t1,ann", "s2,t2,ann", "s3,t3,bob"], (0, 0, 2), "PatientID"),
        # One value for all, or words for nobody, tell nobody apart: the study does.
        (["s1,t1,x", "s2,t1,x", "s3,t2,x"], (0, 0, 2), "StudyInstanceUID"),
        (["s1,t1,", "s2,t1,", "s3,t2,"], (0, 0, 2), "StudyInstanceUID"),
        (["s1,t1,0", "s2,t1,0", "s3,t2,0"], (0, 0, 2), "StudyInstanceUID"),
        (["s1,t1,ANONYMOUS", "s2,t2,Anon", "s3,t2,"], (0, 1, 1), "StudyInstanceUID"),
        # ... but a number may be somebody's.
        (["s1,t1,0", "s2,t2,0", "s3,t3,1"], (0, 0, 2), "PatientID"),
        # One study for all: the series.
        (["s1,t,x", "s1,t,x", "s2,t,x"], (0, 0, 2), "SeriesInstanceUID"),
        (["s1,,", "s1,,", "s2,,"], (0, 0, 2), "SeriesInstanceUID"),
        # A study under which several patients were exported links none.
        (["s1,t,ann", "s2,t,bob", "s3,u,ann"], (0, 1, 0), "PatientID"),
        # An image without a patient is of that of its study, or of its series.
        (["s1,t1,", "s2,t1,ann", "s3,t2,bob", "s3,t3,"], (0, 0, 2, 2), "PatientID"),
        # Links of links: ann's second study holds a series that names nobody.
        (["s1,t1,ann", "s2,t2,ann", "s3,t2,", "s4,t4,bob"], (0, 0, 0, 3), "PatientID"),
        # Nothing is said, or it is no DICOM file.
        ([",,", ",,", None, "s1,,"], (0, 1, None, 3), "SeriesInstanceUID"),
    ],
)
def test_images_of_one_patient_are_found(identities, expected, told_by):
    assert firsts(*identities) == (expected, told_by)


def test_the_order_of_the_images_does_not_matter():
    random = np.random.default_rng(0)
    identities = [Identity(f"s{n}", f"t{n // 2}", f"p{n // 4}") for n in range(16)]
    for _ in range(5):
        order = random.permutation(16)
        found = owners([identities[place] for place in order]).first
        for here, there in zip(order, found, strict=True):
            assert here // 4 == order[there] // 4
        assert len(set(found)) == 4


def test_records_are_files_folders_and_parts(write_dicom, tmp_path):
    pytest.importorskip("pydicom")
    for name, series in (("scan/1", "1.2"), ("scan/2", "1.2"), ("two/1", "1.3"), ("two/2", "1.4")):
        write_dicom(
            np.zeros((4, 4), dtype=np.uint8), name, SeriesInstanceUID=series, PatientID="ann"
        )
    (tmp_path / "none").mkdir()

    def series_of(path, part=""):
        identity = identity_of_record(ImageRecord("a", tmp_path / path, part=part))
        return None if identity is None else identity.series

    assert series_of("scan/1") == "1.2"
    assert series_of("scan") == "1.2"
    assert series_of("two", "series:1.4#7") == "1.4"
    for path in ("two", "none", "gone", Path(__file__)):
        assert series_of(path) is None
