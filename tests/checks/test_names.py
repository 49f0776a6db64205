"""Names of files that are nearly the same."""

import pytest

from bioselect.checks.findings import NOTE, WARNING
from bioselect.checks.names import similar_names


def test_different_names_give_no_finding(image):
    names = ("a/1.png", "a/10.png", "a/1.5.png", "b/1.png")
    assert similar_names([image(name) for name in names]) == []


@pytest.mark.parametrize(
    ("other", "look", "severity", "words"),
    [
        ("a/1.jpg", "0f" * 32, WARNING, "shows the same with other pixel values"),
        ("a/1.tif", "f0" * 32, NOTE, "shows something else"),
        ("a/1.PNG", "0f" * 32, NOTE, "differs from a/1.PNG in capitals only"),
        ("b/1.jpg", "0f" * 32, None, ""),
    ],
)
def test_names_that_differ_in_their_ending_or_capitals(image, other, look, severity, words):
    found = similar_names([image(other, look=look), image("a/1.png")])
    assert [item.severity for item in found] == [severity] * bool(severity)
    assert all(words in item.what for item in found)


def test_accents_that_are_stored_in_two_ways(image):
    (finding,) = similar_names([image("z\u00e4hler.png"), image("za\u0308hler.png")])
    assert "in how its accents are stored only" in finding.what


def test_a_copy_with_another_ending_is_told_of_as_a_copy(image):
    assert similar_names([image(name, pixels="same") for name in ("1.bmp", "1.png")]) == []


def test_planes_of_one_file_have_its_name(image):
    planes = [image(f"stack.tif#{n}", part=str(n)) for n in range(3)]
    assert similar_names(planes) == []
