"""What a network costs, counted from the shapes of its layers."""

from __future__ import annotations

import math
from typing import Any


def operations_of(model: Any) -> float:
    """Return the operations per image; a multiply-add counts as two.

    Each number of a kernel (any weight with two or more axes) is used once at every position of
    the layer's output. That counts convolutions of all kinds and dense layers exactly, and leaves
    out biases, normalisation and activations, as published counts do.

    Parameters
    ----------
    model : keras.Model
        Built for a fixed input size.
    """
    return 2.0 * sum(_multiply_adds(layer) for layer in model.layers)


def peak_values_of(model: Any) -> int:
    """Return how many values the inputs and outputs of the model's largest layer hold per image."""
    return max(_values(layer.input) + _values(layer.output) for layer in model.layers)


def _multiply_adds(layer: Any) -> int:
    if hasattr(layer, "layers"):
        return sum(_multiply_adds(inner) for inner in layer.layers)
    kernels = sum(math.prod(weight.shape) for weight in layer.weights if len(weight.shape) > 1)
    if not kernels:
        return 0
    positions = math.prod(_as_list(layer.output)[0].shape[1:-1])
    return int(kernels) * int(positions)


def _values(tensors: Any) -> int:
    return sum(math.prod(side or 1 for side in tensor.shape[1:]) for tensor in _as_list(tensors))


def _as_list(tensors: Any) -> list[Any]:
    return list(tensors) if isinstance(tensors, list | tuple) else [tensors]
