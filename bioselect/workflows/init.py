"""`bioselect init`: from a folder or table to a configuration that runs as it is.

First everything is found out and decided (`propose` writes nothing and asks nothing), then the
file is written.
"""

from __future__ import annotations

from pathlib import Path

from bioselect.exceptions import StorageError
from bioselect.progress import SILENT, Reporter
from bioselect.storage import atomic_write_text
from bioselect.workflows.proposal.choices import as_argument
from bioselect.workflows.proposal.proposing import Proposal, proposal_for
from bioselect.workflows.proposal.source import ColumnNames, Source
from bioselect.workflows.proposal.sources import CONFIGURATION_ENDINGS, find_source

_NO_COLUMNS = ColumnNames()


def propose(
    path: Path | str,
    file: Path | str | None = None,
    columns: ColumnNames = _NO_COLUMNS,
    jobs: int | None = None,
    reporter: Reporter = SILENT,
) -> Proposal:
    """Look at a data set and propose a configuration for it; nothing is written.

    Parameters
    ----------
    path : path
        A folder with one folder per class, a table, or an .npz file in the form of MedMNIST.
    file : path, optional
        The configuration file that is meant; paths in it are relative to its folder. By default
        one in the current folder that is called like the data set.
    columns : ColumnNames
        Columns of a table that are known.
    jobs : int, optional
        Threads that read images; all cores by default.
    reporter : Reporter
        Told about progress.

    Raises
    ------
    BioselectError
        If the data set cannot be studied as it is, or something has to be said by a person.
    """
    source = find_source(Path(path), columns)
    return proposal_for(source, _file_for(source, file), jobs, reporter)


def init(
    path: Path | str,
    file: Path | str | None = None,
    overwrite: bool = False,
    columns: ColumnNames = _NO_COLUMNS,
    jobs: int | None = None,
    reporter: Reporter = SILENT,
) -> str:
    """Write a proposed configuration, and return in words what was found and what comes next.

    Parameters
    ----------
    path, file, columns, jobs, reporter
        As for :func:`propose`.
    overwrite : bool
        Whether a file that is already there may be replaced.

    Raises
    ------
    BioselectError
        As :func:`propose`; or if the file is there already, or cannot be written.
    """
    if file is not None:
        _check_free(Path(file), overwrite)
    source = find_source(Path(path), columns)
    place = _file_for(source, file)
    _check_free(place, overwrite)
    proposal = proposal_for(source, place, jobs, reporter)
    atomic_write_text(place, proposal.text)
    return "\n".join([proposal.in_words, "", f"Written: {place}", *_next_steps(place)])


def _file_for(source: Source, file: Path | str | None) -> Path:
    if file is None:
        return Path(f"{source.name}.yaml")
    return Path(file)


def _check_free(place: Path, overwrite: bool) -> None:
    if place.is_dir():
        raise StorageError(
            f"{place}: must be a file, the configuration to write. Got a folder. Write "
            f"-o {as_argument(place / 'config.yaml')}."
        )
    if place.suffix.lower() not in CONFIGURATION_ENDINGS:
        raise StorageError(
            f"{place}: a configuration must end in .yaml. Write "
            f"-o {as_argument(place.with_name(place.name + '.yaml'))}."
        )
    if place.exists() and not overwrite:
        raise StorageError(
            f"{place}: is there already, and is not written over. Choose another file with -o, or "
            "write over it with --force."
        )


def _next_steps(place: Path) -> list[str]:
    quoted = as_argument(place)
    return [
        "Next:",
        f"  bioselect check {quoted}",
        f"  bioselect run {quoted}",
    ]
