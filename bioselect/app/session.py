"""Everything that one start of the page knows and owns."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from bioselect.app.explain_jobs import ExplainJobs
from bioselect.app.limits import Limits
from bioselect.app.predict_jobs import PredictJobs
from bioselect.app.study_jobs import StudyJobs
from bioselect.app.uploads import Uploads
from bioselect.app.work_folder import WorkFolder, remove_left_behind


@dataclass
class Session:
    """The root that may be looked into, the work folder, the jobs, and the results shown."""

    root: Path
    limits: Limits
    folder: WorkFolder
    predicting: PredictJobs
    explaining: ExplainJobs
    studying: StudyJobs
    uploads: Uploads
    results: dict[str, Path] = field(default_factory=dict)
    _numbers: count[int] = field(default_factory=lambda: count(1))

    @classmethod
    def begin(cls, root: Path, limits: Limits) -> Session:
        """Make a work folder, and remove those of pages that were killed."""
        remove_left_behind(Path(tempfile.gettempdir()))
        root, folder = root.resolve(), WorkFolder()
        work = folder.path
        predicting = PredictJobs(work)
        explaining = ExplainJobs(work, predicting.pictures_of)
        studying, uploads = StudyJobs(work, root), Uploads(work, limits)
        return cls(root, limits, folder, predicting, explaining, studying, uploads)

    def show_results(self, folder: Path) -> str:
        """Return the number under which the results of a run folder are shown."""
        for number, known in self.results.items():
            if known == folder:
                return number
        number = str(next(self._numbers))
        self.results[number] = folder
        return number

    def end(self) -> None:
        """Stop what is under way, and remove the work folder."""
        self.studying.close()
        self.predicting.close()
        self.explaining.close()
        self.folder.remove()

    @property
    def work(self) -> Path:
        """The work folder."""
        return self.folder.path
