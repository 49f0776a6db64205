"""Findings about the rows of a table: copies of one another, and copies that disagree."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from bioselect.checks.findings import NOTE, WARNING, Finding
from bioselect.data.fingerprint import ImageFingerprint
from bioselect.data.records import ImageDataset

_N_LISTED = 3


def row_findings(dataset: ImageDataset, marks: Sequence[ImageFingerprint]) -> list[Finding]:
    """Return what is noticed about rows with equal features."""
    same: dict[str, list[int]] = defaultdict(list)
    for place, mark in enumerate(marks):
        if not mark.is_constant:
            same[mark.picture_sha256].append(place)
    copies = [places for places in same.values() if len(places) > 1]
    if not copies:
        return []
    names = [[dataset.records[place].image_id for place in places] for places in copies]
    n_rows = sum(map(len, copies))
    listed = "; ".join(" = ".join(some[:_N_LISTED]) for some in names[:_N_LISTED])
    findings = [
        Finding(
            NOTE,
            "",
            f"{n_rows} rows are equal to others in all columns ({listed}).",
            "They are kept on one side of every division. If they are one measurement, keep one.",
        )
    ]
    torn = [
        some
        for some, places in zip(names, copies, strict=True)
        if len({dataset.records[place].target for place in places}) > 1
    ]
    if torn:
        what = (
            f"{len(torn)} times equal rows have different targets "
            f"({'; '.join(' and '.join(some[:_N_LISTED]) for some in torn[:_N_LISTED])})."
        )
        findings.append(Finding(WARNING, "", what, "Correct the wrong ones."))
    return findings
