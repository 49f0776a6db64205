"""Graphs inside the graph of a network: the branches of an If, what a loop repeats."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def bodies_of(operation: Any) -> list[Any]:
    """Return the networks inside an operation of OpenVINO; most have none."""
    kind = operation.get_type_name()
    if kind == "If":
        return [operation.get_then_body(), operation.get_else_body()]
    # ONNX's Scan becomes a TensorIterator.
    return [operation.get_function()] if kind in ("Loop", "TensorIterator") else []


def all_operations(network: Any) -> Iterator[Any]:
    """Give every operation of a network in order, each followed by those inside it."""
    for operation in network.get_ordered_ops():
        yield operation
        for body in bodies_of(operation):
            yield from all_operations(body)
