"""What the extractors are called whose features lie in a cache: a file beside them, for people.

The cache itself knows a name and a key; of five layers of one network the name is the same.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from bioselect.exceptions import StorageError
from bioselect.storage import atomic_write_text

LABELS_FILE = "labels.json"


def read_labels(folder: Path) -> dict[str, str]:
    """Return the labels by key; none where the file is missing or damaged."""
    try:
        labels = json.loads((folder / LABELS_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(labels, dict):
        return {}
    return {key: label for key, label in labels.items() if isinstance(label, str)}


def keep_labels(folder: Path, labels: Mapping[str, str]) -> None:
    """Add labels by key to those that are kept; nothing but words is lost if that fails.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> keep_labels(folder, {"0": "hog"})
    >>> keep_labels(folder, {"1": "hog(cell_size=8)"})
    >>> read_labels(folder)
    {'0': 'hog', '1': 'hog(cell_size=8)'}
    """
    known = read_labels(folder)
    if all(known.get(key) == label for key, label in labels.items()):
        return
    text = json.dumps({**known, **labels}, ensure_ascii=False, indent=1, sort_keys=True)
    try:
        atomic_write_text(folder / LABELS_FILE, f"{text}\n")
    except (StorageError, OSError):
        return
