"""Images that show the same with other pixel values: saved anew, turned, cut, taken a moment later.

Two rules find them. Those that look the same from afar, field by field, are told wherever they
are. Those that do so after one of them is turned, mirrored, cut or shifted are told only if nothing
else looks as much like them (`near_pairs.py`).

What belongs together by them is kept in the same fold, as exact copies are; but a row of images
that change bit by bit would in the end link everything, and is only told of.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from bioselect.checks.copies import different_targets
from bioselect.checks.findings import NOTE, WARNING, Finding
from bioselect.checks.linked_units import linked_units
from bioselect.checks.look_alikes import MOST_WITH_VIEWS
from bioselect.checks.names import stem
from bioselect.checks.near_pairs import near_pairs
from bioselect.checks.readable import Readable
from bioselect.checks.whole_images import is_tile
from bioselect.data.fingerprint import ImageFingerprint
from bioselect.data.records import ImageRecord
from bioselect.data.splitting import independent_units
from bioselect.progress import SILENT, Reporter

#: Two looks are of one scene if the squares of their differences add up to no more than this: of
#: the 64 fields at most 8 differ, by one level of light.
LARGEST_DISTANCE = 8
#: Looks of fewer levels of light, such as a spot on black, are alike by chance.
FEWEST_LEVELS = 6
#: If more than this part of the images is so, it is how they were taken or made, and told once
#: more for all of them.
COMMON = 0.2
#: More independent units (images, or groups of them) than this are not linked by near copies.
MOST_LINKED = 12
#: The kind of a finding about two images that are kept in the same fold.
LINKED = "near copy"
CONFLICT = "conflicting near copy"
OTHER_GROUP = "near copy in another group"
#: About two images of one group, which is kept together anyway, or of a long row.
UNLINKED = "near copy that links nothing"
_KEPT = "They are kept in the same fold."
_N_AT_ONCE = 1 << 22


def near_copies(readable: Readable, reporter: Reporter = SILENT) -> list[Finding]:
    """Return images that look like an earlier one, though their pixels differ.

    Those of one file, which are never divided, and those of one name with two endings, which are
    told of elsewhere, do not count; those of one group only if they are of two classes. Neither do
    tiles: a piece of an edge looks like many others.
    """
    first = {
        mark.picture_sha256: (record, mark)
        for record, mark in reversed(readable)
        if mark.look and not mark.is_constant and not is_tile(record)
    }
    images = sorted(first.values(), key=lambda item: item[0].image_id)
    if not images:
        return []
    pairs = _told_apart(images, _pairs(images, reporter))
    linked = linked_units(_units(images), [pair[:2] for pair in pairs], MOST_LINKED)
    told = [
        (pair, bool(link)) for pair, link in zip(pairs, linked, strict=True) if link is not None
    ]
    summary = _about_many(images, told)
    findings = [
        finding
        for (earlier, later, how), is_linked in told
        if is_linked or not summary or _conflict(images[earlier][0], images[later][0])
        for finding in _findings(images[later][0], images[earlier][0], how, is_linked)
    ]
    return [*summary, *_not_looked_for(len(images)), *findings]


def near_links(
    findings: Iterable[Finding], records: Sequence[ImageRecord]
) -> list[tuple[int, int]]:
    """Return the places of images that are kept in the same fold, as findings say."""
    places = {record.image_id: place for place, record in enumerate(records)}
    return [
        (places[one.other], places[one.image])
        for one in findings
        if one.kind in (LINKED, CONFLICT, OTHER_GROUP)
        and one.other in places
        and one.image in places
    ]


_Images = Sequence[tuple[ImageRecord, ImageFingerprint]]
_Pair = tuple[int, int, str]


def _pairs(images: _Images, reporter: Reporter) -> list[_Pair]:
    """Return which look the same, the earlier place first, and how they differ; in order."""
    found: dict[tuple[int, int], str] = {}
    small = [place for place, (_, mark) in enumerate(images) if mark.miniature]
    for pair in near_pairs([images[place][1].miniature for place in small], reporter):
        found[small[pair.first], small[pair.second]] = pair.how
    distinct = [
        place for place, (_, mark) in enumerate(images) if len(set(mark.look)) >= FEWEST_LEVELS
    ]
    kept_together = _coded(images[place][0].path for place in distinct)
    levels = _levels(images[place][1].look for place in distinct)
    for later, earlier in _first_near(levels, kept_together):
        found.setdefault((distinct[earlier], distinct[later]), "")
    return [(*places, how) for places, how in sorted(found.items(), key=lambda one: one[0][::-1])]


def _told_apart(images: _Images, pairs: Iterable[_Pair]) -> list[_Pair]:
    """Leave out pairs that are never divided, or told of elsewhere."""
    told = []
    for earlier, later, how in pairs:
        one, other = images[earlier][0], images[later][0]
        if one.path == other.path or stem(one.image_id) == stem(other.image_id):
            continue
        if one.group is not None and one.group == other.group and not _conflict(one, other):
            continue
        told.append((earlier, later, how))
    return told


def _units(images: _Images) -> np.ndarray:
    return independent_units(
        [record.group for record, _ in images],
        [mark.picture_sha256 for _, mark in images],
        [False] * len(images),
    )


def _conflict(one: ImageRecord, other: ImageRecord) -> bool:
    """Tell whether two images that show the same are of two classes."""
    return one.target != other.target and not isinstance(one.target, float)


def _findings(
    record: ImageRecord, earlier: ImageRecord, how: str, is_linked: bool
) -> Iterator[Finding]:
    image, other = record.image_id, earlier.image_id
    same = f"shows the same as {other}" + (
        f", {how}" if how else " with slightly other pixel values"
    )
    kept = f" {_KEPT}" if is_linked else ""
    if record.target != earlier.target:
        what = f"{same}, but {different_targets(record, earlier)}."
        remedy = f"Look at both: one of the two is wrong, or they are of two things.{kept}"
        yield Finding(WARNING, image, what, remedy, CONFLICT if is_linked else UNLINKED, other)
    if record.group != earlier.group and None not in (record.group, earlier.group):
        what = f"{same}, but is of the group {record.group!r} instead of {earlier.group!r}."
        remedy = "Look whether the two are of one patient or sample: then give them one group."
        kind = OTHER_GROUP if is_linked else UNLINKED
        yield Finding(WARNING, image, what, f"{remedy}{kept}", kind, other)
    elif record.target == earlier.target:
        remedy = f"{_KEPT} Keep one of them if they are no two things."
        if not is_linked:
            remedy = "Keep one, or put both into one group: they can lie in training and in test."
        severity, kind = (NOTE, LINKED) if is_linked else (WARNING, UNLINKED)
        yield Finding(severity, image, f"{same}.", remedy, kind, other)


def _about_many(images: _Images, told: Sequence[tuple[_Pair, bool]]) -> list[Finding]:
    """Say it once if it concerns much of the data set: made on purpose, or taken in a row."""
    if len(told) <= max(1, COMMON * len(images)):
        return []
    (earlier, later, _), _ = told[0]
    what = (
        f"{len(told)} of {len(images)} images look nearly the same as another one, for example "
        f"{images[later][0].image_id} and {images[earlier][0].image_id}."
    )
    remedy = (
        "If they are neighbours in space or time, name in dataset.group what they are of. If they "
        "were made of others by turning, mirroring or cutting, leave them out: `augmentation:` "
        "does that inside the folds."
    )
    severity = NOTE if all(is_linked for _, is_linked in told) else WARNING
    return [Finding(severity, "", what, remedy, "many near copies")]


def _not_looked_for(n_images: int) -> list[Finding]:
    if n_images <= MOST_WITH_VIEWS:
        return []
    what = (
        f"there are more than {MOST_WITH_VIEWS:,} images, so near copies that were cut, shifted or "
        "turned by a few degrees are found less often."
    )
    remedy = "Those that were mirrored, turned by 90 degrees or saved anew are found as ever."
    return [Finding(NOTE, "", what, remedy, "many images")]


def _levels(looks: Iterable[str]) -> np.ndarray:
    return np.array([[int(level, 16) for level in look] for look in looks], dtype=np.float32)


def _coded(values: Iterable[object]) -> np.ndarray:
    """Return a number for each value, the same for equal ones."""
    codes: dict[object, int] = {}
    return np.array([codes.setdefault(value, len(codes)) for value in values], dtype=np.int64)


def _first_near(levels: np.ndarray, kept_together: np.ndarray) -> Iterator[tuple[int, int]]:
    """Yield each place with the first place before it that is near and may be divided from it."""
    if not len(levels):
        return
    squares = (levels**2).sum(axis=-1)
    n_rows = max(1, _N_AT_ONCE // len(levels))
    for start in range(0, len(levels), n_rows):
        rows, columns = slice(start, start + n_rows), slice(0, start + n_rows)
        # Whole numbers below 2**24, so float32 is exact.
        distances = squares[rows, None] + squares[columns] - 2 * levels[rows] @ levels[columns].T
        later, earlier = np.nonzero(np.tril(distances <= LARGEST_DISTANCE, start - 1))
        later += start
        divided = kept_together[later] != kept_together[earlier]
        later, earlier = later[divided], earlier[divided]
        # In the order of both, so that the first of each is the earliest.
        found, places = np.unique(later, return_index=True)
        yield from zip(found.tolist(), earlier[places].tolist(), strict=True)
