"""Studies of DICOM series, from the folder to the table of predictions."""

import csv
import shutil

import numpy as np
import pydicom
import pytest
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from bioselect.config.loading import load_config
from bioselect.exceptions import DataError
from bioselect.progress import SILENT
from bioselect.workflows.check import check
from bioselect.workflows.predict import predict
from bioselect.workflows.run import run
from bioselect.workflows.study_inputs import read_study_inputs

N_SLICES = 3


def write_slice(path, number, series, patient, seed):
    """Write a slice; those of class b have a bright square."""
    pixels = np.random.default_rng(seed).integers(0, 500, (16, 16)).astype(np.uint16)
    if path.parts[-3] == "b":
        pixels[4:12, 4:12] += 700
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.2"
    meta.MediaStorageSOPInstanceUID = f"{series}.{number + 1}"
    dataset = FileDataset("", {}, file_meta=meta, preamble=bytes(128))
    dataset.SOPClassUID = meta.MediaStorageSOPClassUID
    dataset.SOPInstanceUID = meta.MediaStorageSOPInstanceUID
    dataset.SeriesInstanceUID, dataset.PatientID = series, patient
    dataset.InstanceNumber = number
    dataset.ImagePositionPatient = [0, 0, number]
    dataset.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    dataset.Rows, dataset.Columns = pixels.shape
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, 12, 11
    dataset.PixelRepresentation = 0
    dataset.PixelData = pixels.tobytes()
    dataset["PixelData"].VR = "OW"
    path.parent.mkdir(parents=True, exist_ok=True)
    pydicom.dcmwrite(path, dataset, enforce_file_format=True)


def write_scans(root, n_patients, n_each):
    """Write so many patients of each class, each with so many series."""
    for place, name in enumerate("ab"):
        for scan in range(n_patients * n_each):
            for number in range(N_SLICES):
                write_slice(
                    root / name / f"scan{scan:02d}" / f"{number}.dcm",
                    number,
                    f"1.{place + 1}.{scan + 1}",
                    f"{name}{scan // n_each}",
                    1000 * place + 10 * scan + number,
                )
    return root


def write_config(folder, dataset="path: scans, stack: {projection: max}"):
    path = folder / "config.yaml"
    path.write_text(
        f"dataset: {{{dataset}}}\nextractors: [intensity]\nclassifiers: [lda]\n"
        "validation: {folds: 3, repeats: 2}\noutput: run\n"
    )
    return path


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """Return the folder of a run on 6 patients of each class with 2 series each."""
    folder = tmp_path_factory.mktemp("series")
    write_scans(folder / "scans", 6, 2)
    run(write_config(folder), jobs=1)
    return folder / "run"


def _read(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_a_patient_is_never_on_both_sides(finished):
    rows = _read(finished / "dataset.csv")
    assert len(rows) == 24
    assert len({row["group"] for row in rows}) == 12
    for repeat in range(2):
        fold = f"fold_of_repeat_{repeat}"
        assert len({(row["group"], row[fold]) for row in rows}) == 12
    assert not any(row["group"] in ("a0", "b0") for row in rows)
    found = " ".join(row["what"] for row in _read(finished / "findings.csv"))
    assert "24 DICOM images are of 12 patients with several (PatientID in their headers)" in found
    assert "no group is declared" not in found


def test_too_few_patients_are_explained(tmp_path):
    write_scans(tmp_path / "scans", 4, 2)
    with pytest.raises(DataError, match=r"so do DICOM images of one patient\). Got too few: class"):
        check(write_config(tmp_path))


def test_a_group_that_divides_patients_is_warned_of(finished, tmp_path):
    scans = finished.parent / "scans"
    config = write_config(
        tmp_path, f"path: '{scans}', stack: {{projection: max}}, group: {{level: 2}}"
    )
    inputs = read_study_inputs(load_config(config), tmp_path / "cache", 1, SILENT)
    warnings = [one.what for one in inputs.findings if one.severity == "warning"]
    assert any(one.startswith("the declared groups divide 12 patients") for one in warnings)


def test_an_unreadable_slice_leaves_its_volume_out_and_not_the_others(finished, tmp_path):
    new = shutil.copytree(finished.parent / "scans" / "a", tmp_path / "scans" / "a")
    (new / "scan00" / "1.dcm").write_bytes(b"junk")
    predict(finished, [new], tmp_path / "p.csv", jobs=1)
    error_of = {row["path"]: row["error"] for row in _read(tmp_path / "p.csv")}
    assert len(error_of) == 13  # 12 volumes and the file
    refused = {path for path, error in error_of.items() if error}
    assert refused == {f"{new}/scan00#series:1.1.1", f"{new}/scan00/1.dcm"}
    assert "1.dcm beside it cannot be read" in error_of[f"{new}/scan00#series:1.1.1"]


def test_part_of_a_series_does_not_stop_a_prediction(finished, tmp_path):
    scans = finished.parent / "scans"
    some = [scans / "a" / "scan00" / f"{number}.dcm" for number in (0, 1)]
    predict(finished, [*some, scans / "b"], tmp_path / "p.csv", jobs=1)
    rows = _read(tmp_path / "p.csv")
    assert [row["path"] for row in rows[:2]] == [f"{path}#series:1.1.1" for path in some]
    assert all("it is one of 3 slices of a DICOM series" in row["error"] for row in rows[:2])
    assert len(rows) == 14
    assert not any(row["error"] for row in rows[2:])
