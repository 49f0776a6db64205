"""Over-exposed images: too many pixels at the largest value that the file or the camera has."""

from __future__ import annotations

import numpy as np

from bioselect.checks.findings import NOTE, WARNING, Finding
from bioselect.checks.readable import Readable
from bioselect.data.fingerprint import ImageFingerprint

#: From this share of the pixels of a channel on.
SATURATED = 0.05
#: If more than this part of the images is so, it is how they were taken, and told once.
COMMON = 0.2
#: Bits of the cameras whose values are stored in files of 16 bits.
CAMERA_BITS = (8, 10, 12, 14, 16)


def saturated_images(readable: Readable) -> list[Finding]:
    """Return the images in which much is as bright as can be: over-exposed, or white around.

    The largest value is that of the type; for files of 16 bits also that of a camera of 8, 10, 12
    or 14 bits, and 1 for real numbers. Images of two values (masks) do not count.
    """
    found = [(record, mark) for record, mark in readable if is_saturated(mark)]
    if len(found) > COMMON * len(readable) and len(found) > 1:
        lowest = min(mark.share_at_maximum for _, mark in found)
        what = (
            f"{len(found)} of {len(readable)} images have the largest possible value in "
            f"{100 * lowest:.0f} % of their pixels or more, for example {found[0][0].image_id}."
        )
        remedy = "If that is no white background, they are over-exposed: what is bright is lost."
        return [Finding(NOTE, "", what, remedy, "saturated")]
    return [
        Finding(
            WARNING,
            record.image_id,
            f"{100 * mark.share_at_maximum:.0f} % of its pixels have the largest possible value "
            f"({mark.maximum:g}).",
            "Look whether it is over-exposed, or framed in white.",
            "saturated",
        )
        for record, mark in found
    ]


def is_saturated(mark: ImageFingerprint) -> bool:
    """Tell whether an image that is neither constant nor a mask has many pixels at the limit."""
    if mark.is_constant or mark.is_two_valued or mark.share_at_maximum < SATURATED:
        return False
    return mark.maximum in _limits(mark.dtype)


def clipped_share(mark: ImageFingerprint) -> float:
    """Return the share of pixels at the largest value that the file or the camera has.

    Examples
    --------
    >>> clipped_share(ImageFingerprint("a", "", dtype="uint8", maximum=255, share_at_maximum=0.1))
    0.1
    >>> clipped_share(ImageFingerprint("a", "", dtype="uint8", maximum=90, share_at_maximum=0.1))
    0.0
    """
    return mark.share_at_maximum if mark.dtype and mark.maximum in _limits(mark.dtype) else 0.0


def _limits(dtype: str) -> set[float]:
    kind = np.dtype(dtype)
    if kind == np.uint16:
        return {2.0**bits - 1 for bits in CAMERA_BITS}
    if kind.kind in "iu":
        return {float(np.iinfo(kind).max)}
    return {1.0}
