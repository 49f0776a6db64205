"""Studies from Python: look at a data set, check a configuration, run it, open what was run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bioselect.api.notebook import chosen_reporter
from bioselect.api.study import Study
from bioselect.api.tables import frame
from bioselect.checks.findings import Finding
from bioselect.config.loading import load_config
from bioselect.config.mapping import config_from_mapping
from bioselect.config.sections import Config
from bioselect.data.remote_files import brought
from bioselect.drawing.notebook_html import escaped
from bioselect.progress import Reporter
from bioselect.run_folder import FINDING_COLUMNS
from bioselect.workflows.check import look
from bioselect.workflows.init import write_proposal
from bioselect.workflows.proposal.source import ColumnNames
from bioselect.workflows.run import run as run_study

if TYPE_CHECKING:
    import pandas as pd

STOPPED = "stopped. What was finished is kept: the same call goes on from here."


def config_of(
    config: Config | Mapping[str, Any] | Path | str, output: Path | str | None = None
) -> Config:
    """Return a checked configuration: of a file, or of a dictionary with its keys.

    Where a dictionary names no `output`, it is the one that is given beside it.
    """
    if isinstance(config, Config):
        return config
    if isinstance(config, str | Path):
        return load_config(Path(config))
    if isinstance(config, Mapping) and output is not None:
        config = {"output": output, **config}
    return config_from_mapping(config)


def run(
    config: Config | Mapping[str, Any] | Path | str,
    output: Path | str | None,
    jobs: int | None,
    fresh: bool,
    budget: str | None,
    progress: bool,
    reporter: Reporter | None,
) -> Study:
    """Run a study; see :func:`bioselect.run`."""
    checked = config_of(config, output)
    shown = chosen_reporter(reporter, progress)
    try:
        result = run_study(checked, output, jobs, fresh, shown, budget)
    except KeyboardInterrupt:
        # Without the places in the libraries where it happened to stop.
        raise KeyboardInterrupt(STOPPED) from None
    return Study(result.folder, checked.base_dir, summary=result.summary)


def open_study(
    folder: Path | str, components_dir: Path | str | None, trust: Iterable[str]
) -> Study:
    """Open a finished study; see :func:`bioselect.open_study`."""
    return Study(brought(folder), components_dir, trust)


@dataclass(frozen=True)
class Checked:
    """What a look at configuration and images told: `plan` is what a run would do, in words."""

    plan: str
    words: str = field(repr=False)
    _findings: tuple[Finding, ...] = field(repr=False)

    @property
    def findings(self) -> pd.DataFrame:
        """What was noticed about the images: severity, image, what, remedy."""
        rows = [{key: getattr(one, key) for key in FINDING_COLUMNS} for one in self._findings]
        return frame(rows, FINDING_COLUMNS)

    def __repr__(self) -> str:
        """Return all of it in words."""
        return self.words

    def _repr_html_(self) -> str:
        lines = map(escaped, self.words.splitlines())
        return f'<pre style="white-space: pre-wrap">{"<br>".join(lines)}</pre>'


def check(
    config: Config | Mapping[str, Any] | Path | str,
    jobs: int | None,
    progress: bool,
    reporter: Reporter | None,
) -> Checked:
    """Look at configuration and images; see :func:`bioselect.check`."""
    found = look(config_of(config), jobs, chosen_reporter(reporter, progress))
    return Checked(found.plan, found.text, found.findings)


def init(
    dataset: Path | str,
    file: Path | str | None,
    overwrite: bool,
    columns: tuple[str | None, str | None, str | None],
    jobs: int | None,
    progress: bool,
    reporter: Reporter | None,
) -> Path:
    """Write a configuration for a data set; see :func:`bioselect.init`."""
    shown = chosen_reporter(reporter, progress)
    written, words = write_proposal(dataset, file, overwrite, ColumnNames(*columns), jobs, shown)
    shown.say(words)
    return written
