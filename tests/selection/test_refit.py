import numpy as np
import pytest

from bioselect.estimators.responses import class_probabilities, probability_source
from bioselect.features.learning import learning_of
from bioselect.features.visual_words.packing import packed
from bioselect.registry import ComponentSpec, create
from bioselect.selection.candidates import Candidate
from bioselect.selection.fitting import derived_seed
from bioselect.selection.refit import refit


def data(n_images=60):
    labels = np.arange(n_images) % 3
    rows = np.random.default_rng(0).normal(size=(n_images, 6)) + labels[:, None]
    return rows.astype(np.float32), labels, np.arange(n_images)


def candidate(name, params=None, search=None):
    return Candidate(ComponentSpec("hog"), ComponentSpec.of(name, params, search))


def test_trains_on_every_image():
    rows, labels, units = data()
    estimator, chosen = refit(candidate("naive_bayes"), rows, labels, units, 0, "accuracy")
    assert chosen == {}
    model = estimator[-1] if hasattr(estimator, "steps") else estimator
    assert model.class_count_.tolist() == [20, 20, 20]


def test_same_seed_gives_the_same_model_and_another_seed_another():
    rows, labels, units = data()
    probabilities = [
        refit(candidate("random_forest"), rows, labels, units, seed, "accuracy")[0]
        .predict_proba(rows.astype(np.float64))
        .tobytes()
        for seed in (0, 0, 1)
    ]
    assert probabilities[0] == probabilities[1] != probabilities[2]


def test_a_search_is_done_anew_on_all_images():
    rows, labels, units = data()
    searched = candidate("knn", search={"n_neighbors": [3, 39]})
    # 39 of the 40 images of an inner fold vote: nearly always the commonest class, a guess.
    _, chosen = refit(searched, rows, labels, units, 0, "balanced_accuracy")
    assert chosen == {"n_neighbors": 3}


def test_runs_with_one_thread(tmp_path, several_threads):
    (tmp_path / "own_threads.py").write_text(
        "from sklearn.naive_bayes import GaussianNB\n"
        "from threadpoolctl import threadpool_info\n"
        "class Threads(GaussianNB):\n"
        "    def fit(self, X, y):\n"
        "        self.n_threads_ = {pool['num_threads'] for pool in threadpool_info()}\n"
        "        self.dtype_ = str(X.dtype)\n"
        "        return super().fit(X, y)\n"
    )
    own = candidate("own_threads:Threads")
    estimator, _ = refit(own, *data(), 0, "accuracy", tmp_path)
    assert estimator.n_threads_ == {1}
    assert estimator.dtype_ == "float64"


def test_an_error_is_raised():
    rows, labels, units = data()
    rows[3, 2] = np.nan
    with pytest.raises(ValueError, match="NaN"):
        refit(candidate("svm"), rows, labels, units, 0, "accuracy")


OWN_MODULE = """
import numpy as np

class Plain:
    '''Nothing of scikit-learn, and no probabilities.'''
    def fit(self, X, y):
        self.means = np.array([X[y == place].mean(axis=0) for place in np.unique(y)])
        return self
    def predict(self, X):
        return np.argmin(((X[:, None] - self.means[None]) ** 2).sum(axis=2), axis=1)
"""


def bags(n_images=60):
    random = np.random.default_rng(0)
    typical = random.integers(0, 256, (6, 32))
    rows = [
        packed(
            (
                typical[2 * (place % 3) + random.integers(0, 2, 20)]
                ^ random.integers(0, 8, (20, 32))
            ).astype(np.uint8),
            20,
        )
        for place in range(n_images)
    ]
    spec = ComponentSpec.of("orb_bow", {"keypoints": 20, "words": 9})
    learning = learning_of(spec, create("extractor", spec), [len(rows[0])])
    return np.array(rows), np.arange(n_images) % 3, np.arange(n_images), learning


@pytest.mark.parametrize("name", ["lda", "svm", "nearest_centroid", "own_plain:Plain"])
def test_what_the_extractor_learns_is_learnt_from_every_image(name, tmp_path):
    (tmp_path / "own_plain.py").write_text(OWN_MODULE)
    rows, labels, units, learning = bags()
    estimator, _ = refit(candidate(name), rows, labels, units, 3, "accuracy", tmp_path, learning)
    alone = learning.step(derived_seed(3))
    words = alone.fit_transform(rows)
    assert estimator.steps[0][1].words_[0].tobytes() == alone.words_[0].tobytes()
    # A bundle hands over float64 rows.
    probabilities = class_probabilities(estimator, rows.astype(np.float64), 3)
    expected = class_probabilities(estimator.steps[1][1], words, 3)
    np.testing.assert_array_equal(probabilities, expected)
    assert (probabilities.argmax(axis=1) == labels).all()
    assert probability_source(estimator) == probability_source(estimator.steps[1][1])


def test_a_search_sees_words():
    rows, labels, units, learning = bags()
    searched = candidate("knn", search={"n_neighbors": [3, 39]})
    estimator, chosen = refit(searched, rows, labels, units, 0, "balanced_accuracy", None, learning)
    assert chosen == {"n_neighbors": 3}
    assert estimator.predict(rows).tolist() == labels.tolist()
