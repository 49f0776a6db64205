"""From a row of the table to a Keras model whose output is a row of features."""

from __future__ import annotations

import difflib
from typing import Any

from bioselect.backbones.keras_import import in_fresh_keras
from bioselect.backbones.row import BackboneRow
from bioselect.exceptions import ComponentError

#: Standard deviations of ImageNet's red, green and blue, by whose square roots Keras divides once
#: more in EfficientNet (v1) when it uses the ImageNet weights, because they were trained that way.
_IMAGENET_DEVIATIONS = (0.229, 0.224, 0.225)


def build_network(
    row: BackboneRow,
    input_size: tuple[int, int],
    alpha: float,
    as_trained: bool,
    n_channels: int = 3,
    seed: int = 0,
) -> Any:
    """Return the network without its classifying top, its weights random but always the same.

    Parameters
    ----------
    row : BackboneRow
        Which network.
    input_size : tuple of int
        (height, width) of the images.
    alpha : float
        How wide; 1.0 where there is nothing to choose.
    as_trained : bool
        Whether the network is about to be given the ImageNet weights, or weights that were trained
        on from them: some take their pixels in a slightly different way then.
    n_channels : int
        How many channels the images have.
    seed : int
        Of the random weights.
    """

    def build(keras: Any) -> Any:
        constructor = getattr(keras.applications, row.constructor.split(":")[1])
        width = {"alpha": alpha} if row.has_alpha else {}
        network = constructor(
            include_top=False, weights=None, input_shape=(*input_size, n_channels), **width
        )
        if as_trained and row.is_scaled_twice:
            network = _with_second_scaling(keras, network)
        return network

    return in_fresh_keras(build, seed)


def _with_second_scaling(keras: Any, network: Any) -> Any:
    """Divide by the square roots of the deviations behind EfficientNet's normalisation."""

    def call(layer: Any, *inputs: Any, **options: Any) -> Any:
        output = layer(*inputs, **options)
        if isinstance(layer, keras.layers.Normalization):
            factors = [1.0 / deviation**0.5 for deviation in _IMAGENET_DEVIATIONS]
            output = keras.layers.Rescaling(factors)(output)
        return output

    return keras.models.clone_model(network, clone_function=lambda layer: layer, call_function=call)


def feature_model(network: Any, name: str, layer: str | None, pooling: str | None) -> Any:
    """Return the model from the network's input to one row of features per image.

    Parameters
    ----------
    network : keras.Model
        With one input.
    name : str
        What to call the component in an error.
    layer : str or None
        The layer whose output is used; None is the network's own output.
    pooling : str or None
        How a map ``(height, width, n_channels)`` becomes a row: "avg", "max", "avg+max" (twice as
        long) or "flatten" (height * width * n_channels); a sequence ``(n_tokens, n_features)``
        likewise, or "cls" (its first token). None averages maps, and is an error for sequences. An
        output that is a row stays as it is.

    Raises
    ------
    ComponentError
        If there is no such layer, or its output is neither a map nor a row.
    """

    def build(keras: Any) -> Any:
        if len(network.inputs) != 1:
            raise ComponentError(
                f"{name}: a network must have one input. Got {len(network.inputs)}."
            )
        image, outputs = network.inputs[0], network.outputs
        if layer is not None:
            found = find_layer(network, name, layer)
            if isinstance(found, keras.Model):
                image, outputs = _of_inner_model(keras, network, found)
            else:
                outputs = _as_list(found.output)
        if len(outputs) != 1:
            raise ComponentError(
                f"{name}: params.layer must be a layer with one output. Got "
                f"{layer or 'the end of the model'} with {len(outputs)}."
            )
        rows = _pooled(keras, outputs[0], name, pooling)
        return keras.Model(image, rows, name="features")

    return in_fresh_keras(build)


def _of_inner_model(keras: Any, network: Any, inner: Any) -> tuple[Any, list[Any]]:
    """Return an input for a network and the outputs that a model inside the network then has.

    What the inner model calls its outputs belongs to its own input, so everything is called anew.
    """
    found: list[Any] = []

    def call(layer: Any, *inputs: Any, **options: Any) -> Any:
        output = layer(*inputs, **options)
        if layer is inner:
            found[:] = _as_list(output)
        return output

    image = keras.Input(batch_shape=network.inputs[0].shape)
    if isinstance(network, keras.Sequential):
        output = image
        for layer in network.layers:
            output = call(layer, output)
    else:
        keras.models.clone_model(
            network, input_tensors=image, clone_function=lambda layer: layer, call_function=call
        )
    return image, found


def _as_list(tensors: Any) -> list[Any]:
    return list(tensors) if isinstance(tensors, list | tuple) else [tensors]


def _pooled(keras: Any, output: Any, name: str, pooling: str | None) -> Any:
    layers = keras.layers
    n_axes = len(output.shape)
    if n_axes == 2:
        return output
    if n_axes not in (3, 4):
        raise ComponentError(
            f"{name}: params.layer must give a map (height, width, n_channels), a sequence or a "
            f"row for each image. Got the shape {tuple(output.shape[1:])}."
        )
    if n_axes == 3 and pooling is None:
        raise ComponentError(
            f"{name}: params.pooling must be given, because the output is a sequence of tokens "
            f"{tuple(output.shape[1:])} for each image. Write cls (the first one, the class "
            "token), avg, max, avg+max (over all tokens) or flatten."
        )
    if n_axes == 4 and pooling == "cls":
        raise ComponentError(
            f"{name}: params.pooling cls is for sequences of tokens. The output is a map "
            f"{tuple(output.shape[1:])}. Choose avg, max, avg+max or flatten."
        )
    if pooling == "cls":
        return output[:, 0]
    if pooling == "flatten":
        return layers.Flatten(name="features_flatten")(output)
    average = layers.GlobalAveragePooling2D if n_axes == 4 else layers.GlobalAveragePooling1D
    largest = layers.GlobalMaxPooling2D if n_axes == 4 else layers.GlobalMaxPooling1D
    # Named, lest an automatic name repeats one of the network's.
    rows = {
        "avg": lambda: average(name="features_avg")(output),
        "max": lambda: largest(name="features_max")(output),
    }
    if pooling in (None, *rows):
        return rows[pooling or "avg"]()
    return layers.Concatenate(name="features_avg_max")([rows["avg"](), rows["max"]()])


def find_layer(network: Any, name: str, layer: str) -> Any:
    """Return a layer by its name.

    Raises
    ------
    ComponentError
        If there is no such layer; the nearest name is given.
    """
    known = {candidate.name: candidate for candidate in network.layers}
    if layer not in known:
        raise ComponentError(unknown_layer_message(name, layer, list(known)))
    return known[layer]


def unknown_layer_message(name: str, layer: str, known: list[str]) -> str:
    """Say that there is no such layer, and which ones come nearest."""
    near = difflib.get_close_matches(layer, known, n=1, cutoff=0.5)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return (
        f"{name}: params.layer must be one of the {len(known)} layers of the network, "
        f"{known[0]} to {known[-1]}. Got {layer!r}.{hint}"
    )
