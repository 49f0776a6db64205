"""Where the files of a compiled network lie: in the user's cache folder, or in a model bundle.

In the cache a network is one archive, so that it is there whole or not at all, with a checksum of
each part. It holds the Keras model too: a later run needs no TensorFlow to write a bundle.
"""

from __future__ import annotations

import json
import os
import shutil
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bioselect.addresses import FOLDER_VARIABLE, user_cache
from bioselect.backbones.openvino_import import import_openvino
from bioselect.backbones.sub_graphs import all_operations
from bioselect.exceptions import StorageError
from bioselect.leftovers import remove_leftovers
from bioselect.storage import atomic_path, digest_of

GRAPH_FILE = "backbone.xml"
WEIGHTS_FILE = "backbone.bin"
NOTES_FILE = "notes.json"

#: Raised whenever the way from a Keras model to its files changes.
COMPILING_VERSION = 1
_FIXED_DATE = (1980, 1, 1, 0, 0, 0)
#: What reading a damaged archive, or a damaged part of it, raises.
DAMAGE = (OSError, EOFError, KeyError, ValueError, NotImplementedError, RuntimeError,
          zipfile.BadZipFile, zlib.error)  # fmt: skip


@dataclass(frozen=True)
class CompiledFiles:
    """The files of one network; `place` is a folder or an archive."""

    place: Path

    def exist(self) -> bool:
        """Tell whether they are there."""
        if self.place.is_dir():
            return all((self.place / name).is_file() for name in (GRAPH_FILE, WEIGHTS_FILE))
        return self.place.is_file()

    def read(self, name: str) -> bytes:
        """Return one of them; the errors of a damaged archive are `DAMAGE`."""
        if self.place.is_dir():
            return (self.place / name).read_bytes()
        with zipfile.ZipFile(self.place) as archive:
            return archive.read(name)

    def notes(self) -> dict[str, Any]:
        """Return what was noted when the network was compiled."""
        notes = json.loads(self.read(NOTES_FILE))
        if not isinstance(notes, dict):
            raise ValueError(f"{NOTES_FILE} holds no mapping")
        return notes

    def copy(self, names: Iterable[str], folder: Path) -> None:
        """Copy some of them into a folder."""
        for name in names:
            with atomic_path(folder / name) as unfinished:
                if self.place.is_dir():
                    shutil.copyfile(self.place / name, unfinished)
                    continue
                with (
                    zipfile.ZipFile(self.place) as archive,
                    archive.open(name) as source,
                    open(unfinished, "wb") as target,
                ):
                    shutil.copyfileobj(source, target)


def write_network(network: Any, folder: Path) -> None:
    """Write a network of OpenVINO as its two files, with all the digits of its weights.

    The same network gives the same bytes: its operations are numbered, as OpenVINO counts on from
    whatever the program did before.
    """
    for number, operation in enumerate(all_operations(network)):
        operation.set_friendly_name(f"{operation.get_type_name()}_{number}")
        for output in operation.outputs():
            output.get_tensor().set_names(set())
    network.input(0).get_tensor().set_names({"image"})
    network.output(0).get_tensor().set_names({"features"})
    import_openvino().save_model(network, folder / GRAPH_FILE, compress_to_fp16=False)


def cache_folder() -> Path:
    """Return where compiled networks are kept: `BIOSELECT_CACHE`, or the system's place."""
    return user_cache() / "networks"


def cached_files(name: str, facts: Mapping[str, Any]) -> CompiledFiles:
    """Return where a network lies in the cache, or would lie.

    Parameters
    ----------
    name : str
        For people.
    facts : mapping
        Everything that tells it from other networks, in JSON's types.
    """
    key = digest_of({"compiling_version": COMPILING_VERSION, **facts})
    return CompiledFiles(cache_folder() / f"{name}-{key[:32]}.zip")


def keep(folder: Path, files: CompiledFiles) -> bool:
    """Put the files of a folder into the cache; False, and a word, if that is not possible.

    Two processes may do so at once: each writes a file of its own, and the last one stays.
    """
    try:
        with atomic_path(files.place) as unfinished:
            _zip(folder, unfinished)
        remove_leftovers(files.place.parent)
    except (StorageError, OSError) as error:
        written = os.environ.get(FOLDER_VARIABLE)
        is_set = f", which is set to {written}" if written else ""
        warnings.warn(
            f"{files.place}: the compiled network cannot be kept ({error.__cause__ or error}), so "
            f"the next program compiles it again. Name another folder with {FOLDER_VARIABLE}"
            f"{is_set}.",
            stacklevel=2,
        )
        return False
    return True


def _zip(folder: Path, path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for file in sorted(folder.iterdir()):
            entry = zipfile.ZipInfo(file.name, _FIXED_DATE)
            # Its size must be known before: networks may be larger than a plain zip allows.
            entry.file_size = file.stat().st_size
            with file.open("rb") as source, archive.open(entry, "w") as target:
                shutil.copyfileobj(source, target)
