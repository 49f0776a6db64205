"""What runs in a worker: it passes tasks on to processes of its own, one for each thread."""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from bioselect.cluster.child import Job, Told, read_message, write_message
from bioselect.cluster.facts import facts
from bioselect.cluster.parcels import Died, as_bytes
from bioselect.threads import THREAD_VARIABLES


class _Child:
    """The process that does the tasks of one study in one thread of the worker."""

    def __init__(self, study: str) -> None:
        self.study = study
        self._has: set[str] = set()
        self._process = subprocess.Popen(
            # Not `-m`: its classes would be those of `__main__`, which nobody else knows.
            [sys.executable, "-c", "from bioselect.cluster.child import main; main()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **dict.fromkeys(THREAD_VARIABLES, "1")},
        )

    def run(
        self,
        parcel: bytes,
        arrays: Mapping[str, bytes],
        scratch: str,
        tell: Callable[[Any], None],
    ) -> bytes | None:
        """Return the outcome of a task as it was pickled; None if the process died of it."""
        sent = [(key, None if key in self._has else array) for key, array in arrays.items()]
        try:
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            write_message(self._process.stdin, Job(parcel, sent, scratch))
            self._has = set(arrays)
            while isinstance(answer := read_message(self._process.stdout), Told):
                tell(answer.message)
            outcome: bytes = answer
            return outcome
        except (EOFError, OSError):
            return None

    def end(self) -> None:
        """End the process, whatever it is doing."""
        self._process.kill()
        with suppress(Exception):
            self._process.communicate(timeout=5)


#: By the thread of the worker.
_children: dict[int, _Child] = {}


def hold(content: bytes) -> bytes:
    """Return an array as it was sent: the worker then keeps it for the tasks that need it."""
    return content


def work(study: str, parcel: bytes, topic: str, keys: Sequence[str], *arrays: bytes) -> bytes:
    """Do a task of a study and return its outcome, pickled: also what it raised."""
    from distributed import get_worker

    worker = get_worker()
    place = threading.get_ident()
    child = _children.get(place)
    if child is None or child.study != study:
        if child is not None:
            child.end()
        child = _children[place] = _Child(study)

    def tell(message: Any) -> None:
        worker.log_event(topic, message)

    there = dict(zip(keys, arrays, strict=True))
    outcome = child.run(parcel, there, str(worker.local_directory), tell)
    if outcome is None:
        _children.pop(place, None)  # The end of the study may have been quicker.
        child.end()
        return as_bytes(Died())
    return outcome


@atexit.register
def _end_all() -> None:
    for child in _children.values():
        child.end()


def look_around(paths: tuple[str, ...], dask_worker: Any = None) -> dict[str, Any]:
    """Return what must be known of a worker before it is given work."""
    unseen = next((path for path in paths if not Path(path).exists()), None)
    return {**facts(), "threads": int(dask_worker.state.nthreads), "unseen": unseen}


async def open_slots(slots: Mapping[str, Mapping[str, float]], dask_worker: Any = None) -> None:
    """Let the scheduler give work of ours to this worker."""
    mine = slots[dask_worker.contact_address]
    # Said again, it would make the scheduler forget what another study has under way here.
    if not set(mine) <= set(dask_worker.state.total_resources):
        await dask_worker.set_resources(**mine)


def end_study(study: str) -> None:
    """End the processes of a study that is over; also what is under way there."""
    for place, child in list(_children.items()):
        if child.study == study:
            child.end()
            _children.pop(place, None)
