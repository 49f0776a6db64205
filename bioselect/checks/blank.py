"""Images that show nothing, or next to nothing: constant, nearly so, blank channels, masks."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import NamedTuple

import numpy as np

from bioselect.checks.findings import WARNING, Finding
from bioselect.checks.readable import Readable
from bioselect.data.fingerprint import ImageFingerprint

#: An image is nearly constant if its values, but for 1 % of them, spread over less than this part
#: of what is usual in the data set ...
NEARLY = 0.02
#: ... or if all its values, whole numbers, lie within so many steps and others do not.
N_STEPS = 2
_LOOK = "Look whether the image is blank by mistake."


def blank_images(readable: Readable) -> list[Finding]:
    """Return the images that hold one value, next to nothing else, or too few channels of it."""
    return [
        *_constant(readable),
        *_nearly_constant(readable),
        *_blank_channels(readable),
        *_two_values(readable),
    ]


def _constant(readable: Readable) -> list[Finding]:
    return [
        Finding(
            WARNING,
            record.image_id,
            f"every pixel has the value {mark.minimum:g}.",
            _LOOK,
            "constant",
        )
        for record, mark in readable
        if mark.is_constant
    ]


def _nearly_constant(readable: Readable) -> list[Finding]:
    usual = _usual(readable)
    return [
        Finding(
            WARNING,
            record.image_id,
            f"is nearly constant: 99 % of its values lie within {mark.spread:g} (usual here: "
            f"{usual[mark.dtype].spread:g}).",
            _LOOK,
            "nearly constant",
        )
        for record, mark in readable
        if not mark.is_constant and _is_nearly_constant(mark, usual[mark.dtype])
    ]


class _Usual(NamedTuple):
    spread: float
    width: float


def _usual(readable: Readable) -> dict[str, _Usual]:
    """Return, for each type, how far values spread in the median image, and from end to end."""
    found: dict[str, list[_Usual]] = defaultdict(list)
    for _, mark in readable:
        if not mark.is_constant:
            found[mark.dtype].append(_Usual(mark.spread, mark.maximum - mark.minimum))
    return {dtype: _Usual(*np.median(values, axis=0).tolist()) for dtype, values in found.items()}


def _is_nearly_constant(mark: ImageFingerprint, usual: _Usual) -> bool:
    is_whole = np.dtype(mark.dtype).kind in "iu"
    if is_whole and mark.maximum - mark.minimum <= N_STEPS < usual.width:
        return True
    return usual.spread > 0 and mark.spread <= NEARLY * usual.spread


def _blank_channels(readable: Readable) -> list[Finding]:
    """Name the images that lack what others have in a channel (a dye that was forgotten)."""
    counts: dict[int, Counter[int]] = defaultdict(Counter)
    for _, mark in readable:
        counts[mark.n_channels][mark.n_blank_channels] += 1
    usual = {n: found.most_common(1)[0][0] for n, found in counts.items()}
    return [
        Finding(
            WARNING,
            record.image_id,
            f"{mark.n_blank_channels} of its {mark.n_channels} channels hold one value only "
            f"(usual here: {usual[mark.n_channels]}).",
            "Look whether a channel was not taken.",
            "blank channels",
        )
        for record, mark in readable
        if not mark.is_constant and mark.n_blank_channels > usual[mark.n_channels]
    ]


def _two_values(readable: Readable) -> list[Finding]:
    """Name masks; where nearly all of one is black or white, it is nearly constant instead."""
    usual = _usual(readable)
    masks = [
        (record, mark)
        for record, mark in readable
        if mark.is_two_valued and not _is_nearly_constant(mark, usual[mark.dtype])
    ]
    if 2 * len(masks) > len(readable):
        return []  # Black and white is how these images are.
    return [
        Finding(
            WARNING,
            record.image_id,
            f"holds two values only ({mark.minimum:g} and {mark.maximum:g}), as masks do.",
            "If it is a mask, move it away: a class could be told by its masks.",
            "mask",
        )
        for record, mark in masks
    ]
