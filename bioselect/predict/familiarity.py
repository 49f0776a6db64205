"""Are new images like those of training, as far as their numbers tell.

A model trained on 12-bit images says something of a 16-bit one too: all of it is clipped to
white. Nothing fails, so it has to be said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bioselect.bundle.reading import Model
from bioselect.data.intensities import Intensity
from bioselect.data.reading import read_image
from bioselect.exceptions import UnreadableImageError

#: Images that are looked at; large ones take a second each to read.
N_LOOKED_AT = 20


def doubts(model: Model, paths: Sequence[Path]) -> list[str]:
    """Return what does not fit the training images, one line each; nothing when all is well.

    Parameters
    ----------
    model : Model
        The scaling and the pixel type of training are in its manifest.
    paths : sequence of Path
        At most `N_LOOKED_AT` of them, evenly spread, are read. Unreadable ones are passed over:
        they get a row with their error.
    """
    intensity = model.reading.intensity
    if intensity.mode == "percentile":
        return []
    images = [
        image for path in spread(paths, N_LOOKED_AT) if (image := _readable(path)) is not None
    ]
    return [
        line
        for line in (
            _other_pixel_types(images, model.manifest.image_dtype),
            _clipped(images, intensity),
        )
        if line
    ]


def spread(paths: Sequence[Path], n_wanted: int) -> list[Path]:
    """Return at most `n_wanted` paths from the first to the last, evenly spread.

    Examples
    --------
    >>> [path.name for path in spread([Path(name) for name in "abcdefg"], 3)]
    ['a', 'd', 'g']
    """
    if len(paths) <= n_wanted:
        return list(paths)
    return [paths[place] for place in np.linspace(0, len(paths) - 1, n_wanted).round().astype(int)]


def _readable(path: Path) -> np.ndarray | None:
    try:
        return read_image(path)
    except (UnreadableImageError, OSError):
        return None


def _other_pixel_types(images: Sequence[np.ndarray], trained: str) -> str:
    others = Counter(image.dtype.name for image in images if image.dtype.name != trained)
    if not others:
        return ""
    found = ", ".join(f"{count} {name}" for name, count in sorted(others.items()))
    return (
        f"pixel type: must be {trained} as in the training images for brightness to mean the same. "
        f"Got {found} among {len(images)} images looked at. Convert them as the training images "
        "were."
    )


def _clipped(images: Sequence[np.ndarray], intensity: Intensity) -> str:
    if intensity.minimum is None or intensity.maximum is None:
        return ""
    low, high = intensity.minimum, intensity.maximum
    ends = [(float(image.min()), float(image.max())) for image in images]
    outside = [pair for pair in ends if pair[0] < low or pair[1] > high]
    if not outside:
        return ""
    return (
        f"pixel values: must lie between {low:g} and {high:g} as in training; others are clipped. "
        f"Got {min(one for one, _ in outside):g} to {max(other for _, other in outside):g} in "
        f"{len(outside)} of {len(images)} images looked at. Check the camera's settings."
    )
