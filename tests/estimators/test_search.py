"""Searching parameters: the right winner, inner folds that keep units, honest refusals."""

import numpy as np
import pytest

from bioselect.estimators.inner_folds import INNER_FOLDS
from bioselect.estimators.search import fit_with_search, grid
from bioselect.exceptions import ComponentError, DataError
from bioselect.registry import ComponentSpec

OWN = '''
import numpy as np

SEEN = []

class Remembers:
    """Predicts class 1 with the probability `share`; notes the rows of every fit."""
    def __init__(self, share=0.5, fail_at=None):
        self.share, self.fail_at = share, fail_at
    def fit(self, X, y):
        if self.share == self.fail_at:
            raise ValueError("cannot work")
        SEEN.append(X[:, 0].astype(int).tolist())
        return self
    def predict(self, X):
        return np.full(len(X), int(self.share > 0.5))
    def predict_proba(self, X):
        return np.tile([1 - self.share, self.share], (len(X), 1))
'''
NAME = "own_classifier_for_search:Remembers"


@pytest.fixture(scope="module")
def beside(tmp_path_factory):
    folder = tmp_path_factory.mktemp("beside")
    (folder / "own_classifier_for_search.py").write_text(OWN, encoding="utf-8")
    return folder


def accuracy(y_true, probabilities):
    return float(np.mean(probabilities.argmax(axis=1) == y_true))


def squared_error(y_true, probabilities):
    return float(np.mean((probabilities[:, 1] - y_true) ** 2))


def remembers(**search):
    return ComponentSpec.of(NAME, search=search)


def run(spec, beside=None, score=accuracy, higher=True, units=None, y=None, seed=0):
    y = np.repeat([0, 1], [6, 18]) if y is None else y
    rows = np.arange(float(len(y)))[:, None]
    units = np.arange(len(y)) if units is None else units
    sign = 1.0 if higher else -1.0

    def goodness(y_true, probabilities):
        return sign * score(y_true, probabilities)

    return fit_with_search(spec, rows, y, 2, units, goodness, seed, beside)


def test_without_search_it_only_fits():
    fitted, chosen = run(ComponentSpec.of("knn", {"n_neighbors": 3}))
    assert chosen == {}
    assert fitted["model"].n_neighbors == 3
    assert fitted["model"].n_samples_fit_ == 24


def test_the_best_value_wins_and_is_trained_on_all_rows(beside):
    # 18 of 24 images are of class 1, in each part too (stratified): the squared error is smallest
    # for the share 18/24.
    fitted, chosen = run(remembers(share=[0.5, 0.75, 1.0]), beside, squared_error, higher=False)
    assert chosen == {"share": 0.75}
    assert fitted.share == 0.75
    import own_classifier_for_search

    assert sorted(own_classifier_for_search.SEEN[-1]) == list(range(24))


def test_the_direction_is_respected(beside):
    spec = remembers(share=[0.5, 0.75, 1.0])
    assert run(spec, beside, squared_error, higher=True)[1] == {"share": 0.5}


def test_of_equal_values_the_first_is_taken(beside):
    assert run(remembers(share=[0.9, 0.6, 0.7]), beside)[1] == {"share": 0.9}
    assert run(remembers(share=[0.1, 0.6, 0.7]), beside)[1] == {"share": 0.6}


def test_the_score_of_scikit_learns_grid_search_on_the_same_parts():
    from sklearn.model_selection import GridSearchCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC

    from bioselect.data.splitting import draw_folds

    random = np.random.default_rng(3)
    y = random.integers(0, 3, 90)
    rows = random.normal(size=(90, 5)) + 0.6 * y[:, None]
    units = np.arange(90) // 2
    spec = ComponentSpec.of("svm", search={"C": [0.001, 1.0, 100.0], "gamma": [0.01, 1.0]})
    fitted, chosen = fit_with_search(spec, rows, y, 3, units, accuracy, 11)
    parts = [(fold.train, fold.test) for fold in draw_folds(y, units, 3, 1, 11).folds]
    theirs = GridSearchCV(
        make_pipeline(StandardScaler(), SVC()),
        {"svc__C": [0.001, 1.0, 100.0], "svc__gamma": [0.01, 1.0]},
        cv=parts,
    ).fit(rows, y)
    assert {f"svc__{key}": value for key, value in chosen.items()} == theirs.best_params_
    np.testing.assert_array_equal(fitted.predict(rows), theirs.predict(rows))


def test_units_are_never_split_and_parts_are_as_many_as_allowed(beside):
    import own_classifier_for_search

    y = np.tile([0, 1], 12)
    units = np.arange(24) // 4
    own_classifier_for_search.SEEN.clear()
    run(remembers(share=[0.6, 0.7]), beside, y=y, units=units)
    trained = own_classifier_for_search.SEEN
    # 2 values on each of 3 parts, and the last fit.
    assert len(trained) == 2 * INNER_FOLDS + 1
    assert trained[0:6:2] == trained[1:6:2]
    for rows in trained[0:6:2]:
        assert len(rows) == 16
        assert {units[row] for row in rows} & {
            units[row] for row in set(range(24)) - set(rows)
        } == set()


def test_two_units_of_a_class_give_two_parts(beside):
    import own_classifier_for_search

    own_classifier_for_search.SEEN.clear()
    y = np.array([0, 0, 0, 1, 1, 1, 1, 1])
    run(remembers(share=[0.6]), beside, y=y, units=np.array([0, 0, 1, 2, 3, 4, 5, 6]))
    assert len(own_classifier_for_search.SEEN) == 2 + 1


def test_one_unit_of_a_class_is_refused(beside):
    y = np.array([0, 0, 0, 1, 1, 1, 1, 1])
    units = np.array([0, 1, 2, 3, 3, 3, 3, 3])
    with pytest.raises(
        DataError, match=r"each of the 2 classes .*8 training images.*class number 2"
    ):
        run(remembers(share=[0.6]), beside, y=y, units=units)


def test_the_seed_draws_the_parts(beside):
    import own_classifier_for_search

    seen = []
    for seed in (0, 0, 1):
        own_classifier_for_search.SEEN.clear()
        run(remembers(share=[0.6]), beside, seed=seed)
        seen.append(list(own_classifier_for_search.SEEN))
    assert seen[0] == seen[1] != seen[2]


def test_a_value_that_cannot_be_trained_is_named(beside):
    spec = ComponentSpec.of(NAME, {"fail_at": 0.7}, {"share": [0.6, 0.7]})
    with pytest.raises(ComponentError, match=r"share=0.7\) cannot be trained on 16 .*cannot work"):
        run(spec, beside)


def test_a_score_that_is_no_number_is_refused(beside):
    with pytest.raises(ComponentError, match=r"must be a finite number. Got nan on part 1 of 3"):
        run(remembers(share=[0.6]), beside, score=lambda y, p: float("nan"))


def test_wrong_values_are_found_before_anything_is_trained():
    with pytest.raises(ComponentError, match=r"params.C: must be a number. Got 'big'"):
        run(ComponentSpec.of("svm", search={"C": [1, "big"]}), score=lambda y, p: 1 / 0)
    with pytest.raises(ComponentError, match="unknown parameter"):
        run(ComponentSpec.of("svm", search={"cost": [1]}))


@pytest.mark.parametrize(
    ("params", "search", "words"),
    [
        ({}, {"C": 3}, "search.C: must be a list of values to try. Got 3"),
        ({}, {"C": []}, "search.C: must be a list"),
        ({"C": 1}, {"C": [1, 2]}, "C: must be in `params` or in `search`, not in both"),
    ],
)
def test_what_cannot_be_a_grid_is_refused(params, search, words):
    with pytest.raises(ComponentError, match=words):
        list(grid(ComponentSpec.of("svm", params, search)))


def test_the_grid_in_its_order():
    spec = ComponentSpec.of("svm", {"degree": 2}, {"kernel": ["rbf", "poly"], "C": [10, 1]})
    assert [values for values, _ in grid(spec)] == [
        {"C": 10, "kernel": "rbf"},
        {"C": 10, "kernel": "poly"},
        {"C": 1, "kernel": "rbf"},
        {"C": 1, "kernel": "poly"},
    ]
    assert all(not made.search and made.params_dict["degree"] == 2 for _, made in grid(spec))


def test_of_several_that_fail_the_one_written_first_is_named(beside):
    n_calls = {0.6: 0, 0.7: 0}

    def fails(y_true, probabilities):
        share = float(probabilities[0, 1])
        n_calls[share] += 1
        if share == 0.7 or n_calls[share] == 3:
            raise ValueError("cannot be judged")
        return 1.0

    with pytest.raises(ComponentError, match=r"share=0.6\) cannot .* part 3 of 3 \(cannot be"):
        run(remembers(share=[0.6, 0.7]), beside, score=fails)
    assert n_calls == {0.6: 3, 0.7: 1}


N_LARGE = 40
SHARES = [round(0.02 * number, 2) for number in range(1, N_LARGE + 1)]


def test_a_large_search_is_halved_and_finds_what_the_whole_one_finds(beside):
    import own_classifier_for_search

    # 270 of 360 images are of class 1, so that 0.75 is best; the nearest that is listed is 0.74 or
    # 0.76, which are equally near: the first is taken.
    y = np.repeat([0, 1], [90, 270])
    own_classifier_for_search.SEEN.clear()
    _, chosen = run(remembers(share=SHARES), beside, squared_error, higher=False, y=y)
    assert chosen == {"share": 0.74}
    sizes = [len(rows) for rows in own_classifier_for_search.SEEN]
    # Three inner folds train on 240. A ninth of them is 27 (or 26), a third 80; 40 values, the
    # better third of them (14), the better third of these (5), then the best on all.
    n_tried = [40 * 3, 14 * 3, 5 * 3, 1]
    assert len(sizes) == sum(n_tried)
    for expected, n_fits in zip((26.67, 80, 240, 360), n_tried, strict=True):
        part, sizes = sizes[:n_fits], sizes[n_fits:]
        assert abs(np.array(part) - expected).max() <= 2


def test_stages_with_too_few_images_of_a_class_are_left_out(beside):
    import own_classifier_for_search

    # 20 of class 0, 13 in an inner training part: a ninth has 1, a third has 4.
    own_classifier_for_search.SEEN.clear()
    run(remembers(share=SHARES), beside, y=np.repeat([0, 1], [20, 60]))
    assert len(own_classifier_for_search.SEEN) == N_LARGE * 3 + 1


def test_a_value_that_needs_more_images_than_a_stage_has_goes_on():
    # 45 neighbours are more than a ninth of 240 training images holds, but no more than a third.
    y = np.repeat([0, 1], [180, 180])
    noise = np.random.default_rng(4).normal(size=(360, 1))
    rows = noise + 0.6 * y[:, None]
    values = [*range(1, 40), 71]
    spec = ComponentSpec.of("knn", search={"n_neighbors": values})
    _, chosen = fit_with_search(spec, rows, y, 2, np.arange(360), accuracy, 0)
    means = {}
    from bioselect.data.splitting import draw_folds
    from bioselect.estimators.creation import create_classifier

    for value in (1, 3, 71):
        model = ComponentSpec.of("knn", {"n_neighbors": value})
        scores = []
        for fold in draw_folds(y, np.arange(360), 3, 1, 0).folds:
            fitted = create_classifier(model, 0).fit(rows[fold.train], y[fold.train])
            scores.append(fitted.score(rows[fold.test], y[fold.test]))
        means[value] = np.mean(scores)
    # With so much noise many neighbours are better than few.
    assert means[71] > max(means[1], means[3])
    assert chosen == {"n_neighbors": 71}


def test_of_very_many_values_some_are_tried():
    spec = ComponentSpec.of("svm", search={"C": list(range(1, 41)), "gamma": [0.1, 1.0] * 6})
    tried = [values for values, _ in grid(spec)]
    assert len(tried) == 300
    assert tried == [values for values, _ in grid(spec)]
