import gzip
import itertools
import shutil
import sys

import nibabel
import numpy as np
import pytest

from bioselect.data.dicom import open_series
from bioselect.data.nifti import open_nifti
from bioselect.exceptions import UnavailableError, UnreadableImageError

RGB = np.dtype([("R", "u1"), ("G", "u1"), ("B", "u1")])
RGBA = np.dtype([("R", "u1"), ("G", "u1"), ("B", "u1"), ("A", "u1")])
NUMBERS = np.random.default_rng(0).integers(0, 3000, (4, 5, 6)).astype(np.int16)


def _save(path, values, affine=None, slope=None, intercept=0.0, kind=nibabel.Nifti1Image):
    image = kind(values, np.eye(4) if affine is None else affine)
    if slope is not None:
        image.header.set_slope_inter(slope, intercept)
    nibabel.save(image, path)
    return path


def _planes(path):
    volume = open_nifti(path)
    planes = [volume.plane(place) for place in range(volume.n_planes)]
    for plane in planes:
        assert plane.ndim == 3
        assert plane.flags.c_contiguous
        assert plane.dtype.isnative
    return planes


def test_an_axial_plane_has_the_front_above_and_the_patients_right_on_the_left(tmp_path):
    # Axes run to right, front and head; each number tells its own place: 100 x + 10 y + z.
    values = np.fromfunction(lambda x, y, z: 100 * x + 10 * y + z, (2, 3, 4)).astype(np.int16)
    first, second, *others = _planes(_save(tmp_path / "a.nii", values))
    assert len(others) == 2
    # Above the farthest to the front (y = 2), on the left the farthest to the right (x = 1).
    assert first[:, :, 0].tolist() == [[120, 20], [110, 10], [100, 0]]
    assert second[:, :, 0].tolist() == [[121, 21], [111, 11], [101, 1]]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
@pytest.mark.parametrize("signs", list(itertools.product((1, -1), repeat=3)))
def test_the_planes_do_not_depend_on_how_the_axes_are_stored(tmp_path, order, signs):
    """Whatever the stored axes, nibabel turns them to right, front, head."""
    affine = np.zeros((4, 4))
    for axis in range(3):
        affine[order[axis], axis] = signs[axis] * (axis + 1.5)
    affine[3, 3] = 1
    path = _save(tmp_path / "a.nii.gz", NUMBERS, affine)
    turned = nibabel.as_closest_canonical(nibabel.load(path)).get_fdata()
    planes = _planes(path)
    assert len(planes) == turned.shape[2]
    for place, plane in enumerate(planes):
        np.testing.assert_array_equal(plane[:, :, 0], turned[::-1, ::-1, place].T)


def test_an_oblique_volume_is_turned_to_the_closest_axes_and_not_resampled(tmp_path):
    angle = np.deg2rad(20)
    affine = np.eye(4)
    affine[:2, :2] = [[-np.cos(angle), -np.sin(angle)], [np.sin(angle), -np.cos(angle)]]
    planes = _planes(_save(tmp_path / "a.nii", NUMBERS, affine))
    # Both axes run mostly the other way: to the left and to the back, as they are shown.
    np.testing.assert_array_equal(planes[0][:, :, 0], NUMBERS[:, :, 0].T)


def test_the_same_volume_as_dicom_gives_the_same_planes(tmp_path, write_dicom):
    # DICOM counts to the left and to the back, NIfTI to the right and to the front. Slice k of
    # `slices` lies k * 2 mm above the lowest; element (row, column) at row to the back, column to
    # the left.
    slices = NUMBERS
    paths = [
        write_dicom(
            plane,
            f"{9 - k}.dcm",
            ImageOrientationPatient=[1, 0, 0, 0, 1, 0],
            ImagePositionPatient=[-30, -40, 2 * k],
        )
        for k, plane in enumerate(slices)
    ]
    # As NIfTI with axes (column, row, slice): x = 30 - column, y = 40 - row, z = 2 k.
    affine = np.array([[-1, 0, 0, 30], [0, -1, 0, 40], [0, 0, 2, 0], [0, 0, 0, 1]])
    nifti = _save(tmp_path / "a.nii", np.transpose(slices, (2, 1, 0)), affine)
    volume = open_series(paths)
    planes = _planes(nifti)
    assert volume.n_planes == len(planes) == 4
    for place, plane in enumerate(planes):
        np.testing.assert_array_equal(plane, volume.plane(place))


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        # Coronal: the head above, the patient's right on the left. x is 1 to the right.
        ((2, 1, 3), [[102, 2], [101, 1], [100, 0]]),
        # Sagittal: the head above, the front on the left.
        ((1, 2, 3), [[12, 2], [11, 1], [10, 0]]),
        ((2, 3, 1), [[120, 20], [110, 10], [100, 0]]),
    ],
)
def test_a_single_slice_is_one_plane_in_its_own_direction(tmp_path, shape, expected):
    values = np.fromfunction(lambda x, y, z: 100 * x + 10 * y + z, shape).astype(np.int16)
    (plane,) = _planes(_save(tmp_path / "a.nii", values))
    assert plane[:, :, 0].tolist() == expected


def test_a_picture_of_two_axes_is_one_plane(tmp_path):
    values = np.array([[1, 2, 3], [4, 5, 6]], dtype=np.uint8)
    (plane,) = _planes(_save(tmp_path / "a.nii", values))
    assert plane[:, :, 0].tolist() == [[6, 3], [5, 2], [4, 1]]


@pytest.mark.parametrize(
    ("dtype", "slope", "intercept", "expected"),
    [
        ("uint8", None, 0, "uint8"),
        ("uint8", 2, -1024, "int16"),  # -1024 to -514
        ("uint8", 0.5, 0, "float32"),
        ("uint16", 1, -1024, "float32"),  # up to 64511
        ("int16", 1, 0, "int16"),
        ("float32", None, 0, "float32"),
        ("float32", 2, 1, "float32"),
        ("float64", None, 0, "float64"),
        (">i2", None, 0, "int16"),
        (">f4", 2, 1, "float32"),
    ],
)
def test_values_are_scaled_as_the_header_says(tmp_path, dtype, slope, intercept, expected):
    stored = np.arange(24).reshape(2, 3, 4).astype(dtype)
    image = nibabel.Nifti1Image(stored, np.diag([-1, -1, 1, 1]))
    image.header.set_data_dtype(dtype)
    if dtype.startswith(">"):
        image = nibabel.Nifti1Image(stored, image.affine, image.header.as_byteswapped(">"))
    path = tmp_path / "a.nii"
    nibabel.save(image, path)
    if slope is not None:  # nibabel would divide the numbers by it; here it stands for them
        _set_slope(path, slope, intercept, image.header.endianness)
    planes = _planes(path)
    assert planes[0].dtype == np.dtype(expected)
    reference = nibabel.load(path).get_fdata()
    for place, plane in enumerate(planes):
        np.testing.assert_array_equal(plane[:, :, 0], reference[:, :, place].T)


def _set_slope(path, slope, intercept, order):
    # scl_slope and scl_inter are two floats at byte 112 of the header.
    with path.open("r+b") as file:
        file.seek(112)
        file.write(np.array([slope, intercept], dtype=f"{order}f4").tobytes())


def test_a_slope_of_zero_means_no_scaling(tmp_path):
    path = _save(tmp_path / "a.nii", NUMBERS)
    _set_slope(path, 0, 7, "<")
    assert _planes(path)[0][0, 0, 0] == NUMBERS[-1, -1, 0]


@pytest.mark.parametrize(
    ("slope", "intercept"), [(np.inf, 0), (np.nan, 0), (2, np.inf), (2, np.nan)]
)
def test_a_scaling_that_is_no_number_is_an_error_that_says_so(tmp_path, slope, intercept):
    path = _save(tmp_path / "a.nii", NUMBERS)
    _set_slope(path, slope, intercept, "<")
    with pytest.raises(UnreadableImageError) as caught:
        open_nifti(path)
    assert str(caught.value) == (
        f"{path}: its scl_slope and scl_inter must be finite numbers. Got {float(slope)} and "
        f"{float(intercept)}. Export it anew, or set both to 0 if nothing is to be scaled."
    )


def test_colours_become_three_channels(tmp_path):
    values = np.zeros((2, 2, 1), dtype=RGB)
    values["R"][0, 0, 0], values["G"][0, 0, 0], values["B"][0, 0, 0] = 10, 20, 30
    (plane,) = _planes(_save(tmp_path / "a.nii", values))
    assert plane.dtype == np.uint8
    assert plane[1, 1].tolist() == [10, 20, 30]
    opaque = np.zeros((2, 2, 1), dtype=RGBA)
    opaque["A"] = 255
    opaque["B"][1, 1, 0] = 9
    (plane,) = _planes(_save(tmp_path / "b.nii", opaque))
    assert plane[0, 0].tolist() == [0, 0, 9]
    opaque["A"][0, 0, 0] = 254
    with pytest.raises(UnreadableImageError, match="parts of it are transparent"):
        _planes(_save(tmp_path / "c.nii", opaque))


def test_version_2_and_names_in_capitals(tmp_path):
    path = _save(tmp_path / "a.nii", NUMBERS, kind=nibabel.Nifti2Image)
    expected = _planes(_save(tmp_path / "b.nii", NUMBERS))
    capital = path.rename(tmp_path / "A.NII")
    for one, other in zip(_planes(capital), expected, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_gzipped_file_is_unpacked_once_and_anew_when_it_changes(tmp_path, monkeypatch):
    opened = []
    real = gzip.open
    monkeypatch.setattr(gzip, "open", lambda path, *rest: opened.append(path) or real(path, *rest))
    path = _save(tmp_path / "a.nii.gz", NUMBERS)
    opened.clear()
    for _ in range(3):
        assert _planes(path)[0][0, 0, 0] == NUMBERS[-1, -1, 0]
    assert len(opened) == 1
    _save(path, NUMBERS + 1)
    opened.clear()
    assert _planes(path)[0][0, 0, 0] == NUMBERS[-1, -1, 0] + 1
    assert len(opened) == 1


def _longer(path, n_more):
    """Write a gzipped volume with `n_more` bytes behind what its header declares."""
    data = nibabel.Nifti1Image(NUMBERS, np.eye(4)).to_bytes()
    path.write_bytes(gzip.compress(data + bytes(n_more)))
    return len(data)


def test_no_more_is_unpacked_than_the_header_declares(tmp_path):
    n_bytes = _longer(tmp_path / "a.nii.gz", 10)  # padding
    assert _planes(tmp_path / "a.nii.gz")[0][0, 0, 0] == NUMBERS[-1, -1, 0]
    _longer(tmp_path / "b.nii.gz", 50_000_000)
    with pytest.raises(UnreadableImageError) as caught:
        open_nifti(tmp_path / "b.nii.gz")
    assert str(caught.value) == (
        f"{tmp_path / 'b.nii.gz'}: it goes on long after the {n_bytes} bytes that its header "
        "declares, so one of the two is wrong. Export it anew."
    )


def test_padding_does_not_hide_damage(tmp_path):
    path = tmp_path / "a.nii.gz"
    _longer(path, 10)
    data = bytearray(path.read_bytes())
    data[-8] ^= 255  # the checksum
    path.write_bytes(data)
    with pytest.raises(UnreadableImageError, match=r"damaged or cut short \(CRC check failed"):
        open_nifti(path)


def test_several_volumes_are_an_error_that_says_so(tmp_path):
    path = _save(tmp_path / "a.nii", np.zeros((2, 3, 4, 5), np.int16))
    with pytest.raises(UnreadableImageError) as caught:
        open_nifti(path)
    assert str(caught.value) == (
        f"{path}: it must have three axes. Got 4 (shape (2, 3, 4, 5)), so it holds several "
        "volumes: points in time, directions or channels. Save each as a file of its own "
        "(fslsplit, or nibabel.four_to_three)."
    )
    with pytest.raises(UnreadableImageError, match="Got 5"):
        open_nifti(_save(tmp_path / "b.nii", np.zeros((2, 3, 4, 1, 3), np.int16)))
    one = _save(tmp_path / "c.nii", NUMBERS[..., np.newaxis, np.newaxis])
    assert open_nifti(one).n_planes == 6


def test_planes_are_told_in_words(tmp_path):
    assert open_nifti(_save(tmp_path / "a.nii", NUMBERS)).in_words() == "6 slices"


def test_what_cannot_be_read_is_an_error(tmp_path):
    path = _save(tmp_path / "a.nii", NUMBERS)
    data = path.read_bytes()
    path.write_bytes(data[:-10])
    with pytest.raises(UnreadableImageError, match=r"is damaged or cut short .* Copy it again"):
        open_nifti(path)
    path.write_bytes(gzip.compress(data)[:-10])
    with pytest.raises(UnreadableImageError, match="is damaged or cut short"):
        open_nifti(path)
    path.write_bytes(b"no header at all")
    with pytest.raises(UnreadableImageError, match=r"it is no NIfTI file .*b'no h'"):
        open_nifti(path)
    with pytest.raises(
        UnreadableImageError, match=r"must be integers, floats or RGB. Got complex64"
    ):
        open_nifti(_save(tmp_path / "b.nii", NUMBERS.astype(np.complex64)))
    with pytest.raises(UnreadableImageError, match="there is no such file"):
        open_nifti(tmp_path / "gone.nii")
    volume = open_nifti(_save(tmp_path / "c.nii", NUMBERS))
    with pytest.raises(UnreadableImageError, match=r"numbered from 0 to 5. Got 6"):
        volume.plane(6)


def test_half_of_a_pair_is_an_error(tmp_path):
    _save(tmp_path / "a.img", NUMBERS, kind=nibabel.Nifti1Pair)
    shutil.copy(tmp_path / "a.hdr", tmp_path / "a.nii")
    with pytest.raises(UnreadableImageError, match=r"half of a pair .* Save it as one .nii file"):
        open_nifti(tmp_path / "a.nii")


def test_axes_without_a_direction_are_an_error(tmp_path):
    path = _save(tmp_path / "a.nii", NUMBERS)
    with path.open("r+b") as file:  # the row of the affine that leads to the head
        file.seek(312)
        file.write(bytes(16))
    with pytest.raises(UnreadableImageError, match="does not say how its axes lie"):
        open_nifti(path)


def test_without_nibabel_the_error_says_what_to_install(tmp_path, monkeypatch):
    path = _save(tmp_path / "a.nii", NUMBERS)
    from bioselect.data import nifti

    nifti._nibabel.cache_clear()
    monkeypatch.setitem(sys.modules, "nibabel", None)
    with pytest.raises(UnavailableError, match=r"pip install 'bioselect\[medical\]'"):
        open_nifti(path)
    monkeypatch.undo()
    assert open_nifti(path).n_planes == 6
