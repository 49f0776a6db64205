"""Whether a data set is still the one of an earlier run, by what `dataset.csv` says of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bioselect.report.results import Row

#: So many images are named of each kind of change.
N_NAMED = 5
#: Columns of `dataset.csv`, and what it means when they differ.
MEANINGS = (
    ("sha256", "other content"),
    ("mask_sha256", "a mask of other content"),
    ("target", "another target"),
    ("group", "another group"),
)
#: Told where nothing else differs: other versions divide the same images otherwise.
OTHER_FOLD = "in another fold"
#: Columns that say nothing of how the images were divided.
NAMES = {"image_id", "path", "mask", *(key for key, _ in MEANINGS)}


@dataclass(frozen=True)
class Change:
    """What happened to some images: `what` in words, and their names."""

    what: str
    image_ids: tuple[str, ...]

    @property
    def in_words(self) -> str:
        """One clause that names some of them.

        Examples
        --------
        >>> Change("missing", ("a.png", "b.png")).in_words
        '2 missing (a.png, b.png)'
        """
        named = ", ".join(self.image_ids[:N_NAMED])
        if len(self.image_ids) > N_NAMED:
            named += ", ..."
        return f"{len(self.image_ids)} {self.what} ({named})"


def compared_images(then: Sequence[Row], now: Sequence[Row]) -> list[Change]:
    """Return what differs between two tables of images, nothing when they are the same.

    Parameters
    ----------
    then, now : sequence of dict
        Rows of `dataset.csv`, of the run and of today. Paths may differ: a data set that has moved
        is the same one. Folds count only where the images are the same.

    Examples
    --------
    >>> row = {"image_id": "a.png", "sha256": "1", "target": "x", "group": ""}
    >>> [change.in_words for change in compared_images([row], [{**row, "sha256": "2"}])]
    ['1 with other content (a.png)']
    """
    before = {row["image_id"]: row for row in then}
    today = {row["image_id"]: row for row in now}
    both = [name for name in before if name in today]
    found = [
        ("missing", [name for name in before if name not in today]),
        ("new", [name for name in today if name not in before]),
    ]
    found += [
        (f"with {meaning}", [n for n in both if before[n].get(key) != today[n].get(key)])
        for key, meaning in MEANINGS
    ]
    if not any(names for _, names in found):
        folds = (then[0] if then else {}).keys() - NAMES
        moved = [n for n in both if any(before[n][key] != today[n].get(key) for key in folds)]
        found.append((OTHER_FOLD, moved))
    return [Change(what, tuple(names)) for what, names in found if names]
