"""A graph while it grows."""

import numpy as np
import pytest

from bioselect.bundle.export import graph as module
from bioselect.bundle.export.graph import Graph
from bioselect.exceptions import ComponentError


def test_more_than_a_file_holds_is_refused(monkeypatch):
    graph = Graph()
    rows = graph.input("rows", np.float64, [50])
    graph.output("sums", graph.add("MatMul", rows, graph.constant(np.ones((50, 5)))), [5])
    monkeypatch.setattr(module, "MOST_BYTES", 2000)
    graph.model()
    monkeypatch.setattr(module, "MOST_BYTES", 1999)
    with pytest.raises(ComponentError, match=r"holds at most .* GB\. Got 2e-06 GB of weights"):
        graph.model()
