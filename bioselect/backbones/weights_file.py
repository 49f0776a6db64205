"""Files of Keras weights: whose are they, and into the network with them.

Two formats exist. Keras's own downloads and everything saved as `.h5` hold the layers in the
order of the network; `.weights.h5` of Keras 3 holds them by kind and number.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from bioselect.backbones.row import BackboneRow
from bioselect.backbones.table import ROWS
from bioselect.exceptions import ComponentError

#: Inside a `.weights.h5` file: not weights, but the state of random layers and of training.
_NOT_WEIGHTS = ("seed_generator", "optimizer")


def check_fit(path: Path, row: BackboneRow, alpha: float) -> None:
    """Make sure that a file holds the weights of a network, without building the network.

    The number of parameters tells: no two networks of the table have the same. In a file that
    keeps the order of layers, the classifying top may follow and is ignored.

    Parameters
    ----------
    path : Path
        The file.
    row : BackboneRow
        The network that the weights are for.
    alpha : float
        How wide it is.

    Raises
    ------
    ComponentError
        If it is not a file of weights, or the weights of something else; the message says of what.
    """
    counts = _parameter_counts(path, row.name)
    expected = row.width(alpha).n_parameters
    if len(counts) > 1 and counts[0] == expected:
        raise ComponentError(
            f"{row.name}: params.weights must be a file of the network itself. Got {path}, in "
            "which it is one layer of a larger model. Read that model with the extractor "
            "model_file instead."
        )
    if expected in _sums(counts):
        return
    wanted = f"{_called(row, alpha)} ({expected:,} parameters without its top)"
    raise ComponentError(
        f"{row.name}: params.weights must be a file with the weights of {wanted}. Got {path}, "
        f"which holds {_what_has(counts)}."
    )


def is_scaled_after_normalization(path: Path, name: str) -> bool:
    """Tell whether the pixels are scaled once more behind the normalisation of a saved network.

    Raises
    ------
    ComponentError
        If the file does not list the layers of the network.
    """
    if not _is_in_order(path, name):
        raise ComponentError(
            f"{name}: params.weights must be a file that lists the layers, because Keras scales "
            "the pixels of this network differently for ImageNet weights and for all others. Got "
            f"{path}, which does not. Save the whole model (`model.save('model.h5')`) and name "
            "that file."
        )
    with _layers_in_order(path, name) as group:
        layers = _saved_names(group)
    return any(
        first.startswith("normalization") and second.startswith("rescaling")
        for first, second in pairwise(layers)
    )


def load_weights(network: Any, path: Path, name: str) -> None:
    """Put the weights of a file into a network without a top; a top in the file is ignored.

    Raises
    ------
    ComponentError
        If a layer does not fit.
    """
    if _is_in_order(path, name):
        _load_in_order(network, path, name)
        return
    try:
        network.load_weights(path)
    except (ValueError, KeyError, OSError) as error:
        reason = " ".join(str(error).split())
        raise ComponentError(
            f"{name}: the weights in {path} do not fit the network: {reason[:300]}. Name a file "
            "that Keras saved from this network."
        ) from error


def _load_in_order(network: Any, path: Path, name: str) -> None:
    layers = [layer for layer in network.layers if layer.weights]
    with _layers_in_order(path, name) as group:
        saved = [(saved_name, _arrays(group, saved_name)) for saved_name in _saved_names(group)]
        saved = [(saved_name, arrays) for saved_name, arrays in saved if arrays]
        if len(saved) < len(layers):
            raise ComponentError(
                f"{name}: the weights in {path} do not fit the network, which has {len(layers)} "
                f"layers with weights. Got {len(saved)}. Name a file of this network."
            )
        # Zipped to the shorter one: what follows the network's last layer is the top.
        for layer, (saved_name, arrays) in zip(layers, saved, strict=False):
            _assign(layer, saved_name, arrays, f"{name}: the weights in {path}")


def _assign(layer: Any, saved_name: str, arrays: list[Any], whose: str) -> None:
    # The order of the file: first what training changes, then what it does not.
    variables = layer.trainable_weights + layer.non_trainable_weights
    shapes = [tuple(variable.shape) for variable in variables]
    found = [tuple(array.shape) for array in arrays]
    if shapes != found:
        raise ComponentError(
            f"{whose} do not fit the layer {layer.name}, which takes arrays of the shapes "
            f"{shapes}. Got {found} from {saved_name}. Name a file of this network."
        )
    for variable, array in zip(variables, arrays, strict=True):
        variable.assign(np.asarray(array))
    if hasattr(layer, "finalize_state"):
        layer.finalize_state()


def _parameter_counts(path: Path, name: str) -> list[int]:
    """Return the parameters of each layer that has any, or their sum where order is not kept."""
    if _is_in_order(path, name):
        with _layers_in_order(path, name) as group:
            counts = [
                sum(array.size for array in _arrays(group, saved_name) if array.shape)
                for saved_name in _saved_names(group)
            ]
        return [int(count) for count in counts if count]
    with _opened(path, name) as file:
        sizes: list[int] = []

        def add(inner_path: str, entry: Any) -> None:
            is_weight = not any(word in inner_path for word in _NOT_WEIGHTS)
            if is_weight and hasattr(entry, "size") and entry.shape:
                sizes.append(int(entry.size))

        file.visititems(add)
        return [sum(sizes)]


def _sums(counts: list[int]) -> set[int]:
    return {int(total) for total in np.cumsum(counts)}


def _what_has(counts: list[int]) -> str:
    total = sum(counts)
    owners = [
        _called(row, width.alpha)
        for row in ROWS.values()
        for width in row.widths
        if width.n_parameters in _sums(counts)
    ]
    known = f", those of {owners[-1]}" if owners else ""
    return f"{total:,} parameters{known}"


def _called(row: BackboneRow, alpha: float) -> str:
    return f"{row.name} with alpha {alpha:g}" if row.has_alpha else row.name


@contextmanager
def _opened(path: Path, name: str) -> Iterator[Any]:
    import h5py

    try:
        file = h5py.File(path, "r")
    except OSError as error:
        raise ComponentError(
            f"{name}: params.weights must be a file of Keras weights (.h5 or .weights.h5). Got "
            f"{path}, which is damaged or something else ({' '.join(str(error).split())})."
        ) from error
    with file:
        yield file


@contextmanager
def _layers_in_order(path: Path, name: str) -> Iterator[Any]:
    with _opened(path, name) as file:
        yield file.get("model_weights", file)


def _is_in_order(path: Path, name: str) -> bool:
    with _layers_in_order(path, name) as group:
        return bool(_names(group, "layer_names"))


def _saved_names(group: Any) -> list[str]:
    return _names(group, "layer_names")


def _arrays(group: Any, layer_name: str) -> list[Any]:
    layer = group[layer_name]
    return [layer[weight_name] for weight_name in _names(layer, "weight_names")]


def _names(group: Any, attribute: str) -> list[str]:
    """Return a list of names; long ones are stored in pieces, `layer_names0`, `layer_names1`."""
    pieces = [attribute] if attribute in group.attrs else []
    while not pieces or pieces[-1] != attribute:
        piece = f"{attribute}{len(pieces)}"
        if piece not in group.attrs:
            break
        pieces.append(piece)
    names = [name for piece in pieces for name in group.attrs[piece]]
    return [name.decode("utf-8") if isinstance(name, bytes) else str(name) for name in names]
