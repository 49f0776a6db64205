"""From a file to what an extractor takes: read, scaled, channels chosen, resized."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from bioselect.data.intensities import Intensity, apply_ends, scale_ends
from bioselect.data.resizing import resize
from bioselect.data.stacks import Stack
from bioselect.data.tiles import Tiles
from bioselect.exceptions import UnreadableImageError

#: Above this many values the channels are scaled and resized one after the other: a float copy
#: of all channels of a 20,000 x 20,000 image would take 5 GB.
N_VALUES_AT_ONCE = 100_000_000
N_COLOURS = 3


@dataclass(frozen=True)
class Reading:
    """How images are read; stored in a bundle and replayed at prediction.

    `channels` are the channels, counted from 0, that go to a component that takes a fixed number
    of them; None takes the image as it is. `repeat_grey` gives grey images three equal channels
    for every component: in a set that mixes grey and colour files all rows then have one length.
    `stack` says what becomes of files with several planes; with None they are errors.
    `join_series` says whether the files of a DICOM series in one folder are one volume, `tiles`
    how large images are cut into the images that are looked at; None takes them as they are.

    Examples
    --------
    >>> reading = Reading(Intensity("dtype"), (2, 1, 0))
    >>> reading.as_dict()
    {'intensity': 'dtype', 'channels': [2, 1, 0], 'repeat_grey': False, 'stack': None, \
'join_series': True}
    >>> Reading.from_dict(reading.as_dict()) == reading
    True
    """

    intensity: Intensity
    channels: tuple[int, ...] | None = None
    repeat_grey: bool = False
    stack: Stack | None = None
    join_series: bool = True
    tiles: Tiles | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return plain values that JSON and YAML can hold; `tiles` only where there are some."""
        channels = None if self.channels is None else list(self.channels)
        return {
            "intensity": self.intensity.as_config(),
            "channels": channels,
            "repeat_grey": self.repeat_grey,
            "stack": None if self.stack is None else self.stack.as_config(),
            "join_series": self.join_series,
            **({} if self.tiles is None else {"tiles": self.tiles.as_config()}),
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Reading:
        """Read what :meth:`as_dict` gave; models of the first version have no `stack`."""
        channels = values["channels"]
        stack, tiles = values.get("stack"), values.get("tiles")
        return cls(
            Intensity.from_config(values["intensity"]),
            None if channels is None else tuple(int(channel) for channel in channels),
            bool(values["repeat_grey"]),
            None if stack is None else Stack.from_config(stack),
            bool(values.get("join_series", True)),
            None if tiles is None else Tiles.from_config(tiles),
        )


def prepare(
    image: np.ndarray,
    reading: Reading,
    size: tuple[int, int] | None,
    n_channels: int | None,
    where: str,
) -> np.ndarray:
    """Return an image as an extractor takes it.

    Parameters
    ----------
    image : np.ndarray
        ``(height, width, n)`` in the file's own dtype, from
        :func:`bioselect.data.reading.read_image`.
    reading : Reading
        How to scale, and which channels to take.
    size : tuple of int or None
        ``(height, width)`` in pixels; None keeps the image's own.
    n_channels : int or None
        How many channels the result must have: grey is repeated, `reading.channels` chooses.
        None keeps all channels of the image, whatever `reading.channels` says (but see
        `reading.repeat_grey`).
    where : str
        Names the image in errors.

    Returns
    -------
    np.ndarray
        float32 ``(height, width, n_channels)`` in [0, 1].

    Raises
    ------
    UnreadableImageError
        If the image does not have the channels, or its values do not fit the scaling.

    Examples
    --------
    >>> grey = np.full((2, 2, 1), 255, dtype=np.uint8)
    >>> prepare(grey, Reading(Intensity("dtype")), (4, 4), 3, "a.png").shape
    (4, 4, 3)
    """
    ends = scale_ends(image, reading.intensity, where)
    if n_channels is not None:
        image = chosen_channels(image, reading, n_channels, where)
    prepared = _scaled_and_resized(image, ends, size)
    if n_channels is None and reading.repeat_grey and prepared.shape[2] == 1:
        n_channels = N_COLOURS
    if n_channels is not None and prepared.shape[2] != n_channels:
        prepared = np.repeat(prepared, n_channels, axis=2)
    return prepared


def channels_asked(n_channels: int, reading: Reading) -> int | None:
    """Return how many channels `prepare` is asked for, by a network that takes `n_channels`.

    One and three follow the rules of all networks (grey is repeated); another number is that of the
    files, unless `reading.channels` chooses. None takes an image as it is.

    Examples
    --------
    >>> reading = Reading(Intensity("dtype"))
    >>> channels_asked(3, reading), channels_asked(5, reading)
    (3, None)
    """
    return n_channels if n_channels in (1, N_COLOURS) or reading.channels is not None else None


def channel_places(
    n_found: int, chosen: tuple[int, ...] | None, n_channels: int
) -> tuple[int, ...] | None:
    """Return which channels of a file are taken: one, which is repeated, or `n_channels`.

    None where the file does not have them.

    Examples
    --------
    >>> channel_places(1, (2, 0), 2), channel_places(3, (2, 0), 2), channel_places(3, None, 3)
    ((0,), (2, 0), (0, 1, 2))
    >>> channel_places(2, (2, 0), 2), channel_places(3, None, 1)
    (None, None)
    """
    if n_found == 1:
        return (0,)
    places = tuple(range(n_found)) if chosen is None else tuple(chosen)
    fits = len(places) in (1, n_channels) and min(places) >= 0 and max(places) < n_found
    return places if fits else None


def chosen_channels(image: np.ndarray, reading: Reading, n_channels: int, where: str) -> np.ndarray:
    """Return one channel or `n_channels` of them, as `prepare` takes them.

    Raises
    ------
    UnreadableImageError
        If the image has another number, and `reading` does not choose.
    """
    channels = reading.channels
    n_found = image.shape[2]
    places = channel_places(n_found, channels, n_channels)
    if places is not None:
        return image if places == tuple(range(n_found)) else image[:, :, list(places)]
    if channels is not None and (min(channels) < 0 or max(channels) >= n_found):
        raise UnreadableImageError(
            f"{where}: dataset.channels {list(channels)} must lie between 0 and "
            f"{n_found - 1} (channels are counted from 0). Got an image with {n_found} "
            "channels. Choose others with dataset.channels."
        )
    count = "three" if n_channels == 3 else str(n_channels)
    if channels is not None:
        raise UnreadableImageError(
            f"the extractor accepts images with {n_channels} channels. Got the {len(channels)} "
            f"of dataset.channels {list(channels)} ({where}). Write {count} channels, or one that "
            "is to be repeated."
        )
    example = [min(place, n_found - 1) for place in range(n_channels)]
    raise UnreadableImageError(
        f"the extractor accepts images with {n_channels} channels. Got {n_found} ({where}). "
        f"Choose {count} with dataset.channels, for example {example}."
    )


def _scaled_and_resized(
    image: np.ndarray, ends: tuple[float, float], size: tuple[int, int] | None
) -> np.ndarray:
    if size is None or image.size <= N_VALUES_AT_ONCE:
        scaled = apply_ends(image, ends)
        return scaled if size is None else resize(scaled, size)
    planes = [
        resize(apply_ends(image[:, :, place : place + 1], ends), size)
        for place in range(image.shape[2])
    ]
    return np.concatenate(planes, axis=2)
