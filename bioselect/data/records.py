"""What an image and a data set are: names and paths, targets and groups; no pixels."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np

from bioselect.exceptions import DataError


@dataclass(frozen=True)
class FilePart:
    """One of several images in a file (or of a DICOM series, whose path is its folder).

    `part` is ``7`` for plane 7 of a stack (counted from 0), ``train/12`` for image 12 of the
    split `train` of an .npz file, ``series:UID`` or ``series:UID#7`` for a DICOM series;
    ``tile:512:0:256`` is the tile of 256 x 256 pixels that begins in row 512 and column 0, of
    a part of a file ``7@tile:512:0:256``.

    Examples
    --------
    >>> str(FilePart(Path("stack.tif"), "7"))
    'stack.tif#7'
    """

    path: Path
    part: str

    def __str__(self) -> str:
        return f"{self.path}#{self.part}"


#: What one image is read from: a file, or a part of one.
Source: TypeAlias = Path | FilePart
#: Between the labels of an image where they stand in one cell; so no label may hold it.
LABEL_SEPARATOR = "|"


@dataclass(frozen=True)
class ImageRecord:
    """One image: where it lies, what it shows, whose it is.

    `image_id` is the path relative to the data set's root with forward slashes, and ``#part``
    where the file holds several images; `target` is a class, a number, or for several labels an
    image the sorted tuple of them; `group` names the patient, plate or slide that must never
    be split across folds. `part` says which image of the file this is, as in `FilePart`; empty
    where the file is one image.
    """

    image_id: str
    path: Path
    target: str | float | tuple[str, ...] | None = None
    group: str | None = None
    part: str = ""

    @property
    def source(self) -> Source:
        """What the image is read from; its text is the file's path, ``#part`` added for parts."""
        return FilePart(self.path, self.part) if self.part else self.path

    @property
    def file_id(self) -> str:
        """The `image_id` without ``#part``: the path of the file below the data set's root.

        Examples
        --------
        >>> ImageRecord("m#1.png", Path("m#1.png")).file_id
        'm#1.png'
        >>> ImageRecord("m#1.tif#7", Path("m#1.tif"), part="7").file_id
        'm#1.tif'
        """
        return self.image_id.rsplit("#", 1)[0] if self.part else self.image_id

    @property
    def target_text(self) -> str:
        """The target as one cell of a table; empty for no target, and for none of the labels.

        Examples
        --------
        >>> ImageRecord("a.png", Path("a.png"), ("effusion", "mass")).target_text
        'effusion|mass'
        """
        if isinstance(self.target, tuple):
            return LABEL_SEPARATOR.join(self.target)
        return "" if self.target is None else str(self.target)


@dataclass(frozen=True)
class ImageDataset:
    """Images with their targets, sorted by `image_id`.

    `class_names` are the classes, or the labels where an image may have several. Where images have
    numbers there are none; `target_name` is what the numbers are called.

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
    target_name: str = ""

    @property
    def n_images(self) -> int:
        """How many images there are."""
        return len(self.records)

    @property
    def paths(self) -> list[Path]:
        """The path of each image."""
        return [record.path for record in self.records]

    @property
    def sources(self) -> list[Source]:
        """What each image is read from."""
        return [record.source for record in self.records]

    @property
    def groups(self) -> list[str | None]:
        """The group of each image, None where none is declared."""
        return [record.group for record in self.records]

    @property
    def is_multilabel(self) -> bool:
        """Whether an image may have several labels, or none, rather than one class."""
        return any(isinstance(record.target, tuple) for record in self.records)

    @property
    def is_values(self) -> bool:
        """Whether images have numbers rather than classes or labels."""
        return any(isinstance(record.target, float) for record in self.records)

    @property
    def n_columns(self) -> int:
        """How many numbers a model says of an image: one for each class or label, or one value."""
        return 1 if self.is_values else len(self.class_names)

    def values(self) -> np.ndarray:
        """Return float64 ``(n_images,)``: the number of each image.

        Raises
        ------
        DataError
            If an image has a class or labels, or nothing.

        Examples
        --------
        >>> records = (ImageRecord("a.png", Path("a.png"), 7.5), ImageRecord("b.png", Path("b.png"),
        ...     12.0))
        >>> ImageDataset("demo", Path("."), records, target_name="radius").values()
        array([ 7.5, 12. ])
        """
        for record in self.records:
            if not isinstance(record.target, float):
                raise DataError(
                    f"{self.name}: each image must have a number. Got {record.target!r} "
                    f"({record.image_id}). Give a number to all."
                )
        return np.array([record.target for record in self.records], dtype=np.float64)

    def class_indices(self) -> np.ndarray:
        """Return int64 ``(n_images,)``: the place of each target in `class_names`.

        Raises
        ------
        DataError
            If the images have several labels each.
        """
        if self.is_multilabel:
            raise DataError(
                f"{self.name}: must have one class for each image. Got several labels "
                f"({', '.join(self.class_names[:3])}, ...). Save one column of labels as the class."
            )
        places = {name: place for place, name in enumerate(self.class_names)}
        return np.array([places[str(record.target)] for record in self.records], dtype=np.int64)

    def targets(self) -> np.ndarray:
        """Return the class places, of several labels an image their matrix, or the numbers."""
        if self.is_values:
            return self.values()
        return self.label_matrix() if self.is_multilabel else self.class_indices()

    def label_matrix(self) -> np.ndarray:
        """Return int8 ``(n_images, n_labels)``: 1 where the image has the label, else 0.

        Raises
        ------
        DataError
            If an image has a class rather than labels.

        Examples
        --------
        >>> records = (ImageRecord("a.png", Path("a.png"), ("effusion", "mass")),
        ...     ImageRecord("b.png", Path("b.png"), ()))
        >>> ImageDataset("demo", Path("."), records, ("effusion", "mass", "nodule")).label_matrix()
        array([[1, 1, 0],
               [0, 0, 0]], dtype=int8)
        """
        places = {name: place for place, name in enumerate(self.class_names)}
        matrix = np.zeros((self.n_images, len(places)), dtype=np.int8)
        for row, record in zip(matrix, self.records, strict=True):
            if not isinstance(record.target, tuple):
                raise DataError(
                    f"{self.name}: each image must have labels, several or none. Got the class "
                    f"{record.target!r} ({record.image_id}). Give labels to all, or a class to all."
                )
            row[[places[label] for label in record.target]] = 1
        return matrix
