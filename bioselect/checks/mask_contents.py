"""What masks show: nothing, classes that are nowhere or in few images, hardly any background."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bioselect.checks.findings import ERROR, NOTE, WARNING, Finding
from bioselect.data.mask_codes import Code, MaskCodes
from bioselect.data.mask_facts import MaskFacts
from bioselect.data.mask_values import as_colour
from bioselect.data.pairs import IGNORED
from bioselect.data.splitting import MINIMUM_UNITS

#: Told of as a whole if more than this part of the masks is empty.
MANY_EMPTY = 0.5
#: If more than this part of all pixels is no background, codes may be the wrong way round.
HARDLY_BACKGROUND = 0.9
#: Below this part of the pixels a class is far rarer than what lies around it.
RARE = 0.005
_PERCENT = 100
_BLACK = (0, 0, 0)


def class_pixels(facts: Sequence[MaskFacts], codes: MaskCodes) -> np.ndarray:
    """Return int64 ``(n_masks, n_classes + 1)``: pixels of each class, and the ignored ones.

    Examples
    --------
    >>> codes = MaskCodes(("background", "nucleus"), ((0, 0), (255, 1)), ignore=(7,))
    >>> class_pixels([MaskFacts(values=((0, 90), (255, 8), (7, 2)))], codes).tolist()
    [[90, 8, 2]]
    """
    place_of = _places(codes)
    counted = np.zeros((len(facts), codes.n_classes + 1), dtype=np.int64)
    for row, one in zip(counted, facts, strict=True):
        for code, n_pixels in one.values:
            plain = as_colour(code) if codes.is_coloured else code
            place = place_of.get(plain, 1 if codes.instances and plain != 0 else None)
            if place is not None:
                row[place if place != IGNORED else codes.n_classes] += n_pixels
        if codes.instances:  # Of very many numbers only the commonest are known.
            row[1] += one.n_pixels - sum(count for _, count in one.values)
    return counted


def ignored_masks(facts: Sequence[MaskFacts], codes: MaskCodes, remedy: str) -> list[Finding]:
    """Return a warning for each mask of which every pixel is ignored: it can be scored by nothing.

    `remedy` says what comes of it.
    """
    what = "nothing of its mask counts: all of its pixels are ignored."
    pixels = class_pixels(facts, codes)
    return [
        Finding(WARNING, one.mask_id, what, remedy, "ignored mask")
        for one, row in zip(facts, pixels, strict=True)
        if row[-1] and not row[:-1].any()
    ]


def content_findings(
    facts: Sequence[MaskFacts], codes: MaskCodes, units: np.ndarray
) -> list[Finding]:
    """Return what is noticed about what masks show.

    Parameters
    ----------
    facts : sequence of MaskFacts
        Of masks that hold codes only.
    codes : MaskCodes
        What the values stand for.
    units : np.ndarray
        int ``(n_masks,)``: which images are kept together in folds.
    """
    pixels = class_pixels(facts, codes)
    return [
        *_empty(facts, codes, pixels),
        *_classes(codes, pixels, units),
        *_touching(facts, codes, pixels),
        *_unnumbered(facts, codes),
    ]


def shares_in_words(facts: Sequence[MaskFacts], codes: MaskCodes) -> str:
    """Return which part of the pixels each class has, and in how many masks it is."""
    pixels = class_pixels(facts, codes)
    counts = pixels.sum(axis=0)
    counting = max(1, int(counts[:-1].sum()))
    named = [
        f"{name} {_percent(int(count) / counting)} (in {int((column > 0).sum())} masks)"
        for name, count, column in zip(codes.class_names, counts, pixels.T, strict=False)
    ]
    if counts[-1]:
        named.append(f"ignored {_percent(int(counts[-1]) / int(counts.sum()))} of all")
    words = f"pixels: {', '.join(named)}"
    if codes.background is None:
        words += "; all of them count in the means over classes, as none is called background"
    return words


def _places(codes: MaskCodes) -> dict[Code, int]:
    pairs: list[tuple[Code, int]] = [*codes.codes, *((code, IGNORED) for code in codes.ignore)]
    if codes.instances:
        pairs.append((0, 0))
    return {as_colour(code) if codes.is_coloured else code: place for code, place in pairs}


def _empty(facts: Sequence[MaskFacts], codes: MaskCodes, pixels: np.ndarray) -> list[Finding]:
    findings = []
    background = codes.background
    of_classes = pixels[:, :-1]
    for one, row in zip(facts, of_classes, strict=True):
        shown = np.flatnonzero(row)
        if background is not None and shown.tolist() == [background]:
            what = "its mask is empty: all of it is background."
            remedy = "If there is nothing to be seen, nothing has to be done; else draw it."
            findings.append(Finding(NOTE, one.mask_id, what, remedy, "empty mask"))
    n_empty = sum(finding.kind == "empty mask" for finding in findings)
    if n_empty > MANY_EMPTY * len(facts) and n_empty < len(facts):
        what = f"{n_empty} of {len(facts)} masks are empty: all of them is background."
        remedy = "Look whether the masks were saved with their contents."
        findings.append(Finding(WARNING, "", what, remedy))
    return findings


def _classes(codes: MaskCodes, pixels: np.ndarray, units: np.ndarray) -> list[Finding]:
    """Return what is noticed about each class, and about the background against all others."""
    of_classes = pixels[:, :-1]
    total = max(1, int(of_classes.sum()))
    shares = of_classes.sum(axis=0) / total
    background = codes.background
    counted = [place for place in range(codes.n_classes) if place != background]
    if not shares[counted].any():
        what = "must show something. All masks are background from end to end."
        remedy = "Check dataset.classes, and whether the masks were saved with their contents."
        return [Finding(ERROR, "", f"the masks {what}", remedy)]
    findings = _no_background(codes, shares)

    def of_groups(masks: np.ndarray) -> str:
        n_units, n_with = len(np.unique(units)), len(np.unique(units[masks]))
        return f", of {n_with} of {n_units} groups" if n_units < len(units) else ""

    for place in counted:
        name, masks = codes.class_names[place], np.flatnonzero(of_classes[:, place])
        if not len(masks):
            what = f"the class {name!r} is in no mask, so it cannot be learnt."
            remedy = "Remove it from dataset.classes, or correct its code."
            findings.append(Finding(WARNING, "", what, remedy))
        # What all of few groups have is in every fold, however few they are.
        elif len(np.unique(units[masks])) < min(MINIMUM_UNITS, len(np.unique(units))):
            what = (
                f"the class {name!r} is in {len(masks)} of {len(pixels)} masks{of_groups(masks)}: "
                "some folds may have none of it to learn from, or none to be tested on."
            )
            remedy = "Draw it in more images, or join it with another class."
            findings.append(Finding(WARNING, "", what, remedy))
        elif shares[place] < RARE:
            what = f"the class {name!r} has {_percent(shares[place])} of the pixels."
            remedy = "What is found out about it is uncertain; accuracy would hardly notice it."
            findings.append(Finding(NOTE, "", what, remedy))
    if background is not None and 0 < 1 - shares[background] > HARDLY_BACKGROUND:
        what = f"only {_percent(shares[background])} of the pixels are background."
        remedy = "Look whether codes are the wrong way round in dataset.classes."
        findings.append(Finding(WARNING, "", what, remedy))
    return findings


def _no_background(codes: MaskCodes, shares: np.ndarray) -> list[Finding]:
    """Warn where 0 or black, which mostly is what lies around, counts like any other class."""
    place = _places(codes).get(_BLACK if codes.is_coloured else 0, IGNORED)
    if codes.background is not None or place == IGNORED:
        return []
    what = (
        f"every class counts in the mean, also {codes.class_names[place]!r} "
        f"({_percent(shares[place])} of the pixels): a mask in which nothing is found scores too "
        "high then."
    )
    remedy = "Call it background in dataset.classes if it is what lies around."
    return [Finding(WARNING, "", what, remedy)]


def _touching(facts: Sequence[MaskFacts], codes: MaskCodes, pixels: np.ndarray) -> list[Finding]:
    """Say where scores of objects do not see that numbered objects are several."""
    # What is ignored may have a number that is no object.
    n_touching = sum(
        0 < one.n_bodies < one.n_pieces and row[-1] == 0
        for one, row in zip(facts, pixels, strict=True)
    )
    if not codes.instances or n_touching == 0:
        return []
    what = (
        f"in {n_touching} of {len(facts)} masks objects touch. Which class a pixel has is learnt "
        "and scored, not its number: objects that touch are one object in object_f1 and "
        "object_ap50, which so count it as wrong if a model separates them."
    )
    remedy = "Judge by dice or boundary_f1, or leave a pixel between objects in the masks."
    return [Finding(WARNING, "", what, remedy)]


def _unnumbered(facts: Sequence[MaskFacts], codes: MaskCodes) -> list[Finding]:
    """Return a warning where masks shall number their objects, and none has two numbers."""
    if not codes.instances or any(_n_numbers(one, codes) > 1 for one in facts):
        return []
    what = (
        "no mask has more than one number, so all that it shows is one object: dataset.classes "
        "says that each object has a number of its own (instances)."
    )
    remedy = "Where one value is a class, write it, as in {0: background, 255: nucleus}."
    return [Finding(WARNING, "", what, remedy)]


def _n_numbers(facts: MaskFacts, codes: MaskCodes) -> int:
    no_objects = _places(codes)
    return sum(code not in no_objects for code, _ in facts.values)


def _percent(share: float) -> str:
    """Return a share in words; one that is small is not rounded to nothing.

    Examples
    --------
    >>> _percent(0.861), _percent(0.00012), _percent(0.0)
    ('86.1 %', '0.012 %', '0 %')
    """
    return f"{_PERCENT * share:.3g} %" if share < 0.1 else f"{_PERCENT * share:.1f} %"
