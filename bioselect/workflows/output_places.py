"""May a run write where the configuration sends it, without destroying what lies there."""

from __future__ import annotations

from pathlib import Path

from bioselect.config.sections import Config
from bioselect.config.writing import HEADER
from bioselect.exceptions import ConfigurationError, StorageError
from bioselect.run_folder import RunFolder


def check_output_places(config: Config, folder: RunFolder, cache_folder: Path) -> None:
    """Stop before anything is written where a run could not write, or would write over input.

    Raises
    ------
    StorageError
        If a file stands where the run folder or the cache must be.
    ConfigurationError
        If a product of the run would take the place of the configuration or of the table.
    """
    for place in (folder.root, cache_folder):
        in_the_way = next((p for p in (place, *place.parents) if p.is_file()), None)
        if in_the_way is not None:
            raise StorageError(
                f"{place}: must be a folder, made when it is missing. Got the file {in_the_way}. "
                "Choose another folder with `output:`, `cache:` or --output."
            )
    if is_same_file(config.path, folder.config) and not _is_ours(config.path):
        raise ConfigurationError(_written_over(config.path, folder))
    table = config.dataset.table
    if table is not None and any(is_same_file(table, product) for product in folder.products()):
        raise ConfigurationError(_written_over(table, folder))


def is_same_file(first: Path, second: Path) -> bool:
    """Tell whether two paths lead to one existing file."""
    return first.is_file() and second.is_file() and first.samefile(second)


def _is_ours(config: Path) -> bool:
    with config.open(encoding="utf-8-sig") as file:
        return file.readline().rstrip() == HEADER


def _written_over(path: Path, folder: RunFolder) -> str:
    return (
        f"output: must be a folder in which a run does not write over your own files. Got "
        f"{folder.root}, where {path.name} would be lost. Choose a folder of its own, for example "
        "results."
    )
