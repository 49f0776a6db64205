import sys
import warnings

import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRBigEndian, ImplicitVRLittleEndian

from bioselect.data.dicom import open_dicom, open_series
from bioselect.data.dicom_identity import read_identity
from bioselect.exceptions import UnavailableError, UnreadableImageError

TWELVE_BITS = np.array([[0, 1, 100], [2048, 4000, 4095]], dtype=np.uint16)


def _plane(path, place=0):
    """Return a plane of a file, which must be what every plane must be."""
    plane = open_dicom(path).plane(place)
    assert plane.ndim == 3
    assert plane.flags.c_contiguous
    assert plane.dtype.isnative
    return plane


def _grey(path, place=0):
    plane = _plane(path, place)
    assert plane.shape[2] == 1
    return plane[:, :, 0]


@pytest.mark.parametrize("syntax", [None, ExplicitVRBigEndian, ImplicitVRLittleEndian])
@pytest.mark.parametrize("dtype", ["uint8", "int8", "uint16", "int16", "uint32", "int32"])
def test_stored_numbers_are_the_values_in_every_type_and_byte_order(write_dicom, dtype, syntax):
    facts = np.iinfo(dtype)
    pixels = np.array([[facts.min, 0, 1], [2, facts.max - 1, facts.max]], dtype=dtype)
    options = {} if syntax is None else {"syntax": syntax}
    found = _grey(write_dicom(pixels, **options))
    assert found.dtype == np.dtype(dtype)
    np.testing.assert_array_equal(found, pixels)


def test_bits_above_those_stored_do_not_count(write_dicom):
    # Old scanners kept drawings (overlays) in the upper four bits.
    with_overlay = TWELVE_BITS | np.uint16(0x5000)
    np.testing.assert_array_equal(_grey(write_dicom(with_overlay, bits_stored=12)), TWELVE_BITS)
    # -5 in 12 bits is 0xFFB; the sign is the twelfth bit, not the sixteenth.
    signed = np.array([[0x0FFB, 5]], dtype=np.uint16).view(np.int16)
    assert _grey(write_dicom(signed, bits_stored=12)).tolist() == [[-5, 5]]


def test_white_stored_as_the_lowest_number_becomes_white(write_dicom):
    path = write_dicom(TWELVE_BITS, bits_stored=12, PhotometricInterpretation="MONOCHROME1")
    assert _grey(path).tolist() == [[4095, 4094, 3995], [2047, 95, 0]]
    assert _grey(path).dtype == np.uint16
    signed = np.array([[-128, -1, 0, 127]], dtype=np.int8)
    path = write_dicom(signed, PhotometricInterpretation="MONOCHROME1")
    assert _grey(path).tolist() == [[127, 0, -1, -128]]


@pytest.mark.parametrize(
    ("bits", "slope", "intercept", "dtype"),
    [
        (12, 1, -1024, "int16"),  # -1024 to 3071
        (12, 8, 0, "int16"),  # 0 to 32760
        (12, 9, 0, "float32"),  # 0 to 36855 does not fit
        (12, 0.5, 0, "float32"),
        (12, 1, 0.25, "float32"),
        (16, 1, -1024, "float32"),  # up to 64511, whatever this image holds
        (12, 1, 0, "uint16"),
    ],
)
def test_slope_and_intercept_give_the_values(write_dicom, bits, slope, intercept, dtype):
    path = write_dicom(
        TWELVE_BITS, bits_stored=bits, RescaleSlope=slope, RescaleIntercept=intercept
    )
    found = _grey(path)
    assert found.dtype == np.dtype(dtype)
    # pydicom's own function, which always gives float64
    dataset = pydicom.dcmread(path)
    expected = pydicom.pixels.apply_rescale(dataset.pixel_array, dataset)
    np.testing.assert_array_equal(found, expected)


def test_mirrored_numbers_keep_the_range_of_the_values(write_dicom):
    path = write_dicom(
        TWELVE_BITS,
        bits_stored=12,
        PhotometricInterpretation="MONOCHROME1",
        RescaleSlope=1,
        RescaleIntercept=-1024,
    )
    # Stored 0 is white: the highest value that 12 bits can mean here, 4095 - 1024.
    assert _grey(path).tolist() == [[3071, 3070, 2971], [1023, -929, -1024]]


def test_a_table_of_the_modality_gives_the_values(write_dicom):
    lut = Dataset()
    lut.LUTDescriptor = [4, 10, 16]
    lut.LUTData = [100, 300, 500, 65535]
    lut["LUTDescriptor"].VR, lut["LUTData"].VR = "US", "US"
    pixels = np.array([[0, 10, 11], [12, 13, 200]], dtype=np.uint8)
    path = write_dicom(pixels, ModalityLUTSequence=Sequence([lut]))
    # Below its first number 10 the first entry counts, behind its last the last.
    assert _grey(path).tolist() == [[100, 100, 300], [500, 65535, 65535]]
    path = write_dicom(
        pixels, ModalityLUTSequence=Sequence([lut]), PhotometricInterpretation="MONOCHROME1"
    )
    assert _grey(path).tolist() == [[65435, 65435, 65235], [65035, 0, 0]]


COLOURS = np.random.default_rng(0).integers(0, 256, (4, 6, 3), dtype=np.uint8)


def test_colours_in_both_orders(write_dicom):
    np.testing.assert_array_equal(_plane(write_dicom(COLOURS)), COLOURS)
    planes = np.moveaxis(COLOURS, 2, 0).tobytes()
    path = write_dicom(COLOURS, data=planes, PlanarConfiguration=1)
    np.testing.assert_array_equal(_plane(path), COLOURS)


def test_luminance_and_chrominance_become_rgb(write_dicom):
    pale = np.asarray(Image.fromarray(COLOURS).convert("YCbCr"))
    path = write_dicom(pale, PhotometricInterpretation="YBR_FULL")
    expected = np.asarray(Image.fromarray(pale, mode="YCbCr").convert("RGB")).astype(int)
    assert np.abs(_plane(path).astype(int) - expected).max() <= 1


def _palette(first, colours, n_bits):
    """Return the attributes of a palette of (n, 3) colours."""
    attributes = {"PhotometricInterpretation": "PALETTE COLOR"}
    for channel, name in enumerate(("Red", "Green", "Blue")):
        attributes[f"{name}PaletteColorLookupTableDescriptor"] = [len(colours), first, n_bits]
        attributes[f"{name}PaletteColorLookupTableData"] = colours[:, channel].tobytes()
    return attributes


@pytest.mark.parametrize("factor", [257, 256])
def test_a_palette_of_8_bit_colours_gives_8_bit_colours(write_dicom, factor):
    colours = (np.array([[1, 2, 3], [40, 50, 60], [255, 128, 0]]) * factor).astype(np.uint16)
    pixels = np.array([[0, 5, 6], [7, 8, 255]], dtype=np.uint8)
    found = _plane(write_dicom(pixels, **_palette(5, colours, 16)))
    assert found.dtype == np.uint8
    # The first colour is that of number 5; what lies beyond the ends takes the end's colour.
    assert found[0].tolist() == [[1, 2, 3], [1, 2, 3], [40, 50, 60]]
    assert found[1].tolist() == [[255, 128, 0]] * 3


def test_a_palette_of_8_bit_entries(write_dicom):
    colours = np.array([[1, 2, 3], [40, 50, 60]], dtype=np.uint8)
    found = _plane(write_dicom(np.array([[0, 1]], dtype=np.uint8), **_palette(0, colours, 8)))
    assert found.tolist() == [[[1, 2, 3], [40, 50, 60]]]


def test_a_palette_of_16_bit_colours_keeps_them(write_dicom):
    colours = np.array([[1, 2, 3], [40, 50, 60000]], dtype=np.uint16)
    found = _plane(write_dicom(np.array([[1, 0]], dtype=np.uint16), **_palette(0, colours, 16)))
    assert found.dtype == np.uint16
    assert found.tolist() == [[[40, 50, 60000], [1, 2, 3]]]


def test_the_palette_of_a_real_file_is_that_of_pydicom():
    path = pydicom.data.get_testdata_file("examples_palette.dcm")
    dataset = pydicom.dcmread(path)
    expected = pydicom.pixels.apply_color_lut(dataset.pixel_array, dataset)
    # Its 8-bit colours are stored in the upper halves of 16 bits.
    assert not (expected % 256).any()
    np.testing.assert_array_equal(_plane(path), expected // 256)


def test_frames_are_planes(write_dicom):
    frames = np.arange(3 * 2 * 5, dtype=np.uint16).reshape(3, 2, 5)
    path = write_dicom(frames, frames=3)
    volume = open_dicom(path)
    assert (volume.n_planes, volume.in_words()) == (3, "3 frames")
    for place in range(3):
        np.testing.assert_array_equal(_grey(path, place), frames[place])
    with pytest.raises(UnreadableImageError, match=r"numbered from 0 to 2. Got 3. List the images"):
        volume.plane(3)


def test_a_plane_is_read_without_the_others(write_dicom):
    frames = np.arange(3 * 20 * 50, dtype=np.uint16).reshape(3, 20, 50)
    path = write_dicom(frames, frames=3)
    path.write_bytes(path.read_bytes()[:-500])
    np.testing.assert_array_equal(_grey(path, 1), frames[1])
    with pytest.raises(UnreadableImageError, match=r"is damaged or cut short .* Copy it again"):
        _grey(path, 2)


def _group(slope, intercept):
    inside = Dataset()
    inside.RescaleSlope, inside.RescaleIntercept, inside.RescaleType = slope, intercept, "US"
    group = Dataset()
    group.PixelValueTransformationSequence = Sequence([inside])
    return group


def test_frames_may_have_slopes_of_their_own_or_share_one(write_dicom):
    frames = np.full((2, 1, 2), 10, dtype=np.uint8)
    own = Sequence([_group(1, 0), _group(0.5, 1)])
    path = write_dicom(frames, frames=2, PerFrameFunctionalGroupsSequence=own)
    assert [_grey(path, place).tolist() for place in (0, 1)] == [[[10, 10]], [[6, 6]]]
    assert {_grey(path, place).dtype for place in (0, 1)} == {np.dtype("float32")}
    shared = Sequence([_group(2, -5)])
    path = write_dicom(frames, frames=2, SharedFunctionalGroupsSequence=shared)
    assert [_grey(path, place).tolist() for place in (0, 1)] == [[[15, 15]]] * 2
    assert _grey(path).dtype == np.int16
    path = write_dicom(frames, frames=2, PerFrameFunctionalGroupsSequence=Sequence(own[:1]))
    with pytest.raises(UnreadableImageError, match="2 frames must each have a rescale slope"):
        open_dicom(path)


def test_black_and_white_become_0_and_255():
    path = pydicom.data.get_testdata_file("liver_1frame.dcm")
    expected = pydicom.dcmread(path).pixel_array
    assert set(np.unique(expected)) == {0, 1}
    np.testing.assert_array_equal(_grey(path), expected * 255)


def test_float_pixels_stay_floats(write_dicom):
    values = np.array([[0.5, -2.25]], dtype=np.float32)
    path = write_dicom(values, PixelData=None, FloatPixelData=values.tobytes())
    assert _grey(path).tolist() == values.tolist()
    assert _grey(path).dtype == np.float32


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        ({"PixelData": None}, r"holds no image \(it is: Secondary Capture Image Storage\)"),
        ({"PhotometricInterpretation": "CMYK"}, "its colours are CMYK; MONOCHROME1, .* are read"),
        ({"PhotometricInterpretation": None}, "its colours are not named"),
        ({"PhotometricInterpretation": "RGB"}, "RGB goes with 3 samples per pixel. Got 1"),
        ({"HighBit": 15, "BitsStored": 12}, "12 of 16 bits with 15 as the highest"),
        ({"RescaleSlope": 0}, "rescale slope must be a number other than 0.* Got 0.0"),
        ({"Rows": 0}, "it has no pixels"),
        ({"Rows": 60000, "Columns": 60000}, "at most 1,000,000,000 pixels"),
        ({"Rows": 3}, "is damaged or cut short"),
        (
            {"PixelData": None, "PhotometricInterpretation": "MONOCHROME1", "FloatPixelData": b""},
            "white is low in float pixels",
        ),
    ],
)
def test_what_cannot_be_read_for_sure_is_an_error(write_dicom, attributes, message):
    path = write_dicom(TWELVE_BITS, **attributes)
    with pytest.raises(UnreadableImageError, match=message) as caught:
        open_dicom(path).plane(0)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


def test_what_is_no_image_file_is_an_error(tmp_path):
    path = tmp_path / "a.dcm"
    path.write_bytes(b"no DICOM" * 50)
    with pytest.raises(UnreadableImageError, match=r"it is no DICOM file .* it must say DICM"):
        open_dicom(path)
    with pytest.raises(UnreadableImageError, match="there is no such file"):
        open_dicom(tmp_path / "gone.dcm")
    report = pydicom.data.get_testdata_file("test-SR.dcm")
    with pytest.raises(UnreadableImageError, match=r"it is: Comprehensive SR Storage\). Leave"):
        open_dicom(report)


def test_small_breaches_of_the_standard_are_passed_over_in_silence(write_dicom):
    path = write_dicom(TWELVE_BITS)
    path.write_bytes(path.read_bytes().replace(b"1.2.3\0", b"1.x.3\0"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_array_equal(_grey(path), TWELVE_BITS)
        assert read_identity(path).series == "1.x.3"


def test_a_changed_file_is_read_anew(write_dicom):
    path = write_dicom(TWELVE_BITS)
    _grey(path)
    write_dicom(TWELVE_BITS[:1, :2])
    assert _grey(path).tolist() == [[0, 1]]


def test_without_pydicom_the_error_says_what_to_install(write_dicom, monkeypatch):
    path = write_dicom(TWELVE_BITS, "other.dcm")
    from bioselect.data import dicom_elements

    dicom_elements.pydicom.cache_clear()
    monkeypatch.setitem(sys.modules, "pydicom", None)
    with pytest.raises(UnavailableError, match=r"pip install 'bioselect\[medical\]'"):
        open_dicom(path)
    monkeypatch.undo()
    assert _grey(path).shape == (2, 3)


# Series


def _slice(write_dicom, name, value, position, number=None, **attributes):
    place = {} if position is None else {"ImagePositionPatient": list(position)}
    if number is not None:
        place["InstanceNumber"] = number
    axial = {} if position is None else {"ImageOrientationPatient": [1, 0, 0, 0, 1, 0]}
    pixels = np.full((2, 3), value, dtype=np.uint16)
    return write_dicom(pixels, f"series/{name}", **{**axial, **place, **attributes})


def _values(volume):
    return [volume.plane(place)[0, 0, 0].item() for place in range(volume.n_planes)]


def test_slices_are_sorted_by_their_place_and_not_by_name_or_number(write_dicom):
    paths = [
        _slice(write_dicom, "1.dcm", 30, (0, 0, 7.5), number=1),
        _slice(write_dicom, "2.dcm", 10, (0, 0, -12.5), number=3),
        _slice(write_dicom, "3.dcm", 20, (0, 0, -2.5), number=2),
    ]
    volume = open_series(paths)
    assert _values(volume) == [10, 20, 30]
    assert volume.plane(1).shape == (2, 3, 1)
    assert volume.in_words() == "3 slices"
    with pytest.raises(UnreadableImageError, match="numbered from 0 to 2"):
        volume.plane(3)


def test_slices_across_another_direction_are_sorted_along_it(write_dicom):
    # Sagittal: rows of an image run to the back (0, 1, 0), columns to the feet (0, 0, -1); their
    # normal is (-1, 0, 0), so that x = 5 comes before x = -5.
    turned = {"ImageOrientationPatient": [0, 1, 0, 0, 0, -1]}
    paths = [_slice(write_dicom, f"{x}.dcm", 100 + x, (x, 7, 9), **turned) for x in (-5, 5, 0)]
    assert _values(open_series(paths)) == [105, 100, 95]


def test_slices_at_one_place_are_sorted_by_number(write_dicom):
    paths = [
        _slice(write_dicom, f"{number}.dcm", number, (0, 0, z), number)
        for z, number in ((5.0, 2), (0.0, 3), (0.00001, 1), (5.0, 4))
    ]
    assert _values(open_series(paths)) == [1, 3, 2, 4]


def test_without_positions_the_number_decides(write_dicom):
    paths = [_slice(write_dicom, f"{n}.dcm", n, None, 10 - n) for n in range(3)]
    assert _values(open_series(paths)) == [2, 1, 0]


def test_what_cannot_be_sorted_is_an_error(write_dicom, tmp_path):
    paths = [_slice(write_dicom, f"{n}.dcm", n, None, 1) for n in range(3)]
    with pytest.raises(UnreadableImageError, match="the 3 slices of the series cannot be sorted"):
        open_series(paths)


def test_slices_of_one_series_share_a_type_whatever_their_slopes(write_dicom):
    paths = [
        _slice(write_dicom, "1.dcm", 10, (0, 0, 0), RescaleSlope=1, RescaleIntercept=0),
        _slice(write_dicom, "2.dcm", 10, (0, 0, 1), RescaleSlope=0.5, RescaleIntercept=0),
    ]
    volume = open_series(paths)
    assert _values(volume) == [10.0, 5.0]
    assert {volume.plane(place).dtype for place in (0, 1)} == {np.dtype("float32")}


def test_files_that_are_no_slices_of_one_volume_are_an_error(write_dicom):
    first = _slice(write_dicom, "1.dcm", 1, (0, 0, 0))
    overview = write_dicom(np.zeros((4, 3), np.uint16), "series/2.dcm")
    with pytest.raises(UnreadableImageError) as caught:
        open_series([first, overview])
    assert str(caught.value) == (
        f"{first.parent}: the slices of a series must be alike. Got 2 x 3 x 1 in 1.dcm and "
        "4 x 3 x 1 in 2.dcm. Move those that do not belong to the others (an overview, say) "
        "elsewhere."
    )
    other = write_dicom(np.zeros((2, 3), np.uint8), "series/3.dcm")
    with pytest.raises(UnreadableImageError, match=r"MONOCHROME2 of 8 unsigned bits in 3.dcm"):
        open_series([first, other])
    several = write_dicom(np.zeros((5, 2, 3), np.uint16), "series/4.dcm", frames=5)
    with pytest.raises(UnreadableImageError, match=r"one slice in each of its 2 files. Got 5 in 4"):
        open_series([first, several])


def test_one_image_twice_is_an_error(write_dicom):
    first = _slice(write_dicom, "1.dcm", 1, (0, 0, 0))
    copy = first.with_name("copy of 1.dcm")
    copy.write_bytes(first.read_bytes())
    with pytest.raises(UnreadableImageError, match=r"in 1.dcm and copy of 1.dcm. Remove one"):
        open_series([first, copy])


def test_a_series_of_one_file_has_its_frames(write_dicom):
    frames = np.arange(12, dtype=np.uint8).reshape(3, 2, 2)
    assert _values(open_series([write_dicom(frames, frames=3)])) == [0, 4, 8]


def test_an_index_of_files_is_no_image():
    index = pydicom.data.get_testdata_file("dicomdirtests/DICOMDIR")
    with pytest.raises(UnreadableImageError, match="it is a DICOMDIR, an index of other files"):
        open_dicom(index)


def test_no_file_is_a_fault_of_the_caller():
    with pytest.raises(ValueError, match="at least one file"):
        open_series([])
