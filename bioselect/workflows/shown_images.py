"""From images in [0, 1] of any channels to pictures that a person can look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

#: Channels that are shown of an image whose channels are no colours.
MOST_SHOWN = 4
#: The darkest and lightest parts of a channel (in percent) become black and white.
_DARKEST, _LIGHTEST = 0.5, 99.5
_WHITE_LINE = 2


@dataclass(frozen=True)
class Display:
    """How images are shown: as colours, or each channel in grey between its own two ends.

    Examples
    --------
    >>> Display(None).tile(np.full((1, 1, 3), 0.2, dtype=np.float32)).tolist()
    [[[51, 51, 51]]]
    """

    ends: tuple[tuple[float, float], ...] | None

    @classmethod
    def of(cls, images: Sequence[np.ndarray], are_colours: bool) -> Display:
        """Choose how images are shown, from all of them, so that they can be compared."""
        if are_colours:
            return cls(None)
        ends = []
        for channel in range(min(MOST_SHOWN, images[0].shape[2])):
            values = np.concatenate([image[:, :, channel].ravel() for image in images])
            low, high = (float(end) for end in np.percentile(values, (_DARKEST, _LIGHTEST)))
            ends.append((low, high) if high > low else (0.0, 1.0))
        return cls(tuple(ends))

    @property
    def n_panels(self) -> int:
        """How many pictures an image becomes, side by side."""
        return 1 if self.ends is None else len(self.ends)

    def tile(self, image: np.ndarray) -> np.ndarray:
        """Return uint8 ``(height, any width, 3)`` of a float32 image."""
        if self.ends is None:
            colours = image if image.shape[2] == 3 else np.repeat(image[:, :, :1], 3, axis=2)
            return _bytes(colours)
        line = np.ones((image.shape[0], _WHITE_LINE, 3), dtype=np.float32)
        panels: list[np.ndarray] = []
        for channel, (low, high) in enumerate(self.ends):
            grey = (image[:, :, channel : channel + 1] - low) / (high - low)
            panels += [line] if panels else []
            panels.append(np.repeat(grey, 3, axis=2))
        return _bytes(np.concatenate(panels, axis=1))

    def in_words(self, n_channels: int) -> str:
        """Say how images are shown, for a line below the pictures."""
        if self.ends is None:
            return ""
        stretched = "from its 0.5 % darkest to its 0.5 % lightest pixels in all images shown"
        if n_channels == 1:
            return f"Shown {stretched}."
        which = f"{n_channels}" if n_channels <= MOST_SHOWN else f"first {MOST_SHOWN}"
        return f"The {which} channels side by side, each {stretched}."


def _bytes(image: np.ndarray) -> np.ndarray:
    rounded: np.ndarray = np.rint(np.clip(image, 0.0, 1.0) * 255.0)
    return rounded.astype(np.uint8)
