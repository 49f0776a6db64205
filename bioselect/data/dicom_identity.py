"""Which series, study and patient a DICOM file is of, as its header tells."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bioselect.data.dicom_elements import without_pixels
from bioselect.data.dicom_header import DICOMDIR
from bioselect.data.kinds import first_bytes, is_dicom, may_be_bare_dicom
from bioselect.data.unpacking import OnceEach, version_of
from bioselect.data.unreadable import explained
from bioselect.exceptions import UnreadableImageError

_SUFFIXES = (".dcm", ".dicom", ".ima")
_TAGS = ["SeriesInstanceUID", "StudyInstanceUID", "PatientID"]
_N_KEPT = 65536
_identities = OnceEach(_N_KEPT)


@dataclass(frozen=True)
class Identity:
    """SeriesInstanceUID, StudyInstanceUID and PatientID; empty where the header does not say."""

    series: str = ""
    study: str = ""
    patient: str = ""


def is_named_dicom(path: Path) -> bool:
    """Tell whether a file's ending is one that DICOM files have.

    Examples
    --------
    >>> is_named_dicom(Path("a.DCM")), is_named_dicom(Path("IM00001"))
    (True, False)
    """
    return path.suffix.lower() in _SUFFIXES


def may_be_dicom(path: Path) -> bool:
    """Tell whether a file has the name of a DICOM file: .dcm, or no ending, or a number as such.

    Scanners name files after UIDs (``1.2.840.10008``) or count them (``IM00001``).

    Examples
    --------
    >>> [may_be_dicom(Path(name)) for name in ("a.DCM", "IM00001", "1.2.840", "a.png")]
    [True, True, True, False]
    """
    return is_named_dicom(path) or path.suffix[1:].isdigit() or not path.suffix


def is_dicom_file(path: Path) -> bool:
    """Tell whether a file has the name and the content of a DICOM file; not if it is unreadable.

    One that only lacks its first bytes counts: reading it says what to do.
    """
    start = _start_of(path)
    return is_dicom(start) or may_be_bare_dicom(start)


def read_identity(path: Path) -> Identity:
    """Read what a DICOM file is of; an index of files (DICOMDIR) is of nothing.

    Raises
    ------
    UnreadableImageError
        If the file is damaged.
    UnavailableError
        If pydicom is not installed.
    """
    with explained(path):
        identity: Identity = _identities.get(version_of(path), lambda: _read(path))
    return identity


def identity_of(path: Path) -> Identity | None:
    """Return what a file is of; None if it is no DICOM file, or damaged: reading it tells."""
    if not is_dicom(_start_of(path)):
        return None
    try:
        return read_identity(path)
    except UnreadableImageError:
        return None


def _start_of(path: Path) -> bytes:
    """Return the first bytes of a file that has the name of a DICOM file, else nothing."""
    try:
        return first_bytes(path) if may_be_dicom(path) and path.is_file() else b""
    except OSError:
        return b""


def _read(path: Path) -> Identity:
    with path.open("rb") as file:
        dataset = without_pixels(path, file, _TAGS)
    if dataset.file_meta.get("MediaStorageSOPClassUID") == DICOMDIR:
        return Identity()
    return Identity(*(str(dataset.get(tag) or "").strip() for tag in _TAGS))
