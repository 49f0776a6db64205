"""What is told of a run folder that holds results of another configuration, or of other images."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import yaml

from bioselect.exceptions import StorageError
from bioselect.progress import Reporter
from bioselect.run_folder import RunFolder
from bioselect.storage import explained_storage_errors

#: What changes no result: where it is computed, by how many processes, and who is told. `modules`
#: is the folder of the configuration where nothing is named, and extractors name their modules.
_NO_MATTER = ("execution", "tracking", "jobs", "output", "cache", "modules")


def written_or_later(
    folder: RunFolder, text: str, write: Callable[[], None], reporter: Reporter
) -> Callable[[], None]:
    """Write what is known before the work, unless another study would then stand half in a folder.

    Parameters
    ----------
    folder, text
        As for `replaced_in_words`, which is told.
    write : callable
        Writes the configuration, and what goes with it.
    reporter : Reporter
        Warned of results that will be replaced.

    Returns
    -------
    callable
        What is left to be written once the work is done.
    """
    if replaced := replaced_in_words(folder, text):
        reporter.warn(replaced)
        return write
    write()
    return lambda: None


def replaced_in_words(folder: RunFolder, text: str) -> str:
    """Say that results of another configuration lie in a folder; empty where none do.

    Parameters
    ----------
    folder : RunFolder
        It may be empty, or hold a run that was not finished.
    text : str
        The configuration of the run that begins, as it will be written.
    """
    changed = sorted(_changed(folder, text))
    if not changed:
        return ""
    return (
        f"{folder.root} holds results of another configuration, or of other images (different: "
        f"{', '.join(changed)}). They are replaced once this run is judged; finished folds that "
        "still fit are kept. To keep these results, stop with Ctrl-C and choose another --output"
    )


def _changed(folder: RunFolder, text: str) -> set[str]:
    """Return the sections that differ from those of the finished study in the folder."""
    if not folder.study.is_file() or not folder.config.is_file():
        return set()
    try:
        with explained_storage_errors(folder.config, "read"):
            before = _sections(folder.config.read_text(encoding="utf-8"))
    except (StorageError, ValueError, RecursionError, yaml.YAMLError):
        return set()  # Somebody changed it: nothing is known.
    now = _sections(text)
    return {
        key for key in {*before, *now} if key not in _NO_MATTER and before.get(key) != now.get(key)
    }


def _sections(text: str) -> dict[str, Any]:
    found = yaml.safe_load(text)
    if not isinstance(found, dict):
        return {}
    return {key: value for key, value in found.items() if isinstance(key, str)}
