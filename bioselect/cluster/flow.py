"""The tasks of one call that are under way on a cluster, and what is heard of them."""

from __future__ import annotations

import queue
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from bioselect.backend import FilesOf
from bioselect.cluster.own_code import OwnCode
from bioselect.cluster.parcels import Died
from bioselect.workers import Raised


@dataclass(eq=False)
class Sent:
    """A task at the scheduler; `tries` is how often it was sent, `content` what came back."""

    task: Any
    future: Any
    tries: int = 1
    content: bytes | None = None


@dataclass(frozen=True)
class Told:
    """What a task tells while it is under way."""

    message: Any


@dataclass(eq=False)
class Flow:
    """The tasks of one call that are under way, and the arrays that they share."""

    function: Callable[[Any], Any]
    files_of: FilesOf
    code: OwnCode | None
    heard: Callable[[Any], None] | None = None
    whole: bool = False
    topic: str = ""
    waiting: deque[Sent] = field(default_factory=deque)
    unfinished: set[str] = field(default_factory=set)
    # The keys of finished tasks, and what tasks tell.
    news: queue.SimpleQueue[str | Told] = field(default_factory=queue.SimpleQueue)
    # The array itself is held: another one cannot take its place in memory.
    arrays: dict[int, tuple[np.ndarray, list[Any]]] = field(default_factory=dict)


def tell_done(news: queue.SimpleQueue[str | Told], future: Any) -> None:
    """Say that a task is finished, from the thread of the connection."""
    news.put(future.key)


def is_done(outcome: Any) -> bool:
    """Tell whether a task came to its end, and to another one than that of memory."""
    no_memory = isinstance(outcome, Raised) and isinstance(outcome.error, MemoryError)
    return not no_memory and not isinstance(outcome, Died)
