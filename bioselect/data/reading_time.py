"""A time limit for each file that is read, which costs the others nothing.

One thread of the process looks once a second at what is being read. What runs in Python (headers,
lists of pages, XML, one plane after the other) is interrupted there. A compiled decoder cannot
be: how long it may take follows from the sizes that :mod:`bioselect.data.limits` allows. If one
does not come back all the same, the process may be told to end (`end_when_stuck`).
"""

from __future__ import annotations

import ctypes
import math
import os
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from bioselect.data.names import as_text
from bioselect.data.unreadable import unreadable

Result = TypeVar("Result")

#: In this variable of the environment may stand another limit, in seconds.
VARIABLE = "BIOSELECT_SECONDS_PER_FILE"
SECONDS = 300.0
#: A long file may take longer: so slow is a bad network drive.
BYTES_PER_SECOND = 1_000_000
#: How often the thread looks.
TICK = 1.0
#: A decoder that was told to stop and goes on for so many times the limit is stuck.
STUCK = 3
_EXIT_STUCK = 1


class _TookTooLong(BaseException):
    """Raised in the thread that reads; no `except Exception` of a decoder may take it."""


@dataclass
class _Reading:
    """A file that is being read."""

    path: Path
    thread: int
    seconds: float = 0.0
    limit: float = 0.0
    is_told: bool = False


def limited(path: Path, read: Callable[[], Result]) -> Result:
    """Return what `read` returns, unless it takes too long.

    Parameters
    ----------
    path : Path
        The file that is read, whose length counts; one that is read for another does not.
    read : callable
        Reads it, in this thread.

    Raises
    ------
    UnreadableImageError
        If it takes longer than `SECONDS`, and a second more for each megabyte of the file. Time in
        which the whole computer sleeps does not count.

    Examples
    --------
    >>> limited(Path("a.png"), lambda: 3)
    3
    """
    thread = threading.get_ident()
    if thread in _watch.readings:
        return read()
    reading = _Reading(path, thread)
    _watch.begin(reading)
    try:
        try:
            return read()
        finally:
            _watch.end(reading)
    except _TookTooLong:
        while True:
            try:
                _watch.end(reading)
                break
            except _TookTooLong:
                continue
    raise unreadable(
        path,
        f"reading it takes longer than {reading.limit:g} s. It is damaged, or made to keep the "
        "computer busy: leave it out. If it is only large, or its disk slow, allow more seconds "
        f"with the environment variable {VARIABLE}",
    )


def end_when_stuck() -> None:
    """Let this process end, with a message, if a compiled decoder never comes back.

    For processes in which nothing else is worth more: a command, and those that work for it.
    """
    _watch.ends = True


class _Watch:
    """What is being read, and the thread that looks at it."""

    def __init__(self) -> None:
        self.readings: dict[int, _Reading] = {}
        self.lock = threading.Lock()
        self.is_running = False
        self.ends = False

    def begin(self, reading: _Reading) -> None:
        """Look at a file from now on."""
        self.readings[reading.thread] = reading
        if not self.is_running:
            with self.lock:
                if not self.is_running:
                    self.is_running = True
                    threading.Thread(target=self._look, name="time limit", daemon=True).start()

    def end(self, reading: _Reading) -> None:
        """Look at it no more, and take back what was sent and has not arrived."""
        self.readings.pop(reading.thread, None)
        if reading.is_told:
            with self.lock:
                _send(reading.thread, None)

    def _look(self) -> None:
        last = time.monotonic()
        while True:
            time.sleep(TICK)
            now = time.monotonic()
            # A computer that slept, or a process that was stopped, was not reading.
            passed, last = min(now - last, 2 * TICK), now
            for reading in list(self.readings.values()):
                reading.seconds += passed
                reading.limit = reading.limit or _limit()
                if reading.seconds > reading.limit:
                    self._tell(reading)

    def _tell(self, reading: _Reading) -> None:
        if not reading.is_told:
            reading.limit = _limit() + _length_of(reading.path) / BYTES_PER_SECOND
            if reading.seconds <= reading.limit:
                return
        reading.is_told = True
        with self.lock:
            if self.readings.get(reading.thread) is reading:
                _send(reading.thread, _TookTooLong)
        if self.ends and reading.seconds > STUCK * reading.limit:
            self._end(reading)

    def _end(self, reading: _Reading) -> None:
        if self.readings.get(reading.thread) is not reading:
            return
        sys.stderr.write(
            f"error: {as_text(reading.path)}: its decoder does not come back after "
            f"{reading.seconds:.0f} s, so this process ends. Leave the file out, and start again: "
            "what was finished is kept.\n"
        )
        sys.stderr.flush()
        os._exit(_EXIT_STUCK)


def _limit() -> float:
    """Return the seconds that every file has."""
    try:
        seconds = float(os.environ.get(VARIABLE, ""))
    except ValueError:
        return SECONDS
    return seconds if 0 < seconds < math.inf else SECONDS


def _length_of(path: Path) -> int:
    try:
        if path.is_dir():
            return sum(entry.stat().st_size for entry in os.scandir(path))
        return path.stat().st_size
    except OSError:
        return 0


def _send(thread: int, what: type[BaseException] | None) -> None:
    """Raise in another thread as soon as it runs Python code again, or take that back."""
    sent = None if what is None else ctypes.py_object(what)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), sent)


_watch = _Watch()


def _begin_anew() -> None:
    """A forked process has none of the threads."""
    ends = _watch.ends
    _watch.__init__()  # type: ignore[misc]
    _watch.ends = ends


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_anew)
