"""What a DICOM file says of its pixels, read once and without the pixels."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bioselect.data.dicom_elements import DEFLATED, pydicom, without_pixels
from bioselect.data.dicom_places import Place, place_of, places_of_frames
from bioselect.data.limits import check_n_bytes, check_n_pixels, check_n_planes
from bioselect.data.rescaling import Rescaling
from bioselect.data.unpacking import OnceEach, version_of
from bioselect.data.unreadable import unreadable

GREY = ("MONOCHROME1", "MONOCHROME2")
PALETTE = "PALETTE COLOR"
COLOUR = ("RGB", "YBR_FULL", "YBR_FULL_422", "YBR_RCT", "YBR_ICT")
_SAMPLES = {**dict.fromkeys((*GREY, PALETTE), 1), **dict.fromkeys(COLOUR, 3)}
_BITS_ALLOCATED = (1, 8, 16, 32)
_PIXEL_TAGS = {
    (0x7FE0, 0x0010): "PixelData",
    (0x7FE0, 0x0008): "FloatPixelData",
    (0x7FE0, 0x0009): "DoubleFloatPixelData",
}
#: Little endian without and with types, big endian.
UNCOMPRESSED = ("1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2")
#: So many may be cut short, and then each says so when it is read; the others are still there.
_FEW_FRAMES = 1000
#: Each compressed frame begins with a tag and its length.
_BYTES_OF_FRAGMENT = 8
DICOMDIR = "1.2.840.10008.1.3.10"
_N_KEPT = 8192
_headers = OnceEach(_N_KEPT)


@dataclass(frozen=True, eq=False)
class Lookup:
    """A table that stored numbers are looked up in; numbers beyond its ends take the ends.

    `table` is ``(n_entries, n_channels)``, `first` the stored number of its first entry.
    """

    table: np.ndarray
    first: int

    def of(self, stored: np.ndarray) -> np.ndarray:
        """Return ``(height, width, n_channels)`` for ``(height, width)``."""
        places = stored.astype(np.int64) - self.first
        looked_up: np.ndarray = self.table[np.clip(places, 0, len(self.table) - 1)]
        return looked_up


@dataclass(frozen=True, eq=False)
class Header:
    """The facts that decide what the bytes of the pixels mean.

    `owner` is PatientID and StudyInstanceUID; `places` are those of the frames, if all are known.
    """

    path: Path
    syntax: str
    syntax_name: str
    height: int
    width: int
    n_channels: int
    n_frames: int
    photometric: str
    bits_allocated: int
    bits_stored: int
    is_signed: bool
    is_float: bool
    pixel_offset: int
    extended_offsets: tuple[bytes, bytes] | None
    rescalings: tuple[Rescaling, ...]
    modality: Lookup | None
    palette: Lookup | None
    instance_uid: str
    owner: tuple[str, str]
    place: Place
    places: tuple[Place, ...]

    @property
    def stored_ends(self) -> tuple[int, int]:
        """The smallest and the largest number that can be stored."""
        if self.is_signed:
            return -(2 ** (self.bits_stored - 1)), 2 ** (self.bits_stored - 1) - 1
        return 0, 2**self.bits_stored - 1


def read_header(path: Path) -> Header:
    """Return the header of a file, from memory if the file has not changed.

    Raises
    ------
    UnreadableImageError
        If it holds no image, or one of a kind that is not read.
    """
    header: Header = _headers.get(version_of(path), lambda: _read(path))
    return header


def _read(path: Path) -> Header:
    with path.open("rb") as file:
        dataset = without_pixels(path, file)
        offset = file.tell()
        tag = file.read(4)
    meta = dataset.file_meta
    if meta.get("MediaStorageSOPClassUID") == DICOMDIR:
        raise unreadable(path, "it is a DICOMDIR, an index of other files. Leave it out")
    syntax = meta.get("TransferSyntaxUID")
    if not syntax:
        raise unreadable(
            path, "it does not say how its pixels are stored (Transfer Syntax UID). Export it anew"
        )
    order = "little" if syntax.is_little_endian else "big"
    numbers = int.from_bytes(tag[:2], order), int.from_bytes(tag[2:], order)  # type: ignore[arg-type]
    element = "PixelData" if syntax == DEFLATED else _PIXEL_TAGS.get(numbers)
    if element is None or "Rows" not in dataset or "Columns" not in dataset:
        kind = getattr(dataset.get("SOPClassUID"), "name", "an unknown kind of object")
        raise unreadable(path, f"it holds no image (it is: {kind}). Leave it out")
    header = _header(path, dataset, element, offset)
    _check(path, dataset, header)
    if header.syntax != DEFLATED:
        _check_frames(path, header, path.stat().st_size - offset)
    return header


def _header(path: Path, dataset: Any, element: str, offset: int) -> Header:
    syntax = dataset.file_meta.TransferSyntaxUID
    bits_allocated = int(dataset.get("BitsAllocated") or 0)
    photometric = str(dataset.get("PhotometricInterpretation") or "")
    n_frames = int(dataset.get("NumberOfFrames") or 1)
    offsets = None
    if "ExtendedOffsetTable" in dataset:
        offsets = (dataset.ExtendedOffsetTable, dataset.ExtendedOffsetTableLengths)
    return Header(
        path=path,
        syntax=str(syntax),
        syntax_name=syntax.name,
        height=int(dataset.Rows),
        width=int(dataset.Columns),
        n_channels=int(dataset.get("SamplesPerPixel") or 1),
        n_frames=n_frames,
        photometric=photometric,
        bits_allocated=bits_allocated,
        bits_stored=int(dataset.get("BitsStored") or bits_allocated),
        is_signed=int(dataset.get("PixelRepresentation") or 0) == 1,
        is_float=element != "PixelData",
        pixel_offset=offset,
        extended_offsets=offsets,
        rescalings=_rescalings(path, dataset, n_frames),
        modality=_modality(dataset),
        palette=_palette(path, dataset) if photometric == PALETTE else None,
        instance_uid=str(dataset.get("SOPInstanceUID") or ""),
        owner=(str(dataset.get("PatientID") or ""), str(dataset.get("StudyInstanceUID") or "")),
        place=place_of(dataset),
        places=places_of_frames(dataset, n_frames),
    )


def _check_frames(path: Path, header: Header, n_stored: int) -> None:
    """Refuse more frames, or larger ones, than so many bytes can hold."""
    check_n_planes(path, header.n_frames)
    n_values = header.width * header.height * header.n_channels
    n_bits = n_values * header.bits_allocated
    if header.syntax not in UNCOMPRESSED:
        check_n_bytes(path, n_bits // 8, n_stored)
        n_needed = _BYTES_OF_FRAGMENT * header.n_frames
    else:
        check_n_bytes(path, n_bits // 8)
        halved = header.photometric == "YBR_FULL_422"  # two pixels share their colour
        n_needed = header.n_frames * n_bits * (2 if halved else 3) // 24
    if header.n_frames > _FEW_FRAMES and n_needed > n_stored:
        raise unreadable(
            path,
            f"it is cut short: its {header.n_frames} frames need at least {n_needed} bytes. Got "
            f"{n_stored}. Copy it again from its source",
        )


def _check(path: Path, dataset: Any, header: Header) -> None:
    check_n_pixels(path, header.width, header.height)
    if header.photometric not in _SAMPLES:
        raise unreadable(
            path,
            f"its colours are {header.photometric or 'not named'}; "
            f"{', '.join(_SAMPLES)} are read. Export it as RGB or MONOCHROME2",
        )
    if header.n_channels != _SAMPLES[header.photometric]:
        raise unreadable(
            path,
            f"{header.photometric} goes with {_SAMPLES[header.photometric]} samples per pixel. Got "
            f"{header.n_channels}. Export it anew",
        )
    if header.n_frames < 1 or header.height < 1 or header.width < 1:
        raise unreadable(path, "it has no pixels. Leave it out")
    if header.is_float:
        if header.photometric == "MONOCHROME1":
            raise unreadable(
                path, "white is low in float pixels, which have no defined black. Export it anew"
            )
        return
    n_bits, n_stored = header.bits_allocated, header.bits_stored
    high = int(dataset.get("HighBit", n_stored - 1))
    if n_bits not in _BITS_ALLOCATED or not 1 <= n_stored <= n_bits or high != n_stored - 1:
        raise unreadable(
            path,
            f"its pixels have {n_stored} of {n_bits} bits with {high} as the highest; 1, 8, 16 or "
            "32 bits are read, and the highest must be one below their number. Export it anew",
        )
    if header.photometric in COLOUR[1:] and n_bits != 8:
        raise unreadable(
            path, f"{header.photometric} is defined for 8 bits. Got {n_bits}. Export it as RGB"
        )


def _rescalings(path: Path, dataset: Any, n_frames: int) -> tuple[Rescaling, ...]:
    """Return one line for each frame; one alone when all frames share it."""
    if "RescaleSlope" in dataset or "RescaleIntercept" in dataset:
        found = [_line(dataset)]
    else:
        shared = dataset.get("SharedFunctionalGroupsSequence") or []
        frames = dataset.get("PerFrameFunctionalGroupsSequence") or []
        found = [line for group in shared if (line := _line_of_group(group))]
        own = [_line_of_group(group) for group in frames[:n_frames]]
        if any(own):
            if len(own) != n_frames or None in own:
                raise unreadable(
                    path, f"{n_frames} frames must each have a rescale slope. Export it anew"
                )
            found = [line for line in own if line]
    for line in found:
        if not line.is_valid:
            raise unreadable(
                path,
                "its rescale slope must be a number other than 0, its intercept a number. Got "
                f"{line.slope} and {line.intercept}. Export it anew",
            )
    return tuple(found) or (Rescaling(),)


def _line(group: Any) -> Rescaling:
    slope, intercept = group.get("RescaleSlope"), group.get("RescaleIntercept")
    return Rescaling(
        1.0 if slope is None else float(slope), 0.0 if intercept is None else float(intercept)
    )


def _line_of_group(group: Any) -> Rescaling | None:
    inside = group.get("PixelValueTransformationSequence")
    return _line(inside[0]) if inside else None


def _modality(dataset: Any) -> Lookup | None:
    """Return the table that stands in place of slope and intercept."""
    if not dataset.get("ModalityLUTSequence"):
        return None
    n_entries, first, _ = dataset.ModalityLUTSequence[0].LUTDescriptor
    numbers = int(first) + np.arange(int(n_entries) or 2**16)
    table = np.asarray(pydicom().pixels.apply_modality_lut(numbers, dataset))
    return Lookup(table[:, np.newaxis], int(first))


def _palette(path: Path, dataset: Any) -> Lookup:
    """Return the colours; 8-bit colours may be stored as 16-bit ones, multiplied by 257 or 256."""
    n_entries, first, n_bits = dataset.RedPaletteColorLookupTableDescriptor
    n_entries = int(n_entries) or 2**16
    is_little_endian = dataset.file_meta.TransferSyntaxUID.is_little_endian
    if (n_bits == 8 and n_entries > 256) or not is_little_endian:
        raise unreadable(
            path,
            f"its palette has {n_entries} colours of {n_bits} bits in "
            f"{'little' if is_little_endian else 'big'}-endian order, which is not read. Export it "
            "as RGB",
        )
    numbers = int(first) + np.arange(n_entries)
    table = np.asarray(pydicom().pixels.apply_color_lut(numbers, dataset))
    if table.shape[1] != 3:
        raise unreadable(path, "its palette has transparent colours. Export it as RGB")
    for factor in (257, 256):
        if table.dtype == np.uint16 and not (table % factor).any():
            table = (table // factor).astype(np.uint8)
    return Lookup(table, int(first))
