"""Findings in words, and their order."""

import pytest

from bioselect.checks.findings import ERROR, NOTE, WARNING, Finding, in_order, in_words


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


def alike(severity, count, kind):
    return [Finding(severity, f"{n}.png", f"{kind}.", "", kind) for n in range(count)]


def test_of_many_alike_the_first_are_told_and_the_others_counted():
    lines = in_words([*alike(NOTE, 3, "copy"), *alike(WARNING, 9, "blank")])
    assert lines == [
        *[f"warning: {n}.png: blank." for n in range(5)],
        "... and 4 more such warnings; a run lists all in findings.csv",
        *[f"note: {n}.png: copy." for n in range(3)],
    ]


def test_every_kind_of_warning_is_told_but_not_every_note():
    warnings = [one for kind in "abcd" for one in alike(WARNING, 4, kind)]
    assert len(in_words(warnings)) == 16
    notes = [one for kind in "abcd" for one in alike(NOTE, 4, kind)]
    lines = in_words(notes)
    assert len(lines) == 11
    assert lines[-1] == "... and 6 more notes; a run lists all in findings.csv"
