"""An image as it was read, seen through windows: scaled and its channels chosen part by part.

A float copy of a 10,000 x 10,000 image would take 400 MB a channel; a window takes little.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bioselect.data.intensities import apply_ends, scale_ends
from bioselect.data.preparation import Reading, channel_places
from bioselect.exceptions import UnreadableImageError


@dataclass(frozen=True, eq=False)
class FileScene:
    """A scene over an image in the own type of its file; made by :func:`file_scene`.

    Parameters
    ----------
    native : np.ndarray
        ``(height, width, any number of channels)`` in the file's own type.
    ends : tuple of float
        The values that become 0 and 1.
    channels : tuple of int
        Which channels of the file a window has, in this order; one may stand there repeatedly.
    """

    native: np.ndarray
    ends: tuple[float, float]
    channels: tuple[int, ...]

    @property
    def shape(self) -> tuple[int, int, int]:
        """(height, width, n_channels)."""
        height, width, _ = self.native.shape
        return int(height), int(width), len(self.channels)

    def window(self, rows: slice, columns: slice) -> np.ndarray:
        """Return float32 ``(n_rows, n_columns, n_channels)`` in [0, 1]."""
        part = self.native[rows, columns]
        if self.channels != tuple(range(part.shape[2])):
            part = part[:, :, list(self.channels)]
        return apply_ends(part, self.ends)

    @property
    def unscaled(self) -> UnscaledScene:
        """The same channels with the values of the file."""
        return UnscaledScene(self.native, self.channels)


@dataclass(frozen=True, eq=False)
class UnscaledScene:
    """A scene in the values of the file: what intensities are measured on."""

    native: np.ndarray
    channels: tuple[int, ...]

    @property
    def shape(self) -> tuple[int, int, int]:
        """(height, width, n_channels)."""
        height, width, _ = self.native.shape
        return int(height), int(width), len(self.channels)

    def window(self, rows: slice, columns: slice) -> np.ndarray:
        """Return float64 ``(n_rows, n_columns, n_channels)``, which holds all values exactly."""
        part: np.ndarray = self.native[rows, columns][:, :, list(self.channels)].astype(np.float64)
        return part


def file_scene(native: np.ndarray, reading: Reading, n_channels: int, where: str) -> FileScene:
    """Return the scene of an image, prepared as images were for training.

    Parameters
    ----------
    native : np.ndarray
        From :func:`bioselect.data.reading.read_source`.
    reading : Reading
        How to scale, and which channels to take.
    n_channels : int
        How many channels the model takes; a grey image is repeated.
    where : str
        Names the image in errors.

    Raises
    ------
    UnreadableImageError
        If the image does not have the channels, or its values do not fit the scaling.

    Examples
    --------
    >>> from bioselect.data.intensities import Intensity
    >>> image = np.full((2, 3, 1), 51, dtype=np.uint8)
    >>> scene = file_scene(image, Reading(Intensity("dtype")), 3, "a.png")
    >>> scene.shape, scene.window(slice(0, 1), slice(0, 1)).mean().item()
    ((2, 3, 3), 0.20000000298023224)
    """
    n_found, chosen = native.shape[2], reading.channels
    places = channel_places(n_found, chosen, n_channels)
    if places is not None:
        channels = places * n_channels if len(places) == 1 else places
        return FileScene(native, scale_ends(native, reading.intensity, where), channels)
    if chosen is None:
        needed = f"{n_channels} channel{'s' * (n_channels != 1)}"
    else:
        needed = f"channel {max(chosen)} (channels are counted from 0)"
    raise UnreadableImageError(
        f"{where}: the image must have {needed}, like the images that the model was trained with. "
        f"Got {n_found} channels. Save it with as many."
    )
