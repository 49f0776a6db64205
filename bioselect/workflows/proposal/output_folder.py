"""Where the results of a proposed study may go: a place of their own, not among the images."""

from __future__ import annotations

import os
from itertools import count
from pathlib import Path

_RESULTS = "results"


def output_folder(name: str, folder: Path, images: Path | None) -> Path:
    """Return a folder that is not there yet, or is empty.

    Parameters
    ----------
    name : str
        What the data set is called.
    folder : Path
        Where the configuration will lie.
    images : Path or None
        A folder whose folders are the classes: results in it would be taken for one.
    """
    for number in count(1):
        numbered = name if number == 1 else f"{name}_{number}"
        places = [folder / _RESULTS / numbered, folder / f"{numbered}_{_RESULTS}"]
        if images is not None:
            places.append(images.resolve().parent / f"{numbered}_{_RESULTS}")
        for place in places:
            if _is_free(place) and not _lies_in(place, images):
                return place
    raise AssertionError("there is always a further number")


def _is_free(place: Path) -> bool:
    if any(os.path.isfile(one) for one in place.parents):
        return False
    try:
        return not place.exists() or not any(place.iterdir())
    except OSError:
        return False  # A file, or a folder that nobody may look into.


def _lies_in(place: Path, images: Path | None) -> bool:
    return images is not None and place.resolve().is_relative_to(images.resolve())
