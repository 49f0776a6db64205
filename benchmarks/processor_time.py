"""What work takes, in seconds of processor time: those do not depend on what else is running."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psutil


@dataclass(frozen=True)
class Spent:
    """Seconds of processor time, of all processes together, and seconds that passed."""

    processor: float
    passed: float


def timed(work: Callable[[], Any]) -> tuple[Any, Spent]:
    """Return what the work returns and what it took, in this process and those below it."""
    processor, passed = _processor_seconds(), time.monotonic()
    result = work()
    return result, Spent(_processor_seconds() - processor, time.monotonic() - passed)


def _processor_seconds() -> float:
    own = psutil.Process()
    total = 0.0
    for process in (own, *own.children(recursive=True)):
        times = process.cpu_times()
        total += times.user + times.system
    return total
