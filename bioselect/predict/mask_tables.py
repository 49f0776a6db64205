"""The tables beside predicted masks: a row for each image, and one for each object."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from bioselect.data.mask_codes import MaskCodes
from bioselect.data.names import as_text
from bioselect.data.pairs import ArrayScene
from bioselect.predict.claimed_folder import ClaimedFolder
from bioselect.predict.mask_model import AnyMaskModel
from bioselect.predict.mask_prediction import PredictedMask, channel_names
from bioselect.predict.streamed_table import streamed_table
from bioselect.segmenters.objects import object_table

SUMMARY, OBJECTS = "summary.csv", "objects.csv"
_BAND = 512


@dataclass
class MaskCounts:
    """What was found in all images together.

    `n_objects` counts those of each class that has objects, `n_pixels` the pixels of every class.
    """

    n_predicted: int = 0
    n_failed: int = 0
    first_error: str = ""
    n_objects: dict[str, int] = field(default_factory=dict)
    n_pixels: dict[str, int] = field(default_factory=dict)


class MaskTables(Protocol):
    """Takes what became of an image."""

    def __call__(self, found: PredictedMask) -> None:
        """Write its rows."""


@contextmanager
def mask_tables(
    model: AnyMaskModel, pixel_size: float | None, results: ClaimedFolder, counts: MaskCounts
) -> Iterator[MaskTables]:
    """Give a function that writes the rows of an image, and counts what is in it.

    `summary.csv` has a row for each image: areas of the classes, how many objects, or why it could
    not be used. `objects.csv` has one for each object.
    """
    codes = model.codes
    counts.n_objects = dict.fromkeys(counted_classes(codes), 0)
    counts.n_pixels = dict.fromkeys(codes.class_names, 0)
    columns = summary_columns(codes, pixel_size)
    with (
        streamed_table(results.file(SUMMARY), columns) as write_summary,
        streamed_table(results.file(OBJECTS), object_columns(model, pixel_size)) as write_object,
    ):

        def write(found: PredictedMask) -> None:
            write_summary(_summary_row(found, codes, pixel_size, len(columns)))
            for values in _object_rows(found):
                write_object((as_text(str(found.source)), *values))
            _count(counts, found, codes)

        yield write


def counted_classes(codes: MaskCodes) -> list[str]:
    """Return the classes that have objects: all but the background."""
    return [name for place, name in enumerate(codes.class_names) if place != codes.background]


def summary_columns(codes: MaskCodes, pixel_size: float | None) -> list[str]:
    """Return the header of the table of images.

    Examples
    --------
    >>> codes = MaskCodes(("background", "nucleus"), ((0, 0), (255, 1)))
    >>> summary_columns(codes, 0.5)[4:]
    ['n_objects', 'area_px_background', 'area_px_nucleus', 'area_um2_background', \
'area_um2_nucleus', 'error']
    """
    classes = counted_classes(codes)
    numbers = [f"n_objects_{name}" for name in classes] if len(classes) > 1 else []
    areas = [f"area_px_{name}" for name in codes.class_names]
    if pixel_size is not None:
        areas += [f"area_um2_{name}" for name in codes.class_names]
    return ["path", "mask", "width", "height", "n_objects", *numbers, *areas, "error"]


def object_columns(model: AnyMaskModel, pixel_size: float | None) -> list[str]:
    """Return the header of the table of objects: that of a mask of one pixel."""
    codes = model.codes
    scene = ArrayScene(np.zeros((1, 1, model.n_channels), dtype=np.float32))
    table = object_table(
        np.zeros((1, 1), dtype=np.uint8),
        codes.class_names,
        codes.background,
        scene,
        pixel_size=pixel_size,
        channel_names=channel_names(model),
    )
    return ["path", *table.columns]


def _areas(found: PredictedMask, codes: MaskCodes) -> list[int]:
    if found.places is None:
        return []
    counted = np.zeros(codes.n_classes, dtype=np.int64)
    for top in range(0, len(found.places), _BAND):  # Counting turns pixels into int64.
        band = found.places[top : top + _BAND].ravel()
        counted += np.bincount(band, minlength=codes.n_classes)
    return [int(count) for count in counted]


def _numbers(found: PredictedMask, codes: MaskCodes) -> list[int]:
    if found.objects is None:
        return []
    names = found.objects.columns["class"]
    return [int(np.count_nonzero(names == name)) for name in counted_classes(codes)]


def _summary_row(
    found: PredictedMask, codes: MaskCodes, pixel_size: float | None, n_columns: int
) -> list[Any]:
    """Return the row of an image; but for its path and error, that of a bad file is empty."""
    path = as_text(str(found.source))
    if found.places is None:
        return [path, *[None] * (n_columns - 2), found.error]
    height, width = found.places.shape
    areas, numbers = _areas(found, codes), _numbers(found, codes)
    measured: list[float] = list(areas)
    if pixel_size is not None:
        measured += [area * pixel_size**2 for area in areas]
    of_classes = numbers if len(numbers) > 1 else []
    return [path, found.mask, width, height, sum(numbers), *of_classes, *measured, ""]


def _object_rows(found: PredictedMask) -> Iterable[tuple[Any, ...]]:
    if found.objects is None:
        return ()
    return zip(*found.objects.columns.values(), strict=True)


def _count(counts: MaskCounts, found: PredictedMask, codes: MaskCodes) -> None:
    if found.error:
        counts.n_failed += 1
        counts.first_error = counts.first_error or found.error
        return
    counts.n_predicted += 1
    numbers, areas = _numbers(found, codes), _areas(found, codes)
    for total, values in ((counts.n_objects, numbers), (counts.n_pixels, areas)):
        for name, value in zip(total, values, strict=True):
            total[name] += value
