"""U-Net whose way down is a network of `keras.applications`, with its weights if wanted."""

from __future__ import annotations

import math
from typing import Any

from bioselect.backbones.weights import row_of
from bioselect.backbones.weights_file import load_weights
from bioselect.exceptions import ComponentError
from bioselect.networks.architectures.applications import application
from bioselect.networks.architectures.map_blocks import BlockPlan, block
from bioselect.networks.initial_weights import InitialWeights, read_trained

FROZEN, TRAINED = "frozen", "trained"
#: No level has more channels on the way up.
MOST_CHANNELS = 256
#: Layers that change a map's size without looking at it, and so give no skip.
_BORDERS = ("ZeroPadding2D", "Cropping2D", "InputLayer")
_BODY = "body"


def unet_pretrained(
    input_shape: tuple[int, int, int],
    encoder: str = "mobilenet_v2",
    encoder_training: str = TRAINED,
    width: int = 32,
    norm: str = "batch",
    residual: bool = False,
    seed: int = 0,
    as_trained: bool = False,
    initial: InitialWeights | None = None,
) -> Any:
    """Return a U-Net from pixels to a map of `width` channels.

    Parameters
    ----------
    input_shape : tuple of int
        (height, width, n_channels) of the patches; the network takes no other size, because some
        encoders shrink their maps by more than halving them.
    encoder : str
        A name of the table of networks.
    encoder_training : {"trained", "frozen"}
        Whether its weights are changed. Where it begins with weights, its batch normalisation
        stays as it is in either case: small batches would only blur it.
    width : int
        Channels at the top of the way up, doubled downwards up to `MOST_CHANNELS`.
    norm, residual
        Of the blocks on the way up.
    seed : int
        Of random weights.
    as_trained : bool
        See `backbones.building`.
    initial : InitialWeights, optional
        What the encoder begins with.
    """
    import keras

    smallest = row_of(encoder).min_size
    if min(input_shape[:2]) < smallest:
        raise ComponentError(
            f"unet_pretrained: params.patch_size must be at least {smallest} a side for "
            f"encoder: {encoder}. Got {list(input_shape[:2])}. Write "
            f"{-(-smallest // 32) * 32}, or another encoder."
        )
    network = application(input_shape, encoder, seed=seed, as_trained=as_trained)
    _load(network, encoder, initial)
    levels = _levels(network, input_shape)
    down = keras.Model(network.inputs[0], [layer.output for layer in levels], name="encoder")
    has_weights = initial is not None and initial.path is not None
    for layer in down.layers:
        keeps = has_weights and hasattr(layer, "moving_mean")
        layer.trainable = encoder_training != FROZEN and not keeps
    image = keras.Input(input_shape)
    maps = down(image)
    maps = list(maps) if isinstance(maps, list | tuple) else [maps]
    x = maps.pop()
    plan = BlockPlan(norm, residual)
    for level in reversed(range(len(maps) + 1)):
        name = f"up{level + 1}"
        skip = maps[level - 1] if level else image
        n_filters = min(width * 2**level, MOST_CHANNELS)
        x = keras.layers.Conv2D(n_filters, 1, name=f"{name}_narrow")(x)
        x = _resized(x, skip.shape[1:3], name)
        x = keras.layers.Concatenate(name=f"{name}_join")([skip, x])
        x = block(x, n_filters, name, plan)
    return keras.Model(image, x)


def _levels(network: Any, input_shape: tuple[int, int, int]) -> list[Any]:
    """Return the last layer before each halving of the map, from the top down."""
    found: dict[int, Any] = {}
    for layer in network.layers:
        shape: tuple[Any, ...] = tuple(getattr(layer.output, "shape", ()))
        if type(layer).__name__ in _BORDERS or len(shape) != 4 or shape[-1] is None:
            continue
        level = round(math.log2(input_shape[0] / shape[1]))
        if level > 0:
            found[level] = layer
    return [found[level] for level in sorted(found)]


def _resized(x: Any, size: tuple[int, int], name: str) -> Any:
    """Return a map brought to a size: doubled, or as the encoder shrank it."""
    import keras

    if tuple(2 * side for side in x.shape[1:3]) == tuple(size):
        return keras.layers.UpSampling2D(2, interpolation="bilinear", name=f"{name}_up")(x)
    return keras.layers.Resizing(*size, interpolation="bilinear", name=f"{name}_up")(x)


def _load(network: Any, encoder: str, initial: InitialWeights | None) -> None:
    if initial is None or initial.path is None:
        return
    if initial.origin == "application":
        load_weights(network, initial.path, encoder)
        return
    trained = read_trained(initial.path)
    arrays = []
    if _BODY in [layer.name for layer in trained.layers]:
        arrays = trained.get_layer(_BODY).get_weights()
    if [array.shape for array in arrays] != [tuple(one.shape) for one in network.weights]:
        raise ComponentError(
            f"unet_pretrained: params.weights must be imagenet, none, or a model with the network "
            f"{encoder} that bioselect trained. Got {initial.path}, which holds another network. "
            "Write as encoder: what was trained there."
        )
    network.set_weights(arrays)
