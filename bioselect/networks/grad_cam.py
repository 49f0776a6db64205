"""What a network trained from pixels looks at, from its own gradients, and the rows inside of it.

Grad-CAM asks which maps of a late layer raise the answer, and adds these maps up. It needs one step
forward and one back, and tells places as finely as the layer does.

References
----------
Selvaraju et al. (2017), "Grad-CAM: visual explanations from deep networks via gradient-based
localization", ICCV.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from bioselect.backbones.keras_import import full_precision, import_keras, in_fresh_keras
from bioselect.exceptions import ComponentError
from bioselect.networks.assembling import BODY, HEAD, TOP, VALUE
from bioselect.networks.normalization import NAME as NORMALIZATION
from bioselect.networks.pixels import Pixels

#: The layer is the last one whose map has so many places along each side: fewer tell no place.
LEAST_SIDE = 7
#: Images at once.
_BATCH_SIZE = 32


def grad_cam(model: Any, image: np.ndarray, places: Sequence[int]) -> np.ndarray:
    """Return which parts of an image raise the answer of a network.

    Parameters
    ----------
    model : keras.Model
        A network of :mod:`bioselect.networks`.
    image : np.ndarray
        float32 ``(height, width, n_channels)`` in [0, 1], of the shape that it takes.
    places : sequence of int
        The classes or labels that are asked for; 0 of a network that predicts a number.

    Returns
    -------
    np.ndarray
        float32 ``(map_height, map_width, n_places)``, at least 0. Of a predicted number what lowers
        it is below 0.

    Raises
    ------
    ComponentError
        If the network has no layer with a map, or other parts than those of this package.
    """
    scaling, body, top = _parts(model)
    layer = _layer_with_a_map(body)
    both = in_fresh_keras(lambda keras: keras.Model(body.inputs, [layer.output, body.output]))
    is_number = model.layers[-1].name == VALUE
    found = []
    with full_precision() as tensorflow:
        pixels = tensorflow.constant(image[np.newaxis])
        with tensorflow.GradientTape(persistent=True) as tape:
            tape.watch(pixels)
            maps, features = both(scaling(pixels), training=False)
            answers = top(features, training=False)
            asked = [answers[0, place] for place in places]
        for answer in asked:
            weights = tensorflow.reduce_mean(tape.gradient(answer, maps), axis=(1, 2))
            added = tensorflow.reduce_sum(maps * weights[:, None, None, :], axis=-1)[0]
            added = tensorflow.cast(added, tensorflow.float32).numpy()
            found.append(added if is_number else np.clip(added, 0.0, None))
    return np.stack(found, axis=-1).astype(np.float32)


def _parts(model: Any) -> tuple[Any, Any, Any]:
    names = (NORMALIZATION, BODY, TOP)
    if missing := [name for name in names if name not in [one.name for one in model.layers]]:
        raise ComponentError(
            f"network: Grad-CAM needs one with the parts {', '.join(names)}, as bioselect trains "
            f"them. Got one without {missing[0]}. Look at the occlusion maps instead."
        )
    scaling, body, top = (model.get_layer(name) for name in names)
    return scaling, body, top


def _layer_with_a_map(body: Any) -> Any:
    """Return the last layer whose map is fine enough, or the last with a map at all."""
    keras, last = import_keras(), None
    for layer in reversed(body.layers):
        try:
            shape = tuple(layer.output.shape)
        except AttributeError:  # A layer that is used twice, or has several outputs.
            continue
        if len(shape) != 4 or isinstance(layer, keras.layers.InputLayer):
            continue
        last = last or layer
        if None not in shape[1:3] and min(shape[1:3]) >= LEAST_SIDE:
            return layer
    if last is None:
        raise ComponentError(
            f"{body.name}: Grad-CAM needs a network with a layer of maps (height, width, channels)."
            " Got one without any. Look at the occlusion maps instead."
        )
    return last


def rows_before_head(model: Any, pixels: Pixels, places: np.ndarray) -> np.ndarray:
    """Return what the classifying layer of a network sees of images.

    Parameters
    ----------
    model : keras.Model
        A network of :mod:`bioselect.networks`.
    pixels : Pixels
        Images of the shape that it takes.
    places : np.ndarray
        Which of them, in this order.

    Returns
    -------
    np.ndarray
        float32 ``(len(places), n_features)``.
    """
    scaling, body, top = _parts(model)
    before = in_fresh_keras(lambda keras: keras.Model(top.inputs, top.get_layer(HEAD).input))
    rows = []
    with full_precision() as tensorflow:
        for start in range(0, len(places), _BATCH_SIZE):
            some = tensorflow.constant(pixels.batch(places[start : start + _BATCH_SIZE]))
            features = before(body(scaling(some), training=False), training=False)
            rows.append(features.numpy().astype(np.float32))
    return np.concatenate(rows)
