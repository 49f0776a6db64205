"""Images that are there twice: equal pixels, whatever their files are called and hold them."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator

from bioselect.checks.findings import NOTE, WARNING, Finding
from bioselect.checks.readable import Readable
from bioselect.data.records import ImageRecord


def copied_images(readable: Readable) -> list[Finding]:
    """Return the copies of images, and where class or group contradicts the first of them.

    Blank images are no copies of each other: they have nothing in common but that nothing is on
    them.
    """
    copies: dict[str, list[ImageRecord]] = defaultdict(list)
    for record, mark in readable:
        if not mark.is_constant:
            copies[mark.picture_sha256].append(record)
    return [
        finding
        for first, *others in copies.values()
        for record in others
        for finding in _findings(record, first)
    ]


def _findings(record: ImageRecord, first: ImageRecord) -> Iterator[Finding]:
    same = f"has the same pixels as {first.image_id}"
    if _is_same_file(record, first):
        same = f"is the same file as {first.image_id} (one is a link to the other)"
    if record.target != first.target:
        what = f"{same}, but {different_targets(record, first)}."
        remedy = "One of the two is wrong; correct it."
        yield Finding(WARNING, record.image_id, what, remedy, "conflicting copy", first.image_id)
    if record.group != first.group and None not in (record.group, first.group):
        what = f"{same}, but is of the group {record.group!r} instead of {first.group!r}."
        remedy = "Both groups are kept in the same fold. Look whether they are one."
        yield Finding(
            WARNING, record.image_id, what, remedy, "copy in another group", first.image_id
        )
    elif record.target == first.target:
        remedy = "The copies are kept in the same fold."
        yield Finding(NOTE, record.image_id, f"{same}.", remedy, "copy", first.image_id)


def _is_same_file(record: ImageRecord, first: ImageRecord) -> bool:
    try:
        return record.part == first.part and os.path.samefile(record.path, first.path)
    except OSError:
        return False


def different_targets(record: ImageRecord, first: ImageRecord) -> str:
    """Say how the target of an image differs from that of one which shows the same."""
    if isinstance(record.target, float):
        return f"the number is {record.target:g} instead of {first.target:g}"
    if not isinstance(record.target, tuple):
        return f"the class {record.target!r} instead of {first.target!r}"
    found, other = (one.target_text or "none" for one in (record, first))
    return f"the labels {found} instead of {other}"
