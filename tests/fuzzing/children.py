"""Feeds inputs in processes of their own, and tells which input hung, ate memory or killed one.

For Linux: memory and processor time of a process are read from /proc.
"""

from __future__ import annotations

import faulthandler
import gc
import mmap
import os
import random
import resource
import signal
import struct
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing import connection, get_context
from pathlib import Path
from typing import Any

from tests.fuzzing.mutations import mutated
from tests.fuzzing.refusals import is_plain

FINE, REFUSED, UNCAUGHT, MEMORY, HANG, DIED = (
    "fine",
    "refused",
    "uncaught",
    "memory",
    "hang",
    "died",
)
MEGABYTE = 1 << 20
#: A child ends after so many inputs, so that what libraries keep does not add up.
N_OF_A_CHILD = 4000
_NOW = struct.Struct("<qdd")
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Limits:
    """What one input may take: processor time, clock time, memory."""

    seconds: float = 20.0
    clock_seconds: float = 90.0
    megabytes: int = 1024


@dataclass(frozen=True)
class Outcome:
    """What became of one input; `what` is the kind of refusal or where an exception came from."""

    index: int
    seed_name: str
    kind: str
    what: str = ""
    details: str = ""


@dataclass(frozen=True)
class Target:
    """What is fed: the name of its module, valid files, the function that takes bytes.

    `own_change` knows the files better: it is made first, in half of the inputs alone.
    """

    name: str
    seeds: Mapping[str, bytes]
    feed: Callable[[str, bytes], None]
    own_change: Callable[[bytes, random.Random], bytes] | None = None

    def input(self, seed: int, index: int) -> tuple[str, bytes]:
        """Return the name of the valid file and the bytes of one input; the same every time."""
        rng = random.Random(f"{self.name} {seed} {index}")
        names = list(self.seeds)
        if index < len(names):
            return names[index], self.seeds[names[index]]
        name = rng.choice(names)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of zipfile, of a name that stands twice
            data = self.seeds[name]
            if self.own_change is not None and (alone := rng.random()) < 0.7:
                data = self.own_change(data, rng)
                if alone < 0.5:
                    return name, data
            return name, mutated(data, list(self.seeds.values()), rng)


def outcome_of(target: Target, index: int, name: str, data: bytes) -> Outcome:
    """Feed one input here and say what became of it."""
    from bioselect.exceptions import BioselectError

    try:
        target.feed(name, data)
    except BioselectError as error:
        if not is_plain(str(error)):
            return Outcome(index, name, UNCAUGHT, _signature(error) + " (message)", repr(error))
        return Outcome(index, name, REFUSED, kind_of_refusal(error))
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        told = traceback.format_exc().encode("utf-8", "backslashreplace").decode()
        return Outcome(index, name, UNCAUGHT, _signature(error), told)
    return Outcome(index, name, FINE)


def kind_of_refusal(error: Exception) -> str:
    """Return the shape of a message: without its path, numbers and quoted texts."""
    import re

    text = re.sub(r"^\S+?: ", "", str(error).splitlines()[0] if str(error) else "")
    text = re.sub(r"'[^']*'|\"[^\"]*\"|\([^)]*\)", "'…'", text)
    text = re.sub(r"[\d,.]*\d", "N", text)
    return f"{type(error).__name__}: {text[:70]}"


def _signature(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "/bioselect/" in frame.filename]
    where = ours[-1] if ours else frames[-1]
    place = where.filename.split("/bioselect/")[-1]
    return f"{type(error).__name__} in {place}:{where.name}"


@dataclass
class _Child:
    process: Any
    pipe: connection.Connection
    now: mmap.mmap
    log: Path
    stop: int
    done: bool = field(default=False)

    @property
    def index(self) -> int:
        return int(_NOW.unpack(self.now[: _NOW.size])[0])

    def excess(self, limits: Limits) -> str:
        """Return how the input that is being fed is beyond the limits, if it is."""
        index, seconds, clock = _NOW.unpack(self.now[: _NOW.size])
        if index < 0:
            return ""
        try:
            facts = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return ""
        used = (int(facts[11]) + int(facts[12])) / _TICKS - seconds
        if used > limits.seconds or time.monotonic() - clock > limits.clock_seconds:
            return HANG
        return MEMORY if int(facts[21]) * _PAGE > 3 * limits.megabytes * MEGABYTE else ""

    def where(self) -> str:
        """Let the process write where it is, and end it."""
        with suppress(ProcessLookupError):
            os.kill(self.process.pid, signal.SIGUSR1)
            # A busy machine takes its time; a process that is stuck in the kernel never answers.
            for _ in range(50):
                has_begun = self.log.stat().st_size > 0
                time.sleep(0.1)
                if has_begun:
                    break
        self.process.kill()
        self.process.join()
        # The stack begins with what was called last, which is what matters.
        return self.log.read_text(errors="replace")[:4000]


def outcomes(
    target: Target,
    seed: int,
    n_inputs: int,
    limits: Limits,
    n_jobs: int = 1,
    measure: Callable[[], Callable[[], None]] | None = None,
) -> Iterator[Outcome]:
    """Yield what became of each input, in no order.

    Parameters
    ----------
    target, seed, n_inputs, limits
        What is fed. The inputs depend on the target, its valid files and `seed` alone.
    n_jobs : int
        How many processes.
    measure : callable or None
        Called in each process before the first input; what it returns, after the last one.
    """
    waiting = [(start, min(start + N_OF_A_CHILD, n_inputs))
               for start in range(0, n_inputs, N_OF_A_CHILD)][::-1]  # fmt: skip
    children: list[_Child] = []
    try:
        while waiting or children:
            while waiting and len(children) < n_jobs:
                children.append(_start(target, seed, *waiting.pop(), limits, measure))
            for child in list(children):
                yield from _received(child)
                excess = child.excess(limits)
                if child.process.is_alive() and not excess:
                    continue
                yield from _received(child)
                if not child.done:
                    index = child.index
                    where = child.where()
                    kind = excess or DIED
                    what = kind if excess else f"died with code {child.process.exitcode}"
                    if index >= 0:
                        yield Outcome(index, target.input(seed, index)[0], kind, what, where)
                    else:
                        raise RuntimeError(
                            "A process ended while it was fed nothing, with code "
                            f"{child.process.exitcode}: {where}"
                        )
                    if index + 1 < child.stop:
                        waiting.append((index + 1, child.stop))
                child.process.join()
                child.log.unlink()
                children.remove(child)
            connection.wait([child.pipe for child in children], 0.1)
    finally:
        for child in children:
            child.process.kill()


def _received(child: _Child) -> Iterator[Outcome]:
    with suppress(EOFError, OSError):
        while child.pipe.poll():
            found = child.pipe.recv()
            if found is None:
                child.done = True
            else:
                yield found


def _start(
    target: Target, seed: int, start: int, stop: int, limits: Limits, measure: Any
) -> _Child:
    receives, sends = connection.Pipe(False)
    now = mmap.mmap(-1, _NOW.size)
    now[: _NOW.size] = _NOW.pack(-1, 0.0, 0.0)
    descriptor, log = tempfile.mkstemp(prefix="fuzzing-")
    process = get_context("fork").Process(
        target=_feed_all,
        args=(target, seed, start, stop, limits, measure, sends, now, descriptor),
    )
    process.start()
    os.close(descriptor)
    sends.close()
    return _Child(process, receives, now, Path(log), stop)


def _feed_all(
    target: Target,
    seed: int,
    start: int,
    stop: int,
    limits: Limits,
    measure: Any,
    pipe: connection.Connection,
    now: mmap.mmap,
    log: int,
) -> None:
    """Feed the inputs from `start` to before `stop`; runs in a process of its own."""
    finish = measure() if measure else lambda: None
    _be_watched(target, limits, log)
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for index in range(start, stop):
        name, data = target.input(seed, index)
        now[: _NOW.size] = _NOW.pack(index, time.process_time(), time.monotonic())
        outcome = outcome_of(target, index, name, data)
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        if outcome.kind != UNCAUGHT and after - most > limits.megabytes * 1024:
            what = f"{(after - most) // 1024} MB for {len(data)} bytes"
            outcome = Outcome(index, name, MEMORY, f"memory ({outcome.what})", what)
        most = max(most, after)
        now[: _NOW.size] = _NOW.pack(-2, 0.0, 0.0)
        pipe.send(outcome)
    finish()
    pipe.send(None)
    pipe.close()
    os._exit(0)


def _be_watched(target: Target, limits: Limits, log: int) -> None:
    """Leave word where this process is when it is asked or dies, and let memory have an end."""
    faulthandler.enable(log, all_threads=False)
    faulthandler.register(signal.SIGUSR1, log, all_threads=False)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGUSR1})
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 2)  # what libraries print of damaged files
    for name, data in target.seeds.items():  # loads libraries before memory is measured
        outcome_of(target, -1, name, data)
    gc.collect()
    size = int(Path("/proc/self/statm").read_text().split()[0]) * _PAGE
    most = size + 4 * limits.megabytes * MEGABYTE
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
