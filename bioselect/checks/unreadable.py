"""Images that cannot be read: damaged, cut short, empty, of another kind, not accessible."""

from __future__ import annotations

from collections.abc import Sequence

from bioselect.checks.findings import ERROR, WARNING, Finding
from bioselect.data.fingerprint import ImageFingerprint

#: The kind of these findings.
UNREADABLE = "unreadable"


def unreadable_images(
    fingerprints: Sequence[ImageFingerprint], excluding: bool = False
) -> list[Finding]:
    """Return a finding for each: an error, or a warning where such images are left out."""
    severity, remedy = ERROR, "Repair or remove the file, or write `on_bad_image: exclude`."
    if excluding:
        severity, remedy = WARNING, "The image is left out."
    return [
        Finding(severity, mark.image_id, mark.error, remedy, UNREADABLE)
        for mark in fingerprints
        if mark.error
    ]
