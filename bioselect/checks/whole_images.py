"""Of large images that were cut into tiles, one record each.

What names and tables tell, they tell of whole images.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bioselect.data.parts import PartName
from bioselect.data.records import ImageDataset, ImageRecord


def is_tile(record: ImageRecord) -> bool:
    """Tell whether an image is a tile of a larger one.

    Examples
    --------
    >>> from pathlib import Path
    >>> is_tile(ImageRecord("a.tif#tile:0:0:32", Path("a.tif"), part="tile:0:0:32"))
    True
    """
    return PartName.of(record.path, record.part).tile is not None


def whole_images(
    dataset: ImageDataset, columns: Mapping[str, Sequence[str]] | None
) -> tuple[ImageDataset, dict[str, list[str]] | None]:
    """Return a data set with the first tile of each large image, and its cells of a table.

    Parameters
    ----------
    dataset : ImageDataset
        Images that are no tiles stay as they are.
    columns : mapping of str to sequence of str or None
        Columns with a cell for each record.
    """
    first: dict[tuple[str, str], int] = {}
    for place, record in enumerate(dataset.records):
        name = replace(PartName.of(record.path, record.part), tile=None)
        key = (str(record.path), str(name)) if is_tile(record) else (record.image_id, "")
        first.setdefault(key, place)
    places = list(first.values())
    records = tuple(dataset.records[place] for place in places)
    cells = None
    if columns is not None:
        cells = {name: [values[place] for place in places] for name, values in columns.items()}
    return replace(dataset, records=records), cells
