"""The scaling of pixels before a network as operations: what `preprocessing.preprocess` does."""

from __future__ import annotations

import numpy as np

from bioselect.backbones.per_channel import PerChannel
from bioselect.backbones.preprocessing import CAFFE_MEAN, TORCH_DEVIATION, TORCH_MEAN
from bioselect.bundle.export.graph import Graph


def scaled_pixels(graph: Graph, images: str, mode: str | PerChannel) -> str:
    """Return images in [0, 1], ``(n_images, height, width, n_channels)``, as a network wants them.

    The operations are those of `preprocess`, in their order, so that the bits are the same.
    """
    if isinstance(mode, PerChannel):
        apart = _each(graph, "Sub", images, mode.mean)
        return _each(graph, "Div", apart, mode.std)
    if mode == "unit":
        return images
    if mode == "caffe":
        images = graph.add("Gather", images, graph.constant(np.array([2, 1, 0])), axis=3)
    pixels = _each(graph, "Mul", images, 255)
    if mode == "tf":
        return _each(graph, "Sub", _each(graph, "Div", pixels, 127.5), 1)
    if mode == "torch":
        apart = _each(graph, "Sub", _each(graph, "Div", pixels, 255), TORCH_MEAN)
        return _each(graph, "Div", apart, TORCH_DEVIATION)
    return _each(graph, "Sub", pixels, CAFFE_MEAN) if mode == "caffe" else pixels


def _each(graph: Graph, kind: str, images: str, values: object) -> str:
    return graph.add(kind, images, graph.constant(np.array(values, dtype=np.float32)))
