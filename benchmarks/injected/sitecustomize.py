"""Lets a process meet a fault at a counted moment; for `faults.py`.

Python imports a module of this name at its start wherever it finds one, so processes that the run
starts meet their fault too. What a process opens, renames and removes is counted by an audit hook:
the same moment can be had again, whatever else the machine does.
"""

from __future__ import annotations

import errno
import json
import os
import signal
import sys
import threading
import time
from typing import Any

VARIABLE = "BIOSELECT_FAULT"
_COUNTED = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate"}
_SECONDS_FOR_AN_ANSWER = 60.0
_DAY = 24 * 3600.0


def install(fault: dict[str, Any]) -> None:
    """Prepare this process to meet its fault."""
    for name in fault.get("from_the_start", ()):
        _FROM_THE_START[name](fault)
    if "count_to" in fault:
        _count(fault)
    if "seconds" in fault:
        threading.Thread(target=_later, args=(fault,), daemon=True).start()
    if "at" in fault:
        sys.addaudithook(_Hook(fault))


def _later(fault: dict[str, Any]) -> None:
    time.sleep(fault["seconds"])
    _send(fault)


def _send(fault: dict[str, Any]) -> None:
    for number, name in enumerate(fault["signals"]):
        if number:
            time.sleep(0.3)
        wanted = getattr(signal, f"SIG{name}")
        if fault.get("group"):
            os.killpg(os.getpgrp(), wanted)
        else:
            os.kill(os.getpid(), wanted)


class _Hook:
    """Counts, and acts at one of the moments (or from it on)."""

    def __init__(self, fault: dict[str, Any]) -> None:
        self.fault = fault
        self.n_seen = 0
        self.acting = False

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event not in _COUNTED or self.acting:
            return
        if not _is_within(self.fault.get("within"), arguments):
            return
        if self.fault["do"] == "raise" and not _changes(event, arguments):
            return
        self.n_seen += 1
        if self.n_seen < self.fault["at"]:
            return
        if self.n_seen > self.fault["at"] and self.fault["do"] != "raise":
            return
        self.acting = True
        try:
            _ACTIONS[self.fault["do"]](self.fault)
        finally:
            self.acting = False


def _is_within(folder: str | None, arguments: tuple[Any, ...]) -> bool:
    if folder is None:
        return True
    paths = [os.fsdecode(one) for one in arguments if isinstance(one, str | bytes | os.PathLike)]
    return any(os.path.abspath(path).startswith(folder) for path in paths)


def _changes(event: str, arguments: tuple[Any, ...]) -> bool:
    if event != "open":
        return event in ("os.rename", "os.mkdir", "os.truncate")
    flags = arguments[2] if len(arguments) > 2 and isinstance(arguments[2], int) else 0
    return bool(flags & (os.O_WRONLY | os.O_RDWR))


def _raise(fault: dict[str, Any]) -> None:
    number = getattr(errno, fault["errno"])
    raise OSError(number, os.strerror(number))


def _memory(fault: dict[str, Any]) -> None:
    if _claimed(fault):
        raise MemoryError("Unable to allocate 12.3 GiB")


def _signal_once(fault: dict[str, Any]) -> None:
    if _claimed(fault):
        _send(fault)


def _ask(fault: dict[str, Any]) -> None:
    """Wait while whoever tests does something to the files."""
    with open(fault["ask"] + ".asked", "w", encoding="utf-8"):
        pass
    began = time.monotonic()
    while not os.path.exists(fault["ask"] + ".answered"):
        if time.monotonic() - began > _SECONDS_FOR_AN_ANSWER:
            return
        time.sleep(0.005)


def _jump(fault: dict[str, Any]) -> None:
    """Let the clock of this process jump by so many days; monotonic clocks do not."""
    true, days = time.time, fault["days"]
    true_ns = time.time_ns
    time.time = lambda: true() + days * _DAY
    time.time_ns = lambda: true_ns() + int(days * _DAY * 1e9)


def _claimed(fault: dict[str, Any]) -> bool:
    """Tell whether this process is the first of several to get here."""
    if "claim" not in fault:
        return True
    try:
        os.close(os.open(fault["claim"], os.O_CREAT | os.O_EXCL | os.O_WRONLY))
    except FileExistsError:
        return False
    return True


_ACTIONS = {
    "send": _signal_once,
    "raise": _raise,
    "memory": _memory,
    "ask": _ask,
    "jump": _jump,
}


def _without_locks(_: dict[str, Any]) -> None:
    import fcntl

    def refused(*_: Any) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    fcntl.flock = refused


def _without_fsync(_: dict[str, Any]) -> None:
    def refused(*_: Any) -> None:
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))

    os.fsync = refused


def _few_files(fault: dict[str, Any]) -> None:
    import resource

    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (fault["limit"], most))


def _small_files(fault: dict[str, Any]) -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (fault["limit"], fault["limit"]))


_FROM_THE_START = {
    "without locks": _without_locks,
    "without fsync": _without_fsync,
    "few files": _few_files,
    "small files": _small_files,
}


def _count(fault: dict[str, Any]) -> None:
    """Write how many moments there are at the end."""
    import atexit

    counts = {"all": 0, "within": 0, "changes": 0}

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event in _COUNTED:
            counts["all"] += 1
            if _is_within(fault["within"], arguments):
                counts["within"] += 1
                counts["changes"] += _changes(event, arguments)

    def write() -> None:
        with open(fault["count_to"], "w", encoding="utf-8") as file:
            json.dump(counts, file)

    sys.addaudithook(hook)
    atexit.register(write)


if VARIABLE in os.environ and any("popen_loky" in word for word in sys.orig_argv):
    _fault = json.loads(os.environ[VARIABLE])
    if _fault.get("where") == "worker":
        install(_fault)
