"""The real images beside the repository; skipped where they are absent."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bioselect.data.fingerprint import fingerprint_images
from bioselect.data.intensities import resolve_auto
from bioselect.data.layouts import GroupRule, from_class_folders
from bioselect.data.reading import read_image
from bioselect.data.tables import from_table
from bioselect.progress import SILENT

REAL_DATA = Path(__file__).resolve().parents[3] / "shared" / "data"

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(not REAL_DATA.is_dir(), reason=f"no {REAL_DATA}"),
]


def test_cells_from_a_cytometer_keep_sixteen_bits_and_three_channels():
    dataset, _ = from_class_folders(REAL_DATA / "cell_cycle")
    marks = fingerprint_images(dataset.records, None, SILENT, 2)
    assert len(marks) == 712
    assert len(dataset.class_names) == 7
    assert Counter(str(record.target) for record in dataset.records)["Anaphase"] == 15
    assert {(mark.dtype, mark.height, mark.width, mark.n_channels) for mark in marks} == {
        ("uint16", 40, 40, 3)
    }
    maximum = max(mark.maximum for mark in marks)
    intensity, _ = resolve_auto({mark.dtype for mark in marks}, 0, maximum)
    assert intensity.as_config() == {"min": 0, "max": 4095}


def test_blood_cells_are_described_by_a_table():
    table = REAL_DATA / "blood_cells" / "labels.csv"
    dataset, notes = from_table(table, "file", "cell_type", GroupRule(column="smear"))
    assert dataset.n_images == 900
    assert dataset.class_names == ("Platelets", "RBC", "WBC")
    assert notes == []
    for record in dataset.records[::90]:
        with Image.open(record.path) as picture:
            np.testing.assert_array_equal(read_image(record.path), np.asarray(picture))


def test_brain_slices_hold_duplicates_and_one_transparent_image():
    dataset, _ = from_class_folders(REAL_DATA / "brain_mri")
    marks = fingerprint_images(dataset.records, None, SILENT, 2)
    assert len(marks) == 253
    assert [mark.image_id for mark in marks if mark.error] == ["no_tumour/no.jpg"]
    good = [mark for mark in marks if not mark.error]
    assert {mark.n_channels for mark in good} == {1, 3}
    assert len(good) - len({mark.pixels_sha256 for mark in good}) == 25
