"""Built-in networks hold the contract, and each check catches its mutant."""

from dataclasses import replace

import numpy as np
import pytest

from bioselect.component import ComponentSpec
from bioselect.networks.classifier import NetworkClassifier
from bioselect.networks.pixels import ArrayPixels
from bioselect.testing.contract import checks_of, problem_of, run_contract

PARAMS = {
    "filters": 4,
    "n_blocks": 1,
    "batch_size": 8,
    "optimizer": "sgd",
    "learning_rate": 0.1,
}


class Correct(NetworkClassifier):
    """A correct network, to be broken below."""

    def __init__(self):
        super().__init__(ComponentSpec.of("small_cnn", PARAMS))


def trained_as(network, predict=None, **changed):
    """Return a trained network that predicts, or tells, something else."""
    other = replace(network, **changed)
    if predict is not None:
        object.__setattr__(other, "predict_proba", predict)
    return other


class LearnsNothing(Correct):
    def fit(self, pixels, task, *rest):
        mixed = np.roll(task.class_indices, 1) * (np.arange(len(task.class_indices)) % 4 < 2)
        return super().fit(pixels, replace(task, class_indices=mixed), *rest)


class ForgetsClasses(Correct):
    def fit(self, pixels, task, *rest):
        n_classes = len(np.unique(task.class_indices))
        return super().fit(pixels, replace(task, n_classes=n_classes), *rest)


class Unseeded(Correct):
    def fit(self, pixels, task, *rest):
        seed = int(np.random.default_rng().integers(1 << 30))
        return super().fit(pixels, replace(task, seed=seed), *rest)


class DividesBySize(Correct):
    def fit(self, pixels, task, *rest):
        trained = super().fit(pixels, task, *rest)
        if pixels.shape[0] % 2 == 0:
            return trained
        rows = trained.predict_proba
        return trained_as(trained, lambda *given: rows(*given) * np.float32(np.nan))


class NeedsTwoImages(Correct):
    def fit(self, pixels, task, *rest):
        trained = super().fit(pixels, task, *rest)
        rows = trained.predict_proba
        spread = np.float32(np.nan if len(task.train) < 2 else 1)
        return trained_as(trained, lambda *given: rows(*given) * spread)


class Writes(Correct):
    def fit(self, pixels, task, *rest):
        if pixels.images.flags.writeable:
            pixels.images[0] *= 0.5
        return super().fit(pixels, task, *rest)


class SkipsAnEpoch(Correct):
    def fit(self, pixels, task, *rest):
        trained = super().fit(pixels, task, *rest)
        return trained_as(trained, history=trained.history[1:])


class KeepsTheWorst(Correct):
    def fit(self, pixels, task, *rest):
        trained = super().fit(pixels, task, *rest)
        worst = int(np.argmax([record.val_loss for record in trained.history])) + 1
        return trained_as(trained, best_epoch=worst)


class LooksAround(Correct):
    def fit(self, pixels, task, *rest):
        trained = super().fit(pixels, task, *rest)

        def predict(pixels, places):
            images = pixels.batch(places)
            centred = np.clip(images - images.mean(axis=0) + 0.5, 0, 1)
            return type(trained).predict_proba(
                trained, ArrayPixels(centred), np.arange(len(places))
            )

        return trained_as(trained, predict)


class LosesItsWeights(Correct):
    def fit(self, pixels, task, *rest):
        trained = super().fit(pixels, task, *rest)

        def save(path):
            kept = trained.model.get_weights()
            trained.model.set_weights([np.zeros_like(array) for array in kept])
            type(trained).save(trained, path)
            trained.model.set_weights(kept)

        object.__setattr__(trained, "save", save)
        return trained


class ForgetsItsMomentum(Correct):
    """Begins the remaining epochs as a training of its own."""

    def fit(self, pixels, task, folder=None, *rest):
        if folder is not None and (folder / "state.npy").exists():
            task, folder = replace(task, seed=task.seed + 1), None
        return super().fit(pixels, task, folder, *rest)


class CostsNothing(Correct):
    def operations(self, input_shape, n_classes):
        return 0.0


MUTANTS = {
    "learns": (LearnsNothing, "must be told apart"),
    "probabilities": (ForgetsClasses, "must be float32 (n_images, n_classes)"),
    "same seed": (Unseeded, "must give the same network"),
    "odd images": (DividesBySize, "must give finite probabilities"),
    "small batches": (NeedsTwoImages, "1 image(s) to train on must give finite"),
    "inputs unchanged": (Writes, "must not write into images"),
    "history": (SkipsAnEpoch, "must be recorded once, in its order"),
    "best epoch": (KeepsTheWorst, "must have the lowest validation loss"),
    "image alone": (LooksAround, "must be predicted as in a batch"),
    "model file": (LosesItsWeights, "read from its file must predict the same"),
    "goes on": (ForgetsItsMomentum, "must end as an undisturbed one"),
    "declared cost": (CostsNothing, "must be a finite number above 0"),
}


def test_every_check_has_a_mutant():
    assert list(MUTANTS) == list(checks_of("network"))
    assert len(MUTANTS) == 12


@pytest.mark.parametrize("check", MUTANTS)
def test_check_catches_its_mutant(check):
    mutant, message = MUTANTS[check]
    assert message in problem_of(checks_of("network")[check], mutant)


def test_a_small_network_holds_the_contract():
    results = run_contract("network", "small_cnn", params=PARAMS)
    assert [result for result in results if result.problem] == []
    assert len(results) == 12
