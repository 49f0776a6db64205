import sys

import imagecodecs
import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom.encaps import encapsulate, encapsulate_extended

from bioselect.data.dicom import open_dicom
from bioselect.exceptions import UnavailableError, UnreadableImageError

UIDS = "1.2.840.10008.1.2.4."
JPEG, JPEG_12_BIT, JPEG_LOSSLESS, JPEG_LOSSLESS_1 = (f"{UIDS}{n}" for n in (50, 51, 57, 70))
JPEG_LS, JPEG_LS_LOSSY, JPEG_2000, JPEG_2000_LOSSY = (f"{UIDS}{n}" for n in (80, 81, 90, 91))
HT_JPEG_2000 = f"{UIDS}201"
SMOOTH = np.add.outer(np.arange(16) * 130, np.arange(24) * 90).astype(np.uint16)  # up to 4020


def _file(name):
    return pydicom.data.get_testdata_file(name, download=False)


def _plane(path, place=0):
    return open_dicom(path).plane(place)


@pytest.mark.parametrize(
    "kind", ["RLE", "bigendian", "implicit", "expb", "padded", "jp2klossless", "jpeg_ls_lossless"]
)
def test_one_slice_is_the_same_however_it_is_stored(kind):
    expected = pydicom.dcmread(_file("MR_small.dcm")).pixel_array
    found = _plane(_file(f"MR_small_{kind}.dcm"))
    assert found.dtype == np.int16
    np.testing.assert_array_equal(found[:, :, 0], expected)


def test_a_file_that_is_compressed_as_a_whole():
    expected = pydicom.dcmread(_file("image_dfl.dcm")).pixel_array
    np.testing.assert_array_equal(_plane(_file("image_dfl.dcm"))[:, :, 0], expected)


#: The colours of the bars in pydicom's files of this name, from the file that is not compressed.
BARS = {
    5: (255, 0, 0),
    15: (255, 128, 128),
    25: (0, 255, 0),
    35: (128, 255, 128),
    45: (0, 0, 255),
    55: (128, 128, 255),
    65: (0, 0, 0),
    75: (64, 64, 64),
    85: (192, 192, 192),
    95: (255, 255, 255),
}


@pytest.mark.parametrize(
    ("name", "tolerance"),
    [
        ("SC_rgb_rle.dcm", 0),
        ("SC_rgb_jpeg_gdcm.dcm", 0),  # JPEG lossless
        ("SC_rgb_gdcm_KY.dcm", 0),  # JPEG 2000 lossless
        ("SC_rgb_dcmtk_+eb+cr.dcm", 2),  # RGB inside a JPEG that does not say so
        ("SC_rgb_dcmtk_+eb+cy+np.dcm", 5),  # YBR, the others with fewer colours than pixels
        ("SC_rgb_dcmtk_+eb+cy+n1.dcm", 5),
        ("SC_rgb_dcmtk_+eb+cy+n2.dcm", 5),
        ("SC_rgb_dcmtk_+eb+cy+s2.dcm", 5),
        ("SC_rgb_dcmtk_+eb+cy+s4.dcm", 5),
        ("SC_rgb_jpeg_lossy_gdcm.dcm", 5),
        ("SC_ybr_full_422_uncompressed.dcm", 5),
        ("SC_rgb_jls_lossy_line.dcm", 5),
        ("SC_rgb_jls_lossy_sample.dcm", 5),
    ],
)
def test_colours_are_those_of_the_picture_however_they_are_stored(name, tolerance):
    found = _plane(_file(name))
    assert found.shape == (100, 100, 3)
    for row, colour in BARS.items():
        assert np.abs(found[row, 50].astype(int) - colour).max() <= tolerance, row


BRIGHT = np.dstack([np.full((16, 16), value, np.uint8) for value in (250, 120, 10)])


def test_the_header_decides_what_the_components_of_a_jpeg_are_that_does_not_say_it(write_dicom):
    coded = imagecodecs.jpeg8_encode(BRIGHT, level=100, colorspace="RGB", outcolorspace="RGB")
    place = coded.index(b"Adobe") - 4
    assert coded[place : place + 4] == b"\xff\xee\x00\x0e"  # a marker of 14 bytes
    silent = coded[:place] + coded[place + 16 :]
    # The components are called R, G, B in the headers of frame and scan; elsewhere 1, 2, 3.
    for number, letter in enumerate((b"R", b"G", b"B"), 1):
        for behind in (b"\x11\x00", b"\x00"):
            assert silent.count(letter + behind) == 1
            silent = silent.replace(letter + behind, bytes([number]) + behind)
    # Its maker meant RGB; the decoder by itself takes it for YCbCr and shows another colour.
    assert np.abs(imagecodecs.jpeg8_decode(silent).astype(int) - BRIGHT).max() > 50
    found = _plane(write_dicom(BRIGHT, syntax=JPEG, data=encapsulate([silent])))
    assert np.abs(found.astype(int) - BRIGHT).max() <= 1


@pytest.mark.parametrize(
    ("syntax", "encode"),
    [
        (JPEG_LS, imagecodecs.jpegls_encode),
        (JPEG_2000, lambda pixels: imagecodecs.jpeg2k_encode(pixels, level=0, mct=False)),
    ],
)
def test_luminance_and_chrominance_inside_other_codecs_become_rgb(write_dicom, syntax, encode):
    pale = np.asarray(Image.fromarray(BRIGHT).convert("YCbCr"))
    path = write_dicom(
        pale,
        syntax=syntax,
        data=encapsulate([encode(pale)]),
        PhotometricInterpretation="YBR_FULL",
    )
    assert np.abs(_plane(path).astype(int) - BRIGHT).max() <= 2


@pytest.mark.parametrize(
    ("syntax", "encode"),
    [
        (JPEG_LOSSLESS, lambda numbers: imagecodecs.ljpeg_encode(numbers, bitspersample=16)),
        (JPEG_LOSSLESS_1, lambda numbers: imagecodecs.ljpeg_encode(numbers, bitspersample=12)),
        (JPEG_LS, imagecodecs.jpegls_encode),
        (JPEG_LS_LOSSY, imagecodecs.jpegls_encode),
        (JPEG_2000, lambda numbers: imagecodecs.jpeg2k_encode(numbers, level=0)),
        (JPEG_2000_LOSSY, lambda numbers: imagecodecs.jpeg2k_encode(numbers, level=0)),
        (HT_JPEG_2000, imagecodecs.htj2k_encode),
    ],
)
def test_12_bit_numbers_survive_lossless_compression(write_dicom, syntax, encode):
    path = write_dicom(SMOOTH, bits_stored=12, syntax=syntax, data=encapsulate([encode(SMOOTH)]))
    found = _plane(path)
    assert found.dtype == np.uint16
    np.testing.assert_array_equal(found[:, :, 0], SMOOTH)


SIGNED = (SMOOTH.astype(np.int16) - 2000)[:, ::-1]


@pytest.mark.parametrize("n_bits", [12, 16])
def test_signs_that_jpeg_cannot_hold_come_back(write_dicom, n_bits):
    # The bits of two's complement; in 12 bits -1 is 0xFFF.
    bits = (SIGNED.view(np.uint16) & (2**n_bits - 1)).astype(np.uint16)
    coded = imagecodecs.ljpeg_encode(bits, bitspersample=n_bits)
    path = write_dicom(SIGNED, bits_stored=12, syntax=JPEG_LOSSLESS_1, data=encapsulate([coded]))
    found = _plane(path)
    assert found.dtype == np.int16
    np.testing.assert_array_equal(found[:, :, 0], SIGNED)


@pytest.mark.parametrize("syntax", [JPEG_2000, JPEG_2000_LOSSY])
def test_signs_within_jpeg_2000(write_dicom, syntax):
    coded = imagecodecs.jpeg2k_encode(SIGNED, level=0)
    path = write_dicom(SIGNED, bits_stored=12, syntax=syntax, data=encapsulate([coded]))
    np.testing.assert_array_equal(_plane(path)[:, :, 0], SIGNED)


@pytest.mark.parametrize("n_bits", [12, 16])
def test_lossy_numbers_without_a_sign_get_it_from_the_coded_bits(write_dicom, n_bits):
    bits = (SIGNED.view(np.uint16) & (2**n_bits - 1)).astype(np.uint16)
    coded = imagecodecs.jpeg2k_encode(bits, level=0, bitspersample=n_bits)
    path = write_dicom(SIGNED, bits_stored=12, syntax=JPEG_2000_LOSSY, data=encapsulate([coded]))
    np.testing.assert_array_equal(_plane(path)[:, :, 0], SIGNED)


def test_lossy_compression_that_overshoots_a_signed_end_stays_there(write_dicom):
    beyond = np.array([[-2050, 2050] * 8] * 8, np.int16)
    coded = imagecodecs.jpegls_encode(beyond.view(np.uint16))
    path = write_dicom(beyond, bits_stored=12, syntax=JPEG_LS_LOSSY, data=encapsulate([coded]))
    assert _plane(path)[0, :2, 0].tolist() == [-2048, 2047]


def test_a_header_with_a_sign_and_a_jpeg_2000_without():
    name = _file("J2K_pixelrep_mismatch.dcm")
    expected = pydicom.dcmread(name).pixel_array  # by Pillow
    assert expected.min() == -2000
    np.testing.assert_array_equal(_plane(name)[:, :, 0], expected)


def test_lossy_compression_that_overshoots_white_does_not_give_black(write_dicom):
    coded = imagecodecs.jpeg2k_encode(np.array([[4095, 4100] * 8] * 8, np.uint16), level=0)
    stored = np.zeros((8, 16), np.uint16)
    path = write_dicom(stored, bits_stored=12, syntax=JPEG_2000_LOSSY, data=encapsulate([coded]))
    assert set(np.unique(_plane(path))) == {4095}
    # Without loss the upper bits can only be a drawing: 4100 is 0x1004.
    path = write_dicom(stored, bits_stored=12, syntax=JPEG_2000, data=encapsulate([coded]))
    assert set(np.unique(_plane(path))) == {4, 4095}


def test_12_bit_jpeg_keeps_its_grey_levels():
    found = _plane(_file("JPGExtended.dcm"))[:, :, 0]
    assert found.dtype == np.uint16
    # As pylibjpeg decodes it, which may round differently
    expected = {(420, 140): 244, (421, 143): 264, (300, 128): 57, (512, 60): 17, (100, 100): 1}
    for (row, column), value in expected.items():
        assert abs(int(found[row, column]) - value) <= 1


def _three_frames():
    frames = [SMOOTH, SMOOTH[::-1], SMOOTH[:, ::-1]]
    return frames, [imagecodecs.jpegls_encode(np.ascontiguousarray(frame)) for frame in frames]


@pytest.mark.parametrize("table", ["basic", "none", "extended", "fragments"])
def test_compressed_frames_are_found_with_any_table_of_offsets(write_dicom, table):
    frames, coded = _three_frames()
    attributes = {}
    if table == "extended":
        data, offsets, lengths = encapsulate_extended(coded)
        attributes = {"ExtendedOffsetTable": offsets, "ExtendedOffsetTableLengths": lengths}
    else:
        n_fragments = 2 if table == "fragments" else 1
        data = encapsulate(coded, fragments_per_frame=n_fragments, has_bot=table != "none")
    path = write_dicom(
        np.stack(frames), bits_stored=12, frames=3, syntax=JPEG_LS, data=data, **attributes
    )
    for place, frame in enumerate(frames):
        np.testing.assert_array_equal(_plane(path, place)[:, :, 0], frame)


def test_a_frame_of_another_size_is_an_error(write_dicom):
    coded = imagecodecs.jpegls_encode(SMOOTH)
    path = write_dicom(SMOOTH[:, :20], syntax=JPEG_LS, data=encapsulate([coded]))
    with pytest.raises(UnreadableImageError, match=r"must be 16 x 20 x 1 as .* Got 16 x 24 x 1"):
        _plane(path)


def test_a_damaged_frame_is_an_error(write_dicom):
    coded = imagecodecs.jpegls_encode(SMOOTH)[:40]
    path = write_dicom(SMOOTH, syntax=JPEG_LS, data=encapsulate([coded]))
    with pytest.raises(UnreadableImageError, match=r"is damaged or cut short .* Copy it again"):
        _plane(path)


def test_a_compression_that_is_not_read_is_named_with_the_remedy(write_dicom):
    path = write_dicom(SMOOTH, syntax=f"{UIDS}102", data=encapsulate([b"video!"]))
    with pytest.raises(UnreadableImageError) as caught:
        _plane(path)
    assert str(caught.value) == (
        f"{path}: its pixels are compressed as MPEG-4 AVC/H.264 High Profile / Level 4.1 "
        f"({UIDS}102), which is not read. Save it uncompressed (gdcmconv --raw IN OUT), or its "
        "pictures as PNG."
    )


def test_without_imagecodecs_the_error_says_what_to_install(write_dicom, monkeypatch):
    coded = imagecodecs.jpegls_encode(SMOOTH)
    path = write_dicom(SMOOTH, syntax=JPEG_LS, data=encapsulate([coded]))
    monkeypatch.setitem(sys.modules, "imagecodecs", None)
    with pytest.raises(UnavailableError, match=r"Install it: pip install imagecodecs"):
        _plane(path)
