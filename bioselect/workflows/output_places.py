"""May a run write where the configuration sends it, without destroying what lies there."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

from bioselect.config.loading import load_config
from bioselect.config.sections import Config
from bioselect.config.writing import HEADER
from bioselect.exceptions import BioselectError, ConfigurationError, StorageError
from bioselect.run_folder import FINDING_COLUMNS, RunFolder
from bioselect.storage import explained_storage_errors

#: How a table of predictions begins.
PREDICTIONS_STARTS = (b"path,prediction,", b"row,prediction,")

#: What lies in a folder without a configuration, left by a run that refused the images or brought
#: by `reproduce`, and how it begins.
_LEFT_WITHOUT = {
    "budget.json": rb'{\s+"format": \d+,\s+"study": "[0-9a-f]{64}",',
    "findings.csv": ",".join(FINDING_COLUMNS).encode() + rb"\n",
    "run.log": rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00 ",
}
BEGINNING_BYTES = 100


def check_output_places(config: Config, folder: RunFolder, cache_folder: Path) -> None:
    """Stop before anything is written where a run could not write, or would write over input.

    Raises
    ------
    StorageError
        If a file stands where the run folder or the cache must be, or nobody may write there.
    ConfigurationError
        If a product of the run would take the place of the configuration, of the table or of
        anything else that no run has written; if it would lie among the images or beside other
        files; if the folder holds a study of other images.
    """
    for place in (folder.root, cache_folder):
        in_the_way = next((p for p in (place, *place.parents) if os.path.isfile(p)), None)
        if in_the_way is not None:
            raise StorageError(
                f"{place}: must be a folder, made when it is missing. Got the file {in_the_way}. "
                "Choose another folder with `output:`, `cache:` or --output."
            )
        existing = next((p for p in (place, *place.parents) if os.path.isdir(p)), None)
        if existing is not None and not os.access(existing, os.W_OK | os.X_OK):
            raise StorageError(
                f"{place}: cannot be written: no permission in {existing}. Choose another folder "
                "with `output:`, `cache:` or --output, or ask for the right to write there."
            )
        for images in (config.dataset.path, config.dataset.masks):
            if _lies_in(place, images):
                what = "images" if images == config.dataset.path else "masks"
                raise ConfigurationError(
                    f"{place}: must not lie in the folder of {what} ({images}), where results "
                    "would be taken for images or a class. Choose a folder beside it with "
                    "`output:`, `cache:` or --output."
                )
    _check_other_study(config, folder)
    if is_same_file(config.path, folder.config) and not _is_ours(config.path):
        raise ConfigurationError(_written_over(config.path, folder))
    table = config.dataset.table
    if table is not None and any(is_same_file(table, product) for product in folder.products()):
        raise ConfigurationError(_written_over(table, folder))
    _check_foreign(folder)
    _check_own_folder(config, folder, cache_folder)


def check_not_read(products: Iterable[Path], inputs: Iterable[Path]) -> None:
    """Stop before a table of results takes the place of a file that it is about.

    Raises
    ------
    StorageError
        If one of `products` is there already and is one of `inputs`.
    """
    there = [path for path in products if os.path.isfile(path)]
    if not there:
        return
    for path in inputs:
        if any(is_same_file(product, path) for product in there):
            raise StorageError(
                f"{path}: must not be written over, as it is read as well. Choose another place "
                "for the results with -o."
            )


def check_table_place(table: Path) -> None:
    """Stop before predictions take the place of a file that holds none.

    Raises
    ------
    StorageError
        If the name does not end in .csv, or another file of that name is there.
    """
    if table.suffix.lower() != ".csv":
        raise StorageError(
            f"{table}: must end in .csv, which is what is written. Choose another name with -o."
        )
    if not os.path.isfile(table):
        return
    with explained_storage_errors(table, "read"), table.open("rb") as file:
        is_ours = file.read(BEGINNING_BYTES).startswith(PREDICTIONS_STARTS)
    if not is_ours:
        raise StorageError(
            f"{table}: is there already and is no table of predictions, so it is not written over. "
            "Choose another name with -o."
        )


def _check_foreign(folder: RunFolder) -> None:
    """Stop before files that no run has written are lost.

    Where the configuration is a run's, the other files are too. A run that refused the images has
    left none: only a lock, and what `_LEFT_WITHOUT` names.
    """
    if not os.path.isdir(folder.root):
        return
    if os.path.isfile(folder.config) and _is_ours(folder.config):
        return
    folders = (folder.model, folder.plots, folder.networks, folder.evidence, folder.report_parts)
    products = (*folder.products(), *folders, folder.report, folder.log, folder.lock)
    there = [path.name for path in products if os.path.lexists(path) and not _is_left(path)]
    if there:
        raise ConfigurationError(
            f"output: must be a folder in which a run does not write over your own files. Got "
            f"{folder.root}, where {', '.join(there[:3])} would be lost. Choose a folder of its "
            "own, for example results."
        )


def _check_own_folder(config: Config, folder: RunFolder, cache_folder: Path) -> None:
    """Stop before results are strewn among files of somebody else.

    A folder with anything of a run is a run folder, so that a killed run goes on. Somebody who puts
    the configuration there has chosen the folder; what the configuration names may lie there too.
    """
    if not os.path.isdir(folder.root) or is_same_file(config.path, folder.root / config.path.name):
        return
    kept = (folder.out_of_fold_masks, folder.training, folder.budget, folder.networks)
    places = (*folder.products(), *kept, folder.features, folder.log, folder.lock, folder.journal)
    if any(os.path.lexists(path) for path in places):
        return
    data = config.dataset
    inputs = (config.path, data.path, data.masks, data.table, cache_folder)
    named = [one for one in inputs if one is not None]
    with explained_storage_errors(folder.root, "read"):
        names = sorted(name for name in os.listdir(folder.root) if not name.startswith("."))
    there = [name for name in names if not any(_lies_in(one, folder.root / name) for one in named)]
    if there:
        found = ", ".join(there[:3])
        raise ConfigurationError(
            f"output: must be a folder of its own, empty or of an earlier run. Got {folder.root}, "
            f"which holds {found}{' and more' * (len(there) > 3)}. Write "
            f"`output: {folder.root / 'results'}` or name a new folder."
        )


def _is_left(path: Path) -> bool:
    """Tell whether a file is empty, as a lock is, or begins as what a run leaves."""
    if not os.path.isfile(path):
        return False
    if os.path.getsize(path) == 0:
        return True
    beginning = _LEFT_WITHOUT.get(path.name)
    if beginning is None:
        return False
    with explained_storage_errors(path, "read"), path.open("rb") as file:
        return re.match(beginning, file.read(BEGINNING_BYTES)) is not None


def _check_other_study(config: Config, folder: RunFolder) -> None:
    """Stop before the results about other images are replaced."""
    if not os.path.isfile(folder.study) or not os.path.isfile(folder.config):
        return
    try:
        earlier = load_config(folder.config).dataset
    except BioselectError:
        return  # Of another version, or changed by hand: nothing is known.
    before, now = (one.path or one.table for one in (earlier, config.dataset))
    if before is None or now is None or os.path.realpath(before) == os.path.realpath(now):
        return
    if not os.path.exists(before):
        return  # The images were moved.
    raise ConfigurationError(
        f"output: must be a folder of its own for each set of images. Got {folder.root}, which "
        f"holds the study of {before}. Choose another `output:`, or remove that folder."
    )


def _lies_in(place: Path, folder: Path | None) -> bool:
    if folder is None or not os.path.exists(folder):
        return False
    return Path(os.path.realpath(place)).is_relative_to(os.path.realpath(folder))


def is_same_file(first: Path, second: Path) -> bool:
    """Tell whether two paths lead to one existing file."""
    return os.path.isfile(first) and os.path.isfile(second) and os.path.samefile(first, second)


def _is_ours(config: Path) -> bool:
    with explained_storage_errors(config, "read"), config.open("rb") as file:
        return file.readline().rstrip() == HEADER.encode()


def _written_over(path: Path, folder: RunFolder) -> str:
    return (
        f"output: must be a folder in which a run does not write over your own files. Got "
        f"{folder.root}, where {path.name} would be lost. Choose a folder of its own, for example "
        "results."
    )
