"""How far a job is, folded from the events of its child."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from bioselect.app.children import Event
from bioselect.progress import duration_in_words

WAITING, WORKING, DONE, STOPPED, FAILED = "waiting", "working", "done", "stopped", "failed"
ENDED = (DONE, STOPPED, FAILED)
_MOST_LINES = 400
#: Before so many seconds, or so many steps, the pace says nothing.
_SECONDS_FOR_PACE, _STEPS_FOR_PACE = 2.0, 3


@dataclass
class ProgressState:
    """The state of a job, its bar, and what it told.

    `lines` are pairs of a kind (say, warn) and a text.
    """

    state: str = WAITING
    error: str = ""
    description: str = ""
    n_steps: int = 0
    n_done: int = 0
    lines: list[tuple[str, str]] = field(default_factory=list)
    _since: float = 0.0

    def take(self, event: Event) -> None:
        """Take an event into account."""
        kind = event["event"]
        if kind in ("say", "warn"):
            self.lines += [(kind, line) for line in event["text"].splitlines() if line.strip()]
            del self.lines[:-_MOST_LINES]
        elif kind == "task":
            if event["description"] != self.description or event["n_done"] < self.n_done:
                self._since = time.monotonic()
            self.description = event["description"]
            self.n_steps, self.n_done = event["n_steps"], event["n_done"]
        elif kind == "done":
            self.state = DONE
        elif kind == "stopped":
            self.state = STOPPED
        elif kind == "failed":
            self.state, self.error = FAILED, event["text"]

    @property
    def has_ended(self) -> bool:
        """Whether nothing more comes."""
        return self.state in ENDED

    @property
    def left_in_words(self) -> str:
        """The time left of the bar that is drawn, once it can be judged."""
        elapsed = time.monotonic() - self._since
        few = self.n_done < _STEPS_FOR_PACE or elapsed < _SECONDS_FOR_PACE
        if self.has_ended or few or self.n_done >= self.n_steps:
            return ""
        seconds = elapsed / self.n_done * (self.n_steps - self.n_done)
        return f"about {duration_in_words(seconds)} left"
