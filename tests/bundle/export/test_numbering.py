"""The same graph has the same names, whatever it was called before."""

import numpy as np
from onnx import TensorProto, helper, numpy_helper
from onnx.checker import check_model
from onnx.reference import ReferenceEvaluator

from bioselect.bundle.export.numbering import number_names


def graph_of(prefix, turned=False):
    """Return a graph that adds 1 and, in a branch, takes 2 from it where the sum is positive."""
    one, two, zero, middle, test, added = (f"{prefix}{number}" for number in range(6))

    def branch(name, kind):
        node = helper.make_node(kind, [middle, two], [f"{name}_out"], name=f"{name}_node")
        out = helper.make_tensor_value_info(f"{name}_out", TensorProto.DOUBLE, [])
        return helper.make_graph([node], name, [], [out])

    nodes = [
        helper.make_node("Add", ["x", one], [middle], name=f"{prefix}_add"),
        helper.make_node("Greater", [middle, zero], [test], name=f"{prefix}_greater"),
        helper.make_node(
            "If",
            [test],
            [added],
            then_branch=branch(f"{prefix}then", "Sub"),
            else_branch=branch(f"{prefix}else", "Mul"),
        ),
        helper.make_node("Identity", [added], ["y"]),
    ]
    constants = [
        numpy_helper.from_array(np.array(value), name)
        for name, value in ((one, 1.0), (two, 2.0), (zero, 0.0))
    ]
    inputs = [helper.make_tensor_value_info("x", TensorProto.DOUBLE, [])]
    outputs = [helper.make_tensor_value_info("y", TensorProto.DOUBLE, [])]
    values = [helper.make_tensor_value_info(middle, TensorProto.DOUBLE, [])]
    constants = constants[::-1] if turned else constants
    return helper.make_graph(
        nodes, "graph", inputs, outputs, initializer=constants, value_info=values
    )


def test_names_do_not_tell_what_ran_before_and_the_graph_computes_the_same():
    first, second = graph_of("n17_"), graph_of("n4_", turned=True)
    assert first.SerializeToString() != second.SerializeToString()
    for graph in (first, second):
        for branch in graph.node[2].attribute:
            branch.g.name = branch.name
        number_names(graph)
    assert first.SerializeToString() == second.SerializeToString()
    assert (first.input[0].name, first.output[0].name) == ("x", "y")
    model = helper.make_model(first, opset_imports=[helper.make_opsetid("", 17)])
    check_model(model)
    # 3 + 1 = 4 is above 0: 4 - 2. And -4 + 1 = -3 is not: -3 * 2.
    evaluator = ReferenceEvaluator(model)
    assert [float(evaluator.run(None, {"x": np.array(x)})[0]) for x in (3.0, -4.0)] == [2.0, -6.0]


def test_names_that_are_kept_stay():
    graph = graph_of("n_")
    number_names(graph, {"x", "y", "n_3"})
    assert list(graph.node[0].output) == ["n_3"]
    assert graph.node[0].input[0] == "x"
    assert {node.name for node in graph.node} == {""}
    assert len(graph.value_info) == 0
