"""What runs in a worker: it passes tasks on to processes of its own, one for each thread.

A process does the tasks of one study. Where nobody asks it any more it ends by itself.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Container, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from bioselect.cluster.child import Ahead, Job, Told, read_message, write_message
from bioselect.cluster.facts import facts
from bioselect.cluster.parcels import Died, as_bytes
from bioselect.exceptions import StorageError
from bioselect.threads import THREAD_VARIABLES
from bioselect.workers import Raised

#: So many processes of a study are started before its first task, at most.
N_STARTED_AHEAD = 8


class _Child:
    """A process that does the tasks of one study, one at a time."""

    def __init__(self, study: str, is_busy: bool) -> None:
        self.study = study
        self.is_busy = is_busy
        self._process = subprocess.Popen(
            # Not `-m`: its classes would be those of `__main__`, which nobody else knows.
            [sys.executable, "-c", "from bioselect.cluster.child import main; main()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **dict.fromkeys(THREAD_VARIABLES, "1")},
        )

    def run(self, job: Job, tell: Callable[[Any], None]) -> bytes | None:
        """Return the outcome of a task as it was pickled; None if the process died of it."""
        try:
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            write_message(self._process.stdin, job)
            while isinstance(answer := read_message(self._process.stdout), Told):
                tell(answer.message)
            outcome: bytes = answer
            return outcome
        except (EOFError, OSError):
            return None

    def import_ahead(self, modules: Sequence[str]) -> None:
        """Let the process import what its first task will need."""
        assert self._process.stdin is not None
        with suppress(OSError):
            write_message(self._process.stdin, Ahead(tuple(modules)))

    @property
    def is_there(self) -> bool:
        """Whether the process runs."""
        return self._process.poll() is None

    def end(self) -> None:
        """End the process, whatever it is doing."""
        self._process.kill()
        with suppress(Exception):
            self._process.communicate(timeout=5)


_children: list[_Child] = []
_lock = threading.Lock()
_files_lock = threading.Lock()
#: Studies that have ended: what is under way of them begins nothing more.
_over: set[str] = set()


def _taken(study: str) -> _Child:
    """Return a process of a study that does nothing else; a new one, if there is none."""
    with _lock:
        _check_goes_on(study)
        _children[:] = [child for child in _children if child.is_busy or child.is_there]
        for child in reversed(_children):
            if child.study == study and not child.is_busy:
                child.is_busy = True
                return child
        child = _Child(study, is_busy=True)
        _children.append(child)
        return child


def _check_goes_on(study: str) -> None:
    if study in _over:
        raise RuntimeError("this study has ended")


def _given_up(child: _Child) -> None:
    with _lock, suppress(ValueError):  # The end of the study may have been quicker.
        _children.remove(child)
    child.end()


def hold(content: bytes) -> bytes:
    """Return a piece of an array: the worker then keeps it for the tasks that need it."""
    return content


def work(
    study: str, parcel: bytes, topic: str, keys: Sequence[Sequence[str]], *pieces: bytes
) -> bytes:
    """Do a task of a study and return its outcome, pickled: also what it raised.

    `keys` are those of the pieces, array by array.
    """
    from distributed import get_worker

    worker = get_worker()

    def tell(message: Any) -> None:
        worker.log_event(topic, message)

    scratch = str(worker.local_directory)
    remaining = iter(pieces)
    try:
        files = [
            _file_of(scratch, study, names, [next(remaining) for _ in names], worker.data)
            for names in keys
        ]
    except StorageError as error:
        return as_bytes(Raised(error, ""))
    child = _taken(study)
    try:
        outcome = child.run(Job(parcel, files, scratch), tell)
    except BaseException:
        _given_up(child)  # What else it says would be taken for the answer to another task.
        raise
    if outcome is None:
        _given_up(child)
        return as_bytes(Died())
    child.is_busy = False
    return outcome


def _file_of(
    scratch: str, study: str, names: Sequence[str], pieces: Sequence[bytes], kept: Container[str]
) -> str:
    """Return the file of an array; write it if it is not there, and remove those of the past.

    Raises
    ------
    StorageError
        If it cannot be written.
    """
    path = Path(scratch) / f"{names[0]}.array"
    with _files_lock:
        _check_goes_on(study)
        if not path.exists():
            for old in Path(scratch).glob(f"{study}-*.array"):
                if old.stem not in kept:
                    _removed(old)
            part = path.with_suffix(".part")
            try:
                with part.open("wb") as file:
                    file.writelines(pieces)
                part.replace(path)
            except OSError as error:
                _removed(part)
                raise StorageError(
                    f"{scratch} of the worker on {socket.gethostname()}: the rows of a task could "
                    f"not be written ({error.strerror}). Free space there, or start the worker "
                    "with --local-directory on a larger disk; then the same command goes on."
                ) from error
    return str(path)


def _removed(path: Path) -> None:
    with suppress(OSError):  # Windows keeps a file that is mapped.
        path.unlink()


@atexit.register
def _end_all() -> None:
    for child in _children:
        child.end()


def look_around(paths: tuple[str, ...], dask_worker: Any = None) -> dict[str, Any]:
    """Return what must be known of a worker before it is given work."""
    unseen = next((path for path in paths if not Path(path).exists()), None)
    return {**facts(), "threads": int(dask_worker.state.nthreads), "unseen": unseen}


async def open_slots(
    slots: Mapping[str, Mapping[str, float]],
    study: str,
    modules: Sequence[str] = (),
    dask_worker: Any = None,
) -> None:
    """Let the scheduler give work of ours to this worker; import what it will need at once."""
    mine = slots[dask_worker.contact_address]
    # Said again, it would make the scheduler forget what another study has under way here.
    if not set(mine) <= set(dask_worker.state.total_resources):
        await dask_worker.set_resources(**mine)
    if modules:
        with suppress(OSError):  # The first task says what is wrong.
            for _ in range(min(N_STARTED_AHEAD, int(dask_worker.state.nthreads))):
                child = _Child(study, is_busy=False)
                child.import_ahead(modules)
                with _lock:
                    _children.append(child)


async def study_over(study: str, dask_worker: Any = None) -> None:
    """End a study beside the loop of the worker: Dask runs only coroutines without waiting."""
    await asyncio.to_thread(end_study, study, dask_worker)


def end_study(study: str, dask_worker: Any = None) -> None:
    """End the processes of a study that is over, also what is under way; remove its files."""
    with _lock:
        _over.add(study)
    for child in list(_children):
        if child.study == study:
            _given_up(child)
    if dask_worker is not None:
        with _files_lock:
            for path in Path(dask_worker.local_directory).glob(f"{study}-*"):
                _removed(path)
