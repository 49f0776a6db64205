"""Every built-in step holds the contract, and each check catches its mutant."""

import numpy as np
import pytest

from bioselect.augmentation.affine import AffineStep, HorizontalFlip
from bioselect.augmentation.mixup import Mixup
from bioselect.augmentation.step import Step
from bioselect.augmentation.table import STEPS
from bioselect.testing.contract import checks_of, problem_of, run_contract


class Dimmed(Step):
    """A correct step, to be broken below."""

    def draw(self, shape, rng):
        return np.float32(rng.uniform(0.5, 0.9))

    def image(self, image, drawn):
        return image * drawn


class TooOften(Dimmed):
    probability = 3


class Doubles(Dimmed):
    def image(self, image, drawn):
        return image * (1 + drawn)


class Halves(Dimmed):
    def image(self, image, drawn):
        return image[::2, ::2]


class Greys(Dimmed):
    """Takes images with three channels only, and says nothing of it."""

    def image(self, image, drawn):
        return image * np.float32([1.0, 0.5, 0.5])


class Idle(Dimmed):
    def image(self, image, drawn):
        return image


class OwnRandom(Dimmed):
    def image(self, image, drawn):
        return image * np.float32(np.random.default_rng().random())


class Remembers(Dimmed):
    """What it does to an image depends on how many came before."""

    def __init__(self):
        self.n_seen = 0

    def image(self, image, drawn):
        self.n_seen += 1
        return image * drawn / np.float32(self.n_seen)


class FollowsTheFirst(Dimmed):
    first = None

    def image(self, image, drawn):
        if self.first is None:
            self.first = float(image.mean())
        return image * np.float32(self.first)


class Writes(Dimmed):
    def image(self, image, drawn):
        if image.flags.writeable:
            image *= drawn
            return image
        return image * drawn


class GlobalRandom(Dimmed):
    def draw(self, shape, rng):
        np.random.random()
        return super().draw(shape, rng)


class ForgetsMask(HorizontalFlip):
    def mask(self, mask, drawn):
        return mask


class SmoothMask(AffineStep):
    def draw(self, shape, rng):
        return np.diag([-1.0, 1.0, 1.0])

    def mask(self, mask, drawn):
        return mask[:, ::-1] // 2


class LosesTargets(Mixup):
    def batch(self, images, targets, drawn, chosen):
        images, targets = super().batch(images, targets, drawn, chosen)
        return images, targets * np.float32(0.5)


MUTANTS = {
    "declared": (TooOften, "probability must be a number from 0 to 1. Got 3"),
    "result": (Doubles, "must return values from 0 to 1"),
    "changes something": (Idle, "the step must change images"),
    "same state": (OwnRandom, "must give the same image. Got different ones"),
    "inputs unchanged": (Writes, "must not write into what it is given"),
    "independent images": (FollowsTheFirst, "must not depend on the others of its batch"),
    "random state": (GlobalRandom, "must use the generator that it is given"),
    "masks": (ForgetsMask, "must be moved like its image"),
}


def test_every_check_has_a_mutant():
    assert list(MUTANTS) == list(checks_of("augmentation"))
    assert len(MUTANTS) == 8


@pytest.mark.parametrize("check", MUTANTS)
def test_check_catches_its_mutant(check):
    mutant, message = MUTANTS[check]
    assert message in problem_of(checks_of("augmentation")[check], mutant)
    assert problem_of(checks_of("augmentation")[check], Dimmed) == ""


@pytest.mark.parametrize(
    ("check", "mutant", "message"),
    [
        ("result", Halves, "must return float32 (32, 32, 3), as it was given"),
        ("result", Greys, "(24, 37, 1), as it was given. Got float32 (24, 37, 3)"),
        ("result", LosesTargets, "targets must keep their shape and sum"),
        ("same state", Remembers, "must keep nothing from one image to the next"),
        ("masks", SmoothMask, "must keep its own values"),
    ],
)
def test_other_faults_are_caught(check, mutant, message):
    assert message in problem_of(checks_of("augmentation")[check], mutant)


@pytest.mark.parametrize("name", STEPS)
def test_built_in_steps_hold_the_contract(name):
    results = run_contract("augmentation", name)
    assert len(results) == 8
    assert [result for result in results if result.problem] == []


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("rotation", {"degrees": [-180, 180]}),
        ("scale", {"factor": [0.5, 2]}),
        ("shift", {"x": [-0.5, 0.5], "y": [-0.5, 0.5]}),
        ("random_resized_crop", {"area": [0.01, 1], "ratio": [0.1, 10]}),
        ("brightness", {"amount": [-1, 1], "per_channel": True}),
        ("contrast", {"factor": [0, 4], "per_channel": True}),
        ("gamma", {"exponent": [0.2, 5], "per_channel": True}),
        ("saturation", {"factor": [0, 4]}),
        ("hue", {"degrees": [-180, 180]}),
        ("gaussian_noise", {"sd": [0, 1]}),
        ("gaussian_blur", {"sigma": [0, 50]}),
        ("elastic", {"displacement": [0, 0.3], "nodes": 32}),
        ("mixup", {"alpha": 10}),
    ],
)
def test_they_do_at_the_ends_of_their_ranges(name, params):
    # At such strengths a mask need not lie where a threshold of the image finds it.
    results = run_contract("augmentation", name, params=params, without=("masks",))
    assert [result for result in results if result.problem] == []
