"""DICOM files and series -> planes, as a viewer shows them before brightness is set.

The values are those that the file declares (Hounsfield units, say): rescale slope and intercept
or the modality's table are applied, and images stored with white as the lowest number
(MONOCHROME1) are turned so that white is high. Window and level, which belong to the display, are
not applied.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bioselect.data.dicom_frames import read_frame
from bioselect.data.dicom_gaps import gap_in_words
from bioselect.data.dicom_header import Header, read_header
from bioselect.data.dicom_places import contents_in_words, depths, have_one_direction
from bioselect.data.names import as_text
from bioselect.data.rescaling import Rescaling, rescale, rescaled_dtype
from bioselect.data.unreadable import checked_place, explained, unreadable
from bioselect.data.volumes import Volume


def open_dicom(path: Path) -> Volume:
    """Open a DICOM file of one or several frames.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    Volume
        One plane for each frame, sorted as those of :func:`open_series` where each says its place,
        else in the order of the file. Grey planes have 1 channel, colours
        and palettes 3 (red, green, blue). The type is the stored one where slope and intercept
        are 1 and 0, int16 where the declared values fit, else float32; the same for all frames.

    Raises
    ------
    UnreadableImageError
        If the file holds no image, is damaged, or is of a kind that is not read; the message says
        which.
    UnavailableError
        If pydicom is not installed.
    """
    path = Path(path)
    with explained(path):
        header = read_header(path)
    dtype = _common_dtype([header])

    if header.places and not have_one_direction(header.places):
        raise unreadable(
            path, "its frames lie in different directions (an overview, say). Leave it out"
        )
    found = depths(header.places)
    order = list(range(header.n_frames))
    if found is not None:
        order.sort(key=lambda place: (found[place], place))

    def plane(place: int) -> np.ndarray:
        with explained(path):
            return _values(header, order[checked_place(path, place, header.n_frames)], dtype)

    contents = contents_in_words(found, header.n_frames, "frames") if header.n_frames > 1 else ()
    return Volume(header.n_frames, plane, contents, gap=gap_in_words(header.places))


def open_series(paths: Sequence[Path]) -> Volume:
    """Open the files of one series as one volume.

    Parameters
    ----------
    paths : sequence of Path
        The files, in any order.

    Returns
    -------
    Volume
        One plane for each file. The slices are sorted by their place along the direction in
        which they are stacked (ImagePositionPatient along the normal of ImageOrientationPatient:
        from feet to head for axial ones), slices at one place by InstanceNumber. Where positions
        are missing, InstanceNumber alone decides. A file alone is opened as
        by :func:`open_dicom`.

    Raises
    ------
    UnreadableImageError
        If the files differ in size, colours, type, direction or patient, hold several frames
        each, hold one image twice, or cannot be sorted.
    UnavailableError
        If pydicom is not installed.
    """
    paths = [Path(path) for path in paths]
    if not paths:
        raise ValueError("paths must hold at least one file. Got none.")
    if len(paths) == 1:
        return open_dicom(paths[0])
    headers = []
    for path in paths:
        with explained(path):
            headers.append(read_header(path))
    _check_alike(headers)
    slices = _sorted_slices(headers)
    dtype = _common_dtype(slices)

    def plane(place: int) -> np.ndarray:
        header = slices[checked_place(paths[0].parent, place, len(slices))]
        with explained(header.path):
            return _values(header, 0, dtype)

    places = [header.place for header in slices]
    contents = contents_in_words(depths(places), len(slices), "slices")
    return Volume(len(slices), plane, contents, gap=gap_in_words(places))


def _common_dtype(headers: Sequence[Header]) -> np.dtype | None:
    """Return the type of rescaled grey planes; None where nothing is rescaled."""
    lines = [line for header in headers for line in _lines(header)]
    if all(line.is_identity for line in lines):
        return None
    if headers[0].is_float:
        return np.dtype(np.float32)
    ends = [end for header in headers for end in header.stored_ends]
    return rescaled_dtype(np.dtype(np.int32), (min(ends), max(ends)), lines)


def _lines(header: Header) -> tuple[Rescaling, ...]:
    """Return what is to be rescaled; colours and what a table gives are values already."""
    if header.n_channels != 1 or header.palette is not None or header.modality is not None:
        return (Rescaling(),)
    return header.rescalings


def _values(header: Header, place: int, dtype: np.dtype | None) -> np.ndarray:
    """Return one frame as a viewer would show it, ``(height, width, n_channels)``."""
    stored = read_frame(header, place)
    if header.palette is not None:
        stored = header.palette.of(stored[:, :, 0])
    elif header.n_channels == 1:
        stored = _grey_values(header, stored)
        if dtype is not None:
            lines = _lines(header)
            stored = rescale(stored, lines[place % len(lines)], dtype)
    return np.ascontiguousarray(stored, dtype=stored.dtype.newbyteorder("="))


def _grey_values(header: Header, stored: np.ndarray) -> np.ndarray:
    """Look up the modality's values, and turn white stored as the lowest number into white."""
    lowest, highest = (0, 255) if header.bits_allocated == 1 else header.stored_ends
    if header.modality is not None:
        stored = header.modality.of(stored[:, :, 0])
        lowest, highest = 0, int(np.iinfo(stored.dtype).max)
    if header.photometric != "MONOCHROME1":
        return stored
    # The stored numbers are mirrored; their values are then mirrored too, whatever the slope.
    turned: np.ndarray = (lowest + highest - stored.astype(np.int64)).astype(stored.dtype)
    return turned


def _check_alike(headers: Sequence[Header]) -> None:
    """Refuse files that cannot be the slices of one volume."""
    first = headers[0]
    folder = first.path.parent
    several = next((header for header in headers if header.n_frames > 1), None)
    if several is not None:
        raise unreadable(
            folder,
            f"the series must have one slice in each of its {len(headers)} files. Got "
            f"{several.n_frames} in {_name(several)}. Move that file out of the series",
        )
    for header in headers[1:]:
        for facts in (_size, _kind):
            if facts(header) != facts(first):
                raise unreadable(
                    folder,
                    f"the slices of a series must be alike. Got {facts(first)} in {_name(first)} "
                    f"and {facts(header)} in {_name(header)}. Move those that do not belong to the "
                    "others (an overview, say) elsewhere",
                )
    if not have_one_direction([header.place for header in headers]):
        raise unreadable(
            folder,
            "the slices of a series must have one direction. Got several (an overview, say). Move "
            "those that do not belong to the others elsewhere",
        )
    for place, what in enumerate(("PatientID", "StudyInstanceUID")):
        owners = sorted({header.owner[place] for header in headers if header.owner[place]})
        if len(owners) > 1:
            raise unreadable(
                folder,
                f"the slices of a series must be of one patient and study. Got {len(owners)} "
                f"values of {what} under one SeriesInstanceUID. Give each a folder of its own and "
                "export it anew",
            )
    seen: dict[str, Header] = {}
    for header in headers:
        if header.instance_uid and header.instance_uid in seen:
            raise unreadable(
                folder,
                "the series must hold each image once. Got the same one (SOPInstanceUID) in "
                f"{_name(seen[header.instance_uid])} and {_name(header)}. Remove one",
            )
        seen[header.instance_uid] = header


def _name(header: Header) -> str:
    return as_text(header.path.name)


def _size(header: Header) -> str:
    return f"{header.height} x {header.width} x {header.n_channels}"


def _kind(header: Header) -> str:
    if header.is_float:
        return f"{header.photometric} floats"
    sign = "signed" if header.is_signed else "unsigned"
    looked_up = " through a table" if header.modality is not None else ""
    return f"{header.photometric} of {header.bits_allocated} {sign} bits{looked_up}"


def _sorted_slices(headers: Sequence[Header]) -> list[Header]:
    found = depths([header.place for header in headers])
    numbers = [header.place.instance_number for header in headers]
    if found is None and (None in numbers or len(set(numbers)) < len(numbers)):
        raise unreadable(
            headers[0].path.parent,
            f"the {len(headers)} slices of the series cannot be sorted: they have neither "
            "positions in one direction (ImagePositionPatient, ImageOrientationPatient) nor "
            "instance numbers of their own. Export them anew",
        )
    keys = [
        (0.0 if found is None else found[place], number or 0, str(headers[place].path))
        for place, number in enumerate(numbers)
    ]
    return [headers[place] for place in sorted(range(len(headers)), key=keys.__getitem__)]
