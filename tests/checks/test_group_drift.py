"""Groups that were taken otherwise: planted ones are told of, and chance ones are not."""

import numpy as np
import pytest

from bioselect.checks.findings import NOTE, WARNING
from bioselect.checks.group_drift import group_drift, outlying_groups

N_GROUPS, N_IMAGES = 20, 6


@pytest.fixture
def images(image):
    """Return a function that makes 20 groups of 6; `odd` are facts of the last one."""

    def make(seed=0, spread=0.02, odd=lambda light: {}, target=lambda g: "ab"[g % 2]):
        random = np.random.default_rng(seed)
        rows = []
        for group in range(N_GROUPS):
            of_group = random.normal(0, spread)
            for number in range(N_IMAGES):
                light = 100 * np.exp(of_group + random.normal(0, 0.05))
                facts = {
                    "brightness": (light, light * np.exp(random.normal(0, 0.02)), light),
                    "focus": float(np.exp(random.normal(0, 0.1))),
                }
                if group == N_GROUPS - 1:
                    facts |= odd(light)
                rows.append(image(f"{group}/{number}.png", target(group), f"g{group:02d}", **facts))
        return rows

    return make


@pytest.mark.parametrize("seed", range(5))
def test_groups_as_they_are_give_no_finding(images, seed):
    assert group_drift(images(seed)) == []


@pytest.mark.parametrize(
    ("odd", "words"),
    [
        (lambda light: {"brightness": (3 * light,) * 3}, "mean brightness"),
        (lambda light: {"brightness": (3 * light, light, light)}, "colour (first to second"),
        (lambda light: {"focus": 0.1 + light * 1e-4}, "sharpness"),
        (
            lambda light: {"share_at_maximum": 0.3 + light * 1e-4, "maximum": 255.0},
            "over-exposed pixels",
        ),
    ],
)
def test_a_group_that_was_taken_otherwise(images, odd, words):
    found = [one for one in group_drift(images(odd=odd)) if one.severity == WARNING]
    assert any(words in one.what and "the group 'g19'" in one.what for one in found)
    assert all("'g19'" in one.what for one in found)


def test_what_is_usual_is_told_in_the_units_of_the_file(images):
    (found,) = group_drift(images(odd=lambda light: {"brightness": (3 * light,) * 3}))[:1]
    said, usual = (
        float(part.split()[0]) for part in found.what.split("brightness: ")[1].split("middle, ")
    )
    assert said == pytest.approx(300, rel=0.1)
    assert usual.__round__(-1) == pytest.approx(100, rel=0.1)


def test_groups_that_differ_much_are_noted_with_what_cannot_be_told(images):
    (nested,) = group_drift(images(spread=0.3))
    assert nested.severity == NOTE
    assert "groups differ in mean brightness (9" in nested.what
    assert "each group is of one class" in nested.remedy


def test_a_disease_of_some_patients_is_no_drift(image):
    # Half of the patients are ill, and their images twice as bright.
    random = np.random.default_rng(0)
    rows = [
        image(
            f"{g}/{n}.png",
            "ab"[g % 2],
            f"g{g}",
            brightness=((1 + g % 2) * 100 * np.exp(random.normal(0, 0.05)),) * 3,
            focus=1.0,
        )
        for g in range(20)
        for n in range(6)
    ]
    assert group_drift(rows) == []


def test_a_blank_image_hides_nothing(images, image):
    rows = images(odd=lambda light: {"focus": 0.1 + light * 1e-4})
    rows.append(image("blank.png", "a", "g00", minimum=7.0, maximum=7.0, focus=0.0))
    assert any("sharpness" in one.what for one in group_drift(rows))


def test_few_groups_say_nothing(images):
    few = [one for one in images(spread=0.5) if one[0].group < "g07"]
    assert group_drift(few) == []


@pytest.mark.parametrize(("place", "expected"), [(5.0, {}), (40.0, {19: 40.0})])
def test_a_group_has_to_be_further_out_than_chance_puts_one(place, expected):
    # Groups are at -1, 0 and 1; 5 is 3.4 of their standard deviations.
    middles = np.append(np.resize([-1.0, 0.0, 1.0], 19), place)
    values = np.repeat(middles, 5) + np.tile([-0.2, -0.1, 0.0, 0.1, 0.2], 20)
    groups = np.repeat(np.arange(20), 5)
    assert outlying_groups(values, groups, 5) == pytest.approx(expected)
