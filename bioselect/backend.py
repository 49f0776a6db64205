"""Where tasks run when they do not run on this machine, and how many run at once.

What is computed never asks where: `execution.run_tasks` and `execution.stream_tasks` do, here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from bioselect.exceptions import BioselectError

#: The files that a task reads: a worker elsewhere that cannot see one of them says so.
FilesOf = Callable[[Any], Iterable[Path]]


def no_files(_: Any) -> Iterable[Path]:
    """Return the files of a task that reads none."""
    return ()


class Backend(Protocol):
    """Runs tasks somewhere else, with the results that they have here."""

    @property
    def n_workers(self) -> int:
        """How many tasks run at once."""

    def run(
        self,
        function: Callable[[Any], Any],
        tasks: Iterable[Any],
        when_lost: Callable[[Any, BioselectError], Any] | None,
        heard: Callable[[Any], None] | None = None,
        whole: bool = False,
    ) -> Iterator[Any]:
        """Yield the results in the order of the tasks; see `execution.run_tasks`.

        `heard` is told what tasks say by `tell_driver` while they are under way. With `whole`, a
        worker does one such task at a time, as it takes all cores of its machine.
        """

    def stream(
        self,
        function: Callable[[Any], Any],
        tasks: Iterable[Any],
        n_ahead: int,
        files_of: FilesOf,
    ) -> Iterator[Any]:
        """Yield large results in the order of the tasks; see `execution.stream_tasks`."""

    def alone(self, function: Callable[[Any], Any], task: Any) -> Any:
        """Return the result of a task that may end its process; see `execution.run_alone`."""


@dataclass(frozen=True)
class Worker:
    """What a task may know of the worker of a cluster that it runs in.

    `n_cores` is for how many threads it was started, `scratch` a folder of its own, and `tell`
    sends something to the process that waits for the task.
    """

    n_cores: int
    scratch: Path
    tell: Callable[[Any], None]


_in_use: ContextVar[Backend | None] = ContextVar("backend", default=None)
_worker: ContextVar[Worker | None] = ContextVar("worker", default=None)


@contextmanager
def using(backend: Backend | None) -> Iterator[None]:
    """Run the tasks of everything inside the block there; None is this machine.

    Examples
    --------
    >>> with using(None):
    ...     backend_in_use() is None
    True
    """
    token = _in_use.set(backend)
    try:
        yield
    finally:
        _in_use.reset(token)


def backend_in_use() -> Backend | None:
    """Return where tasks run; None is this machine."""
    return _in_use.get()


def n_at_once(n_jobs: int) -> int:
    """Return how many tasks run at once: so many processes here, or the workers elsewhere.

    Examples
    --------
    >>> n_at_once(3)
    3
    """
    backend = backend_in_use()
    return n_jobs if backend is None else backend.n_workers


@contextmanager
def inside(worker: Worker) -> Iterator[None]:
    """Say that the block runs in a worker of a cluster."""
    token = _worker.set(worker)
    try:
        yield
    finally:
        _worker.reset(token)


def cores_of_worker() -> int | None:
    """Return how many cores the worker of a cluster has that this runs in; None elsewhere."""
    worker = _worker.get()
    return None if worker is None else worker.n_cores


def scratch_of_worker() -> Path | None:
    """Return a folder of the worker of a cluster that this runs in; None elsewhere."""
    worker = _worker.get()
    return None if worker is None else worker.scratch


def tell_driver(message: Any) -> None:
    """Tell the process that waits for this task something small; elsewhere nobody is told."""
    worker = _worker.get()
    if worker is not None:
        worker.tell(message)
