"""Weights of a model that bioselect trained fit the network that was made for them, and no other.

Its manifest says which network that was, so that a mistake is told before any work.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bioselect.backbones.table import ROWS
from bioselect.bundle.manifest import Manifest
from bioselect.component import as_text
from bioselect.exceptions import ComponentError
from bioselect.networks.architectures.resnet import stem_of
from bioselect.networks.builtin import COMMON_PARAMETERS, NETWORKS
from bioselect.workflows.seen_images import manifest_of

_COMMON = {parameter.name for parameter in COMMON_PARAMETERS}
#: A parameter whose `auto` goes by the size of the images.
_STEM = "stem"

Size = tuple[int, int, int]


def refuse_another_network(
    name: str, network: str, params: Mapping[str, Any], size: Size | None, path: Path
) -> None:
    """Refuse the weights of another network, or of one with other parameters.

    Parameters
    ----------
    name : str
        What to call the network in an error.
    network, params
        Which of `NETWORKS` it is, and what was written for it. Of networks that are anybody's own
        only the weights themselves tell, when they are opened.
    size : tuple of int, optional
        (height, width, n_channels) of the images that it takes; None where that changes nothing.
    path : Path
        Of the model whose weights it begins with.

    Raises
    ------
    ComponentError
        If they are not its own; both networks are named.
    BundleError
        If the model's manifest is damaged.
    """
    manifest = manifest_of(path)
    if manifest is None or network not in NETWORKS:
        return
    if not isinstance(manifest, Manifest):
        raise ComponentError(
            f"{name}: params.weights must be those of a {network}. Got {path}, which is a "
            f"{manifest.segmenter.name} that gives masks. Name a model of classes."
        )
    old = manifest.estimator
    if manifest.network is None or old.name not in NETWORKS:
        return
    if old.name != network:
        can_be_written = name == network or old.name in ROWS
        remedy = f"Write {old.name} in place of {network}, or name" if can_be_written else "Name"
        raise ComponentError(
            f"{name}: params.weights must be those of the same network, {network}. Got {path}, "
            f"which is a {old.name}. {remedy} a model that is a {network}."
        )
    height, width, n_channels = manifest.network.input_size
    there = _own(network, old.params, (height, width, n_channels))
    here = _own(network, params, size)
    other = [key for key in there if there[key] != here[key]]
    if other:
        raise ComponentError(
            f"{name}: params.weights must be those of a {network} with the same parameters. Got "
            f"{path}, a {network} with {_listed(there, other)}; here it has "
            f"{_listed(here, other)}. Write {_listed(there, other)} in its params, or name another "
            "model."
        )


def _own(network: str, params: Mapping[str, Any], size: Size | None) -> dict[str, Any]:
    """Return what makes this network another than its like; nothing of how it is trained."""
    defaults = {one.name: one.default for one in NETWORKS[network].parameters}
    own = {key: params.get(key, value) for key, value in defaults.items() if key not in _COMMON}
    if size is not None and _STEM in own:
        own[_STEM] = stem_of(size, own[_STEM])
    return own


def _listed(values: Mapping[str, Any], keys: list[str]) -> str:
    return ", ".join(f"{key}: {as_text(values[key])}" for key in keys)
