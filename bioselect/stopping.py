"""A clean stop: Ctrl-C and what a system sends to end a program, within seconds and in words.

The first of these signals raises `KeyboardInterrupt` where the program is, so that files are
closed and processes ended. That may not come to an end: a compiled library is at work, or somebody
swallows the exception. So a thread that waits for the signals ends the program after some seconds
all the same; a second signal does it at once. Nothing is lost then: whatever outlives the program
is written beside its place and renamed.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

#: How long the program may take to stop by itself.
SECONDS_TO_STOP = 3.0
#: Ctrl-C; what `kill`, a queue of jobs or a shutdown sends; a terminal that is closed.
_NAMES = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
_SHOW_CURSOR = b"\x1b[?25h"


class Stop:
    """Whether a signal has asked to stop, and which.

    `words` are told, on the `standard_error`, when the program is ended before it has `told` them
    itself.
    """

    def __init__(self) -> None:
        self.words = "stopped."
        self.asked = 0
        self.told = False
        self.standard_error = 2

    @property
    def exit_code(self) -> int:
        """Return what shells expect of a program that a signal has ended."""
        return 128 + (self.asked or signal.SIGINT)

    def ask(self, number: int, _: FrameType | None = None) -> None:
        """Handle a signal."""
        if self.asked:
            self.end()
        self.asked = number
        raise KeyboardInterrupt

    def end(self) -> None:
        """End the program as it stands; processes that work for it notice and end too."""
        if not self.told:
            showing = _SHOW_CURSOR if _is_terminal() else b""
            with suppress(OSError):
                os.write(self.standard_error, showing + f"\n{self.words}\n".encode())
        os._exit(self.exit_code)


@contextmanager
def stoppable(stop: Stop) -> Iterator[None]:
    """Let signals stop what is done inside the block; outside the main thread do nothing.

    What is ignored stays ignored: `nohup`, and what a shell starts in the background.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]
    before = {
        number: handler
        for number in numbers
        if (handler := signal.getsignal(number)) in (signal.SIG_DFL, signal.default_int_handler)
    }
    with suppress(OSError):
        # The one there is now: it is set aside while libraries are loaded that write to it.
        stop.standard_error = os.dup(2)
    told, noticed = socket.socketpair()
    noticed.setblocking(False)
    watch = threading.Thread(target=_watch, args=(told, stop, frozenset(before)), daemon=True)
    watch.start()
    woken = signal.set_wakeup_fd(noticed.fileno(), warn_on_full_buffer=False)
    try:
        for number in before:
            signal.signal(number, stop.ask)
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(woken)
        noticed.close()  # The thread reads to the end and is done.
        watch.join()
        told.close()
        if stop.standard_error != 2:
            os.close(stop.standard_error)
            stop.standard_error = 2


def _watch(told: socket.socket, stop: Stop, numbers: frozenset[int]) -> None:
    """Wait for the bytes that the system writes at a signal, whatever the program does."""
    while received := told.recv(1):
        if received[0] in numbers:
            break
    else:
        return
    told.settimeout(SECONDS_TO_STOP)
    with suppress(TimeoutError):
        while received := told.recv(1):
            if received[0] in numbers:
                break  # asked twice
        else:
            return
    stop.asked = stop.asked or signal.SIGINT
    stop.end()


def _is_terminal() -> bool:
    with suppress(OSError, ValueError, AttributeError):
        return sys.stderr.isatty()
    return False
