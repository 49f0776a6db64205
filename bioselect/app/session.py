"""Everything that one start of the page knows and owns."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from bioselect.app.limits import Limits
from bioselect.app.predict_jobs import PredictJobs
from bioselect.app.study_jobs import StudyJobs
from bioselect.app.uploads import Uploads


@dataclass
class Session:
    """The root that may be looked into, the work folder, the jobs, and the results shown."""

    root: Path
    limits: Limits
    work: Path
    predicting: PredictJobs
    studying: StudyJobs
    uploads: Uploads
    results: dict[str, Path] = field(default_factory=dict)
    _numbers: count[int] = field(default_factory=lambda: count(1))

    @classmethod
    def begin(cls, root: Path, limits: Limits) -> Session:
        """Make a work folder that nobody else may look into."""
        work = Path(tempfile.mkdtemp(prefix="bioselect-app-")).resolve()  # with the rights 0700
        root = root.resolve()
        return cls(
            root, limits, work, PredictJobs(work), StudyJobs(work, root), Uploads(work, limits)
        )

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
        shutil.rmtree(self.work, ignore_errors=True)
