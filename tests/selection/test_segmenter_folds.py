"""Segmenters on folds: what is trained on, what is kept, what a failure leaves."""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import f1_score

from bioselect.data.pairs import ArrayPairs
from bioselect.exceptions import DataError, StorageError
from bioselect.metrics.masks import SCORES
from bioselect.networks.history import EpochRecord
from bioselect.progress import SILENT, Reporter
from bioselect.registry import ComponentSpec
from bioselect.selection.candidates import IMAGES, Candidate
from bioselect.selection.journal import Journal
from bioselect.selection.mask_problem import (
    VALIDATION,
    ComparedSegmenter,
    MaskFold,
    MaskProblem,
    fold_key,
    training_key,
)
from bioselect.selection.segmenter_folds import TRAINING_IMAGES, divided, segment_folds
from bioselect.selection.tested_masks import MaskRules

N_IMAGES = 12


def drawn_pairs():
    random, images, masks = np.random.default_rng(0), [], []
    for number in range(N_IMAGES):
        mask = np.zeros((10, 12), np.uint8)
        mask[1 + number % 3 : 6, 2 : 5 + number % 5] = 1
        masks.append(mask)
        images.append((0.5 * mask + 0.6 * random.random(mask.shape).round())[..., None])
    return ArrayPairs(images, masks)


@dataclass
class Threshold:
    """Learns the mean grey value; remembers its tasks."""

    n_epochs: int | None = 3
    fails_in: int = -1

    def __post_init__(self):
        self.tasks, self.name = [], "threshold"

    def check_available(self):
        pass

    def identity(self):
        return {"name": "threshold"}

    def operations(self, shape, n_classes):
        return float(np.prod(shape))

    def fit(self, pairs, task, checkpoint_dir=None, progress=None):
        self.tasks.append(task)
        if len(self.tasks) - 1 == self.fails_in:
            raise MemoryError("no room for more")
        limit = float(np.mean([pairs.image(int(place)).mean() for place in task.train]))
        history = []
        for epoch in range(1, (self.n_epochs or 0) + 1):
            history.append(EpochRecord(epoch, 0.1, 1.0 / epoch, 0.5))
            progress(history[-1], self.n_epochs, 0.0)
        return TrainedThreshold(limit, tuple(history))


@dataclass(frozen=True)
class TrainedThreshold:
    limit: float
    history: tuple

    @property
    def best_epoch(self):
        return len(self.history)

    def bands(self, scene):
        height = scene.shape[0]
        for rows in (slice(0, 7), slice(7, height)):
            bright = scene.window(rows, slice(None))[..., 0] > self.limit
            yield rows, np.eye(2, dtype=np.float32)[bright.astype(int)]

    def save(self, folder):
        return {}


class Masks:
    """Keeps masks in memory."""

    def __init__(self):
        self.kept = {}

    def keep(self, segmenter, repeat, place, mask):
        self.kept[repeat, place] = mask
        return self.digest(segmenter, repeat, place)

    def digest(self, segmenter, repeat, place):
        mask = self.kept.get((repeat, place))
        return None if mask is None else hashlib.sha256(mask.tobytes()).hexdigest()


class Bars(Reporter):
    def __init__(self):
        self.n_steps = self.n_done = 0
        self.lines = []

    def say(self, text):
        self.lines.append(text)

    warn = say

    def task(self, description, n_steps):
        self.n_steps = n_steps
        return self

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass

    def advance(self, n_steps=1):
        self.n_done += n_steps


def problem_of(n_folds=3, units=None):
    places = np.arange(N_IMAGES)
    units = places if units is None else units
    folds = tuple(
        MaskFold(
            0, index, places[units % n_folds != index], places[units % n_folds == index], index
        )
        for index in range(n_folds)
    )
    return MaskProblem(folds, units, MaskRules(2, 0), lambda fold: f"fold {fold.index}: ")


def compared(segmenter, pairs=None):
    pairs = pairs or drawn_pairs()
    return ComparedSegmenter(
        candidate=Candidate(IMAGES, ComponentSpec("threshold")),
        segmenter=segmenter,
        pairs=lambda: pairs,
        facts={"pairs": "these"},
        shape=(10, 12, 1),
        name="threshold",
    )


@pytest.fixture
def ran(tmp_path):
    """Run the folds of a problem with a journal that stays."""
    masks = Masks()

    def _ran(segmenter, problem=None, reporter=SILENT, keeper=masks):
        with Journal(tmp_path / "journal") as journal:
            return segment_folds(
                problem or problem_of(), segmenter, journal, keeper, reporter, tmp_path / "training"
            )

    _ran.masks = masks
    return _ran


def test_every_image_is_tested_once_by_a_segmenter_that_did_not_see_it(ran):
    segmenter = Threshold()
    results = ran(compared(segmenter))
    tested = np.concatenate([one.parts[0].places for one in results])
    assert sorted(tested.tolist()) == list(range(N_IMAGES))
    for task, one in zip(segmenter.tasks, results, strict=True):
        assert not set(task.train) & set(task.validation)
        assert not set(one.parts[0].places) & (set(task.train) | set(task.validation))
        assert [part.name for part in one.parts] == ["test", "validation", "training"]
        assert one.chosen == {"best_epoch": 3}
        assert one.operations == 10 * 12


def test_scores_are_those_of_the_kept_masks(ran):
    results, pairs = ran(compared(Threshold())), drawn_pairs()
    for one in results:
        part = one.parts[0]
        for place, scores in zip(part.places, part.scores, strict=True):
            mask, true = ran.masks.kept[0, int(place)], pairs.mask(int(place))
            # Dice is the F1 of the pixels.
            assert scores[SCORES.index("dice"), 0] == pytest.approx(
                f1_score(true.ravel(), mask.ravel())
            )
            assert scores[SCORES.index("dice"), 1] == pytest.approx(
                f1_score(true.ravel(), mask.ravel(), pos_label=0)
            )
        assert one.by("dice").probabilities.shape == (len(part.places), 1)
        training = one.parts[-1].scores
        assert np.isfinite(training[:, SCORES.index("iou")]).all()
        assert np.isnan(training[:, SCORES.index("hausdorff_95")]).all()


def test_a_second_start_does_nothing_and_gives_the_same(ran):
    first = ran(compared(Threshold()))
    again = Threshold()
    second = ran(compared(again))
    assert again.tasks == []
    for one, other in zip(first, second, strict=True):
        assert (one.chosen, one.history) == (other.chosen, list(other.history))
        for part, same in zip(one.parts, other.parts, strict=True):
            assert part.name == same.name
            assert np.array_equal(part.places, same.places)
            assert np.array_equal(part.scores, same.scores, equal_nan=True)


@pytest.mark.parametrize("change", ["gone", "changed"])
def test_a_fold_whose_mask_is_gone_or_changed_is_done_again(ran, change):
    ran(compared(Threshold()))
    if change == "gone":
        del ran.masks.kept[0, 4]
    else:
        ran.masks.kept[0, 4] = 1 - ran.masks.kept[0, 4]
    again = Threshold()
    ran(compared(again))
    assert len(again.tasks) == 1
    assert 4 not in {*again.tasks[0].train, *again.tasks[0].validation}


def test_units_stay_whole(ran):
    units = np.arange(N_IMAGES) // 2
    problem = problem_of(units=units)
    for fold in problem.folds:
        task = divided(problem, compared(Threshold()), fold)
        assert not set(units[task.train]) & set(units[task.validation])
        assert set(task.train) | set(task.validation) == set(fold.train)


def test_who_has_no_epochs_learns_from_all_training_images(ran):
    segmenter = Threshold(n_epochs=None)
    results = ran(compared(segmenter))
    for task, one, fold in zip(segmenter.tasks, results, problem_of().folds, strict=True):
        assert np.array_equal(task.train, fold.train)
        assert not len(task.validation)
        assert [part.name for part in one.parts] == ["test", "training"]
        assert one.chosen == {}


def test_one_group_cannot_be_divided(ran):
    problem = problem_of(n_folds=2, units=np.arange(N_IMAGES) % 2)
    with pytest.raises(DataError, match=r"have 1 independent images or groups\. Add") as told:
        divided(problem, compared(Threshold()), problem.folds[0])
    assert "class" not in str(told.value)


def test_a_failure_is_a_row_and_the_other_folds_are_not_tried(ran):
    segmenter, bars = Threshold(fails_in=1), Bars()
    results = ran(compared(segmenter), reporter=bars)
    assert [one.error for one in results] == [
        "",
        "MemoryError: no room for more",
        "not trained, as it had failed: MemoryError: no room for more",
    ]
    assert len(segmenter.tasks) == 2
    assert results[1].by("dice").probabilities is None
    assert bars.n_done == bars.n_steps == 9
    # Failures are tried again, what was finished is not.
    again = Threshold()
    assert not any(one.error for one in ran(compared(again)))
    assert len(again.tasks) == 2


def test_a_full_disk_ends_the_study(ran):
    class Full(Masks):
        def keep(self, segmenter, repeat, place, mask):
            raise StorageError("the disk is full")

    with pytest.raises(StorageError):
        ran(compared(Threshold()), keeper=Full())


@pytest.mark.parametrize("n_epochs", [3, None])
def test_bars_end_where_they_said(ran, n_epochs):
    bars = Bars()
    ran(compared(Threshold(n_epochs)), reporter=bars)
    # Three folds: epochs; or of each 4 images tested and 8 trained on.
    assert bars.n_done == bars.n_steps == (9 if n_epochs else 36)
    assert TRAINING_IMAGES == 100


def test_the_test_part_meets_the_training_that_was_compared(ran):
    places = np.arange(N_IMAGES)
    fold = MaskFold(0, 0, places[:6], places[6:9], 7, validation=places[6:9], judged=VALIDATION)
    last = replace(fold, index=1, test=places[9:], judged="test")
    problem, segmenter = problem_of(), Threshold()
    one = compared(segmenter)
    assert training_key(problem, one, fold) == training_key(problem, one, last)
    assert fold_key(problem, one, fold) != fold_key(problem, one, last)
    [first] = ran(one, replace(problem, folds=(fold,)))
    [second] = ran(one, replace(problem, folds=(last,)))
    for task in segmenter.tasks:
        assert np.array_equal(task.train, fold.train)
        assert np.array_equal(task.validation, fold.validation)
        assert task.seed == 7
    assert [part.name for part in first.parts] == ["validation", "training"]
    assert [part.name for part in second.parts] == ["test", "validation", "training"]
    assert np.array_equal(second.parts[1].places, places[6:9])


@pytest.mark.parametrize(
    ("change", "differs"),
    [
        (lambda fold: replace(fold, seed=9), True),
        (lambda fold: replace(fold, train=fold.train[1:]), True),
        (lambda fold: replace(fold, test=fold.test[1:]), False),
        (lambda fold: replace(fold, judged=VALIDATION), False),
    ],
)
def test_keys_hold_what_results_depend_on(change, differs):
    problem, one = problem_of(), compared(Threshold())
    fold, other = problem.folds[0], change(problem.folds[0])
    assert (training_key(problem, one, fold) != training_key(problem, one, other)) == differs
    assert fold_key(problem, one, fold) != fold_key(problem, one, other)


def test_checkpoints_of_a_finished_fold_are_removed(ran, tmp_path):
    class Writes(Threshold):
        def fit(self, pairs, task, checkpoint_dir=None, progress=None):
            Path(checkpoint_dir).mkdir(parents=True)
            return super().fit(pairs, task, checkpoint_dir, progress)

    ran(compared(Writes()))
    assert list((tmp_path / "training").iterdir()) == []
