"""The configuration of a run folder, and what is told of results of another one that lie there."""

from __future__ import annotations

from typing import Any

import yaml

from bioselect.exceptions import StorageError
from bioselect.run_folder import RunFolder
from bioselect.storage import atomic_write_text, explained_storage_errors

#: What changes no result: where it is computed, by how many processes, and who is told.
_NO_MATTER = ("execution", "tracking", "jobs", "output", "cache")


def write_configuration(folder: RunFolder, text: str) -> str:
    """Write the configuration; say what becomes of results of another one, or nothing."""
    changed = sorted(_changed(folder, text))
    atomic_write_text(folder.config, text)
    if not changed:
        return ""
    return (
        f"{folder.root} holds results of another configuration (other: {', '.join(changed)}): they "
        "are replaced at the end, and finished folds that still fit are kept. To keep these "
        "results, stop with Ctrl-C and choose another --output"
    )


def _changed(folder: RunFolder, text: str) -> set[str]:
    """Return the sections that differ from those of the finished study in the folder."""
    if not folder.study.is_file() or not folder.config.is_file():
        return set()
    try:
        with explained_storage_errors(folder.config, "read"):
            before = _sections(folder.config.read_text(encoding="utf-8"))
    except (StorageError, UnicodeDecodeError, yaml.YAMLError):
        return set()  # Somebody changed it: nothing is known.
    now = _sections(text)
    return {
        key for key in {*before, *now} if key not in _NO_MATTER and before.get(key) != now.get(key)
    }


def _sections(text: str) -> dict[str, Any]:
    found = yaml.safe_load(text)
    return found if isinstance(found, dict) else {}
