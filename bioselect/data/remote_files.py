"""What lies at addresses, brought to this disk before somebody looks for it.

Where nothing does, nothing of `remote/` is imported.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bioselect.addresses import address_of, is_address
from bioselect.progress import SILENT, Reporter

#: Of a run folder a model needs this folder only.
_MODEL = "model/"


def is_remote(place: Any) -> bool:
    """Tell whether a place is an address, or the path where a copy of one lies.

    Examples
    --------
    >>> is_remote("s3://lab/cells"), is_remote(Path("cells")), is_remote(None)
    (True, False, False)
    """
    if not isinstance(place, str | os.PathLike):
        return False
    return is_address(place) or address_of(Path(place)) is not None


def brought(place: Path | str, reporter: Reporter = SILENT, is_model: bool = False) -> Path:
    """Return where something lies on this disk, after it was brought here from its address.

    Parameters
    ----------
    place : path or str
        An address, or a path, which is returned.
    reporter : Reporter
        Told about progress.
    is_model : bool
        Whether, of a run folder, its model is enough.

    Raises
    ------
    BioselectError
        If it is not there, cannot be reached, or there is no room.
    """
    if not is_remote(place):
        return Path(place)
    from bioselect.remote.fetching import fetched

    return fetched(place, reporter, _of_model if is_model else None)


def _of_model(names: Sequence[str]) -> Sequence[str]:
    """Return those files of a folder that a model needs: of a run folder not the tables."""
    return [name for name in names if name.startswith(_MODEL)] or names


@contextmanager
def results_delivered(written: Path | str, reporter: Reporter = SILENT) -> Iterator[Path]:
    """Give the path where results are written, and bring them to their address at the end.

    Raises
    ------
    BioselectError
        If the address cannot be written, or holds something.
    """
    if not is_remote(written):
        yield Path(written)
        return
    from bioselect.remote.delivery import delivered

    with delivered(written, reporter) as place:
        yield place


def bring_files(paths: Sequence[Path]) -> None:
    """Bring those of some files here that lie at addresses; what does not exist is passed over.

    Raises
    ------
    BioselectError
        If they cannot be reached, or there is no room.
    """
    remote = [path for path in paths if address_of(path) is not None]
    if remote:
        from bioselect.remote.fetching import fetch_named

        fetch_named(remote)
