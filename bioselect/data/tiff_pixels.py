"""From the stored values of a TIFF page to what they mean: palette, inverted grey, transparency."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bioselect.data.unreadable import unreadable

_ORIENTATION = 274
#: TIFF's PhotometricInterpretation
_MINISWHITE, _PALETTE = 0, 3
#: TIFF's ExtraSamples that mean transparency; 0 is a channel like any other.
_ALPHA = (1, 2)


@dataclass(frozen=True)
class PageFacts:
    """The tags of a page that decide what its values mean."""

    n_bits: int
    photometric: int
    extra_samples: tuple[int, ...]
    orientation: int
    colour_map: np.ndarray | None

    @classmethod
    def of_page(cls, page: Any) -> PageFacts:
        """Read the tags of a page of tifffile."""
        keyframe = page.keyframe
        is_palette = int(keyframe.photometric) == _PALETTE
        return cls(
            int(keyframe.bitspersample),
            int(keyframe.photometric),
            tuple(int(sample) for sample in keyframe.extrasamples),
            int(keyframe.tags.valueof(_ORIENTATION, 1)),
            keyframe.colormap if is_palette else None,
        )


def finished_pixels(path: Path, pixels: np.ndarray, facts: PageFacts) -> np.ndarray:
    """Return the pixels of a page as viewers show them, without opaque transparency.

    Parameters
    ----------
    path : Path
        Names the file in errors.
    pixels : np.ndarray
        ``(height, width, n_channels)`` as stored.
    facts : PageFacts
        The tags of the page.

    Raises
    ------
    UnreadableImageError
        If it is transparent in places, or its values have no defined black.
    """
    if facts.photometric == _PALETTE:
        if facts.colour_map is None:
            raise unreadable(path, "it has no palette although it declares one. Save it as RGB")
        return _with_palette(path, pixels, facts.colour_map)
    return _without_alpha(path, _in_full_range(path, pixels, facts), facts)


def _in_full_range(path: Path, pixels: np.ndarray, facts: PageFacts) -> np.ndarray:
    """Undo what a viewer undoes: white stored as 0, and depths below 8 bits."""
    if pixels.dtype == bool:
        pixels = pixels.astype(np.uint8)
    if facts.photometric == _MINISWHITE:
        if pixels.dtype.kind != "u":
            raise unreadable(
                path,
                f"white is stored as 0 in pixels of type {pixels.dtype}, which has no defined "
                "black. Save it with black as 0",
            )
        pixels = pixels.dtype.type(2**facts.n_bits - 1) - pixels
    if facts.n_bits < 8 and pixels.dtype == np.uint8:
        highest = 2**facts.n_bits - 1
        in_full_range = (np.arange(highest + 1) * 255 + highest // 2) // highest
        pixels = in_full_range.astype(np.uint8)[pixels]
    return pixels


def _with_palette(path: Path, pixels: np.ndarray, colour_map: np.ndarray) -> np.ndarray:
    """Look up the colours; 8-bit colours are stored as 16-bit ones, multiplied by 257 or 256.

    Some programs store them as they are, which libtiff goes by as well: no value is above 255.
    """
    if pixels.shape[2] != 1:
        raise unreadable(path, "a palette goes with one channel. Save it as RGB")
    factors = (1,) if colour_map.max() <= 255 else (257, 256)
    for factor in factors:
        if not (colour_map % factor).any():
            colour_map = (colour_map // factor).astype(np.uint8)
            break
    if (colour_map == colour_map[0]).all():
        colour_map = colour_map[:1]  # A palette without colours is that of a grey image.
    return np.moveaxis(colour_map[:, pixels[:, :, 0]], 0, 2)


def _without_alpha(path: Path, pixels: np.ndarray, facts: PageFacts) -> np.ndarray:
    n_before = pixels.shape[2] - len(facts.extra_samples)
    alphas = [n_before + i for i, kind in enumerate(facts.extra_samples) if kind in _ALPHA]
    if not alphas or n_before < 1:
        return pixels
    opaque = 1.0 if pixels.dtype.kind == "f" else 2**facts.n_bits - 1
    if facts.n_bits < 8:
        opaque = 255
    if (pixels[:, :, alphas] != opaque).any():
        raise unreadable(
            path,
            f"channel {alphas[0]} (counted from 0) is declared as transparency and is not opaque. "
            "Save it without transparency, or, if it is a channel, as one (tifffile: "
            "photometric='minisblack')",
        )
    return np.delete(pixels, alphas, axis=2)
