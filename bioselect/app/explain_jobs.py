"""One child that explains predictions, one image at a time, and what it has said of each.

It is not the child that predicts: a click is answered while a thousand images are under way, and
who cancels these cancels no explanation. It begins with the first click.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bioselect.app.children import Child, Event
from bioselect.app.predictions import PredictJob, Row
from bioselect.app.progress_state import FAILED, WORKING, ProgressState
from bioselect.app.refusal import RefusedError

_log = logging.getLogger(__name__)
FOLDER = "explained"
_DIED = (
    "The process that explains ended unexpectedly; perhaps the memory was full. Close other "
    "programs and click the image again, or try a smaller one."
)
_MASKS = (
    "A model of masks has no heat map and names no training images: its outlines show already "
    "where it sees what."
)


@dataclass
class ShownExplanation:
    """What is said of one image; `maps` and `near` as in :func:`bioselect.app.explaining`."""

    job: PredictJob
    row: Row
    folder: Path
    progress: ProgressState = field(default_factory=ProgressState)
    maps: list[dict[str, Any]] = field(default_factory=list)
    near: list[dict[str, Any]] = field(default_factory=list)
    note: str = ""

    @property
    def key(self) -> str:
        """What its events are marked with."""
        return f"{self.job.number}/{self.row.place}"

    @property
    def pictures(self) -> set[str]:
        """The names of its pictures."""
        return {one["file"] for one in (*self.maps, *self.near) if one["file"]}

    def take(self, event: Event) -> None:
        """Take an event of the child into account."""
        if event["event"] == "explanation":
            self.maps, self.near, self.note = event["maps"], event["near"], event["note"]
        elif event["event"] == "failed":
            self.progress.take({**event, "text": self.job.renamed(event["text"])})
        else:
            self.progress.take(event)


class ExplainJobs:
    """Explains images one after the other, that of the latest click first.

    Parameters
    ----------
    work : Path
        Where the child starts.
    pictures_of : callable
        Returns the folder for the pictures of a job; with it explanations go.
    """

    def __init__(self, work: Path, pictures_of: Callable[[PredictJob], Path]) -> None:
        self._work, self._pictures_of = work, pictures_of
        self._lock = threading.RLock()
        self._child: Child | None = None
        self._current: ShownExplanation | None = None
        self._waiting: list[ShownExplanation] = []
        self._known: dict[str, ShownExplanation] = {}

    def ask(self, job: PredictJob, place: int) -> ShownExplanation:
        """Return the explanation of an image; it is made if it is not known, or has failed.

        Raises
        ------
        RefusedError
            If there is no such image, or the model explains none.
        """
        row = job.rows[place] if place < len(job.rows) else None
        if row is None or row.error:
            raise RefusedError("There is no such image.", 404)
        if job.facts is not None and job.facts.masks:
            raise RefusedError(_MASKS, 409)
        with self._lock:
            made = ShownExplanation(job, row, self._pictures_of(job) / FOLDER / str(place))
            known = self._known.get(made.key)
            if known is not None and known.progress.state != FAILED:
                return known
            self._known[made.key] = made
            self._waiting.append(made)
            self._next()
            return made

    def found(self, job: PredictJob, place: int) -> ShownExplanation:
        """Return an explanation that was asked for.

        Raises
        ------
        RefusedError
            If it was not.
        """
        known = self._known.get(f"{job.number}/{place}")
        if known is None:
            raise RefusedError("This image was not explained yet. Click it.", 404)
        return known

    def forget(self, job: PredictJob) -> None:
        """Forget what was said of a job, and stop what is being said."""
        with self._lock:
            self._waiting = [one for one in self._waiting if one.job is not job]
            self._known = {key: one for key, one in self._known.items() if one.job is not job}
            if self._current is not None and self._current.job is job:
                self._current = None
                if self._child is not None:
                    self._child.kill()
                    self._child = None
                self._next()

    def close(self) -> None:
        """End the child."""
        with self._lock:
            child, self._child = self._child, None
            self._waiting.clear()
        if child is not None:
            child.kill()
            child.process.wait()

    def _next(self) -> None:
        if self._current is not None or not self._waiting:
            return
        one = self._current = self._waiting.pop()
        one.progress.state = WORKING
        if self._child is None or not self._child.is_alive:
            child: Child | None = None

            def ended(printed: str) -> None:
                self._ended(child, printed)

            child = Child(self._work, self._told, ended)
            self._child = child
        self._child.send(
            {
                "do": "explain",
                "job": one.key,
                "model": str(one.job.model),
                "paths": [str(path) for path in one.job.paths],
                "at": one.row.at,
                "source": one.row.source,
                "folder": str(one.folder),
            }
        )

    def _told(self, event: Event) -> None:
        with self._lock:
            one = self._current
            if one is None or event["job"] != one.key:
                return
            one.take(event)
            if one.progress.has_ended:
                self._current = None
                self._next()

    def _ended(self, child: Child | None, printed: str) -> None:
        """Say what a child left undone that nobody has ended."""
        with self._lock:
            if child is not self._child:
                return
            _log.error("the process that explains ended: %s", printed)
            self._child = None
            if self._current is not None:
                self._current.progress.state, self._current.progress.error = FAILED, _DIED
                self._current = None
            self._next()
