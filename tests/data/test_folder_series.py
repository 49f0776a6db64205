import numpy as np
import pytest

from bioselect.data.folder_series import is_dicom_file, series_files
from bioselect.data.reading import open_image, read_image
from bioselect.data.stacks import Stack
from bioselect.exceptions import UnreadableImageError

pytest.importorskip("pydicom")


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
