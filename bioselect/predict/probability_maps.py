"""Probabilities of every pixel as a TIFF: a 16-bit map for each class, 65535 being 1."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from bioselect.predict.mask_model import Taker
from bioselect.storage import atomic_path

#: What stands for a probability of 1.
ONE = 65535
#: A TIFF of more bytes needs the larger form of the format, which ImageJ's own does not have.
_LARGE = 2**31


@contextmanager
def probability_maps(
    path: Path, size: tuple[int, int], class_names: Sequence[str]
) -> Iterator[Taker]:
    """Give a function that writes the probabilities of some rows into the file.

    Parameters
    ----------
    path : Path
        A TIFF in the form of ImageJ, whose channels are the classes with their names.
    size : tuple of int
        (height, width) of the image.
    class_names : sequence of str
        In the order of their places.
    """
    import tifffile

    shape = (len(class_names), *size)
    is_large = 2 * math.prod(shape) > _LARGE
    with atomic_path(path) as unfinished:
        maps = tifffile.memmap(
            unfinished,
            shape=shape,
            dtype=np.uint16,
            photometric="minisblack",
            # OME-TIFF would hold a random number, and so never be the same twice.
            imagej=not is_large,
            bigtiff=is_large,
            metadata={"axes": "CYX", "Labels": list(class_names)},
        )
        start, dtype = maps.offset, maps.dtype
        # Mapped, it would fill the memory with what was written, all classes of all rows; and
        # Windows renames no file that is mapped.
        maps._mmap.close()
        del maps
        height, width = size
        with unfinished.open("r+b") as stream:

            def take(rows: slice, probabilities: np.ndarray) -> None:
                for place in range(len(class_names)):
                    one = np.rint(probabilities[:, :, place] * ONE).astype(dtype)
                    stream.seek(start + (place * height + rows.start) * width * dtype.itemsize)
                    stream.write(one.tobytes())

            yield take
