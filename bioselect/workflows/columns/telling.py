"""A study of a table is told of rows, where one of images is told of images."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from bioselect.checks.findings import Finding
from bioselect.data.row_words import of_rows
from bioselect.exceptions import BioselectError
from bioselect.progress import Reporter, Task
from bioselect.workflows.reporting import LoggingReporter

if TYPE_CHECKING:  # `predict` and `evaluate` need no scikit-learn for what is told here.
    from bioselect.workflows.judgement import Judged


class RowReporter(Reporter):
    """Passes everything on to another reporter, said of rows."""

    def __init__(self, inner: Reporter) -> None:
        self.inner = inner

    def say(self, text: str) -> None:
        """Tell one line."""
        self.inner.say(of_rows(text))

    def warn(self, text: str) -> None:
        """Tell one warning."""
        self.inner.warn(of_rows(text))

    @contextmanager
    def task(self, description: str, n_steps: int) -> Iterator[Task]:
        """Open a bar."""
        with self.inner.task(of_rows(description), n_steps) as task:
            yield task


class LoggingRowReporter(LoggingReporter):
    """The same, kept in the run folder's log."""

    def say(self, text: str) -> None:
        """Tell and log one line."""
        super().say(of_rows(text))

    def keep(self, text: str) -> None:
        """Log what is told elsewhere."""
        super().keep(of_rows(text))

    def warn(self, text: str) -> None:
        """Tell and log one warning."""
        super().warn(of_rows(text))

    @contextmanager
    def task(self, description: str, n_steps: int) -> Iterator[Task]:
        """Open a bar."""
        with super().task(of_rows(description), n_steps) as task:
            yield task


@contextmanager
def errors_of_rows() -> Iterator[None]:
    """Let errors that leave the block speak of rows."""
    try:
        yield
    except BioselectError as error:
        text = of_rows(str(error))
        if text == str(error):
            raise
        raise type(error)(text) from error


def finding_of_rows(finding: Finding) -> Finding:
    """Return a finding that speaks of rows."""
    return replace(finding, what=of_rows(finding.what), remedy=of_rows(finding.remedy))


def judged_of_rows(judged: Judged) -> Judged:
    """Return a judgement whose sentences speak of rows."""
    verdict = replace(judged.verdict, in_words=of_rows(judged.verdict.in_words))
    return replace(judged, verdict=verdict, place_of_scores=of_rows(judged.place_of_scores))
