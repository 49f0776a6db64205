"""Small models of other programs, drawn with the packages that define their formats."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

#: (height, width, n_channels), nothing square, so that no two axes can be taken for each other.
SHAPE = (20, 28, 3)


def draw(n_images, shape=SHAPE, seed=0):
    return np.random.default_rng(seed).random((n_images, *shape)).astype(np.float32)


def _weights(name, *shape, seed=0, scale=0.3):
    values = np.random.default_rng(seed).normal(size=shape, scale=scale)
    return numpy_helper.from_array(values.astype(np.float32), name)


def _model(nodes, inputs, outputs, initializers, opset=17):
    graph = helper.make_graph(nodes, "drawn", inputs, outputs, initializers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])
    model.ir_version = 8
    if all(not node.domain for node in nodes):
        onnx.checker.check_model(model)
    return model


def _value(name, shape, kind=TensorProto.FLOAT):
    return helper.make_tensor_value_info(name, kind, shape)


def convolutional(sides=("n", 3, "h", "w"), *, n_channels=3, kind=TensorProto.FLOAT, extra=()):
    """Return a model with the outputs `maps` (n, 8, ...) and `row` (n, 5), channels first."""
    nodes = [
        helper.make_node("Conv", ["image", "W"], ["a"], strides=[2, 2], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["a"], ["b"]),
        helper.make_node("Conv", ["b", "G"], ["maps"], group=4, pads=[1, 1, 1, 1]),
        *extra,
        helper.make_node("GlobalAveragePool", ["maps"], ["p"]),
        helper.make_node("Flatten", ["p"], ["f"]),
        helper.make_node("Gemm", ["f", "D"], ["row"]),
    ]
    return _model(
        nodes,
        [_value("image", sides, kind)],
        [_value("maps", [None] * 4), _value("row", [None, 5])],
        [_weights("W", 8, n_channels, 3, 3), _weights("G", 8, 2, 3, 3, seed=1),
         _weights("D", 8, 5, seed=2)],
    )  # fmt: skip


def rows_only(model, output="row"):
    """Return a model with one of its outputs only."""
    kept = [value for value in model.graph.output if value.name == output]
    del model.graph.output[:]
    model.graph.output.extend(kept)
    return model


def transformer(sides=("n", "c", "h", "w"), width=12, patch=4):
    """Return a vision transformer of one block: `last_hidden_state` and `pooler_output`.

    Like an export of DINOv2 by Hugging Face's optimum, no axis of its input is fixed.
    """
    ints = {
        "tokens": [0, width, -1],
        "zero": [0],
        "one": [1],
    }
    nodes = [
        helper.make_node("Conv", ["pixel_values", "P"], ["e"], strides=[patch] * 2),
        helper.make_node("Reshape", ["e", "tokens"], ["t"]),
        helper.make_node("Transpose", ["t"], ["patches"], perm=[0, 2, 1]),
        helper.make_node("Concat", ["cls", "patches"], ["x"], axis=1),
        helper.make_node("LayerNormalization", ["x", "scale"], ["n"], axis=-1),
        helper.make_node("MatMul", ["n", "Q"], ["q"]),
        helper.make_node("MatMul", ["n", "K"], ["k"]),
        helper.make_node("MatMul", ["n", "V"], ["v"]),
        helper.make_node("Transpose", ["k"], ["kt"], perm=[0, 2, 1]),
        helper.make_node("MatMul", ["q", "kt"], ["qk"]),
        helper.make_node("Softmax", ["qk"], ["s"], axis=-1),
        helper.make_node("MatMul", ["s", "v"], ["o"]),
        helper.make_node("Add", ["x", "o"], ["last_hidden_state"]),
        helper.make_node("Gather", ["last_hidden_state", "first"], ["g"], axis=1),
        helper.make_node("Tanh", ["g"], ["pooler_output"]),
    ]
    constants = [numpy_helper.from_array(np.array(v, np.int64), k) for k, v in ints.items()]
    constants.append(numpy_helper.from_array(np.array(0, np.int64), "first"))
    return _model(
        nodes,
        [_value("pixel_values", sides)],
        [_value("last_hidden_state", [None, None, width]), _value("pooler_output", [None, width])],
        [
            *constants,
            _weights("P", width, 3, patch, patch),
            _weights("cls", 1, 1, width, seed=3),
            _weights("scale", width, seed=4),
            *(_weights(name, width, width, seed=place) for place, name in enumerate("QKV", 5)),
        ],
    )


def one_node(kind, sides=(1, 3, 20, 28), out=None, **attributes):
    """Return a model of one operation between image and output."""
    node = helper.make_node(kind, ["image"], ["out"], **attributes)
    return _model(
        [node], [_value("image", sides)], [_value("out", out or [None] * 4)], [], opset=17
    )


def with_graph_inside(kind, drawing="RandomUniformLike"):
    """Return a model that adds something to its row inside an If, a Loop or a Scan.

    `drawing` is the operation that makes what is added from the row.
    """
    added = [
        helper.make_node(drawing, ["before"], ["drawn"]),
        helper.make_node("Add", ["before", "drawn"], ["after"]),
    ]
    before, after = _value("before", [1, 3]), _value("after", [1, 3])
    constants = {}
    nodes = [
        helper.make_node("GlobalAveragePool", ["image"], ["p"]),
        helper.make_node("Flatten", ["p"], ["row"]),
    ]
    if kind == "If":
        added[0].input[0] = added[1].input[0] = "row"  # Branches see what is outside.
        constants["zero"] = np.array(0, np.float32)
        nodes += [
            helper.make_node("ReduceMax", ["row"], ["largest"], keepdims=0),
            helper.make_node("Less", ["zero", "largest"], ["positive"]),
        ]
        same = [helper.make_node("Identity", ["row"], ["same"])]
        bodies = {
            "then_branch": helper.make_graph(added, "then", [], [after]),
            "else_branch": helper.make_graph(same, "else", [], [_value("same", [1, 3])]),
        }
        nodes.append(helper.make_node("If", ["positive"], ["out"], **bodies))
    elif kind == "Loop":
        constants["times"], constants["always"] = np.array(2, np.int64), np.array(True)
        number, go, on = (
            _value(name, [], TensorProto.INT64 if name == "number" else TensorProto.BOOL)
            for name in ("number", "go", "on")
        )
        added.append(helper.make_node("Identity", ["go"], ["on"]))
        body = helper.make_graph(added, "body", [number, go, before], [on, after])
        nodes.append(helper.make_node("Loop", ["times", "always", "row"], ["out"], body=body))
    else:
        constants["steps"] = np.full((2, 1), 0.25, np.float32)
        # OpenVINO counts the steps by what is read of them.
        added.insert(1, helper.make_node("Add", ["drawn", "step"], ["more"]))
        added[2].input[1] = "more"
        body = helper.make_graph(added, "body", [before, _value("step", [1])], [after])
        nodes.append(
            helper.make_node("Scan", ["row", "steps"], ["out"], body=body, num_scan_inputs=1)
        )
    return _model(
        nodes,
        [_value("image", (1, 3, 20, 28))],
        [_value("out", [1, 3])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )


def quantised():
    """Return a convolution between QuantizeLinear and DequantizeLinear, as tools write it."""
    steps = [
        numpy_helper.from_array(np.array(0.02, np.float32), "step"),
        numpy_helper.from_array(np.array(0, np.uint8), "zero"),
    ]
    nodes = [
        helper.make_node("QuantizeLinear", ["image", "step", "zero"], ["q"]),
        helper.make_node("DequantizeLinear", ["q", "step", "zero"], ["d"]),
        helper.make_node("Conv", ["d", "W"], ["maps"]),
    ]
    return _model(
        nodes, [_value("image", (1, 3, 20, 28))], [_value("maps", [None] * 4)],
        [*steps, _weights("W", 8, 3, 3, 3)],
    )  # fmt: skip


def weights_in_int8():
    """Return a convolution whose weights alone are quantised."""
    weights = np.random.default_rng(0).integers(-90, 90, (8, 3, 3, 3)).astype(np.int8)
    constants = [
        numpy_helper.from_array(weights, "W8"),
        numpy_helper.from_array(np.array(0.01, np.float32), "step"),
    ]
    nodes = [
        helper.make_node("DequantizeLinear", ["W8", "step"], ["W"]),
        helper.make_node("Conv", ["image", "W"], ["maps"]),
    ]
    inputs, outputs = [_value("image", (1, 3, 20, 28))], [_value("maps", [None] * 4)]
    return _model(nodes, inputs, outputs, constants)


def saved(model, path):
    onnx.save(model, path)
    return str(path)


def reference(model, images, output="row"):
    """Return what the package onnx itself computes, with numpy, for images (n, h, w, c)."""
    name = model.graph.input[0].name
    evaluator = ReferenceEvaluator(model)
    rows = [
        evaluator.run([output], {name: image[np.newaxis].transpose(0, 3, 1, 2)})[0]
        for image in images
    ]
    return np.concatenate(rows)
