"""Facts about files that give the class away."""

import numpy as np
import pytest

from bioselect.checks.findings import NOTE, WARNING
from bioselect.checks.shortcuts import shortcuts


@pytest.fixture
def images(image):
    """Return a function that makes 60 images of two classes, with facts by class and number."""

    def make(facts=lambda c, n: {}, suffix=lambda c, n: "png", group=lambda c, n: None):
        return [
            image(f"{c}/{n}.{suffix(c, n)}", str(c), group(c, n), **facts(c, n))
            for c in range(2)
            for n in range(30)
        ]

    return make


def test_images_that_are_alike_give_no_finding(images):
    assert shortcuts(images()) == []


@pytest.mark.parametrize(
    ("words", "arguments"),
    [
        ("the size of the image", {"facts": lambda c, n: {"width": 64 + 32 * c}}),
        ("the size of the image", {"facts": lambda c, n: {"height": 60 + 40 * c + n}}),
        ("its number of channels", {"facts": lambda c, n: {"n_channels": 1 + 2 * c}}),
        ("the type of its pixels", {"facts": lambda c, n: {"dtype": ("uint8", "uint16")[c]}}),
        ("the ending of its file", {"suffix": lambda c, n: ("png", "tif")[c]}),
        ("burnt-in text or marks", {"facts": lambda c, n: {"lettering": 0.01 * c}}),
    ],
)
def test_each_fact_that_gives_the_class_away(images, words, arguments):
    found = shortcuts(images(**arguments))
    assert [item.severity for item in found] == [WARNING]
    assert f"told by {words} alone: such a guess is right for 100 %" in found[0].what
    assert "(chance: 50 %)" in found[0].what


def test_facts_that_vary_in_both_classes_alike(images):
    random = np.random.default_rng(0)
    sizes = random.integers(50, 500, (2, 30, 2))
    facts = {"facts": lambda c, n: {"width": int(sizes[c, n, 0]), "height": int(sizes[c, n, 1])}}
    assert shortcuts(images(**facts, suffix=lambda c, n: ("png", "jpg", "JPEG")[n % 3])) == []


def test_two_spellings_of_one_ending_are_one(images):
    assert shortcuts(images(suffix=lambda c, n: ("jpg", "jpeg")[c])) == []


def test_sizes_of_patients_are_no_shortcut(images):
    # Each patient has its size and one class: a patient that is left out has a size never seen.
    random = np.random.default_rng(1)
    widths = random.permutation(np.arange(100, 112))
    facts = {"facts": lambda c, n: {"width": int(widths[6 * c + n % 6])}}
    assert shortcuts(images(**facts, group=lambda c, n: f"{c}-{n % 6}")) == []


def test_few_images_say_nothing(image):
    few = [image(f"{c}/{n}.png", str(c), width=64 + c) for c in range(2) for n in range(9)]
    assert shortcuts(few) == []


def test_numbers_that_the_size_gives_away(image):
    """Ninety images of three sizes: the larger, the higher their number."""
    sized = [image(f"{n}.png", float(n), width=64 + 32 * (n // 30)) for n in range(90)]
    (finding,) = shortcuts(sized)
    assert "whether the number is low, middle or high" in finding.what
    assert "told by the size of the image alone: such a guess is right for 100 %" in finding.what
    assert "(chance: 33 %)" in finding.what
    assert shortcuts([image(f"{n}.png", float(n)) for n in range(90)]) == []


def varied(seed=0):
    """Return light of each image by class and number, and noise to go with it."""
    return np.random.default_rng(seed).normal(0, 1, (2, 30, 3))


def test_brightness_that_the_border_has_too_is_warned_of(images):
    noise = varied()

    def facts(c, n):
        light = 100 + 30 * c + 5 * noise[c, n]
        return {"brightness": tuple(light), "border": tuple(light + noise[c, n, ::-1])}

    (found,) = shortcuts(images(facts))
    assert found.severity == WARNING
    assert "by its mean brightness alone" in found.what
    assert "The border of the images tells it too" in found.remedy


def test_brightness_of_what_is_seen_is_noted_once(images):
    noise = varied()

    def facts(c, n):
        light = tuple(100 + 30 * c + 5 * noise[c, n])
        return {
            "brightness": light,
            "border": tuple(90 + noise[c, n]),
            "n_bytes": int(50 * light[0]),
        }

    (found,) = shortcuts(images(facts))
    assert found.severity == NOTE
    assert "by its mean brightness alone" in found.what
    assert "by the size of its file alone" in found.what
    assert "by how much the best combination does better" in found.remedy


def test_a_border_that_tells_much_less_is_of_what_is_seen_too(images):
    noise = varied()

    def facts(c, n):
        light = tuple(100 + 60 * c + 5 * noise[c, n])
        # Two thirds of the second class reach to the border.
        return {"brightness": light, "border": (90.0 + 30 * (c * n % 3 > 0) + noise[c, n, 0],)}

    (found,) = shortcuts(images(facts))
    assert "by the colour of its border alone" in found.what
    assert found.severity == NOTE


def test_files_of_other_days_are_noted_and_those_of_one_day_are_not(images):
    day = 86400.0
    (found,) = shortcuts(images(lambda c, n: {"modified": (20000 + 3 * c + n % 2) * day}))
    assert found.severity == NOTE
    assert "by the date of its file alone" in found.what
    assert "Copying a file often sets its date" in found.remedy
    # Copied class by class around midnight.
    assert shortcuts(images(lambda c, n: {"modified": 20000 * day - 30 + 30 * c + n / 2})) == []


def test_a_larger_image_with_a_larger_file_is_told_of_once(images):
    def facts(c, n):
        return {"width": 64 + 32 * c, "n_bytes": 5000 + 2500 * c + n, "focus": 1.0 + c}

    (found,) = shortcuts(images(facts))
    assert "by the size of the image alone" in found.what


def test_patients_count_and_not_images(images):
    """Light of the day differs between patients of one class each; many images make it no surer."""
    n_told = 0
    for seed in range(20):
        lights = np.random.default_rng(seed).normal(100, 20, (2, 6))
        noise = varied(seed)

        def facts(c, n, lights=lights, noise=noise):
            return {"brightness": tuple(lights[c, n % 6] + noise[c, n])}

        n_told += bool(shortcuts(images(facts, group=lambda c, n: f"{c}-{n % 6}")))
    assert n_told <= 1


def test_too_few_patients_of_a_class_say_nothing(images):
    facts = {"facts": lambda c, n: {"width": 64 + 32 * c}}
    assert shortcuts(images(**facts, group=lambda c, n: f"{c}-{n % 4}")) == []
    assert len(shortcuts(images(**facts, group=lambda c, n: f"{c}-{n % 5}"))) == 1
