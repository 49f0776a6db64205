"""Where tasks run: in this process or in several, always with one thread for arithmetic.

The last bits of a matrix product depend on how many threads share it, so every task runs with
exactly one thread of BLAS and OpenMP. Processes, not threads, use the other cores; the results
are then the same whatever their number.
"""

from __future__ import annotations

import os
import pickle
import sys
import traceback
import warnings
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any, TypeVar

from bioselect.data.reading_time import end_when_stuck
from bioselect.exceptions import ConfigurationError, WorkerDiedError

Task = TypeVar("Task")
Result = TypeVar("Result")

#: Read by libraries when they are loaded; `threadpoolctl` sees only those loaded before.
_THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)


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


@contextmanager
def one_thread() -> Iterator[None]:
    """Limit BLAS and OpenMP to one thread inside the block, also in libraries loaded there.

    Examples
    --------
    >>> import threadpoolctl
    >>> with one_thread():
    ...     {pool["num_threads"] for pool in threadpoolctl.threadpool_info()}
    {1}
    """
    # Load the libraries that nearly every task uses first: one that is loaded inside the block
    # would be limited by the environment only, and would stay limited afterwards.
    import scipy.linalg  # noqa: F401
    import sklearn.utils._openmp_helpers  # noqa: F401

    before = {name: os.environ.get(name) for name in _THREAD_VARIABLES}
    os.environ.update(dict.fromkeys(_THREAD_VARIABLES, "1"))
    try:
        with _thread_pools(len(sys.modules)).limit(limits=1):
            yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@lru_cache(maxsize=1)
def _thread_pools(n_modules: int) -> Any:
    """Find the libraries that have threads, anew only when modules were imported since.

    Looking through everything a process has loaded takes milliseconds, as long as a small task.
    """
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def run_tasks(
    function: Callable[[Task], Result], tasks: Iterable[Task], n_jobs: int
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
        is closed before its end (Ctrl-C, an error).

    Yields
    ------
    Result
        What `function` returned. If it raised, that exception is raised in the task's place, after
        the results of all tasks before it.

    Raises
    ------
    BioselectError
        If a process died (out of memory, a crash in a compiled library).

    Examples
    --------
    >>> list(run_tasks(abs, [-3, 2, -1], n_jobs=1))
    [3, 2, 1]
    """
    if n_jobs == 1:
        for task in tasks:
            with one_thread():
                result = function(task)
            yield result
        return
    with closing(_in_processes(function, tasks, n_jobs)) as outcomes:
        for outcome in outcomes:
            yield _result_of(outcome)


def stream_tasks(
    function: Callable[[Task], Result],
    tasks: Iterable[Task],
    n_jobs: int,
    n_ahead: int,
    tell_busy: Callable[[int], None] = lambda n_busy: None,
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

    Yields
    ------
    Result
        What `function` returned; an exception is raised in its task's place.

    Raises
    ------
    BioselectError
        If a process died.

    Examples
    --------
    >>> list(stream_tasks(abs, [-3, 2, -1], n_jobs=1, n_ahead=2))
    [3, 2, 1]
    """
    if n_jobs == 1:
        yield from run_tasks(function, tasks, 1)
        return
    from joblib.externals.loky.process_executor import BrokenProcessPool

    executor = _processes(n_jobs)
    folder = os.getcwd()
    # With more, loky stumbles when it is told to end its processes at once.
    n_ahead = min(n_ahead, 2 * n_jobs)
    under_way: deque[Future[Result | _Raised]] = deque(maxlen=n_ahead + 1)

    def submit(task: Task) -> Future[Result | _Raised]:
        under_way.append(executor.submit(_guarded, function, task, folder))
        return under_way[-1]

    finished = False
    try:
        for future in submitted_ahead(submit, tasks, lambda: n_ahead):
            result = _result_of(future.result())
            tell_busy(min(n_jobs, sum(not one.done() for one in under_way)))
            yield result
        finished = True
    except BrokenProcessPool as error:
        raise _worker_died() from error
    finally:
        if not finished:
            # Ctrl-C, or an error: nobody waits for what is under way.
            executor.shutdown(wait=True, kill_workers=True)


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


def _processes(n_jobs: int) -> Any:
    """Return the executor behind `run_tasks`: starting processes of our own would take a second."""
    from joblib import delayed
    from joblib.externals.loky import get_reusable_executor

    # Has joblib start them, in its own way, if they do not run yet.
    list(_parallel(n_jobs)(delayed(abs)(task) for task in range(1)))
    return get_reusable_executor(max_workers=n_jobs, reuse=True)


def _parallel(n_jobs: int) -> Any:
    from joblib import Parallel, parallel_config

    with parallel_config(backend="loky", inner_max_num_threads=1):
        return Parallel(n_jobs=n_jobs, return_as="generator", mmap_mode="r", max_nbytes="1M")


def _worker_died() -> WorkerDiedError:
    return WorkerDiedError(
        "a worker process ended unexpectedly: memory ran out, or a compiled library crashed. "
        "What was finished is kept. Start again with --jobs 1, which needs less memory."
    )


def _in_processes(
    function: Callable[[Task], Result], tasks: Iterable[Task], n_jobs: int
) -> Generator[Result | _Raised, None, None]:
    from joblib import delayed
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    folder = os.getcwd()
    outcomes = _parallel(n_jobs)(delayed(_guarded)(function, task, folder) for task in tasks)
    try:
        # Not `yield from`: it would close `outcomes` before the warning below is silenced.
        for outcome in outcomes:  # noqa: UP028
            yield outcome
    except TerminatedWorkerError as error:
        raise _worker_died() from error
    finally:
        with warnings.catch_warnings():
            # joblib advises to start fewer tasks; stopping early is meant.
            warnings.simplefilter("ignore", UserWarning)
            outcomes.close()


@dataclass(frozen=True)
class _Raised:
    """An exception on its way from a worker: raised in turn, not as soon as it arrives."""

    error: Exception
    traceback_text: str


def _result_of(outcome: Result | _Raised) -> Result:
    if isinstance(outcome, _Raised):
        raise outcome.error from _InWorkerError(outcome.traceback_text)
    return outcome


class _InWorkerError(Exception):
    """Shows where in the worker an exception came from."""

    def __str__(self) -> str:
        return f"\n{self.args[0]}"


def _guarded(function: Callable[[Any], Any], task: Any, folder: str) -> Any:
    # A worker may be older than the caller's last `os.chdir`; relative paths mean the caller's.
    if os.getcwd() != folder:
        os.chdir(folder)
    end_when_stuck()
    with one_thread():
        try:
            return function(task)
        except Exception as error:
            return _Raised(_portable(error), traceback.format_exc())


def _portable(error: Exception) -> Exception:
    """Return the exception, or one with the same words when it cannot travel between processes."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error
