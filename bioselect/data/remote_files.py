"""What lies at addresses, brought to this disk before somebody looks for it.

Where nothing does, nothing of `remote/` is imported.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from bioselect.addresses import address_of, is_address
from bioselect.exceptions import ConfigurationError
from bioselect.progress import SILENT, Reporter

#: Of a run folder a model needs this folder only.
_MODEL = "model/"
_is_refused = ContextVar("addresses_are_refused", default=False)


@contextmanager
def addresses_refused() -> Iterator[None]:
    """Refuse inside the block whatever lies at an address, before anybody is asked for it.

    Examples
    --------
    >>> with addresses_refused():
    ...     brought("s3://lab/cells")
    Traceback (most recent call last):
    bioselect.exceptions.ConfigurationError: s3://lab/cells: must lie on this computer on the ...
    """
    token = _is_refused.set(True)
    try:
        yield
    finally:
        _is_refused.reset(token)


def check_allowed(place: Path | str) -> None:
    """Refuse an address, or the place of one, where none is read and written.

    Raises
    ------
    ConfigurationError
        Inside of `addresses_refused`.
    """
    if _is_refused.get() and is_remote(place):
        raise ConfigurationError(
            f"{address_of(Path(place)) or place}: must lie on this computer on the page, which "
            "would read and write at an address with your rights. Use `bioselect run` on the "
            "command line, or copy the files here."
        )


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
    check_allowed(place)
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
    check_allowed(written)
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
        check_allowed(remote[0])
        from bioselect.remote.fetching import fetch_named

        fetch_named(remote)
