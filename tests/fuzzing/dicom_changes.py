"""DICOM files with an element that is missing, says something else, or stands twice."""

from __future__ import annotations

import copy
import io
import random

#: By what kind of value an element has; others get those of texts.
_VALUES = {
    "US": (0, 1, 2, 3, 7, 8, 12, 16, 32, 64, 65535),
    "SS": (0, 1, -1, 32767, -32768),
    "IS": ("", "0", "1", "2", "-1", "7", "99999999", [1, 2]),
    "DS": ("", "0", "-0", "1.5", "-3", "1e300", "1e-300", [0, 0, 7], [1, 0, 0, 0, 0, 1], [0, 0, 0, 0, 0, 0],
           [1, 2]),
    "UI": ("", "1.2", "1.2.3", "1.2.3.4", "1.2.840.10008.1.3.10", "1.2.840.10008.1.2.4.50"),
    "CS": ("", "RGB", "MONOCHROME1", "MONOCHROME2", "PALETTE COLOR", "YBR_FULL", "ARGB", "ISO_IR 100", "X"),
    "FD": (0.0, -1.0, float("nan"), float("inf"), 1e300),
}  # fmt: skip
_TEXTS = ("", " ", "P1", "P2", "anonymous", "x" * 65, "\u00e9", "a\\b", "\x1b[31m", "0")
#: What may be added, with its kind of value.
_ADDED = (
    ("RescaleSlope", "DS"), ("RescaleIntercept", "DS"), ("InstanceNumber", "IS"), ("PatientID", "LO"),
    ("SpacingBetweenSlices", "DS"), ("SliceThickness", "DS"), ("NumberOfFrames", "IS"),
    ("ImagePositionPatient", "DS"), ("ImageOrientationPatient", "DS"), ("PixelPaddingValue", "US"),
    ("SpecificCharacterSet", "CS"), ("SmallestImagePixelValue", "US"), ("PresentationLUTShape", "CS"),
)  # fmt: skip


def changed_element(data: bytes, rng: random.Random) -> bytes:
    """Return the file with another element; the same bytes where that cannot be written."""
    import pydicom

    try:
        with pydicom.config.disable_value_validation():
            dataset = pydicom.dcmread(io.BytesIO(data))
            for _ in range(rng.choice((1, 1, 1, 2))):
                _change_once(dataset, rng)
            file = io.BytesIO()
            pydicom.dcmwrite(file, dataset)
            return file.getvalue()
    except Exception:
        return data


def _change_once(dataset, rng: random.Random) -> None:
    meta = dataset.file_meta
    one = meta if rng.random() < 0.05 and len(meta) else dataset
    element = one[rng.choice(list(one.keys()))]
    while element.VR == "SQ" and len(element.value) and rng.random() < 0.8:
        one = rng.choice(list(element.value))
        element = one[rng.choice(list(one.keys()))]
    kind = rng.randrange(8)
    if kind == 0:
        del one[element.tag]
    elif kind == 1:
        keyword, of_value = rng.choice(_ADDED)
        setattr(dataset, keyword, rng.choice(_VALUES.get(of_value, _TEXTS)))
    elif element.VR == "SQ":
        items = list(element.value)
        place = rng.randrange(len(items) + 1)
        items[place : place + 1] = copy.deepcopy(items[: rng.randrange(3)])
        element.value = items
    elif isinstance(element.value, bytes):
        cut = rng.randrange(len(element.value) + 1)
        element.value = element.value[:cut] if kind < 5 else element.value + bytes(2 * (cut // 2))
    else:
        element.value = rng.choice(_VALUES.get(element.VR, _TEXTS))
