"""The rows say what the classes do."""

import inspect

import pytest

from bioselect.augmentation.step import BatchStep, Step
from bioselect.augmentation.table import STEPS
from bioselect.component import ComponentSpec
from bioselect.exceptions import ComponentError
from bioselect.registry import create, import_target, parameter_problems


def test_the_steps_that_are_promised_are_there():
    assert set(STEPS) == {
        "horizontal_flip", "vertical_flip", "rotation", "rotation_90", "random_resized_crop",
        "scale", "shift", "brightness", "contrast", "saturation", "hue", "gamma",
        "gaussian_noise", "gaussian_blur", "elastic", "cutout", "mixup",
    }  # fmt: skip


@pytest.mark.parametrize("name", STEPS)
def test_parameters_and_defaults_are_those_of_the_class(name):
    row = STEPS[name]
    target = import_target(row.target)
    assert issubclass(target, Step | BatchStep)
    taken = inspect.signature(target).parameters
    assert {one.name: one.default for one in row.parameters} == {
        one.name: one.default for one in taken.values()
    }
    assert row.parameters[-1].name == "probability"


@pytest.mark.parametrize(
    ("name", "params", "problem"),
    [
        (
            "rotation",
            {"degrees": 15},
            "params.degrees: must be two numbers from -180 to 180, the lowest first. Got 15.",
        ),
        (
            "rotation",
            {"degrees": [10, -10]},
            "params.degrees: must be two numbers from -180 to 180, the lowest first. "
            "Got [10, -10].",
        ),
        (
            "scale",
            {"factor": [0.1, 1]},
            "params.factor: must be two numbers from 0.5 to 2, the lowest first. Got [0.1, 1].",
        ),
        (
            "shift",
            {"x": [0.1]},
            "params.x: must be two numbers from -0.5 to 0.5, the lowest first. Got [0.1].",
        ),
        (
            "gamma",
            {"exponent": [True, 2]},
            "params.exponent: must be two numbers from 0.2 to 5, the lowest first. Got [True, 2].",
        ),
        (
            "cutout",
            {"probability": 2},
            "params.probability: must be at most 1. Got 2. If that was meant in percent, write "
            "0.02.",
        ),
    ],
)
def test_what_is_wrong_is_said(name, params, problem):
    assert parameter_problems(STEPS[name], params) == [problem]
    with pytest.raises(ComponentError, match="augmentation"):
        create("augmentation", ComponentSpec.of(name, params))
