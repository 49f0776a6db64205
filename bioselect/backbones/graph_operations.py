"""What a network costs for one image, counted in the graph that OpenVINO runs.

The same count as `counting` has for Keras: a multiply-add is two operations, in convolutions and
products of matrices only. What hides its work in another graph, or has no fixed size, costs
nobody knows what; it must not win as the cheapest.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

#: Parts of the names of operations with work of their own that is not counted here. "DFT" is in
#: RDFT, IDFT and IRDFT too.
_UNCOUNTED = ("Loop", "TensorIterator", "Sequence", "Cell", "Deformable", "DFT", "STFT",
              "Attention", "EmbeddingBag", "Binary", "MOE")  # fmt: skip


def operations_of(network: Any) -> float:
    """Count the operations of a network for one image; infinite where they cannot be known."""
    multiply_adds = 0
    for operation in network.get_ordered_ops():
        kind = operation.get_type_name()
        count = _MULTIPLY_ADDS.get(kind)
        if count is None:
            if kind == "If" or any(part in kind for part in _UNCOUNTED):
                return math.inf
            continue
        try:
            multiply_adds += count(operation)
        except RuntimeError:  # A shape that depends on the image.
            return math.inf
    return 2.0 * multiply_adds


def _shape(port: Any) -> list[int]:
    return [int(side) for side in port.get_shape()]


def _of_convolution(operation: Any) -> int:
    # Every output value sums over the kernel's window and the input channels of its group.
    return math.prod(_shape(operation.output(0))) * math.prod(_shape(operation.input(1))[1:])


def _of_grouped(operation: Any) -> int:
    return math.prod(_shape(operation.output(0))) * math.prod(_shape(operation.input(1))[2:])


def _of_transposed(operation: Any) -> int:
    # Every value that comes in is spread over the kernel's window and the output channels.
    return math.prod(_shape(operation.input(0))) * math.prod(_shape(operation.input(1))[1:])


def _of_transposed_grouped(operation: Any) -> int:
    return math.prod(_shape(operation.input(0))) * math.prod(_shape(operation.input(1))[2:])


def _of_product(operation: Any) -> int:
    left = _shape(operation.input(0))
    is_turned = operation.get_attributes()["transpose_a"] and len(left) > 1
    return math.prod(_shape(operation.output(0))) * left[-2 if is_turned else -1]


def _of_attention(operation: Any) -> int:
    # Each query meets each key, and the values are summed with what comes out.
    query, key, value = (_shape(operation.input(place)) for place in range(3))
    return math.prod(query[:-1]) * key[-2] * (query[-1] + value[-1])


def _of_einsum(operation: Any) -> int:
    equation = operation.get_attributes()["equation"].replace(" ", "")
    lengths: dict[str, int] = {}
    for place, letters in enumerate(equation.split("->")[0].split(",")):
        shape = _shape(operation.input(place))
        if len(letters) != len(shape):  # An ellipsis stands for any number of axes.
            raise RuntimeError(equation)
        lengths.update(zip(letters, shape, strict=True))
    return math.prod(lengths.values())


_MULTIPLY_ADDS: Mapping[str, Callable[[Any], int]] = {
    "Convolution": _of_convolution,
    "GroupConvolution": _of_grouped,
    "ConvolutionBackpropData": _of_transposed,
    "GroupConvolutionBackpropData": _of_transposed_grouped,
    "MatMul": _of_product,
    "ScaledDotProductAttention": _of_attention,
    "Einsum": _of_einsum,
}
