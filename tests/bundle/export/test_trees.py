"""Trees in ONNX go left and right where scikit-learn's do, also right at a border."""

import numpy as np
import onnxruntime
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.tree import DecisionTreeRegressor

from bioselect.bundle.export.graph import Graph
from bioselect.bundle.export.trees import forest, tree


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


def test_as_many_votes_for_one_class_as_for_the_other_are_a_tie_on_any_number_of_cores():
    """Each core adds up its own trees: in float32 a hundred hundredths are not one then."""
    random = np.random.default_rng(0)
    rows, new = (random.normal(size=(n_rows, 12)).astype(np.float32) for n_rows in (60, 1500))
    model = ExtraTreesClassifier(100, random_state=0).fit(rows, np.arange(60) % 2)
    graph = Graph()
    given = graph.input("rows", np.float64, [12])
    graph.output("said", forest(graph, model, given), [2], np.float64)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 8
    session = onnxruntime.InferenceSession(
        graph.model().SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    (said,) = session.run(None, {"rows": new.astype(np.float64)})
    votes = np.sum([one.predict(new) for one in model.estimators_], axis=0)
    tied = votes == 50
    assert tied.sum() > 20
    assert (said[:, 0] == said[:, 1]).tolist() == tied.tolist()
    assert said.argmax(axis=1).tolist() == model.predict(new).tolist()
