"""One bar for work that comes in several pieces, each of which would show its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bioselect.progress import Reporter, Task


@contextmanager
def one_bar(reporter: Reporter, description: str, n_steps: int) -> Iterator[Reporter]:
    """Open a bar; the reporter that the block gets takes every step of every task to it.

    Examples
    --------
    >>> from bioselect.progress import SILENT
    >>> with one_bar(SILENT, "testing", 2) as inner:
    ...     for extractor in ("hog", "lbp"):
    ...         with inner.task(f"testing {extractor}", 1) as task:
    ...             task.advance()
    """
    with reporter.task(description, n_steps) as bar:
        yield _Into(reporter, bar)


class _Into(Reporter):
    def __init__(self, outer: Reporter, bar: Task) -> None:
        self.outer, self.bar = outer, bar

    def say(self, text: str) -> None:
        self.outer.say(text)

    def warn(self, text: str) -> None:
        self.outer.warn(text)

    @contextmanager
    def task(self, description: str, n_steps: int) -> Iterator[Task]:
        yield self.bar
