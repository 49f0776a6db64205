import dataclasses
import textwrap

import numpy as np
import pytest

from bioselect.data.splitting import draw_folds
from bioselect.features.learning import Features
from bioselect.progress import SILENT, Reporter
from bioselect.registry import ComponentSpec
from bioselect.selection.candidates import Candidate
from bioselect.selection.cross_validation import Problem, cross_validate, finished_folds
from bioselect.selection.journal import Journal

EXTRACTOR = ComponentSpec("hog")

OWN_CLASSIFIERS = textwrap.dedent(
    '''
    import os
    import warnings
    from pathlib import Path

    from sklearn.base import BaseEstimator, ClassifierMixin
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression
    from sklearn.naive_bayes import GaussianNB


    class Counted(GaussianNB):
        """Writes one line to a file for each fit."""

        def __init__(self, log=LOG, seed=0, table=""):
            super().__init__()
            self.log = log
            self.seed = seed
            self.table = table

        def fit(self, X, y):
            with open(self.log, "a") as file:
                file.write(f"{self.seed} {X.dtype}\\n")
            return super().fit(X, y)


    class Fussy(Counted):
        """Fails in the folds that test the first image."""

        def fit(self, X, y):
            if not (X[:, 0] == 1000.0).any():
                raise ValueError("needs the first image\\n  to be there")
            return super().fit(X, y)


    class Noisy(GaussianNB):
        def fit(self, X, y):
            for number in range(5):
                warnings.warn(f"did not\\nconverge {number}", ConvergenceWarning)
            return super().fit(X, y)


    class NotFinite(GaussianNB):
        def predict_proba(self, X):
            return super().predict_proba(X) * float("nan")
    '''
)


def make_problem(folder=None, n_images=60, n_classes=3, seed=0, n_folds=3, n_repeats=2):
    class_indices = np.arange(n_images) % n_classes
    units = np.arange(n_images)
    plan = draw_folds(class_indices, units, n_folds, n_repeats, seed)
    return Problem(class_indices, n_classes, units, plan, "balanced_accuracy", seed, folder)


def make_rows(problem, n_features=8):
    generator = np.random.default_rng(1)
    rows = generator.normal(size=(len(problem.class_indices), n_features))
    rows += 0.6 * problem.class_indices[:, None]
    rows[0, 0] = 1000.0
    return rows.astype(np.float32)


@pytest.fixture
def own(tmp_path, monkeypatch):
    """Return a function from a class's name and parameters to a spec of a user's own classifier."""
    module = f"own_{tmp_path.name}".replace("-", "_")
    log = tmp_path / "fits.log"
    # No parameter: a file that a parameter names belongs to what is computed.
    (tmp_path / f"{module}.py").write_text(f"LOG = {str(log)!r}\n{OWN_CLASSIFIERS}")

    def spec(name, **params):
        return Candidate(EXTRACTOR, ComponentSpec.of(f"{module}:{name}", params))

    spec.n_fits = lambda: len(log.read_text().splitlines()) if log.exists() else 0
    spec.seeds = lambda: [line.split()[0] for line in log.read_text().splitlines()]
    spec.dtypes = lambda: {line.split()[1] for line in log.read_text().splitlines()}
    spec.module = tmp_path / f"{module}.py"
    return spec


def builtin(name, params=None, search=None):
    return Candidate(EXTRACTOR, ComponentSpec.of(name, params, search))


def run(problem, candidates, path, *, n_jobs=1, rows=None, digest="features", reporter=SILENT):
    rows = make_rows(problem) if rows is None else rows
    with Journal(path) as journal:
        features = Features(EXTRACTOR, rows)
        return cross_validate(problem, features, digest, candidates, journal, reporter, n_jobs)


def bits(results):
    return [
        (
            r.candidate.label,
            r.repeat,
            r.fold,
            r.probabilities.tobytes() if r.probabilities is not None else None,
            r.chosen,
            r.error,
            r.warning,
        )
        for r in results
    ]


class TestResults:
    def test_order_is_candidate_repeat_fold(self, tmp_path):
        problem = make_problem()
        candidates = [builtin("naive_bayes"), builtin("dummy")]
        results = run(problem, candidates, tmp_path / "j")
        assert [(r.candidate, r.repeat, r.fold) for r in results] == [
            (candidate, repeat, fold)
            for candidate in candidates
            for repeat in range(2)
            for fold in range(3)
        ]

    def test_probabilities_are_those_of_scikit_learn_alone(self, tmp_path, own):
        from sklearn.naive_bayes import GaussianNB

        problem = make_problem(tmp_path)
        rows = make_rows(problem).astype(np.float64)
        for result, fold in zip(
            run(problem, [own("Counted")], tmp_path / "j"), problem.plan.folds, strict=True
        ):
            model = GaussianNB().fit(rows[fold.train], problem.class_indices[fold.train])
            assert result.error == ""
            np.testing.assert_allclose(
                result.probabilities, model.predict_proba(rows[fold.test]), rtol=1e-12
            )
            assert result.fit_seconds > 0
            assert result.predict_seconds > 0
        assert own.dtypes() == {"float64"}

    def test_all_candidates_of_a_fold_get_the_same_seed(self, tmp_path, own):
        problem = make_problem(tmp_path)
        other = Candidate(
            EXTRACTOR,
            dataclasses.replace(own("Counted").estimator, name=own("Fussy").estimator.name),
        )
        run(problem, [own("Counted"), other], tmp_path / "j")
        seeds = own.seeds()
        assert len(set(seeds[:6])) == 6
        assert set(seeds[6:]) < set(seeds[:6])

    def test_another_seed_of_the_study_gives_other_seeds(self, tmp_path, own):
        run(make_problem(tmp_path, seed=0), [own("Counted")], tmp_path / "j")
        run(make_problem(tmp_path, seed=1), [own("Counted")], tmp_path / "j")
        assert len(set(own.seeds())) == 12

    def test_rows_must_match_the_images(self, tmp_path):
        problem = make_problem()
        with pytest.raises(ValueError, match=r"one row for each of the 60 images\. Got 59"):
            run(problem, [builtin("dummy")], tmp_path / "j", rows=np.zeros((59, 3)))

    def test_a_search_says_what_it_chose(self, tmp_path):
        problem = make_problem()
        search = builtin("svm", search={"C": [0.01, 1]})
        results = run(problem, [search], tmp_path / "j")
        assert [r.error for r in results] == [""] * 6
        assert all(r.chosen["C"] in (0.01, 1) for r in results)
        again = run(problem, [search], tmp_path / "j")
        assert bits(again) == bits(results)

    def test_what_takes_long_starts_first(self, tmp_path, own, monkeypatch):
        from bioselect.selection import cross_validation

        started = []

        def noting(function, tasks, *_):
            started.extend([spec.name for spec in task.estimators] for task in tasks)
            return map(function, tasks)

        monkeypatch.setattr(cross_validation, "run_tasks", noting)
        candidates = [builtin("svm"), builtin("random_forest"), own("Counted"), builtin("lda")]
        results = run(make_problem(tmp_path, n_repeats=1), candidates, tmp_path / "j")
        names = [own("Counted").estimator.name, "random_forest"]
        assert started == [[name] for name in names for _ in range(3)] + [["svm", "lda"]] * 3
        assert [r.candidate for r in results] == [c for c in candidates for _ in range(3)]

    def test_only_what_is_missing_is_computed(self, tmp_path, monkeypatch):
        from bioselect.selection import fold_group

        candidates = [builtin("svm"), builtin("lda"), builtin("knn")]
        run(make_problem(), candidates[:1], tmp_path / "j")
        whole = run(make_problem(), candidates, tmp_path / "other")
        trained = []
        finished = fold_group._Attempt.finished
        monkeypatch.setattr(
            fold_group._Attempt,
            "finished",
            lambda attempt, rows: trained.append(attempt.spec.name) or finished(attempt, rows),
        )
        assert bits(run(make_problem(), candidates, tmp_path / "j")) == bits(whole)
        assert trained == ["lda", "knn"] * 6


class TestFailures:
    def test_a_classifier_that_raises_in_some_folds(self, tmp_path, own):
        problem = make_problem(tmp_path)
        results = run(problem, [own("Fussy"), builtin("dummy")], tmp_path / "j")
        for result, fold in zip(results, problem.plan.folds, strict=False):
            if 0 in fold.test:
                assert result.error == "ValueError: needs the first image to be there"
                assert result.probabilities is None
            else:
                assert result.error == ""
        assert sum(bool(r.error) for r in results) == 2
        assert all(r.error == "" for r in results if r.candidate.estimator.name == "dummy")

    def test_failures_are_tried_again_and_successes_are_not(self, tmp_path, own):
        problem = make_problem(tmp_path)
        first = run(problem, [own("Fussy")], tmp_path / "j")
        assert own.n_fits() == 4
        rows = make_rows(problem)
        rows[:, 0] = 1000.0  # now every fold works; the digest is left as it was on purpose
        second = run(problem, [own("Fussy")], tmp_path / "j", rows=rows)
        assert own.n_fits() == 6
        assert [r.error for r in second] == [""] * 6
        unchanged = [i for i, r in enumerate(first) if not r.error]
        assert [bits(first)[i] for i in unchanged] == [bits(second)[i] for i in unchanged]

    def test_probabilities_must_be_finite(self, tmp_path, own):
        results = run(make_problem(tmp_path), [own("NotFinite")], tmp_path / "j")
        assert all("finite" in r.error for r in results)

    def test_a_wrong_parameter_is_a_failure_of_that_candidate(self, tmp_path):
        wrong = builtin("svm", {"C": -1})
        results = run(make_problem(), [wrong, builtin("dummy")], tmp_path / "j")
        assert [bool(r.error) for r in results] == [True] * 6 + [False] * 6
        assert "\n" not in results[0].error

    def test_errors_are_the_same_in_processes(self, tmp_path, own):
        problem = make_problem(tmp_path)
        alone = run(problem, [own("Fussy")], tmp_path / "j1")
        several = run(problem, [own("Fussy")], tmp_path / "j2", n_jobs=2)
        assert bits(alone) == bits(several)

    def test_warnings_are_kept_and_not_printed(self, tmp_path, own, capfd, recwarn):
        problem = make_problem(tmp_path)
        for n_jobs in (1, 2):
            results = run(problem, [own("Noisy")], tmp_path / f"j{n_jobs}", n_jobs=n_jobs)
            expected = "; ".join(f"ConvergenceWarning: did not converge {n}" for n in range(3))
            assert {r.warning for r in results} == {f"{expected}; and 2 others"}
        captured = capfd.readouterr()
        assert "onverge" not in captured.out + captured.err
        assert not [w for w in recwarn if "onverge" in str(w.message)]


class TestJournal:
    def test_a_second_start_runs_nothing(self, tmp_path, own):
        problem = make_problem(tmp_path)
        first = run(problem, [own("Counted")], tmp_path / "j")
        assert own.n_fits() == 6
        second = run(problem, [own("Counted")], tmp_path / "j", n_jobs=2)
        assert own.n_fits() == 6
        assert bits(first) == bits(second)
        assert [r.fit_seconds for r in first] == [r.fit_seconds for r in second]

    def test_a_start_after_a_cut_runs_what_is_missing(self, tmp_path, own):
        problem = make_problem(tmp_path)
        first = run(problem, [own("Counted")], tmp_path / "j")
        data = (tmp_path / "j").read_bytes()
        (tmp_path / "j").write_bytes(data[: len(data) // 2])
        warnings = []

        class Listening(Reporter):
            def warn(self, text):
                warnings.append(text)

        second = run(problem, [own("Counted")], tmp_path / "j", reporter=Listening())
        assert bits(first) == bits(second)
        assert 6 < own.n_fits() < 12
        assert len(warnings) == 1
        assert "computed again" in warnings[0]

    def test_more_repeats_keep_the_first(self, tmp_path, own):
        run(make_problem(tmp_path, n_repeats=2), [own("Counted")], tmp_path / "j")
        run(make_problem(tmp_path, n_repeats=3), [own("Counted")], tmp_path / "j")
        assert own.n_fits() == 9

    @pytest.mark.parametrize(
        "change", ["features", "targets", "folds", "seed", "classes", "code", "params"]
    )
    def test_whatever_changes_a_result_is_computed_again(self, tmp_path, own, change):
        problem, candidate, digest = make_problem(tmp_path), own("Counted"), "features"
        run(problem, [candidate], tmp_path / "j")
        if change == "features":
            digest = "others"
        elif change == "targets":
            problem = dataclasses.replace(problem, class_indices=problem.class_indices[::-1])
        elif change == "folds":
            plan = draw_folds(problem.class_indices, problem.units, 3, 2, 99)
            problem = dataclasses.replace(problem, plan=plan)
        elif change == "seed":
            problem = dataclasses.replace(problem, seed=1)
        elif change == "classes":
            problem = dataclasses.replace(problem, n_classes=4)
        elif change == "code":
            own.module.write_text(own.module.read_text() + "\n# another version\n")
        elif change == "params":
            spec = ComponentSpec.of(candidate.estimator.name, {"log": str(tmp_path / "other.log")})
            candidate = Candidate(EXTRACTOR, spec)
        run(problem, [candidate], tmp_path / "j", digest=digest)
        n_other = 0
        if (tmp_path / "other.log").exists():
            n_other = len((tmp_path / "other.log").read_text().splitlines())
        assert own.n_fits() + n_other == 12

    @pytest.mark.parametrize("is_searched", [False, True])
    def test_another_file_under_the_name_of_a_parameter_is_computed_again(
        self, tmp_path, own, is_searched
    ):
        problem = make_problem(tmp_path, n_repeats=1)
        candidate = own("Counted", table="prior.csv")
        if is_searched:
            spec = ComponentSpec.of(candidate.estimator.name, {}, {"table": ["prior.csv", "none"]})
            candidate = Candidate(EXTRACTOR, spec)
        counts = []
        for text in ("1,2", "1,2", "1,3"):
            (tmp_path / "prior.csv").write_text(text)
            run(problem, [candidate], tmp_path / "j")
            counts.append(own.n_fits())
        assert counts[0] == counts[1]
        assert counts[2] == 2 * counts[0]

    def test_units_and_metric_matter_to_a_search_only(self, tmp_path, own):
        problem = make_problem(tmp_path)
        run(problem, [own("Counted")], tmp_path / "j")
        other = dataclasses.replace(problem, metric_name="accuracy", units=problem.units // 2)
        run(other, [own("Counted")], tmp_path / "j")
        assert own.n_fits() == 6
        search = builtin("svm", search={"C": [0.01, 1]})
        with Journal(tmp_path / "s") as journal:
            for n_records, changed in [
                (6, problem),
                (12, dataclasses.replace(problem, metric_name="accuracy")),
                (18, dataclasses.replace(problem, units=problem.units // 2)),
                (18, problem),
            ]:
                features = Features(EXTRACTOR, make_rows(problem))
                cross_validate(changed, features, "f", [search], journal, SILENT, 1)
                assert len(journal) == n_records

    def test_another_way_of_halving_matters_to_large_searches_only(self, tmp_path, monkeypatch):
        problem = make_problem(tmp_path, n_repeats=1)
        features = Features(EXTRACTOR, make_rows(problem))
        small = builtin("knn", search={"n_neighbors": [1, 3]})
        large = builtin("svm", search={"C": list(range(1, 32))})
        with Journal(tmp_path / "j") as journal:
            for n_records in (6, 9):
                cross_validate(problem, features, "f", [small, large], journal, SILENT, 1)
                assert len(journal) == n_records
                monkeypatch.setattr("bioselect.selection.cross_validation.HALVING_VERSION", 2)

    def test_extractors_do_not_share_results(self, tmp_path, own):
        problem = make_problem(tmp_path)
        run(problem, [own("Counted")], tmp_path / "j", digest="hog")
        run(problem, [own("Counted")], tmp_path / "j", digest="lbp")
        assert own.n_fits() == 12

    def test_progress_covers_every_fold(self, tmp_path):
        steps = []

        class Counting(Reporter):
            def task(self, description, n_steps):
                steps.append(n_steps)
                return super().task(description, n_steps)

        run(make_problem(), [builtin("dummy"), builtin("lda")], tmp_path / "j", reporter=Counting())
        assert steps == [12]

    def test_progress_says_what_is_kept(self, tmp_path):
        told = []

        class Heard(Reporter):
            def task(self, description, n_steps):
                told.append(description)
                return super().task(description, n_steps)

        problem = make_problem()
        for names in (["lda"], ["lda", "knn"], ["lda"]):
            run(problem, [*map(builtin, names)], tmp_path / "j", reporter=Heard())
        label = told[0]
        assert told[1:] == [
            f"{label} (6 kept from before, 6 to do)",
            f"{label} (all kept from before)",
        ]


def test_bits_do_not_depend_on_the_number_of_processes(tmp_path, several_threads):
    # 150 x 2048 float32 is 1.2 MB: shared with the processes as a file, not copied.
    problem = make_problem(n_images=150, n_repeats=1)
    rows = make_rows(problem, 2048)
    names = ["logistic_regression", "svm", "lda", "naive_bayes", "knn"]
    candidates = [builtin(name) for name in names]
    alone = run(problem, candidates, tmp_path / "j1", rows=rows)
    several = run(problem, candidates, tmp_path / "j2", rows=rows, n_jobs=2)
    assert all(r.error == "" for r in alone)
    assert bits(alone) == bits(several)
    narrow = rows[:, :40]
    names = ["mlp", "random_forest", "extra_trees", "gradient_boosting", "linear_svm"]
    candidates = [builtin(name) for name in names]
    alone = run(problem, candidates, tmp_path / "j1", rows=narrow, digest="narrow")
    several = run(problem, candidates, tmp_path / "j2", rows=narrow, digest="narrow", n_jobs=2)
    assert all(r.error == "" for r in alone)
    assert bits(alone) == bits(several)


def test_units_matter_to_a_threshold(tmp_path):
    # They say how the inner folds are drawn that choose the border.
    problem = make_problem(n_classes=2)
    features = Features(EXTRACTOR, make_rows(problem), None)
    halved = dataclasses.replace(problem, units=problem.units // 2)
    candidates = [builtin("lda"), builtin("lda", {"threshold": "youden"})]
    with Journal(tmp_path / "journal") as journal:
        cross_validate(problem, features, "features", candidates, journal, SILENT, 1)
        done = finished_folds(halved, features, "features", candidates, journal)
        assert {result.candidate for result in done} == {candidates[0]}
        assert len(finished_folds(problem, features, "features", candidates, journal)) == 12
