"""A folder with one folder per class; what else it may be is said, with the next step."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bioselect.data.expansion import expanded
from bioselect.data.layouts import SPLIT_NAMES, from_class_folders, list_images
from bioselect.data.names import as_text
from bioselect.data.records import ImageDataset
from bioselect.data.table_rows import is_table
from bioselect.exceptions import DataError
from bioselect.workflows.proposal.choices import Choice, as_argument, listed
from bioselect.workflows.proposal.mask_source import IMAGE_NAMES, MASK_NAMES
from bioselect.workflows.proposal.source import Source

_N_TABLES = 3


def source_of_folder(path: Path) -> Source:
    """List the images of a folder.

    Raises
    ------
    DataError
        If it does not hold one folder per class.
    """
    _check_not_beside_masks(path)
    _check_not_divided(path)
    tables = sorted(one for one in path.iterdir() if is_table(one) and one.name[0] not in "._~")
    try:
        dataset, notes = from_class_folders(path)
    except DataError as error:
        if not tables or not list_images(path):
            raise
        raise DataError(f"{error} {_start_from(tables)}") from error
    if len(dataset.class_names) == 1:
        raise DataError(_one_folder(path, dataset, tables))
    dataset, more = expanded(dataset, None)
    if tables:
        notes = [*notes, f"There is a table as well. {_start_from(tables)}"]
    key = Choice("path", path, "One folder per class.")
    name = path.resolve().name or "dataset"
    return Source(path, as_text(name), dataset, (key,), (*notes, *more))


def _check_not_beside_masks(path: Path) -> None:
    """Stop where the folder is that of the images, and their masks lie beside it."""
    place = path.resolve()
    if place.name.lower() not in IMAGE_NAMES:
        return
    if any(one.is_dir() and one.name[0] != "." for one in place.iterdir()):
        return  # They may be the classes.
    beside = sorted(one.name for one in place.parent.iterdir() if one.is_dir())
    masks = next((name for name in beside if name.lower() in MASK_NAMES), None)
    if masks is not None:
        raise DataError(
            f"{path}: must hold one folder per class. Got images alone, and {masks} beside them. "
            "To learn masks, start from the folder that holds both: bioselect init "
            f"{as_argument(path.parent if path.name else place.parent)}."
        )


def _check_not_divided(path: Path) -> None:
    """Stop where the folders are the parts train, test, ... of a data set with classes inside."""
    folders = sorted(one for one in path.iterdir() if one.is_dir() and one.name[0] != ".")
    if len(folders) < 2 or not {one.name.lower() for one in folders} <= SPLIT_NAMES:
        return
    first = next((one for one in folders if one.name.lower().startswith("train")), folders[0])
    if sum(one.is_dir() for one in first.iterdir()) < 2:
        return  # Listing the images says what is wrong.
    others = listed([one.name for one in folders if one != first])
    raise DataError(
        f"{path}: must hold one folder per class. Got {listed([one.name for one in folders])}, "
        f"the parts of a divided data set. Start with one of them: bioselect init "
        f"{as_argument(first)}. The others ({others}) can be for `bioselect evaluate` at the "
        "end."
    )


def _start_from(tables: Sequence[Path]) -> str:
    commands = listed([f"bioselect init {as_argument(one)}" for one in tables], _N_TABLES)
    return f"If the classes (or patients) are in the table, start from it: {commands}."


def _one_folder(path: Path, dataset: ImageDataset, tables: Sequence[Path]) -> str:
    inside = sorted({folder for one in dataset.records for folder in _folders_inside(one.image_id)})
    found = f"{path}: must hold at least 2 folders, one per class. Got {dataset.class_names[0]!r}."
    if tables:
        return f"{found} {_start_from(tables)}"
    if len(inside) > 1:
        deeper = as_argument(path / dataset.class_names[0])
        return (
            f"{found} If the folders inside ({listed(inside, 5)}) are the classes, start from "
            f"them: bioselect init {deeper}."
        )
    return f"{found} Put the images of each class into a folder of their own."


def _folders_inside(image_id: str) -> list[str]:
    return image_id.split("/")[1:-1][:1]
