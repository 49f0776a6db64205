"""Each object as an image of its own: cut out with the type and the channels of its file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from bioselect.data.mask_files import PNG, TIFF, write_picture
from bioselect.predict.claimed_folder import ClaimedFolder, claimed
from bioselect.predict.streamed_table import streamed_table
from bioselect.segmenters.objects import ObjectTable

CROPS_TABLE = "crops.csv"
#: `image` names what an object was cut from: the group, where a study of crops follows.
CROP_COLUMNS = ("file", "image", "label", "class")
#: Digits of an object's number in the name of its file, so that names sort as numbers do.
_N_DIGITS = 5


@dataclass(frozen=True)
class CropWriter:
    """Writes objects as images; made by :func:`crop_writer`.

    Parameters
    ----------
    folder : ClaimedFolder
        Where each image gets a folder for its objects.
    margin : int
        Pixels that are added on each side of an object, as far as the image goes.
    write_row : callable
        Takes a row of the table.
    """

    folder: ClaimedFolder
    margin: int
    write_row: Callable[[Sequence[Any]], None]

    def write(self, name: PurePosixPath, native: np.ndarray, objects: ObjectTable) -> None:
        """Write the objects of an image.

        Parameters
        ----------
        name : PurePosixPath
            What the mask of the image is called.
        native : np.ndarray
            The image as it was read, ``(height, width, n_channels)``.
        objects : ObjectTable
            What was found in it.
        """
        ending = PNG if _fits_png(native) else TIFF
        columns = objects.columns
        for place in range(len(objects)):
            label = int(columns["label"][place])
            file = f"{name}/{label:0{_N_DIGITS}d}{ending}"
            window = _window(columns, place, self.margin)
            write_picture(self.folder.file(file), native[window])
            self.write_row((file, str(name), label, columns["class"][place]))


@contextmanager
def crop_writer(folder: Path, margin: int) -> Iterator[CropWriter]:
    """Give what writes objects into a folder, and lists them in its table `crops.csv`."""
    with (
        claimed(folder) as results,
        streamed_table(results.file(CROPS_TABLE), CROP_COLUMNS) as write_row,
    ):
        yield CropWriter(results, margin, write_row)


def _window(columns: Any, place: int, margin: int) -> tuple[slice, slice]:
    left, top = int(columns["left"][place]), int(columns["top"][place])
    right, bottom = left + int(columns["width"][place]), top + int(columns["height"][place])
    return (
        slice(max(0, top - margin), bottom + margin),
        slice(max(0, left - margin), right + margin),
    )


def _fits_png(native: np.ndarray) -> bool:
    return native.dtype in (np.uint8, np.uint16) and native.shape[2] in (1, 3)
