"""Findings in words, and their order."""

import pytest

from bioselect.checks.findings import ERROR, NOTE, WARNING, Finding, in_order


@pytest.mark.parametrize(
    ("finding", "line"),
    [
        (
            Finding(WARNING, "a/1.png", "every pixel has the value 0.", "Look at it."),
            "warning: a/1.png: every pixel has the value 0. Look at it.",
        ),
        (Finding(NOTE, "", "files were left aside.", ""), "note: files were left aside."),
        # An error of reading names the file itself, with its folder.
        (
            Finding(ERROR, "a/1.png", "images/a/1.png: it is empty.", "Repair it."),
            "error: images/a/1.png: it is empty. Repair it.",
        ),
        (
            Finding(ERROR, "a/1.png", "images\\a\\1.png: it is empty.", "Repair it."),
            "error: images\\a\\1.png: it is empty. Repair it.",
        ),
        # The name of one image may be part of the name of another.
        (
            Finding(NOTE, "a.png", "has the same pixels as data.png.", "Kept together."),
            "note: a.png: has the same pixels as data.png. Kept together.",
        ),
    ],
)
def test_one_line_that_names_the_image_once(finding, line):
    assert finding.in_words() == line


def test_severest_first_then_by_image():
    findings = [
        Finding(NOTE, "a", "x", ""),
        Finding(WARNING, "c", "x", ""),
        Finding(WARNING, "b", "y", ""),
        Finding(WARNING, "b", "x", ""),
        Finding(ERROR, "z", "x", ""),
    ]
    order = [(f.severity, f.image, f.what) for f in in_order(findings)]
    assert order == [
        ("error", "z", "x"),
        ("warning", "b", "x"),
        ("warning", "b", "y"),
        ("warning", "c", "x"),
        ("note", "a", "x"),
    ]
