"""Pixels are scaled in a graph as they are before a network."""

import numpy as np
import pytest

from bioselect.backbones.per_channel import PerChannel
from bioselect.backbones.preprocessing import MODES, preprocess
from bioselect.bundle.export.graph import Graph
from bioselect.bundle.export.pixels import scaled_pixels

MEAN_AND_STD = PerChannel((0.5, 0.25, 0.0), (0.5, 0.3, 0.7))


@pytest.mark.parametrize("mode", [*MODES, MEAN_AND_STD], ids=str)
def test_every_mode_to_the_bit(mode, computed):
    images = np.random.default_rng(0).random((2, 3, 4, 3)).astype(np.float32)
    graph = Graph()
    given = graph.input("image", np.float32, [3, 4, 3])
    graph.output("pixels", scaled_pixels(graph, given, mode), [3, 4, 3])
    (got,) = computed(graph.model(), image=images)
    assert got.tobytes() == preprocess(images, mode).tobytes()
