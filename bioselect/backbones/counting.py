"""What a network costs for one image, counted in the graph of operations that TensorFlow runs.

The graph knows every shape, also inside models that hold models and in models that take images of
any size.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bioselect.backbones.keras_import import import_tensorflow

#: Operations whose results are weights, not values of the image.
_WEIGHTS = ("ReadVariableOp", "Const", "Placeholder")
#: Operations that pass their inputs on and need no memory of their own.
_PASSING = ("Identity", "IdentityN", "Reshape", "NoOp")


@dataclass(frozen=True)
class Cost:
    """The cost of one image.

    `operations` counts a multiply-add as two, in convolutions and products of matrices only, as
    published counts do; `peak_values` is how many values the inputs and outputs of the largest
    operation hold.
    """

    operations: float
    peak_values: int


def cost_of(model: Any, image_shape: tuple[int, int, int]) -> Cost:
    """Count what a Keras model costs for one image of shape (height, width, n_channels)."""
    graph = _graph_of(model, image_shape)
    multiply_adds = 0
    peak_values = math.prod(image_shape)
    for operation in graph.get_operations():
        if operation.type in _MULTIPLY_ADDS:
            multiply_adds += _MULTIPLY_ADDS[operation.type](operation)
        if operation.type not in (*_WEIGHTS, *_PASSING):
            tensors = [*operation.inputs, *operation.outputs]
            peak_values = max(peak_values, sum(_values(tensor) for tensor in tensors))
    return Cost(2.0 * multiply_adds, peak_values)


def _graph_of(model: Any, image_shape: tuple[int, int, int]) -> Any:
    tensorflow = import_tensorflow()
    traced = tensorflow.function(lambda batch: model(batch, training=False), autograph=False)
    specification = tensorflow.TensorSpec((1, *image_shape), tensorflow.float32)
    before = tensorflow.config.functions_run_eagerly()
    try:
        # Grouped convolutions are functions of their own in Keras; so they are written out here.
        tensorflow.config.run_functions_eagerly(True)
        return traced.get_concrete_function(specification).graph
    finally:
        tensorflow.config.run_functions_eagerly(before)


def _values(tensor: Any) -> int:
    """Return how many values of the image a tensor holds."""
    if tensor.op.type in _WEIGHTS and not tensor.name.startswith("batch"):
        return 0
    return tensor.shape.num_elements() or 0


def _of_convolution(operation: Any) -> int:
    # Every output value sums over the kernel's window and the input channels of its group.
    output, kernel = operation.outputs[0], operation.inputs[1]
    return int(output.shape.num_elements() * math.prod(kernel.shape[:-1]))


def _of_depthwise(operation: Any) -> int:
    output, kernel = operation.outputs[0], operation.inputs[1]
    return int(output.shape.num_elements() * math.prod(kernel.shape[:2]))


def _of_transposed(operation: Any) -> int:
    # Every value that comes in is spread over the kernel's window and the output channels.
    incoming, kernel = operation.inputs[2], operation.inputs[1]
    return int(incoming.shape.num_elements() * math.prod(kernel.shape[:-1]))


def _of_product(operation: Any) -> int:
    transposed = operation.get_attr("transpose_a" if operation.type == "MatMul" else "adj_x")
    summed = operation.inputs[0].shape[-2 if transposed else -1]
    return int(operation.outputs[0].shape.num_elements() * summed)


def _of_einsum(operation: Any) -> int:
    subscripts = operation.get_attr("equation").decode().split("->")[0].split(",")
    lengths = {
        letter: length
        for letters, tensor in zip(subscripts, operation.inputs, strict=True)
        for letter, length in zip(letters, tensor.shape, strict=True)
    }
    return math.prod(lengths.values())


_MULTIPLY_ADDS: Mapping[str, Callable[[Any], int]] = {
    "Conv2D": _of_convolution,
    "Conv3D": _of_convolution,
    "DepthwiseConv2dNative": _of_depthwise,
    "Conv2DBackpropInput": _of_transposed,
    "MatMul": _of_product,
    "BatchMatMulV2": _of_product,
    "Einsum": _of_einsum,
}
