"""Names in an ONNX graph that do not depend on what the program did before.

tf2onnx counts on from one network to the next. Here every value is numbered in the order in which
it is used, and constants are sorted by that, so that the same model gives the same bytes.
"""

from __future__ import annotations

from typing import Any


def number_names(graph: Any, kept: set[str] | None = None) -> None:
    """Give every value of a graph but those that are kept a number as its name; nodes lose theirs.

    Parameters
    ----------
    graph : onnx.GraphProto
        It is changed.
    kept : set of str, optional
        Names that stay; by default those of the inputs and outputs.
    """
    if kept is None:
        kept = {one.name for one in (*graph.input, *graph.output)}
    names = {name: name for name in (*kept, "")}
    _number(graph, names)
    ordered = sorted(graph.initializer, key=lambda one: int(one.name[1:]))
    del graph.initializer[:]
    graph.initializer.extend(ordered)


def _number(graph: Any, names: dict[str, str]) -> None:
    def numbered(name: str) -> str:
        return names.setdefault(name, f"v{len(names)}")

    for node in graph.node:
        node.name = ""
        node.input[:] = [numbered(name) for name in node.input]
        for attribute in node.attribute:
            for inner in (*([attribute.g] if attribute.HasField("g") else []), *attribute.graphs):
                _number(inner, names)
        node.output[:] = [numbered(name) for name in node.output]
    for one in (*graph.initializer, *graph.input, *graph.output):
        one.name = numbered(one.name)
    del graph.value_info[:]
