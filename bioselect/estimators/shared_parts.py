"""Values that several computations need, each made once, and what each computation would pay."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Bill:
    """What one computation asked for, and what it would have paid for it alone.

    `saved_seconds` is how much longer it would have taken: the time of what somebody else had made
    before. `paid` are the names of all that it has been charged for, here or earlier.
    """

    paid: set[Hashable]
    asked: set[Hashable] = field(default_factory=set)
    made: set[Hashable] = field(default_factory=set)
    saved_seconds: float = 0.0


@dataclass(frozen=True, eq=False)
class _Part:
    value: Any
    seconds: float
    needs: tuple[Hashable, ...]
    warned: tuple[warnings.WarningMessage, ...]


class SharedParts:
    """Makes each named value when it is first asked for, and keeps it.

    Everybody who asks gets the same: also the warnings that came up, and, as nothing is kept of
    what failed, the same exception.

    Examples
    --------
    >>> parts = SharedParts()
    >>> parts.get("ten", lambda: 10), parts.get("ten", lambda: 11)
    (10, 10)
    """

    def __init__(self) -> None:
        self._parts: dict[Hashable, _Part] = {}
        self._open: list[dict[Hashable, None]] = []
        self._bill: Bill | None = None

    def get(self, name: Hashable, make: Callable[[], Any]) -> Any:
        """Return the value of that name; `make` may ask for others."""
        if name not in self._parts:
            self._make(name, make)
        part = self._parts[name]
        if self._open:
            self._open[-1][name] = None
        else:
            for known in self._all_needed(name):
                for warning in self._parts[known].warned:
                    warnings.warn_explicit(
                        warning.message, warning.category, warning.filename, warning.lineno
                    )
        if self._bill is not None:
            self._bill.asked.add(name)
        return part.value

    def forget(self, wanted: Callable[[Hashable], bool]) -> None:
        """Drop values whose memory is needed; they are made again when asked for."""
        for name in [name for name in self._parts if wanted(name)]:
            del self._parts[name]

    @contextmanager
    def billed(self, paid: set[Hashable]) -> Iterator[Bill]:
        """Note what is asked for in the block; `saved_seconds` is known at its end.

        Parameters
        ----------
        paid : set
            What is not charged again; what is charged is added.
        """
        self._bill = bill = Bill(paid)
        try:
            yield bill
        finally:
            self._bill = None
            needed = set(self._all_needed(*bill.asked))
            charged = needed - bill.made - paid
            bill.saved_seconds = sum(self._parts[name].seconds for name in charged)
            paid |= needed

    def _make(self, name: Hashable, make: Callable[[], Any]) -> None:
        self._open.append({})
        made_before = set(self._parts)
        try:
            with warnings.catch_warnings(record=True) as warned:
                warnings.simplefilter("always")
                started = time.perf_counter()
                value = make()
                seconds = time.perf_counter() - started
        finally:
            needs = tuple(self._open.pop())
        new = [known for known in self._all_needed(*needs) if known not in made_before]
        seconds -= sum(self._parts[known].seconds for known in new)
        self._parts[name] = _Part(value, max(seconds, 0.0), needs, tuple(warned))
        if self._bill is not None:
            self._bill.made.add(name)

    def _all_needed(self, *names: Hashable) -> list[Hashable]:
        """Return these parts and all that went into them, those that were made first in front."""
        found: set[Hashable] = set()
        left = list(names)
        while left:
            name = left.pop()
            if name in self._parts and name not in found:
                found.add(name)
                left += self._parts[name].needs
        return [name for name in self._parts if name in found]
