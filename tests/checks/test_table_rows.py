"""Rows that are equal to others are named; where they disagree, that too."""

from pathlib import Path

from bioselect.checks.table_rows import row_findings
from bioselect.data.fingerprint import ImageFingerprint
from bioselect.data.records import ImageDataset, ImageRecord


def findings(targets, digests):
    names = [f"r{place}" for place in range(len(targets))]
    records = tuple(
        ImageRecord(name, Path("t.csv"), target, part=name)
        for name, target in zip(names, targets, strict=True)
    )
    marks = [
        ImageFingerprint(name, digest, picture_sha256=digest, maximum=1.0)
        for name, digest in zip(names, digests, strict=True)
    ]
    return row_findings(ImageDataset("t", Path(), records, ("a", "b")), marks)


def test_copies_and_contradictions():
    assert findings("aab", "xyz") == []
    [copies] = findings("aab", "xxz")
    assert copies.what == "2 rows are equal to others in all columns (r0 = r1)."
    _, torn = findings("abb", "xxz")
    assert "1 times equal rows have different targets (r0 and r1)." in torn.what
