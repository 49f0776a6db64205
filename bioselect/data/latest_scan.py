"""The large image that tiles were last cut from, kept for the next of its tiles.

The tiles of one image are asked for one after the other. Decoding it anew for each would take
hours; keeping several images could fill the memory. So each process keeps one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable

import numpy as np


class LatestScan:
    """One image in memory, for all threads of a process; while it is read, the others wait.

    Examples
    --------
    >>> latest = LatestScan()
    >>> latest.image("a", lambda: np.zeros(1)) is latest.image("a", lambda: np.ones(1))
    True
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._key: Hashable = None
        self._image: np.ndarray | None = None

    def image(self, key: Hashable, read: Callable[[], np.ndarray]) -> np.ndarray:
        """Return the image of a key: the one that is kept, or what `read` gives."""
        with self._lock:
            if self._image is None or self._key != key:
                self._image = None  # Gone before the next one is there.
                self._image, self._key = read(), key
            return self._image

    def forget(self) -> None:
        """Give the memory back; whoever asks next reads again."""
        with self._lock:
            self._key = self._image = None
