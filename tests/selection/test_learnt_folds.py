"""What is learnt in a fold comes from its training images, once, the same in any process."""

import textwrap
from dataclasses import replace

import numpy as np
import pytest

from bioselect.data.splitting import draw_folds
from bioselect.features.learning import Features, learning_of
from bioselect.features.visual_words.packing import packed
from bioselect.progress import SILENT, Reporter
from bioselect.registry import ComponentSpec, create
from bioselect.selection.candidates import Candidate
from bioselect.selection.cross_validation import Problem, cross_validate
from bioselect.selection.fitting import derived_seed
from bioselect.selection.journal import Journal
from bioselect.selection.learnt_folds import learn_folds

ROOM = 150
OWN_MODULE = '''
import warnings
from pathlib import Path
import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin

class Mean(TransformerMixin, BaseEstimator):
    """Takes the mean of the training rows away; writes a line for each fit."""
    def __init__(self, mode="", seed=0):
        self.mode, self.seed = mode, seed
    def fit(self, X, y=None):
        with open(Path(__file__).parent / "fits.log", "a") as file:
            file.write(f"{self.seed} {len(X)} {X.dtype} {y is None}\\n")
        if self.mode == "fails" and not (X[:, 0] == 1000).any():
            raise RuntimeError("needs\\n the first image")
        if self.mode == "warns":
            warnings.warn("few\\nimages")
        self.mean_ = X.mean(axis=0)
        return self
    def transform(self, X):
        if self.mode == "writes":
            X -= self.mean_
        if self.mode == "narrow":
            return X[:, :0]
        rows = X - self.mean_
        if self.mode == "nan":
            rows[-1, 0] = np.nan
        return rows[:, 0] if self.mode == "flat" else rows[:, :3]

class Learns:
    def __init__(self, mode=""):
        self.mode = mode
    def transform(self, images):
        raise NotImplementedError
    def learnt_step(self, seed):
        return Mean(self.mode, seed)
'''


def make_problem(folder=None, n_repeats=2):
    labels = np.arange(60) % 3
    units = np.arange(60)
    plan = draw_folds(labels, units, 3, n_repeats, 0)
    return Problem(labels, 3, units, plan, "balanced_accuracy", 0, folder)


@pytest.fixture
def bags():
    """Return packed descriptors of 60 images, of three kinds, and a way to learn their words."""
    random = np.random.default_rng(0)
    typical = random.integers(0, 256, (12, 128))
    rows = []
    for label in np.arange(60) % 3:
        drawn = typical[4 * label + random.integers(0, 4 + 4 * (label < 2), 40)]
        noisy = np.clip(drawn + random.integers(-40, 41, (40, 128)), 0, 255)
        rows.append(packed(noisy.astype(np.uint8), ROOM))
    return features_of("sift_bow", {"keypoints": ROOM, "words": 10}, np.array(rows))


def features_of(name, params, rows, folder=None):
    spec = ComponentSpec.of(name, params)
    made = create("extractor", spec, folder)
    return Features(spec, rows, learning_of(spec, made, [rows.shape[1]], folder))


@pytest.fixture
def lab(tmp_path):
    """Return a function from a mode to features of somebody's own extractor; it counts fits."""
    module = f"learns_{tmp_path.name}".replace("-", "_")
    (tmp_path / f"{module}.py").write_text(textwrap.dedent(OWN_MODULE))
    log = tmp_path / "fits.log"
    rows = np.random.default_rng(1).normal(size=(60, 5)).astype(np.float32)
    rows += np.arange(60)[:, None] % 3
    rows[0, 0] = 1000

    def features(mode=""):
        return features_of(f"{module}:Learns", {"mode": mode}, rows, tmp_path)

    features.fits = lambda: log.read_text().splitlines() if log.exists() else []
    features.problem = make_problem(tmp_path)
    return features


def run(problem, features, path, names=("lda", "knn"), *, n_jobs=1, reporter=SILENT, digest="f"):
    candidates = [Candidate(features.spec, ComponentSpec(name)) for name in names]
    with Journal(path) as journal:
        return cross_validate(problem, features, digest, candidates, journal, reporter, n_jobs)


def bits(results):
    return [
        (
            r.candidate.label,
            r.repeat,
            r.fold,
            r.error,
            r.warning,
            r.n_features,
            None if r.probabilities is None else r.probabilities.tobytes(),
        )
        for r in results
    ]


class TestLearning:
    def test_test_images_do_not_matter(self, bags):
        problem = make_problem()
        fold = problem.plan.folds[1]
        [before] = learn_folds(bags, [fold], 0, 1)
        changed = bags.rows.copy()
        changed[fold.test] = packed(np.full((3, 128), 200, dtype=np.uint8), ROOM)
        [after] = learn_folds(replace(bags, rows=changed), [fold], 0, 1)
        assert before.X[fold.train].tobytes() == after.X[fold.train].tobytes()
        assert before.X[fold.test].tobytes() != after.X[fold.test].tobytes()

    def test_each_training_image_matters(self, bags):
        fold = make_problem().plan.folds[1]
        [before] = learn_folds(bags, [fold], 0, 1)
        changed = bags.rows.copy()
        changed[fold.train[0]] = packed(np.full((3, 128), 200, dtype=np.uint8), ROOM)
        [after] = learn_folds(replace(bags, rows=changed), [fold], 0, 1)
        others = fold.train[1:]
        assert before.X[others].tobytes() != after.X[others].tobytes()

    def test_the_rows_are_those_of_the_step_alone(self, bags):
        folds = make_problem().plan.folds
        for fold, learnt in zip(folds, learn_folds(bags, folds, 0, 1), strict=True):
            step = bags.learning.step(derived_seed(0, fold.repeat, fold.index))
            step.fit(bags.rows[fold.train])
            np.testing.assert_array_equal(learnt.X, step.transform(bags.rows))
            assert learnt.X.dtype == np.float64
            assert learnt.error == ""

    def test_bits_do_not_depend_on_the_number_of_processes(self, bags):
        folds = make_problem().plan.folds
        assert bags.rows.nbytes > 1e6  # shared with the processes as a file, not copied
        alone, several = (
            [one.X.tobytes() for one in learn_folds(bags, folds, 0, jobs)] for jobs in (1, 2)
        )
        assert alone == several
        assert len(set(alone)) == 6

    @pytest.mark.parametrize("n_jobs", [1, 2])
    def test_a_step_cannot_write_into_the_rows_that_all_folds_share(self, lab, n_jobs):
        features = lab("writes")
        before = features.rows.copy()
        learnt = list(learn_folds(features, lab.problem.plan.folds, 0, n_jobs))
        assert all("read-only" in one.error for one in learnt)
        np.testing.assert_array_equal(features.rows, before)

    def test_a_step_must_leave_something(self, lab):
        (learnt,) = learn_folds(lab("narrow"), lab.problem.plan.folds[:1], 0, 1)
        assert "Got shape (60, 0) for 60 images" in learnt.error

    def test_something_must_be_learnt(self, bags):
        with pytest.raises(ValueError, match="must have something to learn"):
            learn_folds(replace(bags, learning=None), make_problem().plan.folds, 0, 1)


class TestInCrossValidation:
    def test_once_for_all_estimators_of_a_fold(self, lab, tmp_path):
        for n_jobs in (1, 2):
            run(lab.problem, lab(), tmp_path / f"j{n_jobs}", ("lda", "knn", "dummy"), n_jobs=n_jobs)
        fits = lab.fits()
        assert len(fits) == 12
        seeds = [derived_seed(0, repeat, fold) for repeat in range(2) for fold in range(3)]
        for part in (fits[:6], fits[6:]):
            assert sorted(part) == sorted(f"{seed} 40 float32 True" for seed in seeds)

    def test_bits_do_not_depend_on_the_number_of_processes(self, bags, tmp_path):
        names = ("lda", "knn", "logistic_regression", "random_forest")
        alone, several = (
            run(make_problem(), bags, tmp_path / f"j{jobs}", names, n_jobs=jobs) for jobs in (1, 2)
        )
        assert bits(alone) == bits(several)
        assert {r.error for r in alone} == {""}
        assert {r.n_features for r in alone} == {10}
        order = [(r.candidate.estimator.name, r.repeat, r.fold) for r in alone]
        assert order == [(name, r, f) for name in names for r in range(2) for f in range(3)]

    def test_classes_are_told_apart_by_words(self, bags, tmp_path):
        problem = make_problem()
        results = run(problem, bags, tmp_path / "j", ("lda",))
        hits = [
            (r.probabilities.argmax(axis=1) == problem.class_indices[fold.test]).mean()
            for r, fold in zip(results, problem.plan.folds, strict=True)
        ]
        assert np.mean(hits) > 0.8

    def test_a_second_start_learns_nothing(self, lab, tmp_path):
        first = run(lab.problem, lab(), tmp_path / "j")
        assert {r.error for r in first} == {""}
        again = run(lab.problem, lab(), tmp_path / "j", n_jobs=2)
        assert len(lab.fits()) == 6
        assert bits(first) == bits(again)

    def test_another_estimator_learns_again_and_the_same(self, lab, tmp_path):
        first = run(lab.problem, lab(), tmp_path / "j")
        both = run(lab.problem, lab(), tmp_path / "j", ("lda", "knn", "dummy"))
        assert len(lab.fits()) == 12
        assert bits(both)[:12] == bits(first)

    def test_after_an_interruption_only_what_is_missing_is_learnt(self, bags, lab, tmp_path):
        class Stopped(Reporter):
            """Ctrl-C after so many results."""

            def __init__(self, n_results):
                self.left = n_results

            def task(self, description, n_steps):
                return self

            def __enter__(self):
                return self

            def __exit__(self, *error):
                return None

            def advance(self, n_steps=1):
                self.left -= n_steps
                if self.left == 0:
                    raise KeyboardInterrupt

        undisturbed = run(lab.problem, lab(), tmp_path / "undisturbed")
        n_before = len(lab.fits())
        # 7 results: all of repeat 0 (3 folds x 2 estimators), and one of repeat 1.
        with pytest.raises(KeyboardInterrupt):
            run(lab.problem, lab(), tmp_path / "j", reporter=Stopped(7))
        resumed = run(lab.problem, lab(), tmp_path / "j")
        assert bits(resumed) == bits(undisturbed)
        # Until then 6 folds; afterwards the 3 of the second repeat.
        assert len(lab.fits()) - n_before == 6 + 3

    def test_the_way_of_learning_is_part_of_the_key(self, bags, lab, tmp_path):
        rows = bags.rows
        results = [
            run(make_problem(), features_of("sift_bow", params, rows), tmp_path / "j", ("lda",))
            for params in ({"keypoints": ROOM, "words": n_words} for n_words in (10, 6, 10))
        ]
        assert bits(results[0]) == bits(results[2]) != bits(results[1])
        assert [r[0].n_features for r in results] == [10, 6, 10]
        # ... and equal rows without anything to learn are something else again.
        with Journal(tmp_path / "j") as journal:
            assert len(journal) == 12
        run(make_problem(), replace(bags, learning=None), tmp_path / "j", ("dummy",))
        with Journal(tmp_path / "j") as journal:
            assert len(journal) == 18

    @pytest.mark.parametrize("n_jobs", [1, 2])
    def test_a_step_that_fails_is_the_reason_of_all_estimators_there(self, lab, tmp_path, n_jobs):
        results = run(lab.problem, lab("fails"), tmp_path / "j", n_jobs=n_jobs)
        for result, fold in zip(results, lab.problem.plan.folds * 2, strict=True):
            failed = 0 in fold.test
            assert result.error == ("RuntimeError: needs the first image" if failed else "")
            assert (result.probabilities is None) == failed
        with Journal(tmp_path / "j") as journal:
            assert len(journal) == 8

    @pytest.mark.parametrize(("mode", "found"), [("nan", "1 of the numbers"), ("flat", "(60,)")])
    def test_what_is_learnt_must_be_rows_of_finite_numbers(self, lab, tmp_path, mode, found):
        results = run(lab.problem, lab(mode), tmp_path / "j")
        assert all("Mean: transform must return a row of finite" in r.error for r in results)
        assert all(found in r.error for r in results)

    def test_warnings_of_the_step_are_kept_with_every_estimator(self, lab, tmp_path):
        results = run(lab.problem, lab("warns"), tmp_path / "j")
        assert {r.warning for r in results} == {"UserWarning: few images"}

    def test_a_search_uses_the_words_of_the_fold(self, lab, tmp_path):
        features = lab()
        searched = Candidate(features.spec, ComponentSpec.of("knn", search={"n_neighbors": [1, 3]}))
        with Journal(tmp_path / "j") as journal:
            results = cross_validate(lab.problem, features, "f", [searched], journal, SILENT, 1)
        assert {r.error for r in results} == {""}
        assert len(lab.fits()) == 6


def test_what_learning_took_is_kept_with_every_fold(lab, tmp_path):
    first = run(lab.problem, lab(), tmp_path / "j")
    by_fold = {}
    for one in first:
        by_fold.setdefault((one.repeat, one.fold), set()).add(one.learn_seconds)
    # Once for both candidates of each of 3 folds x 2 repeats, and from the journal again.
    assert [len(seconds) for seconds in by_fold.values()] == [1] * 6
    assert all(min(seconds) > 0 for seconds in by_fold.values())
    again = run(lab.problem, lab(), tmp_path / "j")
    assert [one.learn_seconds for one in again] == [one.learn_seconds for one in first]
