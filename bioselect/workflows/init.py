"""`bioselect init`: from a folder or table to a configuration that runs as it is.

First everything is found out and decided (`propose` writes nothing and asks nothing), then the
file is written.
"""

from __future__ import annotations

from pathlib import Path

from bioselect.addresses import is_address, place_of
from bioselect.data.remote_files import brought
from bioselect.exceptions import StorageError
from bioselect.progress import SILENT, Reporter
from bioselect.storage import atomic_write_text
from bioselect.workflows.proposal.choices import as_argument
from bioselect.workflows.proposal.column_proposal import column_proposal_for
from bioselect.workflows.proposal.column_source import ColumnSource, find_columns
from bioselect.workflows.proposal.mask_proposal import mask_proposal_for
from bioselect.workflows.proposal.mask_source import MaskSource, find_masks
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
        A folder with one folder per class or with a folder of images and one of masks, a table of
        images or of columns alone, or an .npz file in the form of MedMNIST.
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
    found = _find(brought(path, reporter), columns)
    return _proposal(found, _file_for(found, file), jobs, reporter)


def init(
    path: Path | str,
    file: Path | str | None = None,
    overwrite: bool = False,
    columns: ColumnNames = _NO_COLUMNS,
    jobs: int | None = None,
    reporter: Reporter = SILENT,
) -> str:
    """Write a proposed configuration, and return in words what was found and what comes next."""
    return write_proposal(path, file, overwrite, columns, jobs, reporter)[1]


def write_proposal(
    path: Path | str,
    file: Path | str | None = None,
    overwrite: bool = False,
    columns: ColumnNames = _NO_COLUMNS,
    jobs: int | None = None,
    reporter: Reporter = SILENT,
) -> tuple[Path, str]:
    """Write a proposed configuration; return where, and in words what was found and comes next.

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
    found = _find(brought(path, reporter), columns)
    place = _file_for(found, file)
    _check_free(place, overwrite)
    proposal = _proposal(found, place, jobs, reporter)
    atomic_write_text(place, proposal.text)
    told = [proposal.in_words, "", f"Written: {place}", *_next_steps(place)]
    return place, "\n".join(told)


def _find(path: Path, columns: ColumnNames) -> Source | MaskSource | ColumnSource:
    """Return what a path holds: images with masks, a table without images, images with classes."""
    masks = None if columns.given else find_masks(path)
    return masks or find_columns(path, columns) or find_source(path, columns)


def _proposal(
    found: Source | MaskSource | ColumnSource, file: Path, jobs: int | None, reporter: Reporter
) -> Proposal:
    if isinstance(found, ColumnSource):
        return column_proposal_for(found, file)
    if isinstance(found, MaskSource):
        return mask_proposal_for(found, file, jobs, reporter)
    return proposal_for(found, file, jobs, reporter)


def _file_for(found: Source | MaskSource | ColumnSource, file: Path | str | None) -> Path:
    if file is None:
        source = found.source if isinstance(found, MaskSource) else found
        return Path(f"{source.name}.yaml")
    return Path(file)


def _check_free(place: Path, overwrite: bool) -> None:
    if is_address(place):
        raise StorageError(
            f"{place_of(place)}: a configuration must lie on this computer. Write -o config.yaml."
        )
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
            "write over it with --force (overwrite=True in Python)."
        )


def _next_steps(place: Path) -> list[str]:
    quoted = as_argument(place)
    return [
        "Next:",
        f"  bioselect check {quoted}",
        f"  bioselect run {quoted}",
    ]
