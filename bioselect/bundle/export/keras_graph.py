"""A Keras network as an ONNX model: weights frozen into the graph, then translated by tf2onnx."""

from __future__ import annotations

from typing import Any

import numpy as np

from bioselect.backbones.keras_import import full_precision, import_tensorflow
from bioselect.bundle.export.graph import OPSET
from bioselect.bundle.export.packages import needed, quiet
from bioselect.exceptions import ComponentError

#: By which TensorFlow keeps a function in one piece.
_OF_XLA = ("_XlaMustCompile", "_noinline")


def onnx_of_keras(model: Any, image_shape: tuple[int, int, int], name: str) -> Any:
    """Return an `onnx.ModelProto` that computes what a Keras model does in prediction.

    Parameters
    ----------
    model : keras.Model
        With one input and one output.
    image_shape : tuple of int
        (height, width, n_channels); how many images there are stays open.
    name : str
        What to call the network in an error.

    Raises
    ------
    ComponentError
        If there is no translation for one of its operations.
    """
    import_tensorflow()  # Before tf2onnx does it, and loudly.
    converter = needed("tf2onnx")
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    with full_precision() as tensorflow, quiet("tf2onnx", "tensorflow"):
        signature = tensorflow.TensorSpec((None, *image_shape), tensorflow.float32, name="image")
        function = tensorflow.function(
            lambda image: model(image, training=False), [signature], autograph=False
        ).get_concrete_function()
        # As constants, also what Keras keeps apart (the means and variances of a normalisation),
        # which would otherwise have to be given with every image.
        frozen = convert_variables_to_constants_v2(function)
        try:
            translated, _ = converter.convert.from_graph_def(
                _in_one_piece(frozen.graph.as_graph_def()),
                input_names=[frozen.inputs[0].name],
                output_names=[frozen.outputs[0].name],
                opset=OPSET,
            )
            _write_out_erfc(translated.graph)
            # What else tf2onnx does not know it leaves as it is.
            needed("onnx.checker").check_model(translated)
        except (OSError, MemoryError):
            raise
        except Exception as error:  # tf2onnx raises whatever a layer happens to cause.
            reason = " ".join(str(error).split())
            raise ComponentError(
                f"{name}: tf2onnx must know every operation of the network. Got "
                f"{type(error).__name__}: {reason[:300]}. It cannot be written as ONNX."
            ) from error
    if len(translated.graph.input) != 1:
        given = ", ".join(one.name for one in translated.graph.input)
        raise ComponentError(
            f"{name}: the ONNX graph must take images alone. Got {given}. It cannot be written as "
            "ONNX."
        )
    return translated


def _in_one_piece(graph: Any) -> Any:
    """Let functions be written out where they are called, which those for XLA are not.

    Keras has grouped convolutions (those of ConvNeXt) computed by such functions.
    """
    for function in graph.library.function:
        for mark in _OF_XLA:
            function.attr.pop(mark, None)
    for node in graph.node:
        for mark in _OF_XLA:
            node.attr.pop(mark, None)
    return graph


def _write_out_erfc(graph: Any) -> None:
    """Put 1 - erf in the place of erfc, of which Keras makes its `gelu` and ONNX knows nothing."""
    helper, numpy_helper = needed("onnx.helper"), needed("onnx.numpy_helper")
    nodes = []
    for node in graph.node:
        if node.op_type != "Erfc":
            nodes.append(node)
            continue
        (source,), (result,) = node.input, node.output
        nodes.append(helper.make_node("Erf", [source], [f"{result}_erf"]))
        nodes.append(helper.make_node("Sub", [f"{result}_one", f"{result}_erf"], [result]))
        one = numpy_helper.from_array(np.array(1.0, dtype=np.float32), f"{result}_one")
        graph.initializer.append(one)
    del graph.node[:]
    graph.node.extend(nodes)
