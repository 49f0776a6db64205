"""One child that keeps a model open, and the jobs that wait for it."""

from __future__ import annotations

import logging
import shutil
import threading
from collections import deque
from itertools import count
from pathlib import Path

from bioselect.app.children import Child, Event
from bioselect.app.predictions import ModelFacts, PredictJob
from bioselect.app.progress_state import FAILED, STOPPED, WORKING, ProgressState
from bioselect.app.uploads import Item

_log = logging.getLogger(__name__)
_DESCRIBING = "model"
_DIED = (
    "The process that predicted ended unexpectedly; perhaps the memory was full, or an image broke "
    "a decoder. Try fewer or smaller images."
)


class PredictJobs:
    """Predicts one job after the other; a job that is cancelled takes its process with it."""

    def __init__(self, work: Path) -> None:
        self._work = work
        self._numbers = count(1)
        self._lock = threading.RLock()
        self._child: Child | None = None
        self._waiting: deque[PredictJob] = deque()
        self._current: PredictJob | None = None
        self.jobs: dict[str, PredictJob] = {}
        self.model: Path | None = None
        self.facts: ModelFacts | None = None
        self.opening = ProgressState()

    def open(self, model: Path) -> None:
        """Take another model for the jobs that come; `facts` follow, or `opening` says why not."""
        with self._lock:
            self.model, self.facts = model, None
            self.opening = ProgressState(WORKING)
            if self._current is None:
                self._describe()

    def add_upload(self, items: list[Item], folder: Path) -> PredictJob:
        """Predict the files of an upload, which lie in a folder of ours."""
        title = items[0].name + (f" and {len(items) - 1:,} more" if len(items) > 1 else "")
        paths = [one.path for one in items if one.path is not None]
        return self._add(title, folder, paths, items, is_ours=True)

    def add_place(self, path: Path) -> PredictJob:
        """Predict what lies in a folder of this machine, or one image of it."""
        folder = path if path.is_dir() else path.parent
        return self._add(path.name, folder, [path], [], is_ours=False)

    def _add(
        self, title: str, folder: Path, paths: list[Path], items: list[Item], is_ours: bool
    ) -> PredictJob:
        assert self.model is not None
        with self._lock:
            job = PredictJob(
                str(next(self._numbers)), self.model, title, folder, paths, items, is_ours
            )
            self.jobs[job.number] = job
            self._waiting.append(job)
            self._next()
            return job

    def cancel(self, job: PredictJob) -> None:
        """Stop a job; what was predicted of it stays."""
        with self._lock:
            if job in self._waiting:
                self._waiting.remove(job)
                job.progress.state = STOPPED
            elif job is self._current:
                job.progress.state = STOPPED
                self._current = None
                if self._child is not None:
                    self._child.kill()
                    self._child = None
                if self.facts is None and self.opening.state == WORKING:
                    self._describe()  # Nobody else would: its process has ended.
                self._next()

    def remove(self, job: PredictJob) -> None:
        """Forget a job, its images and its pictures."""
        self.cancel(job)
        with self._lock:
            self.jobs.pop(job.number, None)
        shutil.rmtree(self.pictures_of(job), ignore_errors=True)
        if job.is_ours:
            shutil.rmtree(job.folder, ignore_errors=True)

    def close(self) -> None:
        """End the child."""
        with self._lock:
            child, self._child = self._child, None
            self._waiting.clear()
        if child is not None:
            child.kill()
            child.process.wait()

    def pictures_of(self, job: PredictJob) -> Path:
        """Return the folder for what is shown of a job."""
        return self._work / f"pictures-{job.number}"

    def _send(self, request: Event) -> None:
        if self._child is None or not self._child.is_alive:
            child: Child | None = None

            def ended(printed: str) -> None:
                self._ended(child, printed)

            child = Child(self._work, self._told, ended)
            self._child = child
        self._child.send(request)

    def _describe(self) -> None:
        self._send({"do": "describe", "job": _DESCRIBING, "model": str(self.model)})

    def _next(self) -> None:
        if self._current is not None or not self._waiting:
            return
        job = self._current = self._waiting.popleft()
        job.progress.state = WORKING
        if not job.paths:  # Nothing of the upload was an image.
            job.take({"event": "done"}, self._work)
            self._current = None
            self._next()
            return
        pictures = self.pictures_of(job)
        pictures.mkdir(mode=0o700)
        self._send(
            {
                "do": "predict",
                "job": job.number,
                "model": str(job.model),
                "paths": [str(one) for one in job.paths],
                "names": job.names,
                "pictures": str(pictures),
            }
        )

    def _told(self, event: Event) -> None:
        with self._lock:
            if event["job"] == _DESCRIBING:
                self._told_of_model(event)
                return
            job = self._current
            if job is None or event["job"] != job.number:
                return
            job.take(event, self.pictures_of(job))
            if job.progress.has_ended:
                self._current = None
                if self.facts is None and self.opening.state == WORKING:
                    self._describe()
                self._next()

    def _told_of_model(self, event: Event) -> None:
        if event["event"] == "model":
            self.facts = ModelFacts.of(event)
        elif event["event"] in ("done", "failed"):
            self.opening.take(event)

    def _ended(self, child: Child | None, printed: str) -> None:
        """Say what a child left undone that nobody has ended."""
        with self._lock:
            if child is not self._child:
                return
            _log.error("the process that predicts ended: %s", printed)
            self._child = None
            if self.opening.state == WORKING:
                self.opening.state, self.opening.error = FAILED, _DIED
            if self._current is not None:
                self._current.progress.state = FAILED
                self._current.progress.error = _DIED
                self._current = None
            self._next()
