"""Which lines of the package ran under the fuzzer; needs coverage.py."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


class Measured:
    """Measures this process while modules are imported, and each child while it is fed."""

    def __init__(self) -> None:
        self._folder = tempfile.mkdtemp(prefix="fuzzing-coverage-")
        self._here = self._coverage("here")

    def _coverage(self, name: str):
        import coverage

        return coverage.Coverage(
            data_file=os.path.join(self._folder, f"all.{name}"),
            source=[str(ROOT / "bioselect")],
            config_file=False,
        )

    def start(self) -> None:
        self._here.start()

    def stop(self) -> None:
        self._here.stop()
        self._here.save()

    def of_child(self) -> Callable[[], None]:
        """Begin to measure a child; returns how to end it."""
        mine = self._coverage(str(os.getpid()))
        mine.start()

        def finish() -> None:
            mine.stop()
            mine.save()

        return finish

    def report(self, files: Sequence[str]) -> None:
        """Print how much of each file ran; `files` are patterns below bioselect/, empty for all."""
        import shutil

        import coverage

        together = coverage.Coverage(data_file=os.path.join(self._folder, "all"), config_file=False)
        together.combine([self._folder], keep=True)
        include = [str(ROOT / "bioselect" / pattern) for pattern in files] or None
        together.report(include=include, show_missing=True)
        shutil.rmtree(self._folder)
