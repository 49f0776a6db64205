"""Studies that are made on the page: looked at, checked, run, stopped and run again."""

from __future__ import annotations

import logging
import os
import signal
import threading
from dataclasses import dataclass, field
from enum import Enum
from itertools import count
from pathlib import Path
from typing import Any

from bioselect.app.child import INTERRUPTED
from bioselect.app.children import Child, Event
from bioselect.app.progress_state import DONE, FAILED, STOPPED, WORKING, ProgressState
from bioselect.app.refusal import RefusedError
from bioselect.app.written_config import config_of
from bioselect.storage import atomic_write_text

_log = logging.getLogger(__name__)
_DIED = "The process that worked on it ended unexpectedly; perhaps the memory was full. "
_NEXT = {True: "What was finished is kept: go on.", False: "Close other programs and try again."}
#: So many studies work at a time; each takes a process and its memory.
_MOST_AT_WORK = 4


class Phase(str, Enum):
    """Where a study is."""

    LOOKING = "looking"
    DRAFT = "draft"
    CHECKING = "checking"
    RUNNING = "running"
    FINISHED = "finished"


@dataclass
class Study:
    """A data set, the configuration that is made for it, and its run."""

    number: str
    dataset: Path
    file: Path
    columns: dict[str, str | None]
    phase: Phase = Phase.LOOKING
    progress: ProgressState = field(default_factory=ProgressState)
    text: str = ""
    found: str = ""
    kind: str = "classes"
    classes: tuple[str, ...] = ()
    checked: str = ""
    check_error: str = ""
    is_written: bool = False
    results: Path | None = None
    child: Child | None = None

    @property
    def is_busy(self) -> bool:
        """Whether its process is at work."""
        return self.progress.state == WORKING


class StudyJobs:
    """All studies of this page; each has a process of its own while it works."""

    def __init__(self, work: Path, root: Path) -> None:
        self._work = work
        self._root = root
        self._numbers = count(1)
        self._lock = threading.RLock()
        self.studies: dict[str, Study] = {}

    def look(self, dataset: Path, folder: Path, columns: dict[str, str | None]) -> Study:
        """Look at a data set; its configuration is to lie in `folder`."""
        with self._lock:
            self._refuse_if_too_many()
            number = str(next(self._numbers))
            study = Study(number, dataset, free_file(folder, dataset.stem), columns)
            self.studies[number] = study
            self._begin(
                study,
                Phase.LOOKING,
                {
                    "do": "propose",
                    "path": str(dataset),
                    "file": str(study.file),
                    "columns": columns,
                },
            )
            return study

    def check(self, study: Study, text: str) -> None:
        """Let the doctor look at a configuration as it stands on the page."""
        with self._lock:
            _refuse_if_busy(study)
            study.text = text
            self._allowed(study)
            self._refuse_if_too_many()
            self._begin_check(study)

    def start(self, study: Study, text: str) -> None:
        """Write the configuration, and run it.

        Raises
        ------
        BioselectError
            If it cannot be run from here; nothing is written then.
        """
        with self._lock:
            _refuse_if_busy(study)
            study.text = text
            self._allowed(study)
            self._refuse_if_too_many()
            if not study.is_written and study.file.exists():
                study.file = free_file(study.file.parent, study.file.stem)
            atomic_write_text(study.file, text)
            study.is_written = True
            self._run(study)

    def go_on(self, study: Study) -> None:
        """Run a study again that was stopped; what was finished is kept."""
        with self._lock:
            _refuse_if_busy(study)
            if not study.is_written:
                raise RefusedError("This study was not started yet.")
            self._run(study)

    def edit(self, study: Study) -> None:
        """Go back to the configuration."""
        with self._lock:
            _refuse_if_busy(study)
            study.phase, study.progress = Phase.DRAFT, ProgressState(DONE)

    def stop(self, study: Study) -> None:
        """Do what Ctrl-C does to `bioselect run`."""
        with self._lock:
            if study.child is not None and study.is_busy:
                study.child.interrupt()

    def close(self) -> None:
        """Stop everything, as Ctrl-C does."""
        with self._lock:
            children = [one.child for one in self.studies.values() if one.child is not None]
        for child in children:
            child.end()

    def _allowed(self, study: Study) -> None:
        """Refuse code of somebody's own, other machines, and results outside of the root."""
        config = config_of(study.text, study.file)
        for key, place in (("output", config.output), ("cache", config.cache)):
            if place is not None and not place.resolve().is_relative_to(self._root):
                raise RefusedError(
                    f"{key}: must lie inside the folder that the page may write to. Choose another "
                    "place, or start `bioselect app` with --root FOLDER."
                )

    def _refuse_if_too_many(self) -> None:
        if sum(one.is_busy for one in self.studies.values()) >= _MOST_AT_WORK:
            raise RefusedError(
                f"{_MOST_AT_WORK} studies are at work. Wait until one has ended, or stop one.", 429
            )

    def _run(self, study: Study) -> None:
        self._refuse_if_too_many()
        self._begin(study, Phase.RUNNING, {"do": "run", "config": str(study.file)})

    def _begin_check(self, study: Study) -> None:
        study.checked = study.check_error = ""
        request = {"do": "check", "text": study.text, "file": str(study.file)}
        self._begin(study, Phase.CHECKING, request)

    def _begin(self, study: Study, phase: Phase, request: dict[str, Any]) -> None:
        study.phase, study.progress = phase, ProgressState(WORKING)
        child: Child | None = None

        def told(event: Event) -> None:
            with self._lock:
                if study.child is child:
                    self._told(study, event)

        def ended(printed: str) -> None:
            self._ended(study, child, printed)

        child = study.child = Child(self._work, told, ended)
        child.send({"job": study.number, **request})

    def _told(self, study: Study, event: Event) -> None:
        kind = event["event"]
        if kind == "proposal":
            study.text, study.found = event["text"], self._shown(event["in_words"])
            study.kind, study.classes = event["kind"], tuple(event["classes"])
        elif kind == "checked":
            study.checked = self._shown(event["text"])
        elif kind == "result":
            study.results = Path(event["folder"])
        elif not study.progress.has_ended:
            if "text" in event:
                event = {**event, "text": self._shown(event["text"])}
            study.progress.take(event)
            if study.progress.has_ended:
                self._after(study)

    def _shown(self, text: str) -> str:
        """Return text in which places are told from the root on, as they are typed on the page."""
        return text.replace(f"{self._root}{os.sep}", "")

    def _after(self, study: Study) -> None:
        """Go on to the next phase."""
        if study.child is not None and study.child.process.stdin is not None:
            study.child.process.stdin.close()  # It has nothing more to do.
        state = study.progress.state
        if study.phase == Phase.LOOKING and state == DONE:
            self._begin_check(study)
        elif study.phase == Phase.CHECKING:  # Also where it was stopped, or has died.
            study.phase, study.check_error = Phase.DRAFT, study.progress.error
        elif study.phase == Phase.RUNNING and state == DONE:
            study.phase = Phase.FINISHED

    def _ended(self, study: Study, child: Child | None, printed: str) -> None:
        with self._lock:
            if study.child is not child or not study.is_busy:
                return
            if child is not None and child.process.returncode in (-signal.SIGINT, INTERRUPTED):
                study.progress.state = STOPPED
            else:
                _log.error("the process of a study ended: %s", printed)
                told = _DIED + _NEXT[study.phase == Phase.RUNNING]
                study.progress.state, study.progress.error = FAILED, told
            self._after(study)


def free_file(folder: Path, name: str) -> Path:
    """Return a configuration file that is not there yet."""
    for number in count(1):
        path = folder / (f"{name}.yaml" if number == 1 else f"{name}_{number}.yaml")
        if not path.exists():
            return path
    raise AssertionError("there is always a further number")


def _refuse_if_busy(study: Study) -> None:
    if study.is_busy:
        raise RefusedError("It is at work. Stop it first.", 409)
