"""Images that show the same with other pixel values: saved anew, scaled, taken a moment later."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from bioselect.checks.findings import NOTE, WARNING, Finding
from bioselect.checks.names import stem
from bioselect.checks.readable import Readable
from bioselect.checks.whole_images import is_tile
from bioselect.data.records import ImageRecord

#: Two looks are of one scene if the squares of their differences add up to no more than this: of
#: the 64 fields at most 8 differ, by one level of light.
LARGEST_DISTANCE = 8
#: Looks of fewer levels of light, such as a spot on black, are alike by chance.
FEWEST_LEVELS = 6
#: If more than this part of the images is so, it is how they were taken, and told once.
COMMON = 0.2
_N_AT_ONCE = 1 << 22


def near_copies(readable: Readable) -> list[Finding]:
    """Return images that look like an earlier one, though their pixels differ.

    Those of one group or one file, which are never divided, and those of one name with two
    endings, which are told of elsewhere, do not count. Neither do tiles: a piece of an edge looks
    like many others.
    """
    first = {
        mark.picture_sha256: (record, mark.look)
        for record, mark in reversed(readable)
        if len(set(mark.look)) >= FEWEST_LEVELS and not is_tile(record)
    }
    images = sorted(first.values(), key=lambda item: item[0].image_id)
    records = [record for record, _ in images]
    pairs = [
        (records[later], records[earlier])
        for later, earlier in _first_near(
            _levels(look for _, look in images),
            [
                _coded(record.group for record in records),
                _coded(record.path for record in records),
                _coded(stem(record.image_id) for record in records),
            ],
        )
    ]
    if len(pairs) > COMMON * len(readable) and len(pairs) > 1:
        what = (
            f"{len(pairs)} of {len(readable)} images look nearly the same as another one, for "
            f"example {pairs[0][0].image_id} and {pairs[0][1].image_id}."
        )
        remedy = "If they are neighbours in space or time, name in dataset.group what they are of."
        return [Finding(NOTE, "", what, remedy, "near copy")]
    return [_finding(record, earlier) for record, earlier in pairs]


def _finding(record: ImageRecord, earlier: ImageRecord) -> Finding:
    what = f"shows the same as {earlier.image_id} with slightly other pixel values"
    if record.target != earlier.target:
        what += f", but is of {record.target_text or 'none'} instead of {earlier.target_text}"
    remedy = "Keep one, or put both into one group: they can come to lie in training and in test."
    return Finding(WARNING, record.image_id, f"{what}.", remedy, "near copy", earlier.image_id)


def _levels(looks: Iterable[str]) -> np.ndarray:
    return np.array([[int(level, 16) for level in look] for look in looks], dtype=np.float32)


def _coded(values: Iterable[object]) -> np.ndarray:
    """Return a number for each value, the same for equal ones; every None has its own."""
    codes: dict[object, int] = {}
    return np.array(
        [
            codes.setdefault(place if value is None else (value,), len(codes))
            for place, value in enumerate(values)
        ],
        dtype=np.int64,
    )


def _first_near(levels: np.ndarray, kept_together: list[np.ndarray]) -> Iterator[tuple[int, int]]:
    """Yield each place with the first place before it that is near and may be divided from it."""
    squares = (levels**2).sum(axis=-1)
    n_rows = max(1, _N_AT_ONCE // max(1, len(levels)))
    for start in range(0, len(levels), n_rows):
        rows, columns = slice(start, start + n_rows), slice(0, start + n_rows)
        # Whole numbers below 2**24, so float32 is exact.
        distances = squares[rows, None] + squares[columns] - 2 * levels[rows] @ levels[columns].T
        later, earlier = np.nonzero(np.tril(distances <= LARGEST_DISTANCE, start - 1))
        later += start
        for codes in kept_together:
            divided = codes[later] != codes[earlier]
            later, earlier = later[divided], earlier[divided]
        # In the order of both, so that the first of each is the earliest.
        found, places = np.unique(later, return_index=True)
        yield from zip(found.tolist(), earlier[places].tolist(), strict=True)
