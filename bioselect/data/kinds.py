"""What a file is, told by its first bytes and not by its name."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

from bioselect.data.unreadable import unreadable

PNG, JPEG, BMP, GIF, WEBP = "PNG", "JPEG", "BMP", "GIF", "WebP"
TIFF, NPY, DICOM, NIFTI = "TIFF", "NPY", "DICOM", "NIfTI"
READABLE = f"{PNG}, {JPEG}, {BMP}, {GIF}, {WEBP}, {TIFF}, {NPY}, {DICOM} or {NIFTI}"

_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
    (b"BM", BMP),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
    (b"II*\0", TIFF),
    (b"MM\0*", TIFF),
    (b"II+\0", TIFF),  # BigTIFF
    (b"MM\0+", TIFF),
    (b"\x93NUMPY", NPY),
)
_SAVE = "Save it as PNG or TIFF, or leave it out"
_EXPORT = "Export it as OME-TIFF (in Fiji: File > Import > Bio-Formats, then Save As)"
_OTHER_KINDS = (
    (b"RIFF", "a RIFF file that is no WebP (a video or sound)", _SAVE),
    (b"%PDF", "a PDF", _SAVE),
    (b"\x89HDF", "an HDF5 file", _SAVE),
    (b"\0\0\0\x0cjP", "a JPEG 2000", _SAVE),
    (b"\0\0\0\x0cJXL", "a JPEG XL", _SAVE),
    (b"8BPS", "a Photoshop file", _SAVE),
    (b"ZISRAWFILE", "a Zeiss CZI", _EXPORT),
    (b"\xda\xce\xbe\n", "a Nikon ND2", _EXPORT),
    (b"p\0\0\0", "a Leica LIF", _EXPORT),
    (b"\xd0\xcf\x11\xe0", "an OLE file (Office, or a microscope's OIB or ZVI)", _EXPORT),
    (b"<", "text (of a web page, perhaps: a download that failed)", _SAVE),
)
_ZIP, _GZIP, _RIFF = b"PK\x03\x04", b"\x1f\x8b", b"RIFF"
#: Enough for the header of NIfTI, even compressed.
N_FIRST_BYTES = 4096
_DICOM_PLACE, _DICOM_MARK = 128, b"DICM"
#: Types of what stands first in DICOM; without one, the length of a number, a word or a UID.
_BARE_TYPES, _BARE_LENGTH = (b"UL", b"CS", b"UI", b"SH", b"OB", b"LO"), 64
#: The length that a header of NIfTI-1 or Analyze begins with, and where NIfTI-1 has its name.
_NIFTI1_LENGTH, _NIFTI1_PLACE = 348, 344
_NIFTI2_LENGTH, _NIFTI2_PLACE = 540, 4


def first_bytes(path: Path) -> bytes:
    """Return the beginning of a file, `N_FIRST_BYTES` at most."""
    with path.open("rb") as file:
        return file.read(N_FIRST_BYTES)


def is_tiff(start: bytes) -> bool:
    r"""Tell whether a file that begins with these bytes is a TIFF or BigTIFF.

    Examples
    --------
    >>> is_tiff(b"II*\0 and more"), is_tiff(b"PK")
    (True, False)
    """
    return any(start.startswith(signature) for signature, kind in _SIGNATURES if kind == TIFF)


def is_dicom(start: bytes) -> bool:
    """Tell whether a file that begins with these bytes is a DICOM file.

    Examples
    --------
    >>> is_dicom(bytes(128) + b"DICM"), is_dicom(b"DICM")
    (True, False)
    """
    return start[_DICOM_PLACE : _DICOM_PLACE + len(_DICOM_MARK)] == _DICOM_MARK


def may_be_bare_dicom(start: bytes) -> bool:
    """Tell whether these bytes are a first element of DICOM: a group of 2 or 8, then what it is.

    Files begin so that were written without the 132 bytes which say that they are DICOM.
    """
    group, element = start[:2], start[2:4]
    if group not in (b"\x02\0", b"\x08\0") or element[1:] != b"\0" or len(start) < _BARE_LENGTH:
        return False
    length = int.from_bytes(start[4:8], "little")  # where the two letters of a type may be, too
    return start[4:6] in _BARE_TYPES or (length % 2 == 0 and 0 < length <= _BARE_LENGTH)


def kind_of(path: Path, start: bytes) -> str:
    """Return the kind of an image file.

    Parameters
    ----------
    path : Path
        Names the file in errors.
    start : bytes
        From :func:`first_bytes`.

    Raises
    ------
    UnreadableImageError
        If the file is empty or none of `READABLE`; the message says what it is, if that is known.

    Examples
    --------
    >>> kind_of(Path("a.png"), b"GIF89a and more")
    'GIF'
    """
    if not start:
        raise unreadable(path, "it is empty (0 bytes). Copy it again from its source")
    kind = next((kind for signature, kind in _SIGNATURES if start.startswith(signature)), "")
    if is_dicom(start) and kind != TIFF:
        # Its first 128 bytes may be anything; where they make it a TIFF as well, that is meant.
        return DICOM
    if kind:
        return kind
    if start.startswith(_RIFF) and start[8:12] == b"WEBP":
        return WEBP
    unpacked = _unpacked(start) if start.startswith(_GZIP) else start
    if _is_nifti(unpacked):
        return NIFTI
    raise _unknown(path, start, unpacked)


def _unpacked(start: bytes) -> bytes:
    try:
        return zlib.decompressobj(wbits=31).decompress(start, N_FIRST_BYTES)
    except zlib.error:
        return b""


def _header_length(start: bytes) -> int:
    """Return the first number of a header of NIfTI or Analyze, in whichever byte order."""
    lengths = [struct.unpack(order, start[:4])[0] for order in ("<i", ">i")] if start[3:] else []
    return next((n for n in lengths if n in (_NIFTI1_LENGTH, _NIFTI2_LENGTH)), 0)


def _is_nifti(start: bytes) -> bool:
    length = _header_length(start)
    if length == _NIFTI1_LENGTH:
        return start[_NIFTI1_PLACE : _NIFTI1_PLACE + 4] == b"n+1\0"
    return length == _NIFTI2_LENGTH and start[_NIFTI2_PLACE : _NIFTI2_PLACE + 4] == b"n+2\0"


def _unknown(path: Path, start: bytes, unpacked: bytes) -> Exception:
    if start.startswith(_ZIP):
        return unreadable(
            path,
            "it is a zip archive. An .npz of images is a data set of its own: write it as "
            "dataset.path. Unpack any other",
        )
    if may_be_bare_dicom(start):
        return unreadable(
            path,
            "it looks like DICOM without its first 132 bytes (what says that it is DICOM). Write "
            "it as a DICOM file (dcmconv IN OUT, of DCMTK), or export it anew",
        )
    if path.suffix.lower() == ".img" and path.with_suffix(".hdr").exists():
        return unreadable(
            path,
            f"it is the pixels of an Analyze or NIfTI pair with {path.stem}.hdr. Save both as one "
            ".nii (in Python: nibabel.load, then nibabel.save)",
        )
    if _header_length(unpacked):
        return unreadable(
            path,
            "it is the header of an Analyze or NIfTI pair (.hdr and .img). Save it as .nii (in "
            "Python: nibabel.load, then nibabel.save)",
        )
    if start.startswith(_GZIP):
        return unreadable(path, f"it is compressed (gzip) and holds no NIfTI image. {_SAVE}")
    if start[4:8] == b"ftyp":
        return unreadable(path, f"it is a HEIC, AVIF or video file, not a {READABLE}. {_SAVE}")
    for signature, name, remedy in _OTHER_KINDS:
        if start.startswith(signature):
            return unreadable(path, f"it is {name}, not a {READABLE}. {remedy}")
    return unreadable(path, f"it is not a {READABLE} (it begins with {start[:4]!r}). {_SAVE}")
