"""Networks that differ in where they end only, as one network with several rows an image.

Compiled networks hold their operations and weights in full, so what they have in common is found
by comparing: the same operation on the same inputs is the same value. Everything up to the layer
is then computed once. Neither Keras nor TensorFlow is needed, and nothing is kept on disk.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from bioselect.backbones.network import Network
from bioselect.backbones.openvino_import import import_openvino
from bioselect.backbones.openvino_runner import RequestRunner
from bioselect.backbones.sub_graphs import bodies_of

#: Images whose rows are compared before a joined network is used.
N_TRIED = 2


class JoinedNetwork:
    """Some networks of one trunk, computed together.

    Parameters
    ----------
    networks : sequence of Network
        With the same `trunk`.
    """

    def __init__(self, networks: Sequence[Network]) -> None:
        self.networks = list(networks)
        self.mode = networks[0].mode
        self.image_shape = networks[0].image_shape
        network = joined([one.read() for one in networks])
        self.runner = RequestRunner(network, self.image_shape, networks[0].engine.precision)

    def rows(self, images: Sequence[np.ndarray], n_jobs: int | None = None) -> list[np.ndarray]:
        """Return float32 ``(n_images, n_features)`` for each network; see `Network.rows`."""
        return self.runner.rows_of_outputs(images, self.mode, n_jobs)

    def faithful(self) -> list[bool]:
        """Tell for each network whether it gives the bits that it gives alone, tried on noise.

        OpenVINO chooses how to compute an operation by what surrounds it: where a layer is looked
        at that is otherwise merged with the next, the layers after it are computed another way.
        Any other way changes some bits of nearly every row.
        """
        random = np.random.default_rng(0)
        images = list(random.random((N_TRIED, *self.image_shape)).astype(np.float32))
        pairs = zip(self.networks, self.rows(images), strict=True)
        return [np.array_equal(one.rows(images), rows) for one, rows in pairs]


def join_networks(networks: Sequence[Network]) -> list[JoinedNetwork]:
    """Return joined networks that give the bits of each network alone; some may be in none.

    Where all together would not, those that stay as they are and the others are joined apart.
    """
    if len(networks) < 2:
        return []
    whole = JoinedNetwork(networks)
    faithful = whole.faithful()
    if all(faithful):
        return [whole]
    if not any(faithful):
        return []
    pairs = list(zip(networks, faithful, strict=True))
    return [
        joined_network
        for kind in (True, False)
        for joined_network in join_networks([one for one, stays in pairs if stays == kind])
    ]


def joined(networks: Sequence[Any]) -> Any:
    """Return one network with the outputs of all; what they have in common is there once.

    Parameters
    ----------
    networks : sequence of openvino.Model
        Each with one input and one output. They are used up.
    """
    #: Of every operation that is in the whole: the outputs, and a number for each.
    known: dict[tuple[Any, ...], list[_Output]] = {}
    ends = [_added(network, known) for network in networks]
    openvino = import_openvino()
    opset = openvino.opset13
    return openvino.Model([opset.result(end) for end in ends], networks[0].get_parameters(), "all")


#: An output of an operation, and the number by which equal ones are known.
_Output = tuple[Any, tuple[int, int]]


def _added(network: Any, known: dict[tuple[Any, ...], list[_Output]]) -> Any:
    """Add what is new in a network to what is known; return where its rows come out."""
    here: dict[tuple[str, int], _Output] = {}
    for operation in network.get_ordered_ops():
        sources = [here[_name(value)] for value in operation.input_values()]
        if operation.get_type_name() == "Result":
            return sources[0][0]
        content = (_content(operation), *(number for _, number in sources))
        if content not in known:
            for place, (output, _) in zip(operation.inputs(), sources, strict=True):
                place.replace_source_output(output)
            number = len(known)
            outputs = enumerate(operation.outputs())
            known[content] = [(output, (number, index)) for index, output in outputs]
        for index, output in enumerate(known[content]):
            here[operation.get_friendly_name(), index] = output
    raise ValueError("a network without an output")


def _name(value: Any) -> tuple[str, int]:
    """Name an output within its own network."""
    return value.get_node().get_friendly_name(), value.get_index()


def _content(operation: Any) -> tuple[Any, ...]:
    """Return what tells an operation from others, but for its inputs."""
    kind = operation.get_type_name()
    if kind == "Constant":
        data = np.ascontiguousarray(operation.data)
        return kind, str(operation.get_element_type()), data.shape, _digest(data)
    if bodies_of(operation):
        return kind, object()  # Like no other: its work is not in its attributes.
    version = str(operation.get_type_info())
    attributes = sorted((name, str(value)) for name, value in operation.get_attributes().items())
    return kind, version, tuple(attributes)


def _digest(data: np.ndarray) -> bytes:
    return hashlib.sha256(data.reshape(-1).view(np.uint8).data).digest()
