"""What the images are, in words: sizes, channels, types of values."""

from __future__ import annotations

from collections import Counter

from bioselect.data.preparation import N_COLOURS
from bioselect.workflows.proposal.looking import Looks


def images_in_words(looks: Looks) -> str:
    """Return what the images are: sizes, channels, types of values."""
    marks = looks.readable
    sizes = Counter((mark.width, mark.height) for mark in marks)
    if len(sizes) == 1:
        ((width, height),) = sizes
        size = f"{width} x {height} pixels"
    else:
        by_area = sorted(sizes, key=lambda one: (one[0] * one[1], one))
        (width, height), (wide, high) = by_area[0], by_area[-1]
        size = f"{len(sizes)} different sizes, {width} x {height} to {wide} x {high} pixels"
    channels = Counter(mark.n_channels for mark in marks)
    kinds = Counter(mark.dtype for mark in marks)
    counts = _counts({_channels_in_words(n, looks): k for n, k in sorted(channels.items())})
    types = _counts({_type_in_words(name): k for name, k in sorted(kinds.items())})
    smallest, largest = min(mark.minimum for mark in marks), max(mark.maximum for mark in marks)
    return f"{size}; {counts}; {types}, values {smallest:g} to {largest:g}"


def _channels_in_words(number: int, looks: Looks) -> str:
    if number == 1:
        return "1 channel (grey)"
    is_8_bit = all(mark.dtype == "uint8" for mark in looks.readable)
    if number != N_COLOURS or not is_8_bit:
        return f"{number} channels"
    return f"{number} channels ({'colour' if looks.is_coloured else 'grey, saved as colour'})"


def _type_in_words(dtype: str) -> str:
    return {"uint8": "8 bit", "uint16": "16 bit"}.get(dtype, dtype)


def _counts(found: dict[str, int]) -> str:
    """Return what there is, with how many images each if there are several.

    Examples
    --------
    >>> _counts({"8 bit": 7}), _counts({"8 bit": 7, "16 bit": 2})
    ('8 bit', '7 with 8 bit and 2 with 16 bit')
    """
    if len(found) == 1:
        return next(iter(found))
    return " and ".join(f"{count} with {what}" for what, count in found.items())
