"""What a network begins with: random numbers, published weights, a file, a model of bioselect."""

from __future__ import annotations

import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bioselect.backbones.compiled_files import DAMAGE
from bioselect.backbones.keras_config import archived_config, mappings
from bioselect.backbones.saving import read_keras
from bioselect.backbones.weights import IMAGENET, RANDOM, cached_sha256, find_weights
from bioselect.component import ComponentRow
from bioselect.exceptions import BundleError, ComponentError, UnavailableError
from bioselect.storage import unpacking_problem

#: The network in a model that bioselect trained.
NETWORK_FILE = "network.keras"
#: Where it may lie in a folder or zip: a model, or a run folder.
_INSIDE = (NETWORK_FILE, f"model/{NETWORK_FILE}")
_KERAS_ENDINGS = (".h5", ".hdf5")


@dataclass(frozen=True)
class InitialWeights:
    """Which weights they are: `origin` is random, application (a file of Keras's) or trained."""

    origin: str
    path: Path | None = None

    def identity(self) -> str:
        """Return the SHA-256 of the file, or "random"."""
        if self.path is None:
            return "random"
        with network_file(self.path) as file:
            return cached_sha256(file)


def find_initial_weights(
    row: ComponentRow,
    name: str,
    weights: str,
    own: dict[str, Any],
    input_size: tuple[int, int] | None,
    base_dir: Path | None,
) -> InitialWeights:
    """Find the weights that were written, without opening Keras.

    Parameters
    ----------
    row, name
        The network, and what to call it in an error.
    weights : str
        The parameter.
    own : dict
        The parameters of its builder (`alpha`).
    input_size : tuple of int, optional
        (height, width); some published networks have weights of their own for some sizes.
    base_dir : Path, optional
        Where relative paths start from.

    Raises
    ------
    UnavailableError
        If they are not there.
    ComponentError
        If they are those of something else.
    """
    if weights == RANDOM:
        return InitialWeights("random")
    architecture = dict(row.fixed).get("architecture")
    path = Path(os.path.expanduser(weights))
    path = path if base_dir is None else base_dir / path
    is_file_of_keras = weights == IMAGENET or path.suffix.lower() in _KERAS_ENDINGS
    if architecture is not None and is_file_of_keras:
        written = weights if weights == IMAGENET else str(path)
        found = find_weights(architecture, written, own.get("alpha", 1.0), input_size)
        return InitialWeights("application", found)
    if weights == IMAGENET:
        raise ComponentError(
            f"{name}: params.weights: imagenet is for networks of keras.applications. Got {name}, "
            "for which nobody publishes such weights for Keras. Write none, or a model that "
            "bioselect trained."
        )
    if is_file_of_keras:
        raise ComponentError(
            f"{name}: params.weights must be none or a model that bioselect trained (its folder, "
            f"zip or {NETWORK_FILE}). Got {path}. Files of Keras weights are for networks of "
            "keras.applications."
        )
    if not path.exists():
        raise UnavailableError(
            f"{name}: params.weights must be none, imagenet, or an existing file or model. Got "
            f"{path}, which is not there. Put it there, or name another."
        )
    with network_file(path):
        return InitialWeights("trained", path)


@contextmanager
def network_file(path: Path) -> Iterator[Path]:
    """Give the file itself, or that of the network in a model's folder, zip or run folder.

    Raises
    ------
    ComponentError
        If there is none.
    """
    if path.is_dir():
        found = next((path / inside for inside in _INSIDE if (path / inside).is_file()), None)
        if found is None:
            raise _no_network(path)
        yield found
    elif path.suffix.lower() == ".zip":
        with tempfile.TemporaryDirectory() as folder:
            yield _unpacked(path, Path(folder))
    else:
        yield path


def _unpacked(path: Path, folder: Path) -> Path:
    try:
        with zipfile.ZipFile(path) as archive:
            inside = next((one for one in archive.infolist() if _is_network(one.filename)), None)
            if inside is None:
                raise _no_network(path)
            if problem := unpacking_problem(inside.file_size, inside.compress_size, folder):
                raise UnavailableError(
                    f"{path}: {NETWORK_FILE} in it is not unpacked: {problem}. Name the unpacked "
                    "model, from a source you trust."
                )
            with archive.open(inside) as source, open(folder / NETWORK_FILE, "wb") as target:
                shutil.copyfileobj(source, target)
    except (OSError, zipfile.BadZipFile, EOFError) as error:
        raise UnavailableError(
            f"{path}: cannot be read as a zip ({' '.join(str(error).split())}). Take another copy "
            "of the model."
        ) from error
    return folder / NETWORK_FILE


def _is_network(name: str) -> bool:
    return name.split("/")[-1] == NETWORK_FILE and name.count("/") <= 2


def _no_network(path: Path) -> ComponentError:
    return ComponentError(
        f"{path}: holds no {NETWORK_FILE}, so it is no model whose weights a network can begin "
        "with. The best combination of its study was perhaps no network: a study whose model "
        "others begin with lists networks only. Name a model that was trained from pixels."
    )


def channels_of(path: Path) -> int:
    """Return how many channels the images of a model of bioselect have, without opening Keras.

    Raises
    ------
    BundleError
        If its file cannot be read.
    """
    with network_file(path) as file:
        try:
            nodes = mappings(archived_config(file))
            first = next(node for node in nodes if node.get("class_name") == "InputLayer")
            return int(first["config"]["batch_shape"][-1])
        except (*DAMAGE, StopIteration, TypeError) as error:
            raise BundleError(
                f"{path}: cannot be read as a network ({type(error).__name__}). Take another copy "
                "of the model."
            ) from error


def read_trained(path: Path) -> Any:
    """Return the Keras model in a model of bioselect, by the closed rules of `keras_config`."""
    with network_file(path) as file:
        return read_keras(file)
