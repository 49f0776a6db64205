import json

import pytest

from bioselect.data.stacks import Stack, stack_problem
from bioselect.exceptions import ConfigurationError

GOOD = [
    {"projection": "max"},
    {"projection": "mean"},
    "middle",
    "channels",
    "all",
    {"every": 5},
]


@pytest.mark.parametrize("value", GOOD)
def test_what_a_configuration_says_comes_back(value):
    assert stack_problem(value) == ""
    assert Stack.from_config(json.loads(json.dumps(value))).as_config() == value


def test_which_modes_make_images_of_the_planes():
    listing = [Stack.from_config(value).lists_planes for value in GOOD]
    assert listing == [False, False, False, False, True, True]
    assert Stack.from_config({"every": 1}) == Stack.from_config("all") == Stack("every", 1)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("max", "must be null, {projection: max}, {projection: mean}, middle, all or {every: N}, "
                "or channels. Got 'max'."),
        (5, "Got 5."),
        (True, "Got true."),
        (None, "Got null."),
        ([], "Got []."),
        ({}, "Got {}."),
        ({"every": 2, "projection": "max"}, "Got {every: 2, projection: max}."),
        ({"each": 2}, "Got {each: 2}."),
        ({"projection": "min"}, "projection must be max or mean. Got 'min'."),
        ({"projection": ["max"]}, "projection must be max or mean. Got ['max']."),
        ({"every": 0}, "every must be a whole number of at least 1. Got 0."),
        ({"every": 2.5}, "every must be a whole number of at least 1. Got 2.5."),
        ({"every": True}, "every must be a whole number of at least 1. Got true."),
    ],
)  # fmt: skip
def test_anything_else_is_an_error(value, message):
    assert stack_problem(value).endswith(message)
    with pytest.raises(ConfigurationError, match=r"^dataset\.stack: "):
        Stack.from_config(value)


@pytest.mark.parametrize(("mode", "step"), [("every", 0), ("every", -2), ("sum", 0), ("max", 3)])
def test_a_stack_that_cannot_be_is_an_error(mode, step):
    with pytest.raises(ConfigurationError, match=r"^dataset\.stack: "):
        Stack(mode, step)


def test_it_can_be_said_in_words():
    assert [Stack.from_config(value).in_words() for value in GOOD] == [
        "{projection: max}",
        "{projection: mean}",
        "middle",
        "channels",
        "all",
        "{every: 5}",
    ]
