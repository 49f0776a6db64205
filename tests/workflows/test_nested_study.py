"""`honest: nested`: inner folds that know nothing of the outer test images, and are kept."""

import json

import numpy as np
import pytest

from bioselect.data.splitting import draw_folds
from bioselect.exceptions import ConfigurationError, DataError
from bioselect.features.learning import Features
from bioselect.metrics.base import get_metric
from bioselect.progress import SILENT
from bioselect.registry import ComponentSpec
from bioselect.selection.cross_validation import Problem
from bioselect.selection.journal import Journal
from bioselect.workflows import nested_study
from bioselect.workflows.check import check
from bioselect.workflows.nested_study import RepeatedChoice, draw_outer_folds, inner_scores
from bioselect.workflows.run import run

BALANCED = get_metric("balanced_accuracy")
NESTED = "{folds: 3, repeats: 3, honest: nested}"


def test_outer_folds_are_those_of_the_first_repeats_and_inner_ones_divide_their_training_images():
    y = np.arange(120) % 2
    units = np.arange(120) // 2
    plan = draw_folds(y, units, 4, 5, 0)
    outer = draw_outer_folds(y, units, plan, BALANCED)
    assert [(one.fold.repeat, one.fold.index) for one in outer] == [
        (repeat, fold) for repeat in (0, 1) for fold in range(4)
    ]
    for one in outer:
        own = units[one.fold.train]
        assert len(one.inner.folds) == 4
        tested = np.concatenate([inner.test for inner in one.inner.folds])
        assert sorted(tested) == list(range(len(one.fold.train)))
        for inner in one.inner.folds:
            assert not set(own[inner.train]) & set(own[inner.test])
    assert not np.array_equal(outer[0].inner.folds[0].test, outer[1].inner.folds[0].test)


def test_small_classes_get_fewer_inner_folds_and_hardly_any_are_refused():
    y = np.repeat([0, 1], [60, 5])
    units = np.arange(65)
    outer = draw_outer_folds(y, units, draw_folds(y, units, 5, 1, 0), BALANCED)
    # Each outer fold trains on 4 of the class.
    assert {len(one.inner.folds) for one in outer} == {4}
    y = np.repeat([0, 1], [60, 2])
    units = np.arange(62)
    with pytest.raises(DataError, match="honest: nested needs enough images"):
        draw_outer_folds(y, units, draw_folds(y, units, 2, 1, 0), BALANCED)


def test_the_test_images_of_an_outer_fold_have_no_part_in_its_choice(monkeypatch, tmp_path):
    y = np.arange(60) % 2
    plan = draw_folds(y, np.arange(60), 3, 1, 0)
    problem = Problem(y, 2, np.arange(60), plan, "balanced_accuracy", 0)
    rows = np.arange(60, dtype=np.float32)[:, None]
    seen = []

    def remembering(inner, features, digest, *others):
        seen.append((features.rows.ravel().astype(int).tolist(), inner.class_indices.tolist()))
        return [*original(inner, features, digest, *others)]

    original = nested_study.cross_validate
    monkeypatch.setattr(nested_study, "cross_validate", remembering)
    outer = draw_outer_folds(y, problem.units, plan, BALANCED)
    classifiers = (ComponentSpec("knn"), ComponentSpec("dummy"))
    choice = RepeatedChoice(problem, outer, classifiers, BALANCED)
    features = Features(ComponentSpec("hog"), rows)
    with Journal(tmp_path / "j") as journal:
        found = inner_scores(choice, features, "d", journal, SILENT, 1)
    assert [images for images, _ in seen] == [fold.train.tolist() for fold in plan.folds]
    assert all(labels == y[images].tolist() for images, labels in seen)
    assert [candidate.label for candidate in found] == ["hog + knn"]
    assert all(len(means) == 3 and np.isfinite(means).all() for means in found.values())


def test_a_run_says_how_the_score_was_found_and_is_the_same_again(write_config, tmp_path):
    config = write_config(extractors="[intensity]", validation=NESTED)
    plan = check(config)
    # 2 combinations without the dummy, 6 outer folds of 3 inner ones; 3 x 9 fits anyway.
    assert "repeated in 6 outer folds by 3 inner folds each: 36 more fits (2.3 times" in plan
    first = run(config, output=tmp_path / "first", jobs=1)
    score = json.loads((tmp_path / "first" / "study.json").read_text())["honest_score"]
    assert score["method"] == "nested"
    assert score["ci_low"] <= score["value"] <= score["ci_high"]
    words = " ".join(first.summary.split())
    assert "by nested cross-validation. In each of 6 test rounds" in words
    run(config, output=tmp_path / "second", jobs=2)
    for name in ("study.json", "ranking.csv", "out_of_fold.h5", "scores.csv"):
        second = (tmp_path / "second" / name).read_bytes()
        assert second == (tmp_path / "first" / name).read_bytes(), name


def test_inner_folds_are_kept_and_an_interrupted_run_goes_on(write_config, tmp_path, monkeypatch):
    config = write_config(extractors="[intensity]", validation=NESTED)
    run(config, output=tmp_path / "whole", jobs=1)
    put, n_put = Journal.put, []

    def stopping(self, key, entry):
        n_put.append(key)
        if len(n_put) == 40:
            raise KeyboardInterrupt
        put(self, key, entry)

    monkeypatch.setattr(Journal, "put", stopping)
    with pytest.raises(KeyboardInterrupt):
        run(config, output=tmp_path / "stopped", jobs=1)
    monkeypatch.undo()
    monkeypatch.setattr(
        Journal, "put", lambda self, key, entry: (n_put.append(key), put(self, key, entry))[1]
    )
    run(config, output=tmp_path / "stopped", jobs=1)
    # 27 outer and 36 inner fits, of which the one that was lost came twice; and which rows they
    # belong to.
    assert len(n_put) == 27 + 36 + 1 + 1
    for name in ("study.json", "ranking.csv", "out_of_fold.h5"):
        stopped = (tmp_path / "stopped" / name).read_bytes()
        assert stopped == (tmp_path / "whole" / name).read_bytes()


def test_it_does_not_go_with_a_budget(write_config):
    config = write_config(validation=NESTED)
    with pytest.raises(ConfigurationError, match=r"honest: nested .* budget \(5min\) would cut"):
        run(config, budget="5min")
