"""The tiles of a large image -> its map: which class lies where, as picture, table and shares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np

from bioselect.data.mask_files import write_picture
from bioselect.data.pairs import IGNORED
from bioselect.data.reading import read_source
from bioselect.data.stacks import Stack
from bioselect.data.tiles import Tiles
from bioselect.data.tiling import TiledScan
from bioselect.exceptions import DataError
from bioselect.predict.as_picture import as_picture
from bioselect.predict.claimed_folder import ClaimedFolder
from bioselect.predict.files import Prediction
from bioselect.predict.mask_pictures import IGNORED_COLOUR, class_colours, overlay
from bioselect.predict.streamed_table import streamed_table

TILE_COLUMNS = ("row", "column", "first_row", "first_column", "size", "is_background")
SHARES, VALUES = "shares.csv", "values.csv"
#: In a map: background, and a tile that could not be used.
NOTHING, FAILED = 0, IGNORED
MOST_CLASSES = FAILED - 1
#: The longer side of the picture on which the classes lie over the image, in pixels at most.
OVERVIEW_SIDE = 1200


@dataclass(frozen=True)
class MappedScan:
    """What became of the tiles of one large image.

    `n_of_class` counts those of each class; `error` says why there is no map.
    """

    name: str
    n_tiles: int
    n_background: int
    n_failed: int
    n_of_class: tuple[int, ...]
    error: str = ""

    def shares(self) -> tuple[float | None, ...]:
        """Return which part of the predicted tiles each class has; None where there are none.

        Examples
        --------
        >>> MappedScan("a", 10, 6, 0, (3, 1)).shares()
        (0.75, 0.25)
        """
        total = sum(self.n_of_class)
        return tuple(count / total if total else None for count in self.n_of_class)


def check_mappable(class_names: Sequence[str], has_labels: bool) -> None:
    """Refuse a model whose answers are no map.

    Raises
    ------
    DataError
        If a tile may have several labels, or there are too many classes.
    """
    if has_labels:
        raise DataError(
            "a map has one class a tile. Got a model of images with several labels. Predict "
            "without --map: the table has every label of every tile."
        )
    if len(class_names) > MOST_CLASSES:
        raise DataError(
            f"a map has at most {MOST_CLASSES} classes. Got a model with {len(class_names)}. "
            "Predict without --map."
        )


def write_values(results: ClaimedFolder, class_names: Sequence[str]) -> None:
    """Write what the values of the maps mean, and the colours of the overviews."""
    meanings = ["background", *class_names]
    colours = class_colours(len(meanings), background=NOTHING)
    with streamed_table(results.file(VALUES), ("value", "meaning", "colour")) as write:
        for value, (meaning, colour) in enumerate(zip(meanings, colours, strict=True)):
            write((value, meaning, "#{:02x}{:02x}{:02x}".format(*colour)))
        write((FAILED, "could not be used", "#{:02x}{:02x}{:02x}".format(*IGNORED_COLOUR)))


def mapped_scans(
    results: ClaimedFolder,
    class_names: Sequence[str],
    scans: Iterable[tuple[TiledScan, PurePosixPath]],
    predictions: Iterator[Prediction],
    stack: Stack | None = None,
) -> Iterator[MappedScan]:
    """Write the map of one large image after the other and yield what is in it.

    For each there are ``<name>_map.png`` (one pixel a tile, values as in `values.csv`),
    ``<name>_tiles.csv`` (a row for each tile) and ``<name>_overview.png`` (the classes over the
    image, made smaller).

    Parameters
    ----------
    results : ClaimedFolder
        Where they lie.
    class_names : sequence of str
        The classes of the model.
    scans : iterable of (TiledScan, PurePosixPath)
        The large images, each with the name of its files.
    predictions : iterator of Prediction
        Of the tiles of all of them, in their order; taken as they are needed.
    stack : Stack or None
        How the planes of a stack become one image.
    """
    for scan, name in scans:
        if scan.is_kept.size == 0:
            yield MappedScan(str(name), 0, 0, 0, (0,) * len(class_names), next(predictions).error)
            continue
        values = _write_tiles(results, class_names, scan, name, predictions)
        write_picture(_file(results, name, "_map.png"), values)
        _write_overview(results, len(class_names), scan, name, values, stack)
        counts = np.bincount(values.ravel(), minlength=FAILED + 1).tolist()
        n_classes = len(class_names)
        yield MappedScan(
            str(name), values.size, counts[NOTHING], counts[FAILED], (*counts[1 : n_classes + 1],)
        )


def _file(results: ClaimedFolder, name: PurePosixPath, ending: str) -> Path:
    return results.file(*name.parent.parts, f"{name.name}{ending}")


def _write_tiles(
    results: ClaimedFolder,
    class_names: Sequence[str],
    scan: TiledScan,
    name: PurePosixPath,
    predictions: Iterator[Prediction],
) -> np.ndarray:
    """Write the table of an image, tile by tile; return uint8 values, one a tile."""
    values = np.zeros(scan.is_kept.shape, dtype=np.uint8)
    place_of = {one: place for place, one in enumerate(class_names, start=1)}
    probabilities = [f"probability_{one}" for one in class_names]
    columns = [*TILE_COLUMNS, "prediction", *probabilities, "error"]
    with streamed_table(_file(results, name, "_tiles.csv"), columns) as write:
        for row, column in np.ndindex(*values.shape):
            tile = scan.tiles.at(row, column)
            where = (row, column, tile.row, tile.column, tile.size)
            if not scan.is_kept[row, column]:
                write((*where, "yes", "", *("" for _ in class_names), ""))
                continue
            item = next(predictions)
            values[row, column] = FAILED if item.error else place_of[item.prediction]
            shown = ["" for _ in class_names]
            if item.probabilities is not None:
                shown = [repr(float(value)) for value in item.probabilities]
            write((*where, "no", item.prediction, *shown, item.error))
    return values


def _write_overview(
    results: ClaimedFolder,
    n_classes: int,
    scan: TiledScan,
    name: PurePosixPath,
    values: np.ndarray,
    stack: Stack | None,
) -> None:
    image = read_source(scan.record.source, stack)
    step = -(-max(image.shape[:2]) // OVERVIEW_SIDE)
    small = as_picture(image[::step, ::step])
    del image
    rows, columns = (
        nearest_tiles(np.arange(length) * step, n_cells, scan.tiles)
        for length, n_cells in zip(small.shape[:2], values.shape, strict=True)
    )
    places = np.zeros(small.shape[:2], dtype=np.uint8)
    inside = np.ix_(rows >= 0, columns >= 0)
    places[inside] = values[np.ix_(rows[rows >= 0], columns[columns >= 0])]
    drawn = overlay(small, places, n_classes + 1, background=NOTHING)
    write_picture(_file(results, name, "_overview.png"), drawn)


def nearest_tiles(pixels: np.ndarray, n_tiles: int, tiles: Tiles) -> np.ndarray:
    """Return the tile that each pixel belongs to along one side of a grid, -1 for none.

    Of tiles that overlap, or have gaps between them, a pixel belongs to the one with the nearest
    middle, if it lies in it.

    Examples
    --------
    >>> nearest_tiles(np.array([0, 31, 32, 99]), 3, Tiles(32, 32)).tolist()
    [0, 0, 1, -1]
    """
    nearest = np.rint((pixels - (tiles.size - 1) / 2) / tiles.stride).astype(int)
    nearest = np.clip(nearest, 0, n_tiles - 1)
    offset = pixels - nearest * tiles.stride
    return np.where((offset >= 0) & (offset < tiles.size), nearest, -1)


def write_shares(
    results: ClaimedFolder, class_names: Sequence[str], found: Sequence[MappedScan]
) -> None:
    """Write a row for each large image: how many tiles, and which part each class has."""
    columns = ["scan", "n_tiles", "n_background", "n_failed"]
    columns += [f"share_{one}" for one in class_names]
    with streamed_table(results.file(SHARES), [*columns, "error"]) as write:
        for one in found:
            shares = ["" if value is None else repr(value) for value in one.shares()]
            write((one.name, one.n_tiles, one.n_background, one.n_failed, *shares, one.error))
