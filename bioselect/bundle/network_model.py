"""A trained network in a bundle: `network.keras`, and compiled where that gives the same numbers.

Compiled, it predicts without TensorFlow; Keras stays the reference and opens it everywhere.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bioselect.backbones.compiling import compile_model
from bioselect.backbones.engines import F32, OPENVINO, check_openvino, installed_version
from bioselect.backbones.keras_runner import FixedBatchRunner
from bioselect.backbones.openvino_runner import OpenVinoRunner
from bioselect.backbones.row import bounded_batch_size
from bioselect.bundle.manifest import NETWORK_FILE, NetworkPart
from bioselect.data.preparation import Reading, channels_asked
from bioselect.exceptions import BioselectError, BundleError, UnavailableError, UnreadableImageError
from bioselect.features.deep import NetworkFeatures
from bioselect.networks.trained import ReadyNetwork, load_network
from bioselect.storage import atomic_write_bytes

GRAPH_FILE = "network.xml"
WEIGHTS_FILE = "network.bin"
#: How far probabilities of the compiled network may be from those of Keras; of numbers, in standard
#: deviations of those that it learnt.
TOLERANCE = 1e-4
#: Images of noise, and of the training, on which both are compared.
N_TRIED = 8
#: Pixels are scaled inside the network.
MODE = "unit"


class NetworkModel(NetworkFeatures):
    """A trained network behind the face of an extractor: the row of an image are probabilities.

    So whatever streams images to extractors streams them to it.

    Parameters
    ----------
    runner : OpenVinoRunner or FixedBatchRunner
        What computes it.
    reading : Reading
        How pixels become numbers; it may choose channels.
    """

    def __init__(self, runner: OpenVinoRunner | FixedBatchRunner, reading: Reading) -> None:
        self.backbone = runner
        self.reading = reading

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """(height, width, n_channels) of the images that it takes."""
        shape: tuple[int, int, int] = self.backbone.image_shape
        return shape

    @property
    def input_size(self) -> tuple[int, int]:  # type: ignore[override]
        """(height, width) that images are resized to."""
        return self.image_shape[:2]

    @property
    def n_channels(self) -> int | None:  # type: ignore[override]
        """How many channels are asked for; None takes images as they are."""
        return channels_asked(self.image_shape[2], self.reading)

    @property
    def batch_size(self) -> int:  # type: ignore[override]
        """Images per call of `transform`; fewer of large ones, to bound memory."""
        return bounded_batch_size(math.prod(self.image_shape))

    @property
    def is_compiled(self) -> bool:
        """Whether it predicts without Keras."""
        return isinstance(self.backbone, OpenVinoRunner)

    def transform(self, images: Sequence[np.ndarray]) -> np.ndarray:
        """Return the probabilities, float32 ``(n_images, n_classes)``."""
        for image in images:
            if image.shape[2] != self.image_shape[2]:
                raise UnreadableImageError(
                    f"the network accepts images with {self.image_shape[2]} channels. Got "
                    f"{image.shape[2]}. Save the image with as many channels."
                )
        rows: np.ndarray = self.backbone.rows(images, MODE, self.n_jobs)
        return rows


def write_network(
    folder: Path,
    model: Any,
    image_shape: tuple[int, int, int],
    samples: Sequence[np.ndarray] = (),
) -> NetworkPart:
    """Write a trained Keras model into a bundle, compiled as well where that is as good.

    Parameters
    ----------
    folder : Path
        Of the bundle.
    model : keras.Model
        From pixels in [0, 1] to probabilities.
    image_shape : tuple of int
        (height, width, n_channels).
    samples : sequence of np.ndarray
        float32 images of that shape in [0, 1], of those that the network will see: on these, and on
        noise, the compiled network must say what Keras says. They are not written.

    Returns
    -------
    NetworkPart
        What the manifest says of it.
    """
    ReadyNetwork(model).save(folder / NETWORK_FILE)
    reason = _compiled_into(folder, model, image_shape, samples)
    return NetworkPart(input_size=list(image_shape), compiled=not reason, why_not=reason)


def read_network(folder: Path, part: NetworkPart, reading: Reading, where: Path) -> NetworkModel:
    """Open the network of a bundle; nothing in it is run but plain parts of Keras or OpenVINO.

    Raises
    ------
    BundleError
        If the file is damaged, or would run code of its own.
    """
    height, width, n_channels = part.input_size
    shape = (height, width, n_channels)
    if part.compiled:
        try:
            check_openvino("the model", F32)
            graph, weights = (
                (folder / GRAPH_FILE).read_bytes(),
                (folder / WEIGHTS_FILE).read_bytes(),
            )
            return NetworkModel(OpenVinoRunner(graph, weights, shape, F32), reading)
        except UnavailableError:
            why = "openvino is not installed"
        except OSError:
            raise
        except Exception as error:  # A version of OpenVINO that does not read it any more.
            reason = " ".join(str(error).split())[:200]
            why = f"it cannot be opened ({type(error).__name__}: {reason})"
        warnings.warn(
            f"the network of this model is computed by Keras, which starts slowly: compiled for "
            f"OpenVINO, {why}. `pip install openvino` makes it fast.",
            stacklevel=2,
        )
    try:
        model = load_network(folder / NETWORK_FILE).model
    except BioselectError as error:
        raise BundleError(f"{where}: {error}") from error
    return NetworkModel(_keras_runner(model, shape), reading)


def _keras_runner(model: Any, shape: tuple[int, int, int]) -> FixedBatchRunner:
    return FixedBatchRunner(model, shape, bounded_batch_size(math.prod(shape)))


def _compiled_into(
    folder: Path, model: Any, shape: tuple[int, int, int], samples: Sequence[np.ndarray]
) -> str:
    """Write the compiled files and return nothing, or why there are none."""
    if not installed_version(OPENVINO):
        return "openvino was not installed"
    try:
        graph, weights = compile_model(model, shape, MODE, "the network")
        compiled = OpenVinoRunner(graph, weights, shape, F32)
        noise = np.random.default_rng(0).random((N_TRIED, *shape)).astype(np.float32)
        # Noise alone may leave asleep what images wake, and end in one and the same class.
        images = [*noise, *samples]
        difference = np.abs(
            compiled.rows(images, MODE) - _keras_runner(model, shape).rows(images, MODE)
        )
    except BioselectError as error:
        return str(error)
    unit = ReadyNetwork(model).unit
    what = "probabilities" if unit is None else "numbers"
    largest = float(difference.max())
    if not largest <= TOLERANCE * (unit or 1.0):
        return f"its {what} differ from those of Keras by up to {largest:.2g}"
    atomic_write_bytes(folder / GRAPH_FILE, graph)
    atomic_write_bytes(folder / WEIGHTS_FILE, weights)
    return ""
