"""Networks that learn a number hold the contract, and each check catches its mutant."""

from dataclasses import replace

import numpy as np
import pytest

from bioselect.component import ComponentSpec
from bioselect.networks.builtin import NETWORKS
from bioselect.networks.builtin_of_values import NOT_OF_VALUES, VALUE_NETWORKS
from bioselect.networks.pixels import ArrayPixels
from bioselect.networks.regressor import NetworkRegressor
from bioselect.testing.contract import checks_of, problem_of, run_contract

PARAMS = {"filters": 4, "n_blocks": 1, "batch_size": 8, "learning_rate": 0.02}


class Correct(NetworkRegressor):
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
    def fit(self, pixels, task, *rest, **more):
        mixed = np.roll(task.class_indices, 7)
        return super().fit(pixels, replace(task, class_indices=mixed), *rest, **more)


class GivesARow(Correct):
    def fit(self, *given, **more):
        trained = super().fit(*given, **more)
        rows = trained.predict_proba
        return trained_as(trained, lambda *asked: rows(*asked)[:, [0, 0]])


class KeepsItsOwnUnits(Correct):
    def fit(self, pixels, task, *rest, **more):
        numbers = np.where(task.class_indices > 1000, 1000.0, task.class_indices)
        return super().fit(pixels, replace(task, class_indices=numbers), *rest, **more)


class Unseeded(Correct):
    def fit(self, pixels, task, *rest, **more):
        seed = int(np.random.default_rng().integers(1 << 30))
        return super().fit(pixels, replace(task, seed=seed), *rest, **more)


class DividesBySize(Correct):
    def fit(self, pixels, task, *rest, **more):
        trained = super().fit(pixels, task, *rest, **more)
        if pixels.shape[0] % 2 == 0:
            return trained
        rows = trained.predict_proba
        return trained_as(trained, lambda *asked: rows(*asked) * np.float32(np.nan))


class DividesBySpread(Correct):
    def fit(self, pixels, task, *rest, **more):
        trained = super().fit(pixels, task, *rest, **more)
        spread = np.float32(1.0 if task.class_indices[task.train].std() else np.nan)
        rows = trained.predict_proba
        return trained_as(trained, lambda *asked: rows(*asked) * spread)


class Writes(Correct):
    def fit(self, pixels, task, *rest, **more):
        if pixels.images.flags.writeable:
            pixels.images[0] *= 0.5
        return super().fit(pixels, task, *rest, **more)


class TellsErrorsOfItsOwn(Correct):
    def fit(self, pixels, task, *rest, progress=None):
        trained = super().fit(pixels, task, *rest)
        history = tuple(
            replace(one, val_error=one.val_error / task.scale.unit) for one in trained.history
        )
        for one in history if progress else ():
            progress(one, len(history), 0.0)
        return trained_as(trained, history=history)


class LooksAround(Correct):
    def fit(self, *given, **more):
        trained = super().fit(*given, **more)

        def predict(pixels, places):
            images = pixels.batch(places)
            centred = np.clip(images - images.mean(axis=0) + 0.5, 0, 1)
            return type(trained).predict_proba(
                trained, ArrayPixels(centred), np.arange(len(places))
            )

        return trained_as(trained, predict)


class LosesItsWeights(Correct):
    def fit(self, *given, **more):
        trained = super().fit(*given, **more)

        def save(path):
            kept = trained.model.get_weights()
            trained.model.set_weights([np.zeros_like(array) for array in kept])
            type(trained).save(trained, path)
            trained.model.set_weights(kept)

        object.__setattr__(trained, "save", save)
        return trained


class BeginsAnew(Correct):
    def fit(self, pixels, task, folder=None, **more):
        if folder is not None and (folder / "state.npy").exists():
            task, folder = replace(task, seed=task.seed + 1), None
        return super().fit(pixels, task, folder, **more)


class CostsNothing(Correct):
    def operations(self, input_shape, n_classes):
        return 0.0


MUTANTS = {
    "learns": (LearnsNothing, "brightness of images must be learnt"),
    "numbers": (GivesARow, "must be finite float32 (n_images, 1)"),
    "units": (KeepsItsOwnUnits, "in other units must be learnt in the same way"),
    "same seed": (Unseeded, "must give the same network"),
    "odd images": (DividesBySize, "must give finite numbers"),
    "small sets": (DividesBySpread, "1 image(s) to train on must give finite"),
    "inputs unchanged": (Writes, "must not write into images"),
    "history": (TellsErrorsOfItsOwn, "the recorded error must be that of the best epoch"),
    "image alone": (LooksAround, "must be predicted as in a batch"),
    "model file": (LosesItsWeights, "read from its file must predict the same"),
    "goes on": (BeginsAnew, "must end as an undisturbed one"),
    "declared cost": (CostsNothing, "must be a finite number above 0"),
}


def test_every_check_has_a_mutant():
    assert list(MUTANTS) == list(checks_of("value_network"))
    assert len(MUTANTS) == 12


@pytest.mark.parametrize("check", MUTANTS)
def test_check_catches_its_mutant(check):
    mutant, message = MUTANTS[check]
    assert message in problem_of(checks_of("value_network")[check], mutant)


def test_a_small_network_holds_the_contract():
    results = run_contract("value_network", "small_cnn", params=PARAMS)
    assert [result for result in results if result.problem] == []
    assert len(results) == 12


def test_rows_are_those_of_classes_without_what_is_about_classes():
    assert list(VALUE_NETWORKS) == list(NETWORKS)
    refused = {name for name, _ in NOT_OF_VALUES}
    for name, row in VALUE_NETWORKS.items():
        names = {one.name for one in row.parameters}
        assert names == {one.name for one in NETWORKS[name].parameters} - refused
        [loss] = [one for one in row.parameters if one.name == "loss"]
        assert (loss.default, loss.choices) == ("mse", ("mse", "mae", "huber"))
