"""Where tasks run: here, in this process or in several, or where a backend has them run.

The last bits of a matrix product depend on how many threads share it, so every task runs with
exactly one thread of BLAS and OpenMP. Processes, not threads, use the other cores; the results
are then the same whatever their number. A backend (:mod:`bioselect.backend`) does the same.
"""

from __future__ import annotations

import os
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import closing
from itertools import islice
from typing import Any, Generic, TypeVar

from bioselect.backend import FilesOf, backend_in_use, no_files
from bioselect.exceptions import BioselectError, ConfigurationError, WorkerDiedError
from bioselect.threads import one_thread as one_thread  # who runs tasks finds it here
from bioselect.workers import (
    ENDED,
    ENDED_ALONE,
    LoneProcess,
    Raised,
    end_processes,
    guarded,
    in_processes,
    result_of,
    start_processes,
)

Task = TypeVar("Task")
Result = TypeVar("Result")

#: What is told, at its end with what is done about it.
Tell = Callable[[str], None]
#: Makes a result of a task that no process survived.
WhenLost = Callable[[Task, BioselectError], Result]


def resolve_jobs(jobs: int | None) -> int:
    """Return how many processes to use; None means every core this process may use.

    Raises
    ------
    ConfigurationError
        If `jobs` is below 1.

    Examples
    --------
    >>> resolve_jobs(3)
    3
    >>> resolve_jobs(None) >= 1
    True
    """
    if jobs is None:
        import joblib

        return int(joblib.cpu_count())
    if jobs < 1:
        raise ConfigurationError(
            f"jobs: must be at least 1. Got {jobs}. Leave it out to use every core."
        )
    return jobs


def run_tasks(
    function: Callable[[Task], Result],
    tasks: Iterable[Task],
    n_jobs: int,
    when_lost: WhenLost[Task, Result] | None = None,
    tell: Tell = warnings.warn,
) -> Iterator[Result]:
    """Run `function` on each task and yield the results in the order of the tasks.

    Parameters
    ----------
    function : callable
        Takes one task. With several processes it must be importable (defined in a module).
    tasks : iterable
        Taken a few at a time. Arrays above 1 MB inside a task are written once to memory that all
        processes share, and are read-only there.
    n_jobs : int
        1 runs in this process; more start that many processes, which are ended when the iterator
        is closed before its end (Ctrl-C, an error). When one dies or has no memory, what is not
        done yet is done by half as many, at last by one alone.
    when_lost : callable, optional
        Makes a result of a task that has no memory even alone; without one, that is an error.
    tell : callable
        Told that there are fewer processes from now on.

    Yields
    ------
    Result
        What `function` returned. If it raised, that exception is raised in the task's place, after
        the results of all tasks before it.

    Raises
    ------
    WorkerDiedError
        If a process died (out of memory, a crash in a compiled library) that worked alone.

    Examples
    --------
    >>> list(run_tasks(abs, [-3, 2, -1], n_jobs=1))
    [3, 2, 1]
    """
    if (backend := backend_in_use()) is not None:
        yield from backend.run(function, tasks, when_lost)
        return
    if n_jobs == 1:
        for task in tasks:
            yield _done_here(function, task, when_lost)
        return
    to_do = _ToDo(tasks)

    def beside_others(n_processes: int) -> Iterator[Any]:
        folder = os.getcwd()
        return in_processes(guarded, ((function, task, folder) for task in to_do), n_processes)

    yield from _by_fewer_and_fewer(function, to_do, n_jobs, beside_others, when_lost, tell)


def _done_here(
    function: Callable[[Task], Result], task: Task, when_lost: WhenLost[Task, Result] | None
) -> Result:
    try:
        with one_thread():
            return function(task)
    except MemoryError as error:
        if when_lost is None:
            raise
        return when_lost(task, _no_memory(error))


def stream_tasks(
    function: Callable[[Task], Result],
    tasks: Iterable[Task],
    n_jobs: int,
    n_ahead: int,
    tell_busy: Callable[[int], None] = lambda n_busy: None,
    tell: Tell = warnings.warn,
    files_of: FilesOf = no_files,
) -> Iterator[Result]:
    """Run `function` on each of any number of tasks and yield the results in their order.

    As :func:`run_tasks`, in the same processes, but for results that are large: no more than
    `n_ahead` of them wait to be taken, however slow the caller is. Tasks are sent as they are,
    without shared memory for large arrays.

    Parameters
    ----------
    function, tasks, n_jobs
        As for :func:`run_tasks`.
    n_ahead : int
        So many tasks are under way, or finished and not yet taken, while the caller works; more
        than two a process are never.
    tell_busy : callable
        Told before each result how many other processes have something to do: for a caller who
        has use for the cores of those that wait.
    tell : callable
        As for :func:`run_tasks`.
    files_of : callable
        The files that a task reads, for a backend whose workers may not see them.

    Yields
    ------
    Result
        What `function` returned; an exception is raised in its task's place.

    Raises
    ------
    WorkerDiedError
        If a process died that worked alone.

    Examples
    --------
    >>> list(stream_tasks(abs, [-3, 2, -1], n_jobs=1, n_ahead=2))
    [3, 2, 1]
    """
    if (backend := backend_in_use()) is not None:
        yield from backend.stream(function, tasks, n_ahead, files_of)
        return
    if n_jobs == 1:
        yield from run_tasks(function, tasks, 1)
        return
    to_do = _ToDo(tasks)

    def beside_others(n_processes: int) -> Iterator[Any]:
        return _streamed(function, to_do, n_processes, n_ahead, tell_busy)

    yield from _by_fewer_and_fewer(function, to_do, n_jobs, beside_others, None, tell)


def _streamed(
    function: Callable[[Task], Result],
    tasks: Iterable[Task],
    n_jobs: int,
    n_ahead: int,
    tell_busy: Callable[[int], None],
) -> Iterator[Result | Raised]:
    from joblib.externals.loky.process_executor import BrokenProcessPool

    executor = start_processes(n_jobs)
    folder = os.getcwd()
    # With more, loky stumbles when it is told to end its processes at once.
    n_ahead = min(n_ahead, 2 * n_jobs)
    under_way: deque[Future[Result | Raised]] = deque(maxlen=n_ahead + 1)

    def submit(task: Task) -> Future[Result | Raised]:
        under_way.append(executor.submit(guarded, function, task, folder))
        return under_way[-1]

    finished = False
    try:
        for future in submitted_ahead(submit, tasks, lambda: n_ahead):
            outcome = future.result()
            tell_busy(min(n_jobs, sum(not one.done() for one in under_way)))
            yield outcome
        finished = True
    except BrokenProcessPool as error:
        raise WorkerDiedError(ENDED) from error
    finally:
        if not finished:
            # Ctrl-C, or an error: nobody waits for what is under way.
            executor.shutdown(wait=True, kill_workers=True)


class _ToDo(Generic[Task]):
    """Tasks of which some were begun: whoever goes through them finds the undone, then the rest.

    joblib takes tasks in two threads, one at a time by a lock of its own. Whoever comes next begins
    when the processes before have been ended, and with them the thread that took tasks for them.
    """

    def __init__(self, tasks: Iterable[Task]) -> None:
        self._rest = iter(tasks)
        self._begun: deque[Task] = deque()

    def __iter__(self) -> Iterator[Task]:
        yield from list(self._begun)
        for task in self._rest:
            self._begun.append(task)
            yield task

    def first_is_done(self) -> None:
        self._begun.popleft()


def _by_fewer_and_fewer(
    function: Callable[[Task], Result],
    to_do: _ToDo[Task],
    n_jobs: int,
    beside_others: Callable[[int], Iterator[Any]],
    when_lost: WhenLost[Task, Result] | None,
    tell: Tell,
) -> Iterator[Result]:
    """Yield the results of all tasks; where processes lack memory, go on with fewer of them."""
    while n_jobs > 1:
        with closing(beside_others(n_jobs)) as outcomes:  # type: ignore[type-var]
            try:
                for outcome in outcomes:
                    if isinstance(outcome, Raised) and isinstance(outcome.error, MemoryError):
                        raise WorkerDiedError(f"a worker process has no memory: {outcome.error}")
                    to_do.first_is_done()
                    yield result_of(outcome)
                return
            except WorkerDiedError as error:
                told = str(error)
            except MemoryError as error:  # while a task or its result was on its way
                told = f"memory ran out ({error})"
        end_processes(n_jobs)
        n_jobs //= 2
        one = "one process alone" if n_jobs == 1 else f"{n_jobs} processes"
        tell(f"{told}. What is not done yet is done by {one}.")
    folder = os.getcwd()
    with LoneProcess() as alone:
        for task in to_do:
            try:
                result = result_of(alone.run(guarded, function, task, folder))
            except (WorkerDiedError, MemoryError) as error:
                if when_lost is None:
                    raise
                lost = error if isinstance(error, WorkerDiedError) else _no_memory(error)
                result = when_lost(task, lost)
            to_do.first_is_done()
            yield result


def run_alone(function: Callable[[Task], Result], task: Task) -> Result:
    """Run a task in a process of its own, so that this one does not end with it.

    Raises
    ------
    WorkerDiedError
        If it has no memory there.

    Examples
    --------
    >>> run_alone(abs, -3)
    3
    """
    if (backend := backend_in_use()) is not None:
        found: Result = backend.alone(function, task)
        return found
    with LoneProcess() as alone:
        try:
            result: Result = result_of(alone.run(guarded, function, task, os.getcwd()))
        except MemoryError as error:
            raise _no_memory(error) from error
    return result


def _no_memory(error: MemoryError) -> WorkerDiedError:
    return WorkerDiedError(f"{ENDED_ALONE} ({type(error).__name__}: {error})")


def submitted_ahead(
    submit: Callable[[Task], Future[Result]], tasks: Iterable[Task], n_ahead: Callable[[], int]
) -> Iterator[Future[Result]]:
    """Yield the future of each task, in order; more are submitted meanwhile.

    Parameters
    ----------
    submit : callable
        Starts a task in another thread or process.
    tasks : iterable
        Taken as they are needed; there may be any number.
    n_ahead : callable
        Says how many are submitted before they are asked for; it is asked before each.

    Examples
    --------
    >>> from concurrent.futures import ThreadPoolExecutor
    >>> with ThreadPoolExecutor(2) as pool:
    ...     futures = submitted_ahead(lambda task: pool.submit(abs, task), [-3, 2, -1], lambda: 2)
    ...     [future.result() for future in futures]
    [3, 2, 1]
    """
    under_way: deque[Future[Result]] = deque()
    remaining = iter(tasks)
    while True:
        for task in islice(remaining, max(0, n_ahead() + 1 - len(under_way))):
            under_way.append(submit(task))
        if not under_way:
            return
        yield under_way.popleft()
