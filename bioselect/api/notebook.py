"""What a person sees while they wait in a notebook: one line that changes, with a bar.

IPython is not needed to use bioselect and is not asked for: it is there where a notebook is.
"""

from __future__ import annotations

import html
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bioselect.progress import (
    SILENT,
    Reporter,
    Task,
    TerminalReporter,
    duration_in_words,
)
from bioselect.visible import visible, visible_line

#: A bar is drawn anew at most so often; a notebook keeps what it is sent.
DRAWING_SECONDS = 0.25


def in_notebook() -> bool:
    """Tell whether a person sees this in a notebook (a kernel of IPython), not in a terminal.

    Examples
    --------
    >>> in_notebook()
    False
    """
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    # The shell in a terminal has no kernel.
    return getattr(shell, "kernel", None) is not None


def chosen_reporter(reporter: Reporter | None, progress: bool) -> Reporter:
    """Return who tells of the progress: the one that is given, none, or what suits the place."""
    if reporter is not None:
        return reporter
    if not progress:
        return SILENT
    return NotebookReporter() if in_notebook() else TerminalReporter()


class NotebookReporter(Reporter):
    """Draws bars below the cell; lines are printed."""

    def say(self, text: str) -> None:
        """Print one line."""
        print(visible(text), flush=True)  # noqa: T201 - a notebook shows it below the cell

    def warn(self, text: str) -> None:
        """Print one line that begins with `warning:`."""
        self.say(f"warning: {text}")

    @contextmanager
    def task(self, description: str, n_steps: int) -> Iterator[Task]:
        """Draw a bar with the time left; where the work is stopped, it says how far it came."""
        drawn = _DrawnTask(visible_line(description), n_steps)
        try:
            yield drawn
        except BaseException:
            drawn.draw(stopped=True)
            raise
        if n_steps:
            drawn.draw()


class _DrawnTask:
    def __init__(self, description: str, n_steps: int) -> None:
        self.description = description
        self.n_steps = n_steps
        self.n_done = 0
        self.began = self.last_drawn = time.monotonic()
        self.first: tuple[float, int] | None = None
        self.handle: Any = None

    def advance(self, n_steps: int = 1) -> None:
        self.n_done += n_steps
        now = time.monotonic()
        if self.first is None:
            self.first = (now, self.n_done)
        if now - self.last_drawn >= DRAWING_SECONDS:
            self.draw()

    def draw(self, stopped: bool = False) -> None:
        from IPython.display import display

        self.last_drawn = time.monotonic()
        ending = "stopped" if stopped else self._ending()
        words = f"{self.description}: {self.n_done} of {self.n_steps}, {ending}"
        bar = f'<progress value="{self.n_done}" max="{max(self.n_steps, 1)}"></progress>'
        shown = {"text/plain": words, "text/html": f"<div>{bar} {html.escape(words)}</div>"}
        if self.handle is None:
            self.handle = display(shown, raw=True, display_id=True)
        else:
            self.handle.update(shown, raw=True)

    def _ending(self) -> str:
        now = time.monotonic()
        if self.n_done >= self.n_steps:
            return f"done in {duration_in_words(now - self.began)}"
        since, n_before = self.first or (now, self.n_done)
        if self.n_done == n_before:
            return "time left not known yet"
        seconds = (now - since) / (self.n_done - n_before) * (self.n_steps - self.n_done)
        return f"about {duration_in_words(seconds)} left"
