"""Every public set that is known here, as rows of one table."""

from __future__ import annotations

import difflib

from bioselect.data.public.databases import DATABASES
from bioselect.data.public.medicine import MEDICINE
from bioselect.data.public.medmnist import MEDMNIST
from bioselect.data.public.microscopy import MICROSCOPY
from bioselect.data.public.sets import PublicSet
from bioselect.exceptions import DataError

ROWS: tuple[PublicSet, ...] = (*MEDMNIST, *MEDICINE, *MICROSCOPY, *DATABASES)


def listed() -> list[PublicSet]:
    """Return the rows that a list shows: of sets in several sizes the smallest."""
    return [row for row in ROWS if not row.variant_of]


def find(name: str) -> PublicSet:
    """Return the set of a name; capitals do not matter.

    Raises
    ------
    DataError
        If there is none; the nearest name is told.

    Examples
    --------
    >>> find("PathMNIST").n_images
    107180
    """
    known = {row.name: row for row in ROWS}
    wanted = name.lower()
    if wanted not in known:
        near = difflib.get_close_matches(wanted, known, n=1, cutoff=0.5)
        hint = f"Did you mean {near[0]!r}? " if near else ""
        raise DataError(
            f"{name}: no public set of this name is known. {hint}`bioselect datasets list` shows "
            "all."
        )
    return known[wanted]
