"""Trees in ONNX go left and right where scikit-learn's do, also right at a border."""

import numpy as np
from sklearn.tree import DecisionTreeRegressor

from bioselect.bundle.export.graph import Graph
from bioselect.bundle.export.trees import tree


def test_neighbouring_numbers_are_still_divided(computed):
    """Between two neighbours of float32 lies a border that float32 rounds to one of them."""
    below = (16 + np.arange(40) / 7).astype(np.float32)
    above = np.nextafter(below, np.float32(np.inf))
    for one, other in zip(below, above, strict=True):
        rows = np.array([[one], [other]], dtype=np.float64)
        model = DecisionTreeRegressor().fit(rows, [0.0, 1.0])
        assert model.predict(rows).tolist() == [0.0, 1.0]
        graph = Graph()
        given = graph.input("rows", np.float64, [1])
        graph.output("said", tree(graph, model, given), [1], np.float64)
        assert computed(graph.model(), rows=rows)[0].ravel().tolist() == [0.0, 1.0]
