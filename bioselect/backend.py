"""Where tasks run when they do not run on this machine, and how many run at once.

What is computed never asks where: `execution.run_tasks` and `execution.stream_tasks` do, here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
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
    ) -> Iterator[Any]:
        """Yield the results in the order of the tasks; see `execution.run_tasks`."""

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


_in_use: ContextVar[Backend | None] = ContextVar("backend", default=None)
_cores: ContextVar[int | None] = ContextVar("cores", default=None)


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
def given_cores(n_cores: int) -> Iterator[None]:
    """Say inside the block how many cores a worker was started for."""
    token = _cores.set(n_cores)
    try:
        yield
    finally:
        _cores.reset(token)


def cores_of_worker() -> int | None:
    """Return how many cores the worker of a cluster has that this runs in; None elsewhere."""
    return _cores.get()
