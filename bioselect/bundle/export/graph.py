"""An ONNX graph while it grows: constants, nodes, other graphs inside it.

A value is known by its name. Names are counted, so that the same model gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from bioselect.bundle.export.numbering import number_names
from bioselect.bundle.export.packages import needed
from bioselect.exceptions import ComponentError
from bioselect.storage import BYTES_PER_GIGABYTE

#: Operators of ONNX 1.12 (2022): older readers know them too.
OPSET, ML_OPSET, IR_VERSION = 17, 3, 8
ML = "ai.onnx.ml"
#: What one file of Protocol Buffers, which an ONNX file is, may hold.
MOST_BYTES = 2**31 - 1
#: How many images there are is open in every graph.
N_IMAGES = "n_images"


class Graph:
    """Nodes in the order in which they were added, each computed from those before.

    Examples
    --------
    >>> graph = Graph()
    >>> rows = graph.input("rows", np.float32, [2])
    >>> graph.output("doubled", graph.add("Mul", rows, graph.constant(np.float32(2))), [2])
    >>> [node.op_type for node in graph.model().graph.node]
    ['Mul', 'Identity']
    """

    def __init__(self) -> None:
        self.onnx = needed("onnx")
        self.helper = needed("onnx.helper")
        self._nodes: list[Any] = []
        self._constants: list[Any] = []
        self._inputs: list[Any] = []
        self._outputs: list[Any] = []
        self._n_names = 0

    def input(self, name: str, kind: Any, shape: Sequence[int]) -> str:
        """Add what is given to the model, for any number of images of one shape."""
        self._inputs.append(self._described(name, kind, shape))
        return name

    def output(self, name: str, value: str, shape: Sequence[int], kind: Any = np.float32) -> None:
        """Add what the model gives; `kind` is what `value` has."""
        self._nodes.append(self.helper.make_node("Identity", [value], [name]))
        self._outputs.append(self._described(name, kind, shape))

    def constant(self, values: Any) -> str:
        """Return the name of numbers that never change."""
        name = self._name("c")
        array = np.ascontiguousarray(values)
        # A single number would otherwise become a list of one.
        array = array.reshape(np.shape(values))
        self._constants.append(needed("onnx.numpy_helper").from_array(array, name))
        return name

    def add(self, kind: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        """Add an operation with one result and return its name."""
        return self.add_several(kind, 1, *inputs, domain=domain, **attributes)[0]

    def add_several(
        self, kind: str, n_results: int, *inputs: str, domain: str = "", **attributes: Any
    ) -> list[str]:
        """Add an operation and return the names of its results."""
        names = [self._name("v") for _ in range(n_results)]
        self._nodes.append(
            self.helper.make_node(kind, list(inputs), names, domain=domain, **attributes)
        )
        return names

    def cast(self, value: str, kind: Any) -> str:
        """Add a change of the kind of numbers."""
        return self.add("Cast", value, to=self._kind(kind))

    def inside(self, model: Any, inputs: Mapping[str, str]) -> list[str]:
        """Add the graph of another model; return the names of what it gives.

        Parameters
        ----------
        model : onnx.ModelProto
            Of the operators that this graph may use.
        inputs : mapping
            The model's own names of what it takes -> values of this graph.
        """
        prefix = self._name("g") + "_"
        graph = needed("onnx.compose").add_prefix(model, prefix).graph
        for name, value in inputs.items():
            self._nodes.append(self.helper.make_node("Identity", [value], [prefix + name]))
        self._nodes.extend(graph.node)
        self._constants.extend(graph.initializer)
        return [output.name for output in graph.output]

    def model(self, words: str = "", facts: Mapping[str, str] | None = None) -> Any:
        """Return the whole as an `onnx.ModelProto`, checked.

        Parameters
        ----------
        words : str
            What a person should know of it.
        facts : mapping, optional
            The same for programs.
        """
        graph = self.helper.make_graph(
            self._nodes, "bioselect", self._inputs, self._outputs, self._constants
        )
        _check_size(self._constants)
        number_names(graph)
        opsets = [
            self.helper.make_opsetid("", OPSET),
            self.helper.make_opsetid(ML, ML_OPSET),
        ]
        model = self.helper.make_model(
            graph,
            opset_imports=opsets,
            ir_version=IR_VERSION,
            producer_name="bioselect",
            doc_string=words,
        )
        self.helper.set_model_props(model, dict(facts or {}))
        self.onnx.checker.check_model(model)
        return model

    def _described(self, name: str, kind: Any, shape: Sequence[int]) -> Any:
        return self.helper.make_tensor_value_info(name, self._kind(kind), [N_IMAGES, *shape])

    def _kind(self, kind: Any) -> int:
        return int(self.helper.np_dtype_to_tensor_dtype(np.dtype(kind)))

    def _name(self, letter: str) -> str:
        self._n_names += 1
        return f"{letter}{self._n_names}"


def _check_size(constants: Sequence[Any]) -> None:
    n_bytes = sum(len(one.raw_data) for one in constants)
    if n_bytes > MOST_BYTES:
        raise ComponentError(
            f"export: an ONNX file holds at most {MOST_BYTES / BYTES_PER_GIGABYTE:.2g} GB. Got "
            f"{n_bytes / BYTES_PER_GIGABYTE:.2g} GB of weights and training rows. Export a smaller "
            "network, or an estimator that keeps no training rows (no knn, svm, "
            "gaussian_process), or go on predicting with bioselect."
        )
