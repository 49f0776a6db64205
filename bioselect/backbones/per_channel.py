"""Standardisation of pixels as data; the arithmetic is in `preprocessing`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PerChannel:
    """Standardisation of pixels in [0, 1] with one mean and one standard deviation a channel."""

    mean: tuple[float, ...]
    std: tuple[float, ...]
