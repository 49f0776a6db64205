"""From a Keras model to the two files of OpenVINO, and the proof that they compute the same.

The model is traced for one image, its weights are frozen into the graph, and OpenVINO reads the
graph. The same model gives the same bytes, whatever was compiled before in the same program.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from bioselect.backbones.compiled_files import (
    GRAPH_FILE,
    WEIGHTS_FILE,
    CompiledFiles,
    write_network,
)
from bioselect.backbones.engines import F32
from bioselect.backbones.keras_import import full_precision, import_tensorflow
from bioselect.backbones.keras_runner import traced
from bioselect.backbones.openvino_import import import_openvino
from bioselect.backbones.openvino_runner import OpenVinoRunner
from bioselect.backbones.per_channel import PerChannel
from bioselect.backbones.preprocessing import preprocess
from bioselect.exceptions import ComponentError

#: How far the rows may be from those of Keras, as the length of the difference over their length.
TOLERANCE = 1e-4
#: So many times as far as Keras itself is from them when each pixel is rounded another way, as in
#: some deep networks; but never further than `MOST`. Where any rounding makes other rows
#: (efficientnet_v2_l with random weights) nobody can tell whether these are right.
ROUNDINGS = 100
MOST = 0.01
N_TRIED = 2
_REMEDY = "Write runtime: keras for it."


def compile_model(
    model: Any, image_shape: tuple[int, int, int], mode: str | PerChannel, name: str
) -> tuple[bytes, bytes]:
    """Return the graph (XML) and the weights of a model in OpenVINO's format.

    Parameters
    ----------
    model : keras.Model
        From images to rows.
    image_shape : tuple of int
        (height, width, n_channels).
    mode : str or PerChannel
        How pixels are scaled before, see `preprocessing.preprocess`.
    name : str
        What to call the network in an error.

    Raises
    ------
    ComponentError
        If OpenVINO does not know one of the model's operations, or computes other rows than Keras.
    """
    function = traced(model, (1, *image_shape))
    import_openvino()
    try:
        files = _converted(function)
        runner = OpenVinoRunner(*files, image_shape, F32)
    except (OSError, MemoryError):  # Of the disk or the machine, and not of the network.
        raise
    except Exception as error:  # OpenVINO raises whatever a layer happens to cause.
        reason = " ".join(str(error).split())
        raise ComponentError(
            f"{name}: OpenVINO must know every operation of the network. Got "
            f"{type(error).__name__}: {reason[:300]}. {_REMEDY}"
        ) from error
    _check_equal(function, runner, image_shape, mode, name)
    return files


def relative_difference(rows: np.ndarray, expected: np.ndarray) -> float:
    """Return the length of the difference over the length of what is expected.

    Examples
    --------
    >>> relative_difference(np.array([3.0, 4.0]), np.array([3.0, 5.0]))
    0.17149858514250882
    """
    difference = float(np.linalg.norm(rows.astype(np.float64) - expected))
    length = float(np.linalg.norm(expected.astype(np.float64)))
    return difference / length if length else difference


def _converted(function: Any) -> tuple[bytes, bytes]:
    import_tensorflow()
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    openvino = import_openvino()
    frozen = convert_variables_to_constants_v2(function)
    with tempfile.TemporaryDirectory() as temporary:
        graph = Path(temporary) / "graph.pb"
        graph.write_bytes(frozen.graph.as_graph_def().SerializeToString(deterministic=True))
        network = openvino.Core().read_model(graph)
        _keep_output(network, frozen.outputs[0].name)
        written = CompiledFiles(Path(temporary))
        write_network(network, written.place)
        # Before the folder goes, which the network has a hold of on some systems.
        del network
        return written.read(GRAPH_FILE), written.read(WEIGHTS_FILE)


def _keep_output(network: Any, name: str) -> None:
    """Remove every output but one: whatever nothing else reads becomes an output in OpenVINO."""
    for result in network.get_results():
        if name not in result.input_value(0).get_names():
            network.remove_result(result)
    if len(network.inputs) != 1 or len(network.outputs) != 1:
        raise ValueError(
            f"one input and one output are needed, not {len(network.inputs)} and "
            f"{len(network.outputs)}"
        )


def _check_equal(
    function: Any,
    runner: OpenVinoRunner,
    image_shape: tuple[int, int, int],
    mode: str | PerChannel,
    name: str,
) -> None:
    images = np.random.default_rng(0).random((N_TRIED, *image_shape)).astype(np.float32)
    pixels = preprocess(images, mode)
    expected = _keras_rows(function, pixels)
    difference = relative_difference(runner.rows(list(images), mode), expected)
    if difference <= TOLERANCE:
        return
    rounded = _keras_rows(function, np.nextafter(pixels, np.float32(np.inf)))
    if not difference <= min(ROUNDINGS * relative_difference(rounded, expected), MOST):
        raise ComponentError(
            f"{name}: OpenVINO must compute the rows of Keras, to {TOLERANCE:g} of their length. "
            f"Got a difference of {difference:.2g}. {_REMEDY}"
        )


def _keras_rows(function: Any, pixels: np.ndarray) -> np.ndarray:
    with full_precision() as tensorflow:
        rows = [function(tensorflow.constant(image[np.newaxis])).numpy() for image in pixels]
    return np.concatenate(rows)
