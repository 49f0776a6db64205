"""Images through a compiled network: one image a request, one thread a request, all cores.

How many threads share an image decides the last bits of its row in some operations, and so does
what else is in its batch. Here every image is alone in its request and every request has one
thread, so a row is the same whatever the number of cores. On a processor this is also as fast as
anything else: larger batches, or several threads an image, were no faster.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from bioselect.backbones.openvino_import import import_openvino
from bioselect.backbones.per_channel import PerChannel
from bioselect.backbones.preprocessing import check_shapes, preprocess
from bioselect.execution import resolve_jobs


class RequestRunner:
    """Runs a network that OpenVINO has read, with any number of outputs, on any number of images.

    Parameters
    ----------
    network : openvino.Model
        From one image ``(1, height, width, n_channels)`` to one or more rows ``(1, n_features)``.
    image_shape : tuple of int
        (height, width, n_channels).
    precision : str
        "f32" or "bf16".
    """

    def __init__(self, network: Any, image_shape: tuple[int, int, int], precision: str) -> None:
        self.image_shape = image_shape
        self._compiled, self.n_streams = _compile(import_openvino().Core(), network, precision)
        self.widths = [int(output.shape[-1]) for output in network.outputs]
        self._queues: dict[int, Any] = {}

    def rows_of_outputs(
        self, images: Sequence[np.ndarray], mode: str | PerChannel, n_jobs: int | None = None
    ) -> list[np.ndarray]:
        """Return float32 ``(n_images, n_features)`` of each output, for float32 images in [0, 1].

        Parameters
        ----------
        images : sequence of np.ndarray
            Each ``(height, width, n_channels)``, left as they are.
        mode : str or PerChannel
            How pixels are scaled before, see `preprocessing.preprocess`.
        n_jobs : int, optional
            How many images are computed at a time, each by one core; all cores by default.
        """
        check_shapes(images, self.image_shape)
        rows = [np.empty((len(images), width), dtype=np.float32) for width in self.widths]

        def keep(request: Any, place: int) -> None:
            for number, one in enumerate(rows):
                one[place] = request.get_output_tensor(number).data[0]

        queue = self._queue(min(n_jobs or self.n_streams, self.n_streams))
        queue.set_callback(keep)
        for place, image in enumerate(images):
            # Scaled one by one, into the memory of the request that takes it: while this image is,
            # those before it are computed.
            request = queue[queue.get_idle_request_id()]
            preprocess(image[np.newaxis], mode, out=request.get_input_tensor().data)
            queue.start_async(userdata=place)
        queue.wait_all()
        return rows

    def _queue(self, n_requests: int) -> Any:
        """Return a queue with so many requests under way: so many cores are busy, and no more."""
        if n_requests not in self._queues:
            openvino = import_openvino()
            self._queues[n_requests] = openvino.AsyncInferQueue(self._compiled, n_requests)
        return self._queues[n_requests]


class OpenVinoRunner(RequestRunner):
    """Runs a compiled network, with one output.

    Parameters
    ----------
    graph, weights : bytes
        The two files of a network in OpenVINO's format.
    image_shape, precision
        As for :class:`RequestRunner`.
    """

    def __init__(
        self, graph: bytes, weights: bytes, image_shape: tuple[int, int, int], precision: str
    ) -> None:
        super().__init__(read_network(graph, weights), image_shape, precision)

    def rows(
        self, images: Sequence[np.ndarray], mode: str | PerChannel, n_jobs: int | None = None
    ) -> np.ndarray:
        """Return float32 ``(n_images, n_features)``; see :meth:`rows_of_outputs`."""
        return self.rows_of_outputs(images, mode, n_jobs)[0]


def read_network(graph: bytes, weights: bytes) -> Any:
    """Return a network as OpenVINO reads it from the contents of its two files."""
    return import_openvino().Core().read_model(model=graph, weights=weights)


def _compile(core: Any, network: Any, precision: str) -> tuple[Any, int]:
    """Return the network compiled for streams of one thread, and how many streams there are."""
    for n_streams in (resolve_jobs(None), 1):
        compiled = core.compile_model(network, "CPU", _properties(precision, n_streams))
        n_made = int(compiled.get_property("NUM_STREAMS"))
        if n_made == int(compiled.get_property("INFERENCE_NUM_THREADS")):
            break
    # Otherwise OpenVINO has its own mind about this processor; one stream of one thread it is.
    return compiled, n_made


def _properties(precision: str, n_streams: int) -> Mapping[str, Any]:
    return {
        # Always said: left to itself, OpenVINO takes bf16 where the processor has it.
        "INFERENCE_PRECISION_HINT": precision,
        "NUM_STREAMS": n_streams,
        "INFERENCE_NUM_THREADS": n_streams,
        # Two programs at once would otherwise be tied to the same cores.
        "ENABLE_CPU_PINNING": False,
    }
