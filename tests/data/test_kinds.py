import gzip
import struct
from pathlib import Path

import pytest

from bioselect.data.kinds import kind_of
from bioselect.exceptions import UnreadableImageError

DICOM_MARK = bytes(128) + b"DICM"


def nifti1(order, magic=b"n+1\0"):
    return struct.pack(order + "i", 348) + bytes(340) + magic + bytes(100)


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        (b"\x89PNG\r\n\x1a\nrest", "PNG"),
        (b"\xff\xd8\xff\xe0rest", "JPEG"),
        (b"BMrest", "BMP"),
        (b"GIF87arest", "GIF"),
        (b"GIF89arest", "GIF"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "WebP"),
        (b"II*\0rest", "TIFF"),
        (b"MM\0*rest", "TIFF"),
        (b"II+\0rest", "TIFF"),
        (b"MM\0+rest", "TIFF"),
        (b"\x93NUMPYrest", "NPY"),
        (DICOM_MARK, "DICOM"),
        # What comes before the mark of DICOM may be anything, or make it a TIFF as well.
        (b"BM" + DICOM_MARK[2:], "DICOM"),
        (b"II*\0" + DICOM_MARK[4:], "TIFF"),
        (nifti1("<"), "NIfTI"),
        (nifti1(">"), "NIfTI"),
        (struct.pack("<i", 540) + b"n+2\0\r\n\x1a\n", "NIfTI"),
        (gzip.compress(nifti1("<") + bytes(10**5), mtime=0)[:4096], "NIfTI"),
    ],
)
def test_kinds_that_are_read(start, kind):
    assert kind_of(Path("a"), start) == kind


@pytest.mark.parametrize(
    ("start", "message"),
    [
        (b"", "it is empty"),
        (b"RIFF\x10\0\0\0AVI ", "no WebP"),
        (b"%PDF-1.7", "it is a PDF"),
        (b"\x89HDF\r\n", "an HDF5 file"),
        (b"PK\x03\x04rest", r"a zip archive.*dataset\.path"),
        (b"\0\0\0\x0cjP  ", "a JPEG 2000"),
        (b"\0\0\0\x18ftypheic", "a HEIC"),
        (b"ZISRAWFILE", "a Zeiss CZI.*Bio-Formats"),
        (b"\xda\xce\xbe\n", "a Nikon ND2.*OME-TIFF"),
        (b"p\0\0\0", "a Leica LIF"),
        (gzip.compress(b"hello", mtime=0), "compressed .gzip. and holds no NIfTI"),
        (b"\x1f\x8bdamaged", "compressed .gzip."),
        (nifti1("<", b"ni1\0"), "pair .*Save it as .nii"),
        (nifti1("<", b"\0\0\0\0"), "an Analyze or NIfTI pair"),
        (b"\x08\0\x05\0CS\x0a\0ISO_IR 100" + bytes(99), "looks like DICOM without .*dcmconv"),
        (b"\x08\0\x08\0\x16\0\0\0ORIGINAL\\PRIMARY" + bytes(99), "looks like DICOM without"),
        (b"\x02\0\0\0UL\x04\0" + bytes(99), "looks like DICOM without"),
        (b"\x08\0\x05\0\x03\0\0\0abc" + bytes(99), "it begins with"),
        (b"\x08\0\x05\x01CS\x0a\0" + bytes(99), "it begins with"),
        (b"<html>", "it is text"),
        (b"hello", "PNG, JPEG, BMP, GIF, WebP, TIFF, NPY, DICOM or NIfTI .it begins with b'hell'"),
        (b"a", "it begins with b'a'"),
    ],
)
def test_other_files_are_errors_that_say_what_they_are(start, message):
    with pytest.raises(UnreadableImageError, match=message) as caught:
        kind_of(Path("x/a.png"), start)
    assert str(caught.value).startswith("x/a.png: ")


def test_the_pixels_of_a_pair_are_told_by_their_header(tmp_path):
    for name in ("a.hdr", "a.img", "b.img"):
        (tmp_path / name).write_bytes(bytes(500))
    with pytest.raises(UnreadableImageError, match=r"pixels of an Analyze .* pair with a\.hdr"):
        kind_of(tmp_path / "a.img", bytes(500))
    with pytest.raises(UnreadableImageError, match="it begins with"):
        kind_of(tmp_path / "b.img", bytes(500))
