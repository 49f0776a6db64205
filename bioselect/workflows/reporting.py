"""A reporter that also keeps what it printed in the run folder's log."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path

from bioselect.progress import Reporter, Task
from bioselect.storage import explained_storage_errors
from bioselect.visible import visible


class LoggingReporter(Reporter):
    """Passes everything on to another reporter and appends it, with the time, to a file."""

    def __init__(self, inner: Reporter, log: Path) -> None:
        self.inner = inner
        self.log = log

    def say(self, text: str) -> None:
        """Tell and log one line."""
        self._append(text)
        self.inner.say(text)

    def keep(self, text: str) -> None:
        """Log what is told elsewhere, several lines."""
        self._append(text)

    def warn(self, text: str) -> None:
        """Tell and log one warning."""
        self._append(f"warning: {text}")
        self.inner.warn(text)

    @contextmanager
    def task(self, description: str, n_steps: int) -> Iterator[Task]:
        """Open a bar; the log keeps when it began and ended."""
        self._append(f"{description}: {n_steps} steps")
        with self.inner.task(description, n_steps) as task:
            yield task
        self._append(f"{description}: done")

    def _append(self, text: str) -> None:
        now = datetime.now(timezone.utc).isoformat(timespec="seconds")
        with (
            explained_storage_errors(self.log),
            self.log.open("a", encoding="utf-8") as file,
        ):
            file.writelines(f"{now} {line}\n" for line in visible(text).split("\n"))
