"""All findings about masks, once each has been read: sizes, codes, emptiness, shares of classes."""

from __future__ import annotations

from collections.abc import Sequence

from bioselect.checks.findings import ERROR, Finding
from bioselect.data.fingerprint import ImageFingerprint
from bioselect.data.mask_codes import MaskCodes
from bioselect.data.mask_facts import MaskFacts
from bioselect.data.records import ImageRecord

#: Codes so near to one of a class are what lossy formats make of it.
NEAR = 8
#: A class with less than this part of the pixels is told of as rare.
RARE = 0.005
_N_LISTED = 5


def mask_findings(
    records: Sequence[ImageRecord],
    marks: Sequence[ImageFingerprint],
    facts: Sequence[MaskFacts],
    codes: MaskCodes,
) -> list[Finding]:
    """Return everything noticed about masks that can be read.

    Parameters
    ----------
    records, marks, facts
        One of each for every pair, in the same order.
    codes : MaskCodes
        What the values of masks stand for.
    """
    return [*wrong_sizes(marks, facts)]


def wrong_sizes(marks: Sequence[ImageFingerprint], facts: Sequence[MaskFacts]) -> list[Finding]:
    """Return an error for each mask that has not the size of its image."""
    return [
        Finding(
            ERROR,
            mark.image_id,
            f"its mask must have the size of the image. Got {one.width} x {one.height} pixels for "
            f"an image of {mark.width} x {mark.height}.",
            "Export the mask anew, in the size of the image.",
            "size of mask",
        )
        for mark, one in zip(marks, facts, strict=True)
        if (mark.height, mark.width) != (one.height, one.width)
    ]
