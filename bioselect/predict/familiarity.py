"""Are new images like those of training, as far as their numbers tell.

A model trained on 12-bit images says something of a 16-bit one too: all of it is clipped to
white. Nothing fails, so it has to be said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bioselect.bundle.reading import Model
from bioselect.data.intensities import Intensity
from bioselect.data.preparation import Reading
from bioselect.data.reading import read_source
from bioselect.data.records import Source
from bioselect.data.stacks import Stack
from bioselect.exceptions import UnreadableImageError

#: Images that are looked at; large ones take a second each to read.
N_LOOKED_AT = 20


def doubts(model: Model, sources: Sequence[Source]) -> list[str]:
    """Return what does not fit the training images of a model; see :func:`doubts_about`."""
    return doubts_about(model.reading, model.manifest.image_dtype, sources)


def doubts_about(reading: Reading, image_dtype: str, sources: Sequence[Source]) -> list[str]:
    """Return what does not fit the training images, one line each; nothing when all is well.

    Parameters
    ----------
    reading : Reading
        Of the model; it holds the scaling.
    image_dtype : str
        The pixel type of the training images.
    sources : sequence of Path or FilePart
        At most `N_LOOKED_AT` of them, evenly spread, are read. Unreadable ones are passed over:
        they get a row with their error.
    """
    intensity = reading.intensity
    if intensity.mode == "percentile":
        return []
    looks = [
        look
        for one in spread(sources, N_LOOKED_AT)
        if (look := _look_at(one, reading.stack)) is not None
    ]
    return [
        line
        for line in (
            _other_pixel_types(looks, image_dtype),
            _clipped(looks, intensity),
        )
        if line
    ]


def spread(sources: Sequence[Source], n_wanted: int) -> list[Source]:
    """Return at most `n_wanted` of them from the first to the last, evenly spread.

    Examples
    --------
    >>> from pathlib import Path
    >>> [path.name for path in spread([Path(name) for name in "abcdefg"], 3)]
    ['a', 'd', 'g']
    """
    if len(sources) <= n_wanted:
        return list(sources)
    places = np.linspace(0, len(sources) - 1, n_wanted).round().astype(int)
    return [sources[place] for place in places]


@dataclass(frozen=True)
class _Look:
    """What is kept of an image; the images themselves could fill the memory."""

    dtype: str
    minimum: float
    maximum: float


def _look_at(source: Source, stack: Stack | None) -> _Look | None:
    try:
        image = read_source(source, stack)
    except (UnreadableImageError, OSError):
        return None
    return _Look(image.dtype.name, float(image.min()), float(image.max()))


def _other_pixel_types(looks: Sequence[_Look], trained: str) -> str:
    others = Counter(look.dtype for look in looks if look.dtype != trained)
    if not others:
        return ""
    found = ", ".join(f"{count} {name}" for name, count in sorted(others.items()))
    return (
        f"pixel type: must be {trained} as in the training images for brightness to mean the same. "
        f"Got {found} among {len(looks)} images looked at. Convert them as the training images "
        "were."
    )


def _clipped(looks: Sequence[_Look], intensity: Intensity) -> str:
    if intensity.minimum is None or intensity.maximum is None:
        return ""
    low, high = intensity.minimum, intensity.maximum
    outside = [look for look in looks if look.minimum < low or look.maximum > high]
    if not outside:
        return ""
    return (
        f"pixel values: must lie between {low:g} and {high:g} as in training; others are clipped. "
        f"Got {min(look.minimum for look in outside):g} to "
        f"{max(look.maximum for look in outside):g} in "
        f"{len(outside)} of {len(looks)} images looked at. Check the camera's settings."
    )
