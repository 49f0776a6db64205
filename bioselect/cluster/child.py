"""A process of its own for the tasks of one study, one at a time, on a worker.

In the worker itself other threads are at work. How many threads multiply matrices, and from where
Keras draws its random numbers, are settings of a whole process: only a process that does one task
at a time, and nothing else, computes what a process of the local backend does. A crash in a
compiled library ends it and not the worker.

It reads tasks from its standard input and writes what becomes of them to its standard output. When
the worker is gone, so is the input, and then this process ends; so it does when nobody asked for
long, as nobody does whose study was ended by force.
"""

from __future__ import annotations

import os
import queue
import signal
import struct
import sys
import threading
import traceback
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import IO, Any

from bioselect.cluster.parcels import as_bytes, from_bytes, mapped

_LENGTH = struct.Struct("<Q")
#: A process that was asked nothing for so long ends; the next task starts another one.
SECONDS_IDLE = 900.0


@dataclass(frozen=True)
class Job:
    """What the child is sent: a parcel, and the files of the large arrays in it.

    `scratch` is a folder of the worker.
    """

    parcel: bytes
    arrays: Sequence[str]
    scratch: str


@dataclass(frozen=True)
class Ahead:
    """Modules that the first task will import; one that is not there is no matter yet."""

    modules: tuple[str, ...]


@dataclass(frozen=True)
class Told:
    """What a task tells while it is under way."""

    message: Any


def write_message(stream: IO[bytes], message: Any) -> None:
    """Write an object, its length before it."""
    content = as_bytes(message)
    stream.write(_LENGTH.pack(len(content)))
    stream.write(content)
    stream.flush()


def read_message(stream: IO[bytes]) -> Any:
    """Return the next object.

    Raises
    ------
    EOFError
        If the other side is gone.
    """
    head = stream.read(_LENGTH.size)
    content = b""
    if len(head) == _LENGTH.size:
        (length,) = _LENGTH.unpack(head)
        content = stream.read(length)
        if len(content) == length:
            return from_bytes(content)
    raise EOFError("the other process is gone")


def main() -> None:
    """Do one task after the other until nobody asks any more."""
    # Ctrl-C reaches all processes of a terminal; the one that asked decides what becomes of it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # What libraries print belongs to the log of the worker.
    jobs: queue.SimpleQueue[Job | Ahead] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(sys.stdin.buffer, jobs), daemon=True).start()
    while True:
        try:
            job = jobs.get(timeout=SECONDS_IDLE)
        except queue.Empty:
            os._exit(0)  # The thread that reads holds what Python would clean up.
        if isinstance(job, Ahead):
            _import_all(job.modules)
            continue
        write_message(answers, _done(job, answers))


def _import_all(modules: Sequence[str]) -> None:
    for name in modules:
        with suppress(Exception):
            import_module(name)


def _read(stream: IO[bytes], jobs: queue.SimpleQueue[Job | Ahead]) -> None:
    while True:
        try:
            jobs.put(read_message(stream))
        except BaseException:
            # Nobody waits for what is under way, and this process writes nothing that lasts.
            os._exit(1)


def _done(job: Job, answers: IO[bytes]) -> bytes:
    from bioselect.backend import Worker, inside
    from bioselect.cluster.own_code import importable_there
    from bioselect.cluster.parcels import Unseen, opened
    from bioselect.workers import Raised, guarded, portable

    def tell(message: Any) -> None:
        write_message(answers, Told(message))

    outcome: Any
    try:
        parcel = from_bytes(job.parcel)
        folder = parcel.folder if os.path.isdir(parcel.folder) else os.getcwd()
        os.chdir(folder)
        unseen = next((path for path in parcel.files if not os.path.exists(path)), None)
        if unseen is not None:
            outcome = Unseen(unseen)
        else:
            scratch = Path(job.scratch)
            # Mapped, and so in memory once for all processes of a worker; for this task alone, as
            # a file that is mapped keeps its place on the disk.
            arrays = [mapped(path) for path in job.arrays]
            with importable_there(parcel.code, scratch), inside(Worker(1, scratch, tell)):
                function, task = opened(parcel.content, arrays)
                outcome = guarded(function, task, folder)
        return as_bytes(outcome)
    except Exception as error:  # Something is missing here that is there where it was sent from.
        return as_bytes(Raised(portable(error), traceback.format_exc()))
