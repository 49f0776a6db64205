"""A process in which dense networks are trained on rows, beside the one that asks for it.

The last bits of a training depend on how many threads TensorFlow has, and a process sets that
once for all: one that trains networks from pixels wants all cores, one that tests estimators on
folds has one of them. So every training on rows is done in a process that has done nothing else,
with one thread and without a graphics processor. Its bits are then the same whoever asks, and
however many ask. It is started at the first training, which takes the seconds that TensorFlow
needs, is used again by all that follow, and ends when whoever asked has ended. What goes to and
fro are numbers and words (:mod:`bioselect.networks.pipe_messages`), which cannot run anything.
"""

from __future__ import annotations

import atexit
import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import asdict
from typing import IO, Any

from bioselect import exceptions
from bioselect.exceptions import BioselectError, WorkerDiedError
from bioselect.networks.pipe_messages import read_message, write_message
from bioselect.networks.rows import RowDesign, RowLesson, TrainedRows
from bioselect.workers import end_with

#: One thread for whatever computes, and no graphics processor: copying to it takes longer.
ENVIRONMENT = {
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "CUDA_VISIBLE_DEVICES": "-1",
    # What lies in the folder that a user works in is not imported.
    "PYTHONSAFEPATH": "1",
}
_SECONDS_TO_END = 5


class _Apart:
    """The process beside this one; `train` may be called by several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0

    def train(self, design: RowDesign, lesson: RowLesson) -> TrainedRows:
        with self._lock:
            try:
                outcome = _answered_by(self._running(), design, lesson)
            except BaseException:
                # It died, or this is Ctrl-C: its answer would be taken for that to what is asked
                # next.
                self._end()
                raise
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    def close(self) -> None:
        with self._lock:
            self._end()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._owner != os.getpid():
            self._process = None  # That of the process from which this one was forked.
        if self._process is None or self._process.poll() is not None:
            self._process, self._owner = _started(), os.getpid()
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None or self._owner != os.getpid():
            return
        process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with suppress(OSError):  # What was written to one that died never arrives.
                    pipe.close()
        process.wait(_SECONDS_TO_END)


_APART = _Apart()
atexit.register(_APART.close)


def train_apart(design: RowDesign, lesson: RowLesson) -> TrainedRows:
    """Train a dense network in the process beside this one.

    Raises
    ------
    BioselectError
        Whatever the training raises; `WorkerDiedError` if the process ended.
    """
    return _APART.train(design, lesson)


def _started() -> subprocess.Popen[bytes]:
    folders = os.pathsep.join(folder for folder in sys.path if folder)
    return subprocess.Popen(
        [sys.executable, "-m", "bioselect.networks.row_process"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, **ENVIRONMENT, "PYTHONPATH": folders},
    )


def _answered_by(
    process: subprocess.Popen[bytes], design: RowDesign, lesson: RowLesson
) -> TrainedRows | Exception:
    """Ask a process and wait for its answer; what was raised there is an answer too."""
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        write_message(process.stdin, asdict(design), list(asdict(lesson).values()))
        return _read_outcome(process.stdout)
    except (EOFError, OSError, ValueError) as error:
        raise WorkerDiedError(
            f"{design.name}: the process that trains it ended unexpectedly: memory ran out, or "
            "TensorFlow crashed. Start again with --jobs 1, which needs less memory."
        ) from error


def serve(questions: IO[bytes], answers: IO[bytes]) -> None:
    """Train what is asked for, until nobody asks any more."""
    while True:
        try:
            facts, arrays = read_message(questions)
        except EOFError:
            return
        design = RowDesign(**{**facts, "hidden": tuple(facts["hidden"])})
        try:
            _write_outcome(answers, _outcome(design, RowLesson(*arrays)))
        except BrokenPipeError:
            return


def _write_outcome(answers: IO[bytes], outcome: TrainedRows | Exception) -> None:
    if isinstance(outcome, Exception):
        write_message(answers, {"error": type(outcome).__name__, "message": str(outcome)})
        return
    facts: dict[str, Any] = {
        "best_epoch": outcome.best_epoch,
        "losses": outcome.losses,
        "kept_losses": outcome.kept_losses,
    }
    write_message(answers, facts, [*outcome.kernels, *outcome.biases])


def _read_outcome(answers: IO[bytes]) -> TrainedRows | Exception:
    facts, arrays = read_message(answers)
    if "error" in facts:
        kind = getattr(exceptions, facts["error"], None)
        if isinstance(kind, type) and issubclass(kind, BioselectError):
            return kind(facts["message"])
        return RuntimeError(facts["message"])
    n_layers = len(arrays) // 2
    return TrainedRows(
        tuple(arrays[:n_layers]),
        tuple(arrays[n_layers:]),
        facts["best_epoch"],
        tuple(facts["losses"]),
        tuple(facts["kept_losses"]),
    )


def _outcome(design: RowDesign, lesson: RowLesson) -> TrainedRows | Exception:
    from bioselect.networks.row_training import train_here

    try:
        return train_here(design, lesson)
    except BioselectError as error:
        return error
    except Exception as error:  # It has to travel, and those of TensorFlow may not.
        return RuntimeError(f"{type(error).__name__}: {error}")


def _main() -> None:
    # Ctrl-C reaches all processes of a terminal; this one ends with the one that asks.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with(os.getppid())  # A training would go on for minutes before it notices.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # What a library prints is no answer.
    serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    _main()
