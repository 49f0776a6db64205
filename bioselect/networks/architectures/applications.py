"""The networks of `keras.applications` as bodies that are trained."""

from __future__ import annotations

import warnings
from typing import Any

from bioselect.backbones.building import build_network
from bioselect.backbones.weights import row_of
from bioselect.exceptions import ComponentError
from bioselect.networks.architectures.layers import STATISTICS_MOMENTUM


def application(
    input_shape: tuple[int, int, int],
    architecture: str,
    alpha: float = 1.0,
    seed: int = 0,
    as_trained: bool = False,
) -> Any:
    """Return a network of the table without its classifying top, with random weights.

    Parameters
    ----------
    input_shape : tuple of int
        (height, width, n_channels) of the images.
    architecture : str
        A name of the table of networks.
    alpha : float
        How wide it is, where there is something to choose.
    seed : int
        Of the random weights.
    as_trained : bool
        Whether it is about to be given the ImageNet weights; see `backbones.building`.

    Raises
    ------
    ComponentError
        If Keras cannot build the network for so many channels.
    """
    row = row_of(architecture)
    height, width, n_channels = input_shape
    try:
        with warnings.catch_warnings():
            # That one or three channels are usual.
            warnings.filterwarnings("ignore", ".*usually expects.*", UserWarning)
            body = build_network(row, (height, width), alpha, as_trained, n_channels, seed)
    except ValueError as error:
        if n_channels == 3:
            raise
        raise ComponentError(
            f"{architecture}: Keras builds this network for images with 3 channels. Got "
            f"{n_channels}. Choose three with dataset.channels, or another network."
        ) from error
    for layer in body.layers:
        if hasattr(layer, "moving_mean"):
            layer.momentum = STATISTICS_MOMENTUM
    return body
