"""Which step an extractor learns, made anew anywhere, and what tells two of them apart."""

import pickle
import textwrap

import numpy as np
import pytest

from bioselect.data.intensities import Intensity
from bioselect.data.preparation import Reading
from bioselect.features.base import Extractor
from bioselect.features.keys import feature_key
from bioselect.features.learning import learning_of, step_of
from bioselect.registry import ComponentSpec, create

READING = Reading(Intensity("dtype"))
OWN_MODULE = '''
from sklearn.decomposition import PCA

class Pixels:
    """The first pixels, to be rotated."""
    def __init__(self, components=2, power=1.0):
        self.components = components
    def transform(self, images):
        return None
    def learnt_step(self, seed):
        return PCA(self.components, random_state=seed) if self.components else None
'''


def learning(name, params=None, widths=(10,), folder=None):
    spec = ComponentSpec.of(name, params)
    return learning_of(spec, create("extractor", spec, folder), widths, folder)


def rows_key(name, params=None, folder=None):
    spec = ComponentSpec.of(name, params)
    return feature_key(spec, create("extractor", spec, folder), READING, folder)


@pytest.fixture
def lab(tmp_path, request):
    """Write somebody's own module; return its name and folder."""
    name = f"lab_{abs(hash(request.node.name))}"
    (tmp_path / f"{name}.py").write_text(textwrap.dedent(OWN_MODULE))
    return f"{name}:Pixels", tmp_path


def test_most_extractors_learn_nothing():
    assert learning("intensity") is None
    assert learning("concat", {"extractors": ["intensity", "lbp"]}, (42, 162)) is None
    assert Extractor().learnt_step(0) is None
    assert Extractor.learnt_parameters == ()


def test_the_step_has_the_seed_and_the_parameters():
    made = learning("sift_bow", {"words": 30, "keypoints": 99})
    assert made.step(7).get_params() == {
        "descriptor": "sift",
        "n_descriptors": 99,
        "n_words": 30,
        "seed": 7,
    }
    assert made.step(7) is not made.step(7)


def test_somebodys_own_without_the_method(tmp_path):
    class Own:
        def transform(self, images):
            return np.zeros((len(images), 1), dtype=np.float32)

    assert step_of(Own(), [1], 0) is None


def test_it_can_be_sent_to_another_process_where_the_module_is_not_known(lab):
    name, folder = lab
    made = learning(name, {"components": 3}, folder=folder)
    sent = pickle.loads(pickle.dumps(made))
    assert sent == made
    assert sent.step(5).get_params()["n_components"] == 3
    assert sent.step(5).get_params()["random_state"] == 5
    assert learning(name, {"components": 0}, folder=folder) is None


def test_parts_learn_from_their_own_columns():
    made = learning(
        "concat",
        {"extractors": ["intensity", {"name": "orb_bow", "params": {"keypoints": 8}}]},
        (3, 89),
    )
    random = np.random.default_rng(0)
    rows = random.random((20, 92)).astype(np.float32)
    rows[:, 3] = 8
    rows[:, 4:] = random.integers(0, 2**24, (20, 88))
    step = made.step(0)
    found = step.fit(rows).transform(rows)
    np.testing.assert_array_equal(found[:, :3], rows[:, :3])
    alone = create("extractor", ComponentSpec.of("orb_bow", {"keypoints": 8})).learnt_step(0)
    np.testing.assert_array_equal(found[:, 3:], alone.fit_transform(rows[:, 3:]))


def test_keys_of_steps_differ_by_what_matters():
    first = learning("sift_bow").key
    assert learning("sift_bow", {"words": 200}).key == first  # the default, written out
    others = [
        learning("sift_bow", {"words": 201}).key,
        learning("orb_bow").key,
        learning("concat", {"extractors": ["intensity", "sift_bow"]}, (42, 10)).key,
        learning("concat", {"extractors": ["intensity", "sift_bow"]}, (32, 20)).key,
    ]
    assert len({first, *others}) == 5
    base = {"extractors": ["hu_moments", "sift_bow"]}
    # What is beside it changes the rows, and they have a key of their own.
    assert learning("concat", base, (42, 10)).key == others[2]


def test_a_new_version_is_another_step(monkeypatch):
    from dataclasses import replace

    from bioselect.features.builtin import EXTRACTORS

    before = learning("sift_bow").key
    row = replace(EXTRACTORS["sift_bow"], version=2)
    monkeypatch.setattr(
        "bioselect.registry.builtin_rows", lambda kind: {**EXTRACTORS, "sift_bow": row}
    )
    assert learning("sift_bow").key != before


def test_keys_of_rows_do_not_depend_on_the_words():
    for name in ("sift_bow", "orb_bow"):
        first = rows_key(name)
        assert rows_key(name, {"words": 33}) == first
        assert rows_key(name, {"keypoints": 33}) != first
        assert rows_key(name, {"range": "unit"}) != first
        parts = [
            {"extractors": ["intensity", {"name": name, "params": p}]}
            for p in ({"words": 9}, {"words": 10}, {"keypoints": 50})
        ]
        keys = [rows_key("concat", part) for part in parts]
        assert keys[0] == keys[1] != keys[2]


def test_of_somebodys_own_every_parameter_counts(lab):
    name, folder = lab
    keys = [learning(name, params, folder=folder).key for params in ({}, {"power": 2.0})]
    assert keys[0] != keys[1]
    assert rows_key(name, {"components": 3}, folder) != rows_key(name, {}, folder)
    source = folder / f"{name.split(':')[0]}.py"
    source.write_text(source.read_text() + "\n# edited\n")
    assert learning(name, folder=folder).key != keys[0]
