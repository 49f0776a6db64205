"""Findings about the images themselves: unreadable, constant, duplicates, mixed kinds."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from bioselect.checks.findings import ERROR, NOTE, WARNING, Finding
from bioselect.data.fingerprint import ImageFingerprint
from bioselect.data.records import ImageRecord


def image_findings(
    records: Sequence[ImageRecord],
    fingerprints: Sequence[ImageFingerprint],
    excluding: bool = False,
) -> list[Finding]:
    """Return everything noticed about the images.

    Parameters
    ----------
    records : sequence of ImageRecord
        The images.
    fingerprints : sequence of ImageFingerprint
        One for each record, in the same order.
    excluding : bool
        Whether unreadable images are left out rather than stop the work.
    """
    readable = [
        (record, mark) for record, mark in zip(records, fingerprints, strict=True) if not mark.error
    ]
    return [
        *_unreadable(fingerprints, excluding),
        *_constant(readable),
        *_duplicates(readable),
        *_mixed(readable),
    ]


def _unreadable(fingerprints: Sequence[ImageFingerprint], excluding: bool) -> list[Finding]:
    severity, remedy = ERROR, "Repair or remove the file, or write `on_bad_image: exclude`."
    if excluding:
        severity, remedy = WARNING, "The image is left out."
    return [
        Finding(severity, mark.image_id, mark.error, remedy) for mark in fingerprints if mark.error
    ]


_Readable = Sequence[tuple[ImageRecord, ImageFingerprint]]


def _constant(readable: _Readable) -> list[Finding]:
    return [
        Finding(
            WARNING,
            record.image_id,
            f"every pixel has the value {mark.minimum:g}.",
            "Look whether the image is blank by mistake.",
        )
        for record, mark in readable
        if mark.is_constant
    ]


def _duplicates(readable: _Readable) -> list[Finding]:
    copies: dict[str, list[ImageRecord]] = defaultdict(list)
    for record, mark in readable:
        if not mark.is_constant:
            copies[mark.pixels_sha256].append(record)
    findings = []
    for records in copies.values():
        first = records[0]
        for record in records[1:]:
            if record.target != first.target:
                findings.append(
                    Finding(
                        WARNING,
                        record.image_id,
                        f"has the same pixels as {first.image_id}, but "
                        f"{_different_targets(record, first)}.",
                        "One of the two is wrong; correct it.",
                    )
                )
            else:
                findings.append(
                    Finding(
                        NOTE,
                        record.image_id,
                        f"has the same pixels as {first.image_id}.",
                        "The copies are kept in the same fold.",
                    )
                )
    return findings


def _different_targets(record: ImageRecord, first: ImageRecord) -> str:
    if not isinstance(record.target, tuple):
        return f"the class {record.target!r} instead of {first.target!r}"
    found, other = (one.target_text or "none" for one in (record, first))
    return f"the labels {found} instead of {other}"


def _mixed(readable: _Readable) -> list[Finding]:
    findings = []
    for what, values in (
        ("numbers of channels", Counter(mark.n_channels for _, mark in readable)),
        ("pixel types", Counter(mark.dtype for _, mark in readable)),
    ):
        if len(values) > 1:
            counts = ", ".join(f"{value} ({count} images)" for value, count in values.most_common())
            findings.append(
                Finding(
                    WARNING,
                    "",
                    f"the images have different {what}: {counts}.",
                    "Check that they come from one source; a class that differs in this from "
                    "the others can be told by it alone.",
                )
            )
    return findings
