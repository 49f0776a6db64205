"""Files that a table names at addresses, brought to this disk before somebody looks for them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bioselect.addresses import address_of


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
