"""Which column of a table holds the images, and from which folder its paths start."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bioselect.data.column_cells import as_number
from bioselect.data.layouts import is_image_name
from bioselect.data.names import exists, stored_path
from bioselect.data.remote_files import bring_files
from bioselect.data.table_hints import folders_around, where_they_may_be
from bioselect.exceptions import DataError
from bioselect.workflows.proposal.cells import has_word
from bioselect.workflows.proposal.choices import listed, some_of

#: What people call the column with the images, ...
IMAGE_WORDS = frozenset(
    {"image", "img", "file", "filename", "filepath", "path", "picture", "photo", "bild", "datei"}
)
#: ... and columns with files that are not what is to be classified.
OTHER_FILES = frozenset({"mask", "segmentation", "annotation", "thumbnail", "thumb", "overlay"})
_N_TRIED = 30
#: So many of the cells that are tried are files, or look like images.
_MOST = 0.5


class NoImagesError(DataError):
    """No column of a table says anything of images."""


@dataclass(frozen=True)
class ImageColumn:
    """The chosen column; `root` is where its paths start, None for the folder of the table."""

    name: str
    root: Path | None = None


def choose_images(
    table: Path, columns: Mapping[str, Sequence[str]], name: str | None = None
) -> ImageColumn:
    """Return the column with the images, and the folder that they lie in.

    Parameters
    ----------
    table : Path
        The table; paths start from its folder, or from one near it.
    columns : mapping of str to sequence of str
        All columns.
    name : str or None
        The column, where a person has named it.

    Raises
    ------
    DataError
        If no column holds images (a `NoImagesError` where none looks so), or several do and none
        says so by its name.
    """
    if name is not None and name not in columns:
        raise DataError(f"{table}: has no column {name!r}. Its columns: {listed(columns)}.")
    tried = {
        column: some_of([cell for cell in cells if cell], _N_TRIED)
        for column, cells in columns.items()
        if name in (None, column)
    }
    pathlike = {
        column: cells
        for column, cells in tried.items()
        if name is not None or has_word(column, IMAGE_WORDS) or _look_like_paths(cells)
    }
    for root in (table.parent, *folders_around(table.parent)):
        found = [column for column, cells in pathlike.items() if _are_files(cells, root)]
        if found:
            is_own = os.path.samefile(root, table.parent)
            return ImageColumn(_chosen(table, found), None if is_own else root)
    if name is not None:
        return ImageColumn(name)  # Reading the table says what is missing, and what may help.
    named = [
        column
        for column, cells in tried.items()
        if sum(is_image_name(Path(cell)) for cell in cells) > _MOST * len(cells)
    ]
    if named:
        return ImageColumn(_chosen(table, named))
    for column, cells in pathlike.items():
        if cells and (hint := where_they_may_be(cells, table.parent)):
            raise DataError(f"{table}: column {column!r} seems to name the images, but {hint}")
    raise NoImagesError(
        f"{table}: no column holds paths of image files that lie in {table.parent} or near it. Its "
        f"columns: {listed(columns)}. Name the column with --image; a path starts from the folder "
        "of the table. Without images, write a configuration with dataset: {table: ..., target: "
        "COLUMN} and classifiers or regressors."
    )


def _look_like_paths(cells: Sequence[str]) -> bool:
    """Tell whether most cells have an ending or a folder: words and numbers may be names by chance.

    Examples
    --------
    >>> _look_like_paths(["a.png", "b/IM2"]), _look_like_paths(["b", "3", "0.5"])
    (True, False)
    """
    n_alike = sum(
        any(sign in cell for sign in "./\\") and as_number(cell) is None for cell in cells
    )
    return n_alike > _MOST * len(cells)


def _are_files(cells: Sequence[str], root: Path) -> bool:
    paths = [stored_path(root, cell.replace("\\", "/")) for cell in cells]
    bring_files(paths)
    return sum(map(_is_file, paths)) > _MOST * len(cells)


def _is_file(path: Path) -> bool:
    # A folder may be a DICOM series; one that is called like a word is no image.
    return exists(path) and path.is_file()


def _chosen(table: Path, names: Sequence[str]) -> str:
    own = [name for name in names if not has_word(name, OTHER_FILES)] or list(names)
    called = [name for name in own if has_word(name, IMAGE_WORDS)]
    for candidates in (own, called):
        if len(candidates) == 1:
            return candidates[0]
    raise DataError(
        f"{table}: {len(own)} columns hold image files: {listed(own)}. Say which one with --image, "
        f"for example --image {shlex.quote((called or own)[0])}."
    )
