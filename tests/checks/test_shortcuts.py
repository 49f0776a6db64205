"""Facts about files that give the class away."""

import numpy as np
import pytest

from bioselect.checks.findings import WARNING
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
