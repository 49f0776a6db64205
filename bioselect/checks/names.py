"""Names of files that are nearly the same: another ending, other capitals, other accents."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

from bioselect.checks.findings import NOTE, WARNING, Finding
from bioselect.checks.readable import Readable
from bioselect.data.fingerprint import ImageFingerprint
from bioselect.data.layouts import IMAGE_SUFFIXES
from bioselect.data.names import composed
from bioselect.data.pixel_statistics import looks_alike
from bioselect.data.records import ImageRecord

_LONGEST_FIRST = sorted(IMAGE_SUFFIXES, key=len, reverse=True)


def similar_names(readable: Readable) -> list[Finding]:
    """Return images whose names look like that of another one in the same folder."""
    return [*_other_endings(readable), *_look_alike(readable)]


def _other_endings(readable: Readable) -> list[Finding]:
    """Name images that are called like another but for the ending; equal pixels are copies."""
    findings = []
    for record, mark, first, first_mark in _alike(readable, stem):
        same_name = composed(record.image_id).lower() == composed(first.image_id).lower()
        if same_name or mark.picture_sha256 == first_mark.picture_sha256:
            continue
        what = f"is called like {first.image_id} but for the ending, and shows "
        if looks_alike(mark.look, first_mark.look):
            remedy = "Keep one: they can come to lie in training and in test."
            what, severity = f"{what}the same with other pixel values.", WARNING
        else:
            remedy = "Nothing has to be done if both belong here."
            what, severity = f"{what}something else.", NOTE
        findings.append(Finding(severity, record.image_id, what, remedy, "other ending"))
    return findings


def _look_alike(readable: Readable) -> list[Finding]:
    findings = []
    for record, _, first, _ in _alike(readable, lambda name: composed(name).casefold()):
        how = "in capitals"
        if composed(record.image_id) == composed(first.image_id):
            how = "in how its accents are stored"
        findings.append(
            Finding(
                NOTE,
                record.image_id,
                f"differs from {first.image_id} {how} only.",
                "On Windows and macOS one of them would replace the other; rename it.",
                "look-alike",
            )
        )
    return findings


def stem(image_id: str) -> str:
    """Return a name without its ending, in small letters.

    Examples
    --------
    >>> stem("a/Cell 1.OME.tif"), stem("a/brain.nii.gz")
    ('a/cell 1.ome', 'a/brain')
    """
    lower = composed(image_id).lower()
    suffix = next((suffix for suffix in _LONGEST_FIRST if lower.endswith(suffix)), "")
    return lower[: len(lower) - len(suffix)]


_Pair = tuple[ImageRecord, ImageFingerprint, ImageRecord, ImageFingerprint]


def _alike(readable: Readable, key_of: Callable[[str], str]) -> list[_Pair]:
    """Return each image that has the key of an earlier one, beside the first that has it."""
    found: dict[str, list[tuple[ImageRecord, ImageFingerprint]]] = defaultdict(list)
    for record, mark in readable:
        found[key_of(record.image_id)].append((record, mark))
    return [
        (record, mark, *same[0])
        for same in found.values()
        if len(same) > 1
        for record, mark in same[1:]
    ]
