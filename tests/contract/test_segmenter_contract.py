"""A built-in network of masks holds the contract, and each check catches its mutant."""

import json
from dataclasses import dataclass, replace

import numpy as np
import pytest

from bioselect.data.pairs import IGNORED
from bioselect.networks.history import MaskEpochRecord, silent_progress
from bioselect.segmenters import creation
from bioselect.testing.contract import checks_of, problem_of, run_contract

PARAMS = {
    "depth": 1,
    "width": 4,
    "patch_size": 32,
    "batch_size": 4,
    "epochs": 12,
    "learning_rate": 0.03,
    "schedule": "constant",
}
KIND = "threshold"
STATE = "state.json"


@dataclass(frozen=True)
class Threshold:
    """Foreground above a threshold; a segmenter that has learnt."""

    threshold: float
    n_classes: int
    best_epoch: int = 0
    history: tuple = ()

    def bands(self, scene):
        height, width, _ = scene.shape
        for start in range(0, height, 16):
            rows = slice(start, min(start + 16, height))
            bright = scene.window(rows, slice(0, width)).mean(axis=2) > self.threshold
            classes = np.zeros((*bright.shape, self.n_classes), dtype=np.float32)
            classes[..., 1], classes[..., 0] = bright, ~bright
            yield rows, classes

    def save(self, folder):
        (folder / "threshold.json").write_text(json.dumps([self.threshold, self.n_classes]))
        return {"kind": KIND}


def opened(folder, facts):
    return Threshold(*json.loads((folder / "threshold.json").read_text()))


class Correct:
    """Tries a threshold an epoch, drawn with the seed; to be broken below."""

    name, n_epochs = "correct", 12

    def operations(self, shape, n_classes):
        return float(np.prod(shape))

    def fit(self, pairs, task, folder=None, progress=silent_progress):
        history, thresholds = [], []
        if folder is not None and (folder / STATE).is_file():
            kept = json.loads((folder / STATE).read_text())
            history = [MaskEpochRecord(**one) for one in kept[0]]
            thresholds = kept[1]
            for record in history:
                progress(record, self.n_epochs, 0.0)
        for epoch in range(len(history) + 1, (task.epochs or self.n_epochs) + 1):
            rng = np.random.default_rng((task.seed, epoch))
            thresholds.append(self.drawn(pairs, task, rng))
            score = self.score(pairs, task, thresholds[-1])
            history.append(MaskEpochRecord(epoch, 0.1, 1 - score, 0.5, 1 - score, 0.5, score))
            if folder is not None:
                kept = [[vars(one) for one in history], thresholds]
                (folder / STATE).write_text(json.dumps(kept))
            progress(history[-1], self.n_epochs, 0.0)
        best = int(np.argmax([record.val_dice for record in history]))
        return Threshold(thresholds[best], task.n_classes, best + 1, tuple(history))

    def drawn(self, pairs, task, rng):
        """Return a threshold near the middle of the means of both classes."""
        values = {0: [], 1: []}
        for place in task.train:
            image, mask = pairs.image(place).mean(axis=2), pairs.mask(place)
            for number in values:
                values[number].append(image[mask == number])
        means = [
            np.concatenate(one).mean() if np.concatenate(one).size else 0.5
            for one in values.values()
        ]
        return float(np.mean(means) + rng.normal(scale=0.2))

    def score(self, pairs, task, threshold):
        scores = []
        for place in task.validation:
            mask = pairs.mask(place)
            found = (pairs.image(place).mean(axis=2) > threshold) & (mask != IGNORED)
            both = found.sum() + (mask == 1).sum()
            scores.append(2 * (found & (mask == 1)).sum() / both if both else 1.0)
        return float(np.mean(scores))


class Bent(Correct):
    """Changes what has learnt afterwards."""

    def fit(self, pairs, *rest):
        return self.bent(super().fit(pairs, *rest), pairs)


class LearnsNothing(Bent):
    def bent(self, trained, pairs):
        return replace(trained, threshold=0.1)


class ForgetsRows(Bent):
    def bent(self, trained, pairs):
        class Short(Threshold):
            def bands(self, scene):
                return iter(list(Threshold.bands(self, scene))[:-1])

        return Short(**vars(trained))


class Unseeded(Correct):
    def score(self, pairs, task, threshold):
        return super().score(pairs, task, threshold) * np.random.default_rng().uniform(0.9, 1)


class LosesSmallOnes(Bent):
    def bent(self, trained, pairs):
        class Loses(Threshold):
            def bands(self, scene):
                for rows, part in Threshold.bands(self, scene):
                    yield rows, part * np.float32(np.nan if scene.shape[0] < 16 else 1)

        return Loses(**vars(trained))


class DividesByNothing(Correct):
    def score(self, pairs, task, threshold):
        pixels = sum((pairs.mask(place) == 1).sum() for place in task.train)
        return super().score(pairs, task, threshold) if pixels else float("nan")


class LearnsIgnored(Correct):
    def drawn(self, pairs, task, rng):
        pixels = [pairs.image(place)[pairs.mask(place) == IGNORED] for place in task.train]
        return super().drawn(pairs, task, rng) if not np.concatenate(pixels).size else 0.9


class Writes(Correct):
    def fit(self, pairs, task, *rest):
        if pairs.images[0].flags.writeable:
            pairs.images[0][0, 0] = 1
        return super().fit(pairs, task, *rest)


class SkipsAnEpoch(Bent):
    def bent(self, trained, pairs):
        return replace(trained, history=trained.history[1:])


class KeepsTheWorst(Bent):
    def bent(self, trained, pairs):
        worst = int(np.argmin([record.val_dice for record in trained.history])) + 1
        return replace(trained, best_epoch=worst)


class LosesItsThreshold(Bent):
    def bent(self, trained, pairs):
        class Loses(Threshold):
            def save(self, folder):
                return replace(Threshold(**vars(self)), threshold=0.0).save(folder)

        return Loses(**vars(trained))


class BeginsAnew(Correct):
    """Begins the remaining epochs as a training of its own."""

    def fit(self, pairs, task, folder=None, *rest):
        if folder is not None and (folder / STATE).is_file():
            task, folder = replace(task, seed=task.seed + 1), None
        return super().fit(pairs, task, folder, *rest)


class CostsTheSame(Correct):
    def operations(self, shape, n_classes):
        return 1e6


MUTANTS = {
    "learns": (LearnsNothing, "must be told from a dark ground"),
    "bands": (ForgetsRows, "bands must be all rows"),
    "same seed": (Unseeded, "must give the same segmenter"),
    "odd images": (LosesSmallOnes, "must give finite probabilities of its size"),
    "one class": (DividesByNothing, "must give finite numbers"),
    "ignored": (LearnsIgnored, "ignored pixels must count in no training"),
    "inputs unchanged": (Writes, "must not write into images or masks"),
    "history": (SkipsAnEpoch, "must be recorded once, in its order"),
    "best epoch": (KeepsTheWorst, "must be the first with the highest validation Dice"),
    "model file": (LosesItsThreshold, "must give the same probabilities"),
    "goes on": (BeginsAnew, "must end as an undisturbed one"),
    "declared cost": (CostsTheSame, "more for a larger image"),
}


@pytest.fixture(autouse=True)
def reader(monkeypatch):
    """Let the segmenter of this file be opened."""
    monkeypatch.setattr(creation, "READERS", {**creation.READERS, KIND: f"{__name__}:opened"})


def test_every_check_has_a_mutant():
    assert list(MUTANTS) == list(checks_of("segmenter"))
    assert len(MUTANTS) == 12


@pytest.mark.parametrize("check", MUTANTS)
def test_check_catches_its_mutant_and_not_the_correct_one(check):
    mutant, message = MUTANTS[check]
    assert message in problem_of(checks_of("segmenter")[check], mutant)
    assert problem_of(checks_of("segmenter")[check], Correct) == ""


@pytest.mark.slow
def test_a_small_unet_holds_the_contract():
    results = run_contract("segmenter", "unet", params=PARAMS)
    assert [result for result in results if result.problem] == []
    assert len(results) == 12
