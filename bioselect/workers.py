"""Processes that work for this one: how they start, and how they end with it.

Whoever asks for the work also ends them, but nobody can when it is killed (`kill -9`, no memory):
so each of these processes looks whether the one that started it still lives.
"""

from __future__ import annotations

import os
import pickle
import signal
import threading
import time
import traceback
import warnings
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from bioselect.data.reading_time import end_when_stuck
from bioselect.exceptions import WorkerDiedError
from bioselect.threads import THREAD_VARIABLES, one_thread

Result = TypeVar("Result")

#: How often a process looks whether the one that started it still lives.
SECONDS_BETWEEN_LOOKS = 0.5


def prepare_worker(starter: int) -> None:
    """Prepare this process to work for another one: it ends with it, and leaves Ctrl-C to it.

    Parameters
    ----------
    starter : int
        The process id of the other one, which is the parent of this process.
    """
    # Ctrl-C reaches all processes of a terminal; the one that asked decides what becomes of it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with(starter)


def end_with(starter: int) -> None:
    """Let this process end as soon as its parent is another one than the given."""
    threading.Thread(target=_watch, args=(starter,), daemon=True).start()


def _watch(starter: int) -> None:
    while os.getppid() == starter:
        time.sleep(SECONDS_BETWEEN_LOOKS)
    # Nobody waits for what is under way, and this process writes nothing that lasts.
    os._exit(1)


def start_processes(n_jobs: int) -> Any:
    """Return the executor behind `in_processes`: processes of our own would take a second more.

    Raises
    ------
    WorkerDiedError
        If a process died as it started.
    """
    from joblib import delayed
    from joblib.externals.loky import get_reusable_executor

    # Has joblib start them, in its own way, if they do not run yet.
    with _told_of_dead(), ctrl_c_waits():
        list(_parallel(n_jobs)(delayed(abs)(task) for task in range(1)))
    return get_reusable_executor(max_workers=n_jobs, reuse=True)


def in_processes(
    function: Callable[..., Any], tasks: Iterable[tuple[Any, ...]], n_jobs: int
) -> Generator[Any, None, None]:
    """Yield what a function returns for the arguments of each task, in order; two at least.

    Raises
    ------
    WorkerDiedError
        If a process died.
    """
    from joblib import delayed

    # The first may die before the last that is sent ahead is.
    with _told_of_dead(), ctrl_c_waits():
        outcomes = _parallel(n_jobs)(delayed(function)(*task) for task in tasks)
    try:
        with _told_of_dead():
            # Not `yield from`: it would close `outcomes` before the warning below is silenced.
            for outcome in outcomes:  # noqa: UP028
                yield outcome
    finally:
        with warnings.catch_warnings():
            # joblib advises to start fewer tasks; stopping early is meant.
            warnings.simplefilter("ignore", UserWarning)
            outcomes.close()


@contextmanager
def _told_of_dead() -> Iterator[None]:
    """Say that a process died, or found no memory for what was sent to it."""
    from joblib.externals.loky.process_executor import BrokenProcessPool

    try:
        yield
    except BrokenProcessPool as error:
        raise WorkerDiedError(ENDED) from error


def end_processes(n_jobs: int) -> None:
    """End the processes of `in_processes`: idle ones hold memory, too.

    joblib does so where something was left to do, and keeps them for the next tasks otherwise.
    """
    from joblib.externals.loky import get_reusable_executor

    get_reusable_executor(max_workers=n_jobs, reuse=True).shutdown(wait=True, kill_workers=True)


def _parallel(n_jobs: int) -> Any:
    from joblib import Parallel, parallel_config

    with parallel_config(
        backend="loky",
        inner_max_num_threads=1,
        initializer=prepare_worker,
        initargs=(os.getpid(),),
    ):
        return Parallel(n_jobs=n_jobs, return_as="generator", mmap_mode="r", max_nbytes="1M")


@contextmanager
def ctrl_c_waits() -> Iterator[None]:
    """Let Ctrl-C wait while processes start: they inherit that, and would print a traceback."""
    from joblib.externals.loky.backend import resource_tracker

    resource_tracker.ensure_running()  # Started inside the block, it would end the waiting.
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class LoneProcess:
    """One process that does one task after the other, and is replaced when it dies.

    Examples
    --------
    >>> with LoneProcess() as alone:
    ...     alone.run(abs, -3)
    3
    """

    def __init__(self) -> None:
        self._executor: Any = None

    def __enter__(self) -> LoneProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def run(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Return what a function returns.

        Raises
        ------
        WorkerDiedError
            If the process died: there was nothing beside it that took memory.
        """
        from joblib.externals.loky.process_executor import BrokenProcessPool, ProcessPoolExecutor

        if self._executor is None:
            self._executor = ProcessPoolExecutor(
                1,
                initializer=prepare_worker,
                initargs=(os.getpid(),),
                env=dict.fromkeys(THREAD_VARIABLES, "1"),
            )
        try:
            with ctrl_c_waits():
                future = self._executor.submit(function, *arguments)
            return future.result()
        except BrokenProcessPool as error:
            self._end()
            raise WorkerDiedError(ENDED_ALONE) from error
        except BaseException:
            self._end()
            raise

    def _end(self) -> None:
        executor, self._executor = self._executor, None
        if executor is not None:
            with suppress(RuntimeError, OSError):  # It is broken already.
                executor.shutdown(wait=True, kill_workers=True)


ENDED = "a worker process ended unexpectedly: memory ran out, or a compiled library crashed"
ENDED_ALONE = (
    "its process ended unexpectedly although it worked alone: it needs more memory than there is, "
    "or a compiled library crashed. Give it less to do, or use a machine with more memory."
)


@dataclass(frozen=True)
class Raised:
    """An exception on its way from a worker: raised in turn, not as soon as it arrives."""

    error: Exception
    traceback_text: str


def result_of(outcome: Result | Raised) -> Result:
    """Return a result that came from a worker, or raise what was raised there."""
    if isinstance(outcome, Raised):
        raise outcome.error from _InWorkerError(outcome.traceback_text)
    return outcome


class _InWorkerError(Exception):
    """Shows where in the worker an exception came from."""

    def __str__(self) -> str:
        return f"\n{self.args[0]}"


def guarded(function: Callable[[Any], Any], task: Any, folder: str) -> Any:
    """Run a task in a worker; whatever it raises is returned, to be raised in its turn."""
    # A worker may be older than the caller's last `os.chdir`; relative paths mean the caller's.
    if os.getcwd() != folder:
        os.chdir(folder)
    end_when_stuck()
    with one_thread():
        try:
            return function(task)
        except Exception as error:
            return Raised(portable(error), traceback.format_exc())


def portable(error: Exception) -> Exception:
    """Return the exception, or one with the same words when it cannot travel between processes."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error
