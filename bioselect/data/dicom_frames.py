"""One frame of a DICOM file -> stored numbers or colours, however it is compressed.

The JPEG kinds are decoded with imagecodecs and nothing else, so that a file gives the same pixels
whatever other decoders are installed.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from bioselect.data.coded_sizes import coded_size
from bioselect.data.dicom_elements import DEFLATED, pydicom
from bioselect.data.dicom_header import Header
from bioselect.data.jpeg_markers import frame_header
from bioselect.data.unreadable import unreadable
from bioselect.exceptions import UnavailableError

_JPEG = tuple(f"1.2.840.10008.1.2.4.{number}" for number in (50, 51, 57, 70))
_JPEG_LS = tuple(f"1.2.840.10008.1.2.4.{number}" for number in (80, 81))
_JPEG_2000 = tuple(f"1.2.840.10008.1.2.4.{number}" for number in (90, 91, 201, 202, 203))
_LOSSY = tuple(f"1.2.840.10008.1.2.4.{number}" for number in (50, 51, 81, 91, 203))
_READ_BY_PYDICOM = (
    "1.2.840.10008.1.2",  # Implicit VR Little Endian
    "1.2.840.10008.1.2.1",  # Explicit VR Little Endian
    "1.2.840.10008.1.2.2",  # Explicit VR Big Endian
    "1.2.840.10008.1.2.5",  # RLE Lossless
)
_PALE_COLOURS = ("YBR_FULL", "YBR_FULL_422")
_N_ELEMENT_BYTES = 12
_N_SEARCHED = 4096


def read_frame(header: Header, place: int) -> np.ndarray:
    """Return ``(height, width, n_channels)`` as stored: grey numbers, places in a palette, RGB.

    Raises
    ------
    UnreadableImageError
        If the compression is one that is not read, or the frame does not fit the header.
    """
    if header.syntax in _READ_BY_PYDICOM:
        frame = pydicom().pixels.pixel_array(header.path, index=place)
    elif header.syntax == DEFLATED:
        # The whole file is one compressed stream: nothing in it can be reached by itself.
        whole = pydicom().dcmread(header.path)
        frame = pydicom().pixels.pixel_array(whole, index=place)
    elif header.syntax in (*_JPEG, *_JPEG_LS, *_JPEG_2000):
        frame = _decoded(header, _frame_bytes(header, place))
    else:
        raise unreadable(
            header.path,
            f"its pixels are compressed as {header.syntax_name} ({header.syntax}), which is not "
            "read. Save it uncompressed (gdcmconv --raw IN OUT), or its pictures as PNG",
        )
    if frame.ndim == 2:
        frame = frame[:, :, np.newaxis]
    if frame.shape != (header.height, header.width, header.n_channels):
        raise unreadable(
            header.path,
            f"its frames must be {header.height} x {header.width} x {header.n_channels} as its "
            f"header says. Got {' x '.join(map(str, frame.shape))}. Copy it again from its source",
        )
    return np.asarray(frame * np.uint8(255) if header.bits_allocated == 1 else frame)


def _frame_bytes(header: Header, place: int) -> bytes:
    with header.path.open("rb") as file:
        file.seek(header.pixel_offset + _N_ELEMENT_BYTES)
        frame: bytes = pydicom().encaps.get_frame(
            file,
            place,
            number_of_frames=header.n_frames,
            extended_offsets=header.extended_offsets,
        )
    return frame


def _decoded(header: Header, data: bytes) -> np.ndarray:
    size = coded_size(data)
    if size is not None and size != (header.width, header.height):
        raise unreadable(
            header.path,
            f"its frames must be {header.height} x {header.width} x {header.n_channels} as its "
            f"header says. Got {size[1]} x {size[0]} x {header.n_channels}. Copy it again from its "
            "source",
        )
    codecs = _imagecodecs()
    if header.syntax in _JPEG:
        decoded = codecs.jpeg8_decode(data, **_jpeg_colours(header, data))
    elif header.syntax in _JPEG_LS:
        decoded = codecs.jpegls_decode(data)
    else:
        decoded = codecs.jpeg2k_decode(data)
    if header.n_channels == 3:
        # In JPEG the decoder has made RGB already, in JPEG 2000 from all but these.
        if header.syntax not in _JPEG and header.photometric in _PALE_COLOURS:
            decoded = pydicom().pixels.convert_color_space(decoded, "YBR_FULL", "RGB")
        return np.asarray(decoded)
    return _as_declared(header, np.asarray(decoded), _n_coded_bits(header, data))


def _imagecodecs() -> Any:
    try:
        import imagecodecs
    except ImportError as error:
        raise UnavailableError(
            f"imagecodecs, which decodes JPEG in DICOM, cannot be loaded ({error}). Install it: "
            "pip install imagecodecs."
        ) from error
    return imagecodecs


def _jpeg_colours(header: Header, data: bytes) -> dict[str, str]:
    """Say what the three components are where the JPEG itself does not.

    The decoder takes them for YCbCr then, as the makers of JPEG files do; DICOM's header decides.
    """
    if header.n_channels != 3:
        return {}
    start = data[:_N_SEARCHED]
    if b"Adobe" in start or b"JFIF" in start or header.photometric != "RGB":
        return {"outcolorspace": "RGB"}
    return {"colorspace": "RGB", "outcolorspace": "RGB"}


def _n_coded_bits(header: Header, data: bytes) -> int:
    """Return how many bits a number has inside the compressed frame."""
    if header.syntax in _JPEG_2000:
        found = pydicom().pixels.utils.get_j2k_parameters(data)
        return int(found.get("precision", header.bits_stored))
    found = frame_header(data)
    return header.bits_stored if found is None else found[1]


def _as_declared(header: Header, decoded: np.ndarray, n_coded_bits: int) -> np.ndarray:
    """Give decoded numbers the sign and the number of bits that the header declares.

    Inside JPEG and JPEG-LS numbers have no sign, inside JPEG 2000 it may contradict the header.
    """
    numbers = decoded.astype(np.int64)
    if header.syntax in _LOSSY:
        # Loss may lead beyond the ends; taking the low bits there would turn white into black.
        if header.is_signed and decoded.dtype.kind == "u":
            numbers = _with_sign(numbers, n_coded_bits)
        numbers = np.clip(numbers, *header.stored_ends)
    elif header.is_signed:
        numbers = _with_sign(numbers, header.bits_stored)
    else:
        numbers &= (1 << header.bits_stored) - 1
    return numbers.astype(f"{'i' if header.is_signed else 'u'}{header.bits_allocated // 8}")


def _with_sign(numbers: np.ndarray, n_bits: int) -> np.ndarray:
    """Take the low bits as a number in two's complement."""
    sign = 1 << (n_bits - 1)
    signed: np.ndarray = ((numbers & ((1 << n_bits) - 1)) ^ sign) - sign
    return signed
