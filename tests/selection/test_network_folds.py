"""Networks on folds: kept, gone on with, failures as rows; with a network that learns at once."""

import math
import weakref
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from bioselect.data.splitting import Fold, SplitPlan, draw_folds
from bioselect.exceptions import ComponentError, StorageError
from bioselect.networks.history import EpochRecord
from bioselect.networks.pixels import ArrayPixels
from bioselect.progress import Reporter
from bioselect.registry import ComponentSpec
from bioselect.selection.candidates import IMAGES, Candidate
from bioselect.selection.cross_validation import FoldResult, Problem
from bioselect.selection.journal import Journal
from bioselect.selection.network_folds import (
    ComparedNetwork,
    median_best_epoch,
    train_on_folds,
    usual_values,
    who_chose_usual,
)

CLASSES = np.arange(60) % 2
#: The class stands in the pixels.
PIXELS = ArrayPixels(CLASSES[:, None, None, None] * np.ones((1, 2, 2, 1)))


@dataclass
class Trained:
    best_epoch: int
    history: tuple
    certainty: float

    def predict_proba(self, pixels, places):
        ones = np.clip(pixels.batch(places)[:, 0, 0, 0], 1 - self.certainty, self.certainty)
        return np.stack([1 - ones, ones], axis=1).astype(np.float32)


@dataclass
class Sure:
    """Learns in no time; `trained` has the task of every fit, `fails` when it raises."""

    certainty: float = 0.9
    n_epochs: int = 3
    trained: list = field(default_factory=list)
    fails: dict = field(default_factory=dict)

    def fit(self, pixels, task, checkpoint_dir, progress):
        self.trained.append((task, checkpoint_dir))
        if len(self.trained) in self.fails:
            raise self.fails[len(self.trained)]
        checkpoint_dir.mkdir(parents=True)
        records = tuple(EpochRecord(n + 1, 0.1, 1.0, 0.5, 1.0, 0.5) for n in range(self.n_epochs))
        for record in records:
            progress(record, 5, 0.1)
        return Trained(len(self.trained), records, self.certainty)


class Steps(Reporter):
    """Counts the steps of the bar and keeps the lines."""

    def __init__(self):
        self.n_steps = self.n_done = 0
        self.lines, self.warnings = [], []

    def say(self, text):
        self.lines.append(text)

    def warn(self, text):
        self.warnings.append(text)

    def task(self, description, n_steps):
        self.n_steps += n_steps
        return self

    def __enter__(self):
        return self

    def __exit__(self, *raised):
        pass

    def advance(self, n_steps=1):
        self.n_done += n_steps


def problem(n_folds=3, seed=0, classes=CLASSES):
    plan = draw_folds(classes, np.arange(60), n_folds, 1, seed)
    return Problem(classes, 2, np.arange(60), plan, "accuracy", seed)


def network(made, search=None, facts=None, n_epochs=5):
    candidate = Candidate(IMAGES, ComponentSpec.of("small_cnn", {}, search))
    return ComparedNetwork(candidate, lambda: PIXELS, facts or {}, made, n_epochs, 4, lambda: 1e6)


def trained_on(folder, one, asked=None, reporter=None):
    with Journal(folder / "journal") as journal:
        return train_on_folds(
            asked or problem(), one, journal, reporter or Steps(), folder / "training"
        )


def test_every_fold_is_trained_on_its_training_images_less_a_validation_part(tmp_path):
    sure, told = Sure(), Steps()
    results = trained_on(tmp_path, network(lambda spec: sure), reporter=told)
    plan = problem().plan
    assert [(one.repeat, one.fold) for one in results] == [(0, 0), (0, 1), (0, 2)]
    for fold, result, (task, _) in zip(plan.folds, results, sure.trained, strict=True):
        assert sorted([*task.train, *task.validation]) == list(fold.train)
        assert len(task.validation) == 6
        assert np.array_equal(result.probabilities.argmax(axis=1), CLASSES[fold.test])
        assert result.probabilities.dtype == np.float64
        assert len(result.history) == 3
        assert (result.n_features, result.operations) == (4, 1e6)
    assert len({task.seed for task, _ in sure.trained}) == 3
    # Five epochs were promised in each of three folds; all are done though three were enough.
    assert (told.n_steps, told.n_done) == (15, 15)
    assert told.lines[0].startswith("small_cnn: fold 1 of 3: 3 epochs, epoch 1 the best")
    assert not list((tmp_path / "training").iterdir())


def test_a_single_training_is_no_fold_of_one(tmp_path):
    train, test = np.arange(10, 60), np.arange(10)
    best = "3 epochs, epoch 1 the best (validation loss 1.0"
    # The second part of one split is the test part.
    for place, words in ((0, f"small_cnn: {best}"), (1, f"small_cnn: for the test part: {best}")):
        one = SplitPlan((Fold(0, place, train, test),), 1, 1, 0, "one split")
        told = Steps()
        asked = replace(problem(), plan=one)
        trained_on(tmp_path / str(place), network(lambda spec: Sure()), asked, told)
        assert told.lines[0].startswith(words)


def test_finished_folds_are_kept_and_equal(tmp_path):
    first = trained_on(tmp_path, network(lambda spec: Sure()))
    none = Sure()
    told = Steps()
    again = trained_on(tmp_path, network(lambda spec: none), reporter=told)
    assert none.trained == []
    for one, other in zip(first, again, strict=True):
        assert np.array_equal(one.probabilities, other.probabilities)
        assert one.chosen == other.chosen
        assert list(one.history) == list(other.history)
    assert told.n_done == told.n_steps


@pytest.mark.parametrize(
    "other",
    [
        {"asked": problem(seed=1)},
        {"asked": problem(classes=1 - CLASSES)},
        {"one": {"facts": {"weights": "other"}}},
    ],
)
def test_whatever_changes_a_result_is_trained_anew(tmp_path, other):
    trained_on(tmp_path, network(lambda spec: Sure()))
    anew = Sure()
    trained_on(
        tmp_path, network(lambda spec: anew, **other.get("one", {})), other.get("asked", problem())
    )
    assert len(anew.trained) == 3


def test_a_failure_is_a_row_and_the_other_folds_are_not_tried(tmp_path):
    sure, told = Sure(fails={2: ComponentError("small_cnn: memory ran out. Write 16.")}), Steps()
    results = trained_on(tmp_path, network(lambda spec: sure), reporter=told)
    assert len(sure.trained) == 2
    assert results[0].error == ""
    assert results[1].error == "small_cnn: memory ran out. Write 16."
    assert results[2].error == f"not trained, as it had failed before: {results[1].error}"
    assert results[2].probabilities is None
    assert told.warnings == [f"small_cnn: {results[1].error}"]
    assert told.n_done == told.n_steps
    # Failures are not kept: the next start tries again, from the checkpoints that are there.
    again = Sure()
    assert not any(one.error for one in trained_on(tmp_path, network(lambda spec: again)))
    assert len(again.trained) == 2


@pytest.mark.parametrize("error", [ValueError("two\nlines"), MemoryError("all of it")])
def test_any_error_is_one_line(tmp_path, error):
    sure = Sure(fails={1: error})
    results = trained_on(tmp_path, network(lambda spec: sure))
    words = " ".join(str(error).split())
    assert results[0].error == f"{type(error).__name__}: {words}"


@pytest.mark.parametrize("error", [StorageError("the disk is full"), KeyboardInterrupt()])
def test_a_full_disk_and_an_interruption_end_the_study(tmp_path, error):
    with pytest.raises(type(error)):
        trained_on(tmp_path, network(lambda spec: Sure(fails={1: error})))


def test_a_search_is_judged_by_the_validation_part(tmp_path):
    made = {rate: Sure(certainty) for rate, certainty in ((0.1, 0.4), (0.01, 0.8), (0.001, 0.3))}
    one = network(
        lambda spec: made[spec.params_dict["learning_rate"]],
        search={"learning_rate": [0.1, 0.01, 0.001]},
        n_epochs=15,
    )
    told = Steps()
    results = trained_on(tmp_path, one, reporter=told)
    assert [result.chosen["learning_rate"] for result in results] == [0.01] * 3
    assert all(len(sure.trained) == 3 for sure in made.values())
    assert told.n_done == told.n_steps == 45
    spec = one.candidate.estimator
    assert usual_values(results, spec) == ComponentSpec.of("small_cnn", {"learning_rate": 0.01})
    assert usual_values(results, ComponentSpec("small_cnn")) == ComponentSpec("small_cnn")


def test_the_model_of_a_fold_is_gone_before_the_next_is_trained(tmp_path):
    kept, alive = [], []

    class Heavy(Sure):
        def fit(self, *given):
            alive.append(sum(reference() is not None for reference in kept))
            trained = super().fit(*given)
            trained.itself = trained  # as models of Keras are
            kept.append(weakref.ref(trained))
            return trained

    heavy = Heavy()
    trained_on(tmp_path, network(lambda spec: heavy))
    assert alive == [0, 0, 0]


def test_the_best_epoch_goes_by_the_folds_that_chose_the_same_values():
    # A low rate needs many epochs: the median of all five, 12, is right for none of the two.
    spec = ComponentSpec.of("small_cnn", {}, {"learning_rate": [0.001, 0.1]})
    candidate = Candidate(IMAGES, spec)
    found = [(0.1, 4), (0.001, 30), (0.1, 5), (0.001, 28), (0.1, 12)]
    results = [
        FoldResult(candidate, 0, n, None, {"learning_rate": rate, "best_epoch": epoch})
        for n, (rate, epoch) in enumerate(found)
    ]
    assert usual_values(results, spec).params_dict == {"learning_rate": 0.1}
    usual = who_chose_usual(results, spec)
    assert [one.fold for one in usual] == [0, 2, 4]
    assert median_best_epoch(usual) == 5
    assert who_chose_usual(results, ComponentSpec("small_cnn")) == results


def test_operations_that_cannot_be_counted_stop_no_study(tmp_path):
    def uncounted():
        raise ValueError("a layer of its own")

    one = replace(network(lambda spec: Sure()), operations=uncounted)
    for _ in range(2):  # trained, and kept from before
        found = trained_on(tmp_path, one)
        assert {(result.error, result.operations) for result in found} == {("", math.inf)}


def test_the_median_best_epoch_is_rounded_up(tmp_path):
    sure = Sure()
    results = trained_on(tmp_path / "b", network(lambda spec: sure), problem(n_folds=4))
    assert [one.chosen["best_epoch"] for one in results] == [1, 2, 3, 4]
    assert median_best_epoch(results) == 3
