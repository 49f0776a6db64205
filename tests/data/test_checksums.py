import hashlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from bioselect.data import checksums as checksums_module
from bioselect.data.checksums import Checksums


def test_the_planes_of_a_file_have_its_checksum(tmp_path):
    (tmp_path / "a.tif").write_bytes(b"pixels")
    expected = hashlib.sha256(b"pixels").hexdigest()
    checksums = Checksums()
    assert {checksums.of(tmp_path / "a.tif", part) for part in ("", "0", "7")} == {expected}


def test_images_of_an_npz_have_their_own(tmp_path):
    (tmp_path / "a.npz").write_bytes(b"images")
    checksums = Checksums()
    parts = ["train/0", "train/1", "test/0"]
    assert len({checksums.of(tmp_path / "a.npz", part) for part in parts}) == 3
    before = checksums.of(tmp_path / "a.npz", "train/0")
    (tmp_path / "a.npz").write_bytes(b"others")
    assert Checksums().of(tmp_path / "a.npz", "train/0") != before


def test_a_series_has_that_of_its_files_whatever_they_are_called(tmp_path, write_dicom):
    pytest.importorskip("pydicom")
    for number in range(3):
        write_dicom(np.full((4, 4), number, dtype=np.uint16), f"s/{number}.dcm")
    before = Checksums().of(tmp_path / "s", "series:1.2.3")
    assert Checksums().of(tmp_path / "s", "series:1.2.3#2") == before
    (tmp_path / "s" / "0.dcm").rename(tmp_path / "s" / "z.dcm")
    assert Checksums().of(tmp_path / "s", "series:1.2.3") == before
    # What may be a slice and cannot be read: what was found in the others says no longer all.
    (tmp_path / "s" / "x.dcm").write_bytes(b"junk")
    assert Checksums().of(tmp_path / "s", "series:1.2.3") != before
    (tmp_path / "s" / "x.dcm").unlink()
    (tmp_path / "s" / "1.dcm").unlink()
    assert Checksums().of(tmp_path / "s", "series:1.2.3") != before


def test_a_file_is_read_once_also_by_several_threads(tmp_path, monkeypatch):
    (tmp_path / "a.tif").write_bytes(b"pixels")
    read = []
    genuine = checksums_module.sha256_of_file
    monkeypatch.setattr(
        checksums_module, "sha256_of_file", lambda path: read.append(path) or genuine(path)
    )
    checksums = Checksums()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda place: checksums.of(tmp_path / "a.tif", str(place)), range(100)))
    assert len(read) == 1


def test_a_file_that_cannot_be_read_is_an_error_each_time(tmp_path):
    checksums = Checksums()
    for _ in range(2):
        with pytest.raises(FileNotFoundError):
            checksums.of(tmp_path / "gone.tif")
