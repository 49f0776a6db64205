"""What a person sees while they wait: messages, and bars with the time left.

On a terminal a bar is drawn in place; in a pipe or a log file one plain line is printed now and
then. A `Reporter` is passed to whatever takes long; there is no global one.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Protocol, TextIO

from bioselect.visible import visible, visible_line

PLAIN_INTERVAL_SECONDS = 10.0
#: From so many steps on (or a twentieth of all) their pace says how long the others take.
STEPS_FOR_PACE = 5
#: A bar is drawn this wide at least, and a sixth of the terminal; what it is called gets the rest.
MIN_BAR_WIDTH, MAX_BAR_WIDTH = 8, 40
#: A narrower terminal has no room for the time that has passed.
WIDTH_FOR_ELAPSED = 100


class Task(Protocol):
    """One piece of long work that is under way."""

    def advance(self, n_steps: int = 1) -> None:
        """Say that `n_steps` more are done."""


class Reporter:
    """Tells a person what happens; the base class keeps silent (Python interface, tests)."""

    def say(self, text: str) -> None:
        """Tell one line of the story."""

    def warn(self, text: str) -> None:
        """Tell one line that should not be overlooked."""

    @contextmanager
    def task(self, description: str, n_steps: int) -> Iterator[Task]:
        """Open a bar of `n_steps` steps; the block advances it."""
        yield _SilentTask()


class _SilentTask:
    def advance(self, n_steps: int = 1) -> None:
        pass


SILENT = Reporter()


class TerminalReporter(Reporter):
    """Writes to a stream: bars drawn in place on a terminal, plain lines elsewhere."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = stream or sys.stderr
        self.drawn: Any = None  # the bar that is on the screen
        self.warned: list[str] = []  # what need not be told again at the end

    def say(self, text: str) -> None:
        """Print one line, above the bar if there is one."""
        text = visible(text)
        if self.drawn is None:
            print_line(self.stream, text)
        else:
            self.drawn.console.print(text, markup=False, highlight=False, soft_wrap=True)

    def warn(self, text: str) -> None:
        """Print one line that begins with `warning:`."""
        line = f"warning: {text}"
        self.warned.append(line)
        self.say(line)

    @contextmanager
    def task(self, description: str, n_steps: int) -> Iterator[Task]:
        """Open a bar with the time left."""
        # A bar inside a bar is told in plain lines: only one can be drawn in place.
        if n_steps == 0 or self.drawn is not None or not self.stream.isatty():
            yield PlainTask(self.stream, description, n_steps)
            return
        with _bar(self.stream, n_steps) as self.drawn:
            try:
                shown = visible_line(description)
                yield _DrawnTask(self.drawn, self.drawn.add_task(shown, total=n_steps))
            finally:
                self.drawn = None


def print_line(stream: TextIO, line: str) -> None:
    """Print a line; where nobody reads any more (`| head`, a closed terminal), go on in silence.

    The work is worth more than its story, which a run keeps in its log as well.
    """
    try:
        print(line, file=stream, flush=True)
    except OSError:
        with suppress(OSError, ValueError):
            # What could not be written is tried again at the end of the program otherwise.
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _bar(stream: TextIO, n_steps: int) -> Any:
    """Return a bar of which the count and the time left are seen however long its name is."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    console = Console(file=stream)
    width = console.width
    bar_width = min(max(width // 6, MIN_BAR_WIDTH), MAX_BAR_WIDTH)
    elapsed = [TimeElapsedColumn()] if width >= WIDTH_FOR_ELAPSED else []
    # A count such as 90/400, "left:", one or two times of at most 8 signs, a space before each.
    taken = bar_width + 2 * len(str(n_steps)) + 1 + 5 + 8 * (1 + len(elapsed)) + 4 + len(elapsed)

    class Description(ProgressColumn):
        def render(self, task: Any) -> Text:
            return Text(shortened(task.description, width - taken))

    columns = (
        Description(),
        BarColumn(bar_width),
        MofNCompleteColumn(),
        *elapsed,
        TextColumn("left:"),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=console)


def shortened(text: str, width: int) -> str:
    """Return a text without its middle, if it is too wide: its end may tell it from others.

    Examples
    --------
    >>> shortened("testing estimators on hog(cell_size=8)", 25)
    'testing estima…ll_size=8)'
    """
    if len(text) <= width:
        return text
    n_after = max(0, width * 2 // 5)
    return f"{text[: max(0, width - n_after - 1)]}…{text[len(text) - n_after :]}"


class _DrawnTask:
    def __init__(self, drawn: Any, identifier: Any) -> None:
        self.drawn = drawn
        self.identifier = identifier

    def advance(self, n_steps: int = 1) -> None:
        self.drawn.advance(self.identifier, n_steps)


class PlainTask:
    """One line at the end and, for long work, one every ten seconds.

    The time left is judged by the pace since the first steps were done: what comes before them
    (processes that start, a network that is loaded, steps found done) comes once.
    """

    def __init__(self, stream: TextIO, description: str, n_steps: int) -> None:
        self.stream = stream
        self.description = visible_line(description)
        self.n_steps = n_steps
        self.n_done = 0
        self.started = self.last_printed = time.monotonic()
        self.first: tuple[float, int] | None = None

    def advance(self, n_steps: int = 1) -> None:
        """Say that `n_steps` more are done."""
        if self.n_done >= self.n_steps:
            return
        self.n_done += n_steps
        now = time.monotonic()
        if self.first is None and n_steps:
            self.first = (now, self.n_done)
        finished = self.n_done >= self.n_steps
        if not finished and now - self.last_printed < PLAIN_INTERVAL_SECONDS:
            return
        self.last_printed = now
        elapsed = now - self.started
        ending = f"done in {duration_in_words(elapsed)}" if finished else self._left(now)
        line = f"{self.description}: {self.n_done} of {self.n_steps}, {ending}"
        print_line(self.stream, line)

    def _left(self, now: float) -> str:
        since, n_before = self.first or (now, self.n_done)
        n_timed = self.n_done - n_before
        if n_timed < min(STEPS_FOR_PACE, self.n_steps / 20):
            return "time left not known yet"
        seconds = (now - since) / n_timed * (self.n_steps - self.n_done)
        return f"about {duration_in_words(seconds)} left"


def duration_in_words(seconds: float) -> str:
    """Return a duration as a person says it.

    Examples
    --------
    >>> duration_in_words(4.2), duration_in_words(95), duration_in_words(7300)
    ('4 s', '1 min 35 s', '2 h 2 min')
    """
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    minutes = round(whole / 60)
    return f"{minutes // 60} h {minutes % 60} min"
