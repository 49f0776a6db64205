"""Can class or number be told without looking at the image: by its size, its date, its brightness.

A classifier that finds such a shortcut scores high and fails on images from elsewhere. Brightness
and the like may also be what is looked for: a stained nucleus is dark. So what files and
microscopes leave behind is warned of, and what is seen is noted, unless the border of the images
(mostly background) tells the class nearly as well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np

from bioselect.checks.fact_guessing import Guess, guesses
from bioselect.checks.findings import NOTE, WARNING, Finding
from bioselect.checks.readable import Readable
from bioselect.checks.shortcut_facts import (
    BORDER,
    BRIGHTNESS,
    DATED,
    FOLLOW_SIZE,
    SEEN,
    SIZE,
    TAKEN,
    ImageFact,
    image_facts,
)
from bioselect.data.splitting import MINIMUM_UNITS, draw_folds, independent_units

ALPHA = 0.05
#: A guess is told of if it is right for so much more of an average class than chance would be, in
#: parts of what is left above chance: by what files and microscopes leave behind ...
CLEARLY = 0.2
#: ... and by what is seen, which differs between classes in nearly all data.
CLEARLY_SEEN = 0.4
#: Where the border gains so much of what the whole image does, it is hardly the object.
BORDER_PART = 0.75
N_FOLDS, N_REPEATS, SEED = 5, 10, 0
#: Fewer images of a class than this say nothing.
N_NEEDED = 10

_Tried: TypeAlias = tuple[Sequence[ImageFact], Guess]
_KINDS = {SEEN: "shortcut by what is seen", TAKEN: "shortcut", DATED: "shortcut by date"}

#: The kinds of these findings.
SHORTCUTS = frozenset(_KINDS.values())


def shortcuts(readable: Readable) -> list[Finding]:
    """Return what gives the class away without a look at what an image shows.

    What is known of a fact in four fifths of the images (of whole groups where they are declared)
    guesses the classes of the last fifth, on ten draws of folds; where images have numbers, whether
    these are low, middle or high. Copies count once. Nothing is returned for several labels an
    image, nor where a class has too few images or groups.
    """
    readable = list({mark.picture_sha256: (record, mark) for record, mark in readable}.values())
    targets = [record.target for record, _ in readable]
    of_numbers = bool(targets) and isinstance(targets[0], float)
    classes = _thirds(targets) if of_numbers else targets
    counts = Counter(classes)
    if len(counts) < 2 or min(counts.values()) < N_NEEDED or isinstance(classes[0], tuple):
        return []
    class_indices = np.unique([str(one) for one in classes], return_inverse=True)[1]
    units = independent_units(
        [record.group for record, _ in readable],
        [mark.picture_sha256 for _, mark in readable],
        [mark.is_constant for _, mark in readable],
    )
    if _fewest_units(class_indices, units) < MINIMUM_UNITS:
        return []
    chance = 1 / len(counts)
    told = [one for one in _tried(readable, class_indices, units) if _is_clear(one, chance)]
    whose = "images of an average third" if of_numbers else "images of an average class"
    what = "whether the number is low, middle or high" if of_numbers else "the class"
    return _findings(told, what, whose, chance)


def _thirds(targets: Sequence[Any]) -> list[str]:
    """Return of each number whether it is among the low, the middle or the high ones."""
    values = np.array(targets, dtype=np.float64)
    places = np.searchsorted(np.quantile(values, [1 / 3, 2 / 3]), values)
    return [("low", "middle", "high")[place] for place in places]


def _fewest_units(class_indices: np.ndarray, units: np.ndarray) -> int:
    pairs = np.unique(np.stack([class_indices, units], axis=1), axis=0)
    return int(np.bincount(pairs[:, 0]).min())


def _tried(readable: Readable, class_indices: np.ndarray, units: np.ndarray) -> list[_Tried]:
    """Return every fact with its guess, and at the end those of one origin together."""
    facts = image_facts(readable)
    sets: list[Sequence[ImageFact]] = [[fact] for fact in facts]
    for origin in (TAKEN, SEEN):
        together = [fact for fact in facts if fact.origin == origin]
        sets += [together] if len(together) > 1 else []
    plan = draw_folds(class_indices, units, N_FOLDS, N_REPEATS, SEED)
    return list(zip(sets, guesses(sets, class_indices, units, plan), strict=True))


def _is_clear(tried: _Tried, chance: float) -> bool:
    facts, guess = tried
    least = CLEARLY if facts[0].origin == TAKEN else CLEARLY_SEEN
    return guess.p < ALPHA and guess.score - chance >= least * (1 - chance)


def _findings(told: Sequence[_Tried], what: str, whose: str, chance: float) -> list[Finding]:
    findings = []
    names = {facts[0].name for facts, _ in told if len(facts) == 1}
    follow = FOLLOW_SIZE if SIZE in names else frozenset()
    told = [one for one in told if one[0][0].name not in follow]
    seen = [one for one in told if one[0][0].origin == SEEN]
    alone = {facts[0].origin for facts, _ in told if len(facts) == 1}
    for facts, guess in told:
        origin = facts[0].origin
        if origin == SEEN or (len(facts) > 1 and origin in alone):
            continue
        name = facts[0].name if len(facts) == 1 else _joined([fact.name for fact in facts])
        text = (
            f"{what} can be told by {name} {'alone' if len(facts) == 1 else 'together'}: such a "
            f"guess is right for {100 * guess.score:.0f} % of the {whose} "
            f"(chance: {100 * chance:.0f} %)."
        )
        severity = NOTE if origin == DATED else WARNING
        findings.append(Finding(severity, "", text, facts[0].remedy, _KINDS[origin]))
    if any(len(facts) == 1 for facts, _ in seen):
        findings.append(_of_what_is_seen(seen, what, whose, chance))
    return findings


def _of_what_is_seen(seen: Sequence[_Tried], what: str, whose: str, chance: float) -> Finding:
    """Return one finding on everything that is measured in the whole image at once."""
    scores = {facts[0].name: guess.score for facts, guess in seen if len(facts) == 1}
    ranked = sorted(scores, key=lambda name: -scores[name])
    parts = [f"{100 * scores[name]:.0f} % by {name} alone" for name in ranked]
    parts += [f"{100 * guess.score:.0f} % by all such facts" for facts, guess in seen if facts[1:]]
    text = (
        f"{what} can be told without any shape. Of the {whose} a guess is right for "
        f"{_joined(parts)} (chance: {100 * chance:.0f} %)."
    )
    best = max(guess.score for _, guess in seen)
    border, whole = (scores.get(name, chance) - chance for name in (BORDER, BRIGHTNESS))
    if border > 0 and border >= BORDER_PART * whole:
        remedy = (
            "The border of the images tells it too, where mostly background is: so it may be "
            "light, stain or exposure of the day. Take all images alike, scale each of them "
            "(`intensity: percentile`), and believe a model only as far as it does better."
        )
        return Finding(WARNING, "", text, remedy, _KINDS[SEEN], guess=best)
    remedy = (
        "That may be what there is to see (stained cells are darker). If images were taken on "
        "different days or with other settings, it is a shortcut: see by how much the best "
        "combination does better."
    )
    return Finding(NOTE, "", text, remedy, _KINDS[SEEN], guess=best)


def _joined(parts: Sequence[str]) -> str:
    """Return words with commas, and `and` before the last.

    Examples
    --------
    >>> _joined(["a"]), _joined(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    return " and ".join(filter(None, [", ".join(parts[:-1]), parts[-1]]))
