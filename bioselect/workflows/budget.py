"""A study's time: how much is left, and what was decided because of it.

Every decision is written into `budget.json` before it is followed. A run that is started again
reads it there instead of looking at the clock, so it ends in the same results, whether it was
killed in between or not. Another budget or another configuration begins anew; finished folds and
features are used again.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from bioselect.config.duration import seconds_of
from bioselect.storage import explained_storage_errors, write_json

#: Raised when the file or the way of deciding changes: decisions are then made anew.
FORMAT = 2
#: Part of the budget that is kept for what comes at the end: verdict, training, writing the model.
RESERVED = 0.1
#: Of that, the part of the budget that may be used to finish the very best, or to try a few where
#: the features took longer than they should: the end seldom needs all that is kept for it.
GRACE = 0.05
#: So little is not worth a decision.
MIN_GRACE_SECONDS = 0.5

#: Stages that every study has; the rungs between them have names of their own.
EXTRACTORS, QUICK, COMBINATIONS = "extractors", "quick combinations", "combinations"
TIME_LEFT = "time left at the end"

#: Tells the time in seconds since some moment.
Clock = Callable[[], float]


@dataclass(frozen=True)
class Decision:
    """Who goes on from a stage of the study, by label, and why each of the others does not.

    `too_slow` are those of the dropped that could not have been finished however good they were.
    """

    stage: str
    kept: tuple[str, ...]
    dropped: Mapping[str, str] = field(default_factory=dict)
    too_slow: tuple[str, ...] = ()


class Budget:
    """The clock of a run, and the record of its decisions.

    Parameters
    ----------
    duration : str or None
        As it was written; None for no limit, which decides and records nothing.
    path : Path
        The record, `budget.json`.
    clock : callable
        Tells the seconds.
    began : float, optional
        What the clock said when the run began; now by default.

    Attributes
    ----------
    unused_at_last_decision : float or None
        Seconds of the whole budget that were left when this run last decided something itself.

    Examples
    --------
    >>> import tempfile
    >>> path, now = Path(tempfile.mkdtemp()) / "budget.json", [0.0]
    >>> budget = Budget("100s", path, lambda: now[0])
    >>> budget.begin("key of the study")
    >>> now[0] = 30.0
    >>> budget.seconds_left()  # a tenth is kept for the end
    60.0
    >>> hog_only = Decision("features", ("hog",), {"lbp": "too slow"})
    >>> budget.decided("features", lambda: hog_only).kept
    ('hog',)
    >>> again = Budget("100s", path, lambda: now[0])
    >>> again.begin("key of the study")
    >>> now[0] = 50.0
    >>> again.decided("features", lambda: 1 / 0).kept
    ('hog',)
    >>> now[0] = 55.0
    >>> again.seconds_left()
    55.0
    """

    def __init__(
        self,
        duration: str | None,
        path: Path,
        clock: Clock = time.monotonic,
        began: float | None = None,
    ) -> None:
        self.duration = duration
        self.seconds = float("inf") if duration is None else seconds_of(duration)
        self.path = path
        self.clock = clock
        self.decisions: list[Decision] = []
        self.n_recorded = 0
        self._key = ""
        self._recorded: list[Decision] = []
        self._began = clock() if began is None else began
        self.unused_at_last_decision: float | None = None
        self._used_before = 0.0

    def begin(self, key: str) -> None:
        """Read the record, if it is that of the study with this key, and go by it from now on."""
        self._key = key
        self._recorded, self._used_before = self._read()
        self.n_recorded = len(self._recorded)

    def used_seconds(self) -> float:
        """Return how long the study has taken.

        After a restart the clock goes on from the last decision that was recorded: to come there
        again is not charged twice.
        """
        return self._used_before + self.clock() - self._began

    def seconds_left(self) -> float:
        """Return how long trying may go on; less than nothing when the budget is exceeded."""
        return self.seconds * (1 - RESERVED) - self.used_seconds()

    @property
    def grace_seconds(self) -> float:
        """How much of what is kept for the end may be used for a better choice."""
        grace = GRACE * self.seconds
        return grace if grace >= MIN_GRACE_SECONDS else 0.0

    def decided(self, stage: str, decide: Callable[[], Decision]) -> Decision:
        """Return what the record says of a stage; if it says nothing, decide and record it."""
        place = len(self.decisions)
        if place < len(self._recorded) and self._recorded[place].stage == stage:
            decision = self._recorded[place]
            self.decisions.append(decision)
            self._began = self.clock()
        else:
            decision = decide()
            self.decisions.append(decision)
            self.unused_at_last_decision = self.seconds - self.used_seconds()
            # What was recorded beyond belongs to a way that was not taken.
            self._recorded = list(self.decisions)
            self._write()
        return decision

    def _write(self) -> None:
        write_json(
            self.path,
            {
                "format": FORMAT,
                "study": self._key,
                "budget": self.duration,
                "used_seconds": self.used_seconds(),
                "decisions": [asdict(decision) for decision in self._recorded],
            },
        )

    def _read(self) -> tuple[list[Decision], float]:
        nothing: tuple[list[Decision], float] = ([], 0.0)
        try:
            with explained_storage_errors(self.path, "read"):
                record = json.loads(self.path.read_text(encoding="utf-8"))
            if record["format"] != FORMAT or record["study"] != self._key:
                return nothing
            decisions = [
                Decision(
                    one["stage"],
                    tuple(one["kept"]),
                    dict(one["dropped"]),
                    tuple(one["too_slow"]),
                )
                for one in record["decisions"]
            ]
            return decisions, float(record["used_seconds"])
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return nothing  # None yet, or changed by hand.
