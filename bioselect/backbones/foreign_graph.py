"""From a model of another program to a network from one image to one row, as OpenVINO runs it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from bioselect.backbones.foreign_input import reason_of
from bioselect.backbones.model_kinds import NAME
from bioselect.backbones.model_options import CHANNELS_FIRST, CLS
from bioselect.backbones.openvino_import import import_openvino
from bioselect.backbones.sub_graphs import all_operations
from bioselect.exceptions import ComponentError

#: Operations whose rows would not be what they seem, and why.
_REFUSED = {
    "FakeQuantize": "computes with quantised numbers, differently on each processor",
    "FakeConvert": "computes with quantised numbers, differently on each processor",
    "RandomUniform": "draws random numbers, so that no image has a row of its own",
    "Multinomial": "draws random numbers, so that no image has a row of its own",
    "ReadValue": "remembers earlier images, so that a row depends on their order",
    "Assign": "remembers earlier images, so that a row depends on their order",
}
#: In which weights may be kept; others (i8, u4, f8e4m3, ...) are quantised.
_NUMBERS = ("f64", "f32", "f16", "bf16", "i64", "i32", "u64", "u32", "boolean")


def rows_network(
    network: Any, image_shape: tuple[int, int, int], layout: str, output: int, pooling: str | None,
    path: Path,
) -> Any:  # fmt: skip
    """Return the network from one image ``(1, height, width, n_channels)`` to one row.

    Parameters
    ----------
    network : openvino.Model
        As it was read; it is changed.
    image_shape : tuple of int
        (height, width, n_channels).
    layout : str
        In which order the model itself takes them.
    output : int
        The number of the output that is used.
    pooling : str or None
        How a map ``(height, width, n_channels)`` or a sequence ``(n_tokens, n_features)`` becomes a
        row. None averages maps, and is an error for sequences.
    path : Path
        What to call the model in an error.

    Raises
    ------
    ComponentError
        If the model does not take such images, or its output does not give a row for each.
    """
    operations = import_openvino().opset13
    height, width, n_channels = image_shape
    inside = (n_channels, height, width) if layout == CHANNELS_FIRST else image_shape
    taken = network.input(0)
    try:
        network.reshape({taken: [1, *inside]})
    except Exception as error:  # OpenVINO raises whatever a layer happens to cause.
        raise ComponentError(
            f"{NAME}: {path} must take images of {height} x {width} with {n_channels} "
            f"channel{'s' * (n_channels != 1)}. Got: {reason_of(error)}. Choose another "
            "params.input_size, params.layout, or export the model for that size."
        ) from error
    image = operations.parameter([1, *image_shape], np.float32)
    pixels = operations.transpose(image, [0, 3, 1, 2]) if layout == CHANNELS_FIRST else image
    for target in list(taken.get_node().output(0).get_target_inputs()):
        target.replace_source_output(pixels.output(0))
    given = network.output(output).get_node().input_value(0)
    row = _row(operations, given, image_shape, layout, pooling, path)
    # A name of its own: OpenVINO counts on, and the same model would give other bytes.
    made = import_openvino().Model([row], [image], "features")
    _refuse(made, path)
    return made


def _row(
    operations: Any, given: Any, image_shape: tuple[int, int, int], layout: str,
    pooling: str | None, path: Path,
) -> Any:  # fmt: skip
    """Return the operation that makes one float32 row ``(1, n_features)`` of an output."""
    shape = given.get_partial_shape()
    kind = given.get_element_type()
    if not shape.is_static or len(shape) not in (2, 3, 4) or shape[0].get_length() != 1:
        raise ComponentError(
            f"{NAME}: an output must be a row, a sequence of tokens or a map of fixed size for "
            f"each image. That of {path} is {shape}. Choose another with params.output, or export "
            "another."
        )
    if not kind.is_real():
        raise ComponentError(
            f"{NAME}: an output must hold numbers with a fraction. That of {path} holds "
            f"{kind.get_type_name()}. Choose another with params.output, or export another."
        )
    node = operations.convert(given, np.float32)  # f16 and f64 are rounded, f32 stays as it is.
    sides = [side.get_length() for side in shape][1:]
    if len(sides) == 3:
        if pooling == CLS:
            raise ComponentError(
                f"{NAME}: params.pooling cls is for sequences of tokens. {path} gives a map "
                f"{sides}. Choose avg, max, avg+max or flatten."
            )
        if _has_channels_first(sides, image_shape, layout, path):
            node = operations.transpose(node, [0, 2, 3, 1])
    elif len(sides) == 2 and pooling is None:
        raise ComponentError(
            f"{NAME}: params.pooling must be given, because {path} gives {sides[0]} tokens of "
            f"{sides[1]} numbers for each image. Write cls (the first one, the class token), avg, "
            "max, avg+max (over all tokens) or flatten."
        )
    return node if len(sides) == 1 else _POOLINGS[pooling or "avg"](operations, node)


def n_probabilities(network: Any) -> int | None:
    """Return how many probabilities a network of rows gives, None if it gives something else."""
    given = network.output(0).get_node().input_value(0)
    while given.get_node().get_type_name() == "Convert":
        given = given.get_node().input_value(0)
    if given.get_node().get_type_name() not in ("Softmax", "Sigmoid"):
        return None
    return int(given.get_partial_shape()[1].get_length())


def _has_channels_first(
    sides: list[int], image_shape: tuple[int, int, int], layout: str, path: Path
) -> bool:
    """Tell whether a map has its channels first: what is left must be a smaller image.

    Some models give maps in another order than they take images (Swin, models converted from
    TensorFlow). Where both orders are possible, the map has that of the images.
    """
    first = _is_smaller_image(sides[1:], image_shape)
    last = _is_smaller_image(sides[:2], image_shape)
    if not first and not last:
        raise ComponentError(
            f"{NAME}: an output with three axes must be a map of the image. That of {path} is "
            f"{sides} for images of {image_shape[0]} x {image_shape[1]}, which does not tell the "
            "axis of the channels. Choose another with params.output, or export rows."
        )
    return layout == CHANNELS_FIRST if first and last else first


def _is_smaller_image(sides: list[int], image_shape: tuple[int, int, int]) -> bool:
    """Tell whether (height, width) may be those of an image at a coarser step, the same both ways.

    Of a square image the map is square. Of others, padding and cut edges may change each side by
    one step.
    """
    (height, width), (whole_height, whole_width, _) = sides, image_shape
    if height > whole_height or width > whole_width:
        return False
    if whole_height == whole_width:
        return height == width
    step = max(whole_height / height, whole_width / width)
    return abs(height - whole_height / step) < 2 and abs(width - whole_width / step) < 2


def _axes(node: Any) -> list[int]:
    """Return the axes between the image and its channels: two of a map, one of a sequence."""
    return list(range(1, len(node.output(0).get_partial_shape()) - 1))


def _average(operations: Any, node: Any) -> Any:
    return operations.reduce_mean(node, _axes(node), keep_dims=False)


def _largest(operations: Any, node: Any) -> Any:
    return operations.reduce_max(node, _axes(node), keep_dims=False)


_POOLINGS: Mapping[str, Callable[[Any, Any], Any]] = {
    "avg": _average,
    "max": _largest,
    "avg+max": lambda operations, node: operations.concat(
        [_average(operations, node), _largest(operations, node)], 1
    ),
    "flatten": lambda operations, node: operations.reshape(node, [1, -1], special_zero=False),
    CLS: lambda operations, node: operations.gather(node, np.int64(0), np.int64(1)),
}


def _refuse(network: Any, path: Path) -> None:
    """Refuse what would give other rows on another machine, or another day."""
    for operation in all_operations(network):
        kind = operation.get_type_name()
        why = _REFUSED.get(kind)
        if kind == "Constant":
            numbers = operation.get_output_element_type(0).get_type_name()
            if numbers not in _NUMBERS and math.prod(operation.get_output_shape(0)) > 1:
                kind, why = f"{numbers} weights", "are quantised"
        if why:
            raise ComponentError(
                f"{NAME}: a model must compute the same float32 numbers everywhere. {path} has "
                f"{kind}, which {why}. Export it without."
            )
