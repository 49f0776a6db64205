"""A network as files of a model bundle: `backbone.keras` and what must be known to use it."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bioselect.backbones.keras_archive import check_archive
from bioselect.backbones.keras_config import archived_config, foreign_classes
from bioselect.backbones.keras_import import in_fresh_keras
from bioselect.exceptions import BundleError
from bioselect.storage import atomic_path, write_json

MODEL_FILE = "backbone.keras"
DESCRIPTION_FILE = "backbone.json"
_FIXED_DATE = (1980, 1, 1, 0, 0, 0)


def write_model(folder: Path, model: Any) -> None:
    """Write `backbone.keras`, from images to rows; the same model gives the same bytes."""
    write_keras(Path(folder) / MODEL_FILE, model)


def write_keras(path: Path, model: Any) -> None:
    """Write a Keras model as a `.keras` file; the same model gives the same bytes."""
    with atomic_path(path) as unfinished:
        model.save(unfinished)
        _make_steady(unfinished)


def write_description(folder: Path, description: Mapping[str, Any]) -> None:
    """Write `backbone.json`, what must be known to use a model."""
    write_json(Path(folder) / DESCRIPTION_FILE, dict(description))


def read_description(folder: Path) -> dict[str, Any]:
    """Return what `write_description` noted of a model."""
    path = Path(folder) / DESCRIPTION_FILE
    try:
        description = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BundleError(
            f"{path}: cannot be read ({error}). Take another copy of the model."
        ) from error
    if not isinstance(description, dict):
        raise BundleError(f"{path}: must hold a mapping. Take another copy of the model.")
    return description


def read_model(folder: Path) -> Any:
    """Return the Keras model that `write_model` wrote; code inside it is refused.

    Raises
    ------
    BundleError
        If the file is missing, damaged, or would run code of its own.
    """
    return read_keras(Path(folder) / MODEL_FILE)


def read_keras(path: Path) -> Any:
    """Return the Keras model of a `.keras` file; code inside it is refused.

    Raises
    ------
    BundleError
        If the file is missing, damaged, or would run code of its own.
    """

    def load(keras: Any) -> Any:
        return keras.saving.load_model(path, compile=False, safe_mode=True)

    try:
        check_archive(path)
        foreign = foreign_classes(archived_config(path))
        if not foreign:
            return in_fresh_keras(load)
    except Exception as error:  # Keras raises whatever the damage happens to cause.
        reason = " ".join(str(error).split())
        raise BundleError(
            f"{path}: cannot be loaded ({type(error).__name__}: {reason[:300]}). Take another "
            "copy of the model."
        ) from error
    raise BundleError(
        f"{path}: must consist of Keras's own layers. It brings code of its own "
        f"({', '.join(foreign)}), which is not run. Take another copy of the model."
    )


def _make_steady(path: Path) -> None:
    """Take out of a `.keras` file what differs from one writing to the next.

    These are dates, and the places in memory by which Keras says that two parts are the same
    object; they become 1, 2, 3 in the order in which they appear.
    """
    with zipfile.ZipFile(path) as archive:
        contents = {name: archive.read(name) for name in sorted(archive.namelist())}
    metadata = json.loads(contents["metadata.json"])
    metadata.pop("date_saved", None)
    contents["metadata.json"] = json.dumps(metadata).encode()
    config = _renumbered(json.loads(contents["config.json"]), {})
    contents["config.json"] = json.dumps(config).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, data in contents.items():
            archive.writestr(zipfile.ZipInfo(name, _FIXED_DATE), data)


def _renumbered(node: Any, numbers: dict[int, int]) -> Any:
    if isinstance(node, list):
        return [_renumbered(item, numbers) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        key: numbers.setdefault(value, len(numbers) + 1)
        if key == "shared_object_id"
        else _renumbered(value, numbers)
        for key, value in node.items()
    }
