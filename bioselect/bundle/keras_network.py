"""The network of a bundle as a Keras model, for what a compiled one cannot tell: its gradients."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bioselect.bundle.manifest import NETWORK_FILE
from bioselect.bundle.reading import bundle_folder, explained, read_manifest
from bioselect.exceptions import BioselectError, BundleError
from bioselect.networks.trained import load_network


def read_keras_network(model_path: Path) -> Any:
    """Return the `keras.Model` of a bundle, its zip or a run folder; None where it has no network.

    Raises
    ------
    BundleError
        If the file is damaged, or would run code of its own.
    """
    path = Path(model_path)
    with explained(path), bundle_folder(path) as folder:
        if read_manifest(folder, path).network is None:
            return None
        try:
            return load_network(folder / NETWORK_FILE).model
        except BioselectError as error:
            raise BundleError(f"{path}: {error}") from error
