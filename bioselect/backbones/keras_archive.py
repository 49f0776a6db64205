"""What lies in a `.keras` file, looked at before Keras unpacks it and reads its weights.

Weights are HDF5, in which a name may lead to another file of the machine, and a few bytes may
stand for more numbers than there is memory.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

CONFIG, METADATA, WEIGHTS = "config.json", "metadata.json", "model.weights.h5"
#: Configurations have some megabytes at most, and weights a few thousand arrays.
LARGEST_TEXT, MOST_PARTS = 200_000_000, 100_000


def check_archive(path: Path) -> None:
    """Find out whether a `.keras` file holds a configuration and weights, and only that.

    Raises
    ------
    ValueError
        With what else there is.
    zipfile.BadZipFile
        If it is no zip.
    """
    import h5py

    with zipfile.ZipFile(path) as archive:
        sizes = {info.filename: info.file_size for info in archive.infolist()}
        if len(sizes) < len(archive.infolist()):
            raise ValueError("each entry must have a name of its own")
        # Folders are entries too in what others have packed; of assets Keras writes them.
        foreign = [
            name for name in sizes if name not in (CONFIG, METADATA, WEIGHTS) and name[-1:] != "/"
        ]
        if foreign:
            raise ValueError(f"it must hold {CONFIG}, {METADATA} and {WEIGHTS}. Got {foreign[0]!r}")
        if any(sizes.get(name, 0) > LARGEST_TEXT for name in (CONFIG, METADATA)):
            raise ValueError(f"{CONFIG} must have at most {LARGEST_TEXT:,} bytes")
        info = archive.getinfo(WEIGHTS)
        if info.compress_type != zipfile.ZIP_STORED:
            raise ValueError(f"{WEIGHTS} must not be packed")
        with archive.open(WEIGHTS) as file, h5py.File(file, "r") as weights:
            check_weights(weights, info.file_size)


def check_weights(weights: Any, n_bytes: int) -> None:
    """Find out whether an open file of weights holds numbers, all of them itself.

    Parameters
    ----------
    weights : h5py.File
        The file.
    n_bytes : int
        Its size.

    Raises
    ------
    ValueError
        With the name of what is not.
    """
    total = 0
    for name, part in _parts(weights):
        if part.is_virtual or part.external:
            raise ValueError(f"{name}: its numbers must lie in the file itself")
        if part.dtype.kind not in "biufV" or part.dtype.hasobject:
            raise ValueError(f"{name}: must hold numbers. Got {part.dtype}")
        total += part.nbytes
        if total > n_bytes:
            raise ValueError(f"{name}: must hold as many bytes as it says. Got {part.nbytes:,}")


def _parts(group: Any) -> Iterator[tuple[str, Any]]:
    """Give each array inside, with its name; nothing leads out, or back."""
    import h5py

    waiting, seen = [group], {h5py.h5o.get_info(group.id).addr}
    while waiting:
        here = waiting.pop()
        for name in here:
            if not isinstance(here.get(name, getlink=True), h5py.HardLink):
                raise ValueError(f"{here.name}: {name!r} must lie in the file itself, not a link")
            part = here[name]
            place = h5py.h5o.get_info(part.id).addr
            if isinstance(part, h5py.Group):
                if place in seen:
                    raise ValueError(f"{here.name}: {name!r} must not lead back")
                waiting.append(part)
            elif isinstance(part, h5py.Dataset):
                yield f"{part.name}", part
            else:
                raise ValueError(f"{here.name}: {name!r} must be an array or a group")
            seen.add(place)
            if len(seen) > MOST_PARTS:
                raise ValueError(f"a network must have at most {MOST_PARTS:,} arrays")
