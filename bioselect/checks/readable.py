"""What most checks look at: the images that could be read, each with what was found in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from bioselect.data.fingerprint import ImageFingerprint
from bioselect.data.records import ImageRecord

Readable: TypeAlias = Sequence[tuple[ImageRecord, ImageFingerprint]]


def readable_images(
    records: Sequence[ImageRecord], fingerprints: Sequence[ImageFingerprint]
) -> Readable:
    """Return the records that could be read beside their fingerprints."""
    return [
        (record, mark) for record, mark in zip(records, fingerprints, strict=True) if not mark.error
    ]
