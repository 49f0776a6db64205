"""Images as a program gives them (paths, or arrays in memory) to rows, one for each, in order."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from bioselect.data.expansion import expanded_sources
from bioselect.data.names import exists
from bioselect.data.preparation import Reading
from bioselect.data.reading import forget_scan, read_source
from bioselect.data.records import FilePart, Source
from bioselect.exceptions import DataError
from bioselect.features.base import FeatureExtractor
from bioselect.features.extraction import transform_prepared
from bioselect.features.streaming import Plan, stream_batches
from bioselect.features.transforming import flat_parts

#: Paths of images; or their pixels, ``(n_images, height, width[, n_channels])`` or a list of
#: ``(height, width[, n_channels])``.
Images: TypeAlias = Sequence[Path] | Sequence[str] | Sequence[np.ndarray] | np.ndarray

_RULE = (
    "images must be a list of paths, or arrays (n_images, height, width, n_channels) of pixels as "
    "they stand in files"
)


def rows_of_given(
    images: Images, extractor: FeatureExtractor, reading: Reading, n_jobs: int | None = 1
) -> np.ndarray:
    """Return the features of images, float32 ``(n_images, n_features)``.

    Parameters
    ----------
    images : Images
        Paths, each of one image; or arrays in the files' own dtype (uint8 0 to 255, floats 0 to 1).
    extractor : FeatureExtractor
        Anything with `transform`.
    reading : Reading
        How pixels become numbers.
    n_jobs : int or None
        Processes that compute descriptors of files; all cores with None. Rows do not depend on it.

    Raises
    ------
    DataError
        If something that is given is no image, or holds several.
    """
    given = given_images(images)
    if isinstance(given[0], np.ndarray):
        where = [f"image {place}" for place in range(len(given))]
        return transform_prepared(extractor, given, reading, where)
    plan = Plan(flat_parts(extractor), reading, tolerant=False)
    batches = stream_batches(plan, _sources(given, reading), n_jobs)  # type: ignore[arg-type]
    rows = [row for batch in batches for row in batch.rows]
    forget_scan()
    if len({len(row) for row in rows if row is not None}) > 1:
        raise DataError(
            "all images must give rows of one length. Give all the same number of channels and the "
            "same size, or leave the odd ones out."
        )
    return np.stack(rows)  # type: ignore[arg-type]


def given_images(images: Any) -> list[Path] | list[np.ndarray]:
    """Return images as a list of paths, or of arrays ``(height, width, n_channels)``.

    Examples
    --------
    >>> [image.shape for image in given_images(np.zeros((2, 8, 9)))]
    [(8, 9, 1), (8, 9, 1)]
    >>> given_images("cells.png")
    Traceback (most recent call last):
    bioselect.exceptions.DataError: images must be a list of paths, ... Got text. Write [...]...
    """
    if isinstance(images, str | os.PathLike):
        raise DataError(f"{_RULE}. Got text. Write [{str(images)!r}], or list a folder's images.")
    if hasattr(images, "columns"):
        raise DataError(f'{_RULE}. Got a table. Give the column that holds them: table["path"].')
    if not hasattr(images, "__len__"):
        raise DataError(f"{_RULE}. Got {type(images).__name__}.")
    is_pixels = isinstance(images, np.ndarray) and images.dtype.kind not in "OUS"
    if is_pixels and (images.ndim not in (3, 4) or 0 in images.shape):
        raise DataError(f"{_RULE}. Got an array of shape {images.shape}.")
    listed = list(images)
    if not listed:
        raise DataError(f"{_RULE}. Got none.")
    if all(isinstance(one, str | os.PathLike) for one in listed):
        return [Path(one) for one in listed]
    return [_pixels(one, place) for place, one in enumerate(listed)]


def first_pixels(images: Any, reading: Reading) -> np.ndarray:
    """Return the first of given images ``(height, width, n_channels)``, in the file's own dtype."""
    first = given_images(images)[0]
    if isinstance(first, np.ndarray):
        return first
    return read_source(_sources([first], reading)[0], reading.stack)


def _pixels(image: Any, place: int) -> np.ndarray:
    pixels = np.asarray(image)
    if pixels.dtype.kind not in "uifb" or pixels.ndim not in (2, 3) or 0 in pixels.shape:
        got = f"shape {pixels.shape}, {pixels.dtype}" if pixels.ndim else type(image).__name__
        raise DataError(f"{_RULE}. Got {got} at place {place}.")
    return pixels[:, :, np.newaxis] if pixels.ndim == 2 else pixels


def _sources(paths: Sequence[Path], reading: Reading) -> list[Source]:
    """Return what each path is read from."""
    missing = next((path for path in paths if not exists(path)), None)
    if missing is not None:
        raise DataError(f"{missing}: there is no such file. Check the spelling of the path.")
    sources: list[Source] = []
    for path in paths:
        found = expanded_sources([path], reading)
        if len(found) != 1:
            raise DataError(
                f"{path}: must hold one image, as each path gives one row. Got {len(found)}. "
                "`predict` of the model takes such files apart."
            )
        one = found[0]
        sources.append(one if isinstance(one, FilePart) else path)
    return sources
