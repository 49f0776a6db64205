"""What an image and a data set are: names and paths, targets and groups; no pixels."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np


@dataclass(frozen=True)
class ImageRecord:
    """One image: where it lies, what it shows, whose it is.

    `image_id` is the path relative to the data set's root with forward slashes; `group` names
    the patient, plate or slide that must never be split across folds.
    """

    image_id: str
    path: Path
    target: str | float | None = None
    group: str | None = None


@dataclass(frozen=True)
class ImageDataset:
    """Images with their targets, sorted by `image_id`.

    Examples
    --------
    >>> records = (ImageRecord("a.png", Path("a.png"), "cell"), ImageRecord("b.png", Path("b.png"),
    ...     "debris"))
    >>> ImageDataset("demo", Path("."), records, ("cell", "debris")).class_indices()
    array([0, 1])
    """

    name: str
    root: Path
    records: tuple[ImageRecord, ...]
    class_names: tuple[str, ...] = ()

    @property
    def n_images(self) -> int:
        """How many images there are."""
        return len(self.records)

    @property
    def paths(self) -> list[Path]:
        """The path of each image."""
        return [record.path for record in self.records]

    @property
    def groups(self) -> list[str | None]:
        """The group of each image, None where none is declared."""
        return [record.group for record in self.records]

    def class_indices(self) -> np.ndarray:
        """Return int64 ``(n_images,)``: the place of each target in `class_names`."""
        places = {name: place for place, name in enumerate(self.class_names)}
        return np.array([places[str(record.target)] for record in self.records], dtype=np.int64)
