"""Images of different kinds in one data set: channels, types of values, sizes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from bioselect.checks.findings import NOTE, WARNING, Finding
from bioselect.checks.readable import Readable
from bioselect.data.fingerprint import ImageFingerprint

#: Sizes are told of if the largest image has so many times the pixels of the smallest ...
AREA_FACTOR = 4.0
#: ... or if the proportions differ by this factor.
SHAPE_FACTOR = 2.0
#: If this part of the images has one size, each of another size is named.
USUAL = 0.9


def mixed_kinds(readable: Readable) -> list[Finding]:
    """Return where images differ in what all should have in common."""
    return [
        *_mixed(readable, "numbers of channels", lambda mark: mark.n_channels),
        *_mixed(readable, "pixel types", lambda mark: mark.dtype),
        *_sizes(readable),
    ]


def _mixed(
    readable: Readable, what: str, value_of: Callable[[ImageFingerprint], object]
) -> list[Finding]:
    counts: Counter[object] = Counter()
    example: dict[object, str] = {}
    for record, mark in readable:
        value = value_of(mark)
        counts[value] += 1
        example.setdefault(value, record.image_id)
    if len(counts) < 2:
        return []
    listed = ", ".join(
        f"{value} ({f'{count} images, such as ' if count > 1 else ''}{example[value]})"
        for value, count in counts.most_common()
    )
    return [
        Finding(
            WARNING,
            "",
            f"the images have different {what}: {listed}.",
            "Check that they come from one source.",
        )
    ]


def _sizes(readable: Readable) -> list[Finding]:
    counts = Counter((mark.width, mark.height) for _, mark in readable)
    if len(counts) < 2:
        return []
    usual, n_usual = counts.most_common(1)[0]
    if n_usual >= USUAL * len(readable):
        return [
            Finding(
                NOTE,
                record.image_id,
                f"has {mark.width} x {mark.height} pixels; {n_usual} of {len(readable)} images "
                f"have {usual[0]} x {usual[1]}.",
                "Look whether it is a thumbnail, or from another source.",
                "unusual size",
            )
            for record, mark in readable
            if (mark.width, mark.height) != usual
        ]
    by_area = sorted(counts, key=lambda size: (size[0] * size[1], size))
    shapes = sorted(width / height for width, height in counts)
    smallest, largest = by_area[0], by_area[-1]
    area_factor = largest[0] * largest[1] / (smallest[0] * smallest[1])
    if area_factor < AREA_FACTOR and shapes[-1] / shapes[0] < SHAPE_FACTOR:
        return []
    what = (
        f"the images have {len(counts)} different sizes, from {smallest[0]} x {smallest[1]} to "
        f"{largest[0]} x {largest[1]} pixels; their width is {shapes[0]:.2g} to {shapes[-1]:.2g} "
        "times their height."
    )
    remedy = "Networks get all in one size, stretched to it; cut them alike if shape matters."
    return [Finding(NOTE, "", what, remedy)]
