"""What is noticed about images: unreadable, blank, twice there, of mixed kinds."""

import numpy as np
import pytest
from PIL import Image

from bioselect.checks.findings import ERROR, NOTE, WARNING
from bioselect.checks.images import image_findings
from bioselect.data.fingerprint import ImageFingerprint, fingerprint_images
from bioselect.data.records import ImageRecord
from bioselect.progress import SILENT


def record(name, target="cell"):
    return ImageRecord(name, name, target, None)


def mark(name, pixels="p", n_channels=3, dtype="uint8", minimum=0.0, maximum=9.0, error=""):
    return ImageFingerprint(
        name, "f" * 64, pixels, pixels, 4, 4, n_channels, dtype, minimum, maximum, error
    )


def found(records, marks, excluding=False):
    return [(f.severity, f.image) for f in image_findings(records, marks, excluding)]


def test_fine_images_give_no_finding():
    records = [record("a"), record("b")]
    assert image_findings(records, [mark("a", "p1"), mark("b", "p2")]) == []


@pytest.mark.parametrize(
    ("excluding", "severity", "remedy"),
    [(False, ERROR, "on_bad_image: exclude"), (True, WARNING, "left out")],
)
def test_unreadable_images_stop_the_work_unless_they_are_left_out(excluding, severity, remedy):
    marks = [mark("a", "p1"), mark("b", "", error="b: it is empty.")]
    (finding,) = image_findings([record("a"), record("b")], marks, excluding)
    assert (finding.severity, finding.image, finding.what) == (severity, "b", "b: it is empty.")
    assert remedy in finding.remedy


def test_two_unreadable_images_are_no_duplicates():
    records = [record("a"), record("b", "debris")]
    marks = [mark(name, "", error=f"{name}: it is empty.") for name in "ab"]
    assert found(records, marks) == [(ERROR, "a"), (ERROR, "b")]


def test_blank_images_are_named_with_their_value_and_are_no_duplicates():
    records = [record("a"), record("b")]
    marks = [mark(name, "p", minimum=255.0, maximum=255.0) for name in "ab"]
    findings = image_findings(records, marks)
    assert [(f.severity, f.image) for f in findings] == [(WARNING, "a"), (WARNING, "b")]
    assert findings[0].what == "every pixel has the value 255."


def test_copies_are_noted_and_contradicting_labels_are_warned_of():
    records = [record("a"), record("b"), record("c", "debris"), record("d")]
    marks = [mark("a", "p1"), mark("b", "p1"), mark("c", "p1"), mark("d", "p2")]
    same, other = image_findings(records, marks)
    assert (same.severity, same.image) == (NOTE, "b")
    assert "same pixels as a." in same.what
    assert (other.severity, other.image) == (WARNING, "c")
    assert "'debris' instead of 'cell'" in other.what


def test_copies_with_other_labels_are_warned_of():
    labels = [("effusion", "mass"), ("effusion", "mass"), ("mass",), ()]
    records = [record(name, target) for name, target in zip("abcd", labels, strict=True)]
    same, fewer, none = image_findings(records, [mark(name, "p1") for name in "abcd"])
    assert (same.severity, same.image) == (NOTE, "b")
    assert (fewer.severity, fewer.image) == (WARNING, "c")
    assert "pixels as a, but the labels mass instead of effusion|mass." in fewer.what
    assert "pixels as a, but the labels none instead of effusion|mass." in none.what


def test_mixed_channels_and_pixel_types_are_counted():
    records = [record(name) for name in "abc"]
    marks = [mark("a", "1"), mark("b", "2", 1, "uint16"), mark("c", "3")]
    channels, types = image_findings(records, marks)
    assert "different numbers of channels: 3 (2 images, such as a), 1 (b)." in channels.what
    assert "different pixel types: uint8 (2 images, such as a), uint16 (b)." in types.what
    assert {channels.severity, types.severity} == {WARNING}


def test_findings_of_real_files(tmp_path):
    random = np.random.default_rng(0)
    pixels = random.integers(0, 255, (8, 8, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    Image.fromarray(pixels).save(tmp_path / "b.bmp")  # other bytes, the same pixels
    Image.fromarray(np.full((8, 8, 3), 7, dtype=np.uint8)).save(tmp_path / "blank.png")
    (tmp_path / "bad.png").write_bytes(b"")
    names = ["a.png", "b.bmp", "bad.png", "blank.png"]
    records = [ImageRecord(name, tmp_path / name, "cell", None) for name in names]
    marks = fingerprint_images(records, None, SILENT, 1)
    expected = [(ERROR, "bad.png"), (WARNING, "blank.png"), (NOTE, "b.bmp")]
    assert found(records, marks) == expected
