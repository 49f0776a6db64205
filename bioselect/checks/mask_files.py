"""Masks that cannot be used: no mask at all, another size than the image, the image itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bioselect.checks.findings import ERROR, Finding
from bioselect.data.fingerprint import ImageFingerprint
from bioselect.data.mask_facts import MaskFacts

#: The kinds of these findings.
NO_MASK, WRONG_SIZE, SAME_IMAGE = "unreadable mask", "size of mask", "image as mask"


def unusable_masks(marks: Sequence[ImageFingerprint], facts: Sequence[MaskFacts]) -> list[Finding]:
    """Return an error for each mask that cannot be used with its image.

    Parameters
    ----------
    marks, facts
        What was found in each image and in its mask, in the same order.
    """
    return [
        finding
        for mark, one in zip(marks, facts, strict=True)
        for finding in _first_problem(mark, one)
    ]


def _first_problem(mark: ImageFingerprint, facts: MaskFacts) -> Iterator[Finding]:
    if facts.error:
        remedy = "" if facts.height else "Repair the mask, or remove it with its image."
        yield Finding(ERROR, mark.image_id, f"its mask: {facts.error}", remedy, NO_MASK)
    elif mark.pixels_sha256 == facts.pixels_sha256:
        yield Finding(
            ERROR,
            mark.image_id,
            "its mask is the image itself.",
            "Put the mask in its place, and look where it went.",
            SAME_IMAGE,
        )
    elif (mark.height, mark.width) != (facts.height, facts.width):
        turned = (mark.height, mark.width) == (facts.width, facts.height)
        yield Finding(
            ERROR,
            mark.image_id,
            f"its mask must have the size of the image. Got {facts.width} x {facts.height} pixels "
            f"for an image of {mark.width} x {mark.height}.",
            "It seems to be turned: save it as the image lies."
            if turned
            else "Export the mask anew, in the size of the image.",
            WRONG_SIZE,
        )
