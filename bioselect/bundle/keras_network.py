"""The network of a bundle as a Keras model, for what a compiled one cannot tell: its gradients."""

from __future__ import annotations

from typing import Any

from bioselect.bundle.manifest import NETWORK_FILE
from bioselect.bundle.opening import ModelPlace, explained, opened_bundle
from bioselect.bundle.reading import read_manifest
from bioselect.exceptions import BioselectError, BundleError
from bioselect.networks.trained import load_network


def read_keras_network(place: ModelPlace) -> Any:
    """Return the `keras.Model` of a bundle, its zip or a run folder; None where it has no network.

    Raises
    ------
    BundleError
        If the file is damaged, or would run code of its own.
    """
    with opened_bundle(place) as bundle, explained(bundle.path):
        folder, path = bundle.folder, bundle.path
        if read_manifest(folder, path).network is None:
            return None
        try:
            return load_network(folder / NETWORK_FILE).model
        except BioselectError as error:
            raise BundleError(f"{path}: {error}") from error
