"""What runs in a child: one request after the other, told in events; see `children.py`.

Nothing but events goes to the standard output; what libraries print there goes to the errors.
"""

from __future__ import annotations

import _thread
import json
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO

from bioselect.exceptions import BioselectError
from bioselect.progress import Reporter, Task
from bioselect.stopping import Stop, stoppable

#: Progress is told so often at most.
_INTERVAL_SECONDS = 0.2
#: How the process ends when it was interrupted.
INTERRUPTED = 130


class Events:
    """Writes events for the page."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()
        self.job = ""

    def tell(self, event: str, **values: Any) -> None:
        """Tell one thing of the job that is under way."""
        line = json.dumps({"job": self.job, "event": event, **values})
        with self._lock:
            self._stream.write(line + "\n")
            self._stream.flush()


class EventReporter(Reporter):
    """A reporter whose words and bars become events."""

    def __init__(self, events: Events) -> None:
        self._events = events

    def say(self, text: str) -> None:
        """Tell one line."""
        self._events.tell("say", text=text)

    def warn(self, text: str) -> None:
        """Tell one warning."""
        self._events.tell("warn", text=text)

    @contextmanager
    def task(self, description: str, n_steps: int) -> Iterator[Task]:
        """Open a bar."""
        yield _EventTask(self._events, description, n_steps)


class _EventTask:
    def __init__(self, events: Events, description: str, n_steps: int) -> None:
        self._events, self._description, self._n_steps = events, description, n_steps
        self._n_done, self._last = 0, 0.0
        self._tell(0)

    def advance(self, n_steps: int = 1) -> None:
        """Say that so many more are done."""
        self._tell(n_steps)

    def _tell(self, n_steps: int) -> None:
        self._n_done += n_steps
        now = time.monotonic()
        if now - self._last < _INTERVAL_SECONDS and self._n_done < self._n_steps:
            return
        self._last = now
        self._events.tell(
            "task", description=self._description, n_steps=self._n_steps, n_done=self._n_done
        )


def main() -> int:
    """Do what is asked until the input ends."""
    events = Events(_own_output())
    if hasattr(signal, "SIGBREAK"):
        signal.signal(signal.SIGBREAK, signal.default_int_handler)
    requests: queue.Queue[dict[str, Any] | None] = queue.Queue()
    busy = threading.Event()
    threading.Thread(target=_read, args=(requests, busy), daemon=True).start()
    stop = Stop()
    # A library may swallow the exception: then the process ends all the same, after some seconds.
    with stoppable(stop):
        try:
            while (request := requests.get()) is not None:
                events.job = request["job"]
                busy.set()
                ending = _done(request, events)
                busy.clear()
                events.tell(**ending)
        except KeyboardInterrupt:
            events.tell("stopped")
            stop.told = True
            return INTERRUPTED
    return 0


def _own_output() -> TextIO:
    """Keep the standard output for events; everybody else's goes to the errors."""
    own = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return own


def _read(requests: queue.Queue[dict[str, Any] | None], busy: threading.Event) -> None:
    for line in sys.stdin:
        requests.put(json.loads(line))
    requests.put(None)
    if not busy.is_set():
        return
    # The page has gone: what is under way ends as by Ctrl-C, with the processes it has started.
    if os.name == "posix" and os.getpgrp() == os.getpid():
        os.killpg(os.getpgrp(), signal.SIGINT)
    else:
        _thread.interrupt_main()


def _done(request: dict[str, Any], events: Events) -> dict[str, str]:
    """Do what is asked, and return the last event of it."""
    from bioselect.app.work import WORK

    try:
        WORK[request["do"]](request, events)
    except BioselectError as error:
        return {"event": "failed", "text": str(error)}
    except OSError as error:
        place = "" if error.filename is None else f"{error.filename}: "
        reason = error.strerror or error
        return {
            "event": "failed",
            "text": f"{place}the system refused ({reason}). Check the path, your right to use it, "
            "and the disk it lies on.",
        }
    return {"event": "done"}


if __name__ == "__main__":
    sys.exit(main())
