"""Images that are there twice."""

import os

import pytest

from bioselect.checks.copies import copied_images
from bioselect.checks.findings import NOTE, WARNING
from bioselect.data.records import ImageRecord


def kinds(readable):
    return [(item.kind, item.severity, item.image) for item in copied_images(readable)]


def test_different_pixels_are_no_copies(image):
    assert copied_images([image("a.png", pixels="1"), image("b.png", pixels="2")]) == []


def test_each_copy_but_the_first_is_named(image):
    readable = [image(f"{name}.png", pixels="same") for name in "abc"]
    assert kinds(readable) == [("copy", NOTE, "b.png"), ("copy", NOTE, "c.png")]


def test_a_copy_in_another_class_and_in_another_group(image):
    first = image("a.png", "healthy", "p1", pixels="same")
    assert kinds([first, image("b.png", "tumour", "p1", pixels="same")]) == [
        ("conflicting copy", WARNING, "b.png")
    ]
    assert kinds([first, image("b.png", "healthy", "p2", pixels="same")]) == [
        ("copy in another group", WARNING, "b.png")
    ]
    both = copied_images([first, image("b.png", "tumour", "p2", pixels="same")])
    assert sorted(item.kind for item in both) == ["conflicting copy", "copy in another group"]
    assert "the class 'tumour' instead of 'healthy'" in both[0].what


def test_constant_images_are_no_copies(image):
    blank = [image(f"{n}.png", pixels="same", minimum=3.0, maximum=3.0) for n in range(2)]
    assert copied_images(blank) == []


@pytest.mark.parametrize("link", [os.symlink, os.link])
def test_two_links_to_one_file_are_called_so(image, tmp_path, link):
    (tmp_path / "a.png").write_bytes(b"x")
    link(tmp_path / "a.png", tmp_path / "b.png")
    readable = []
    for name in ("a.png", "b.png"):
        _, mark = image(name, pixels="same")
        readable.append((ImageRecord(name, tmp_path / name, "cell", None), mark))
    (finding,) = copied_images(readable)
    assert "same file" in finding.what


def test_a_copy_with_another_number(image):
    first = image("a.png", 7.5, pixels="same")
    (finding,) = copied_images([first, image("b.png", 9.0, pixels="same")])
    assert (finding.kind, finding.severity) == ("conflicting copy", WARNING)
    assert "but the number is 9 instead of 7.5." in finding.what
