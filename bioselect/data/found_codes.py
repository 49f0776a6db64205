"""Which codes masks have, where nobody says: found from their values, or asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from bioselect.data.mask_codes import BACKGROUND, OBJECT, Code, MaskCodes, code_in_words
from bioselect.data.mask_facts import MaskFacts
from bioselect.data.mask_values import (
    LOSSY,
    are_numbered,
    as_colour,
    distance,
    in_order,
    values_in_words,
)
from bioselect.exceptions import DataError

#: More classes than this nobody draws by hand; such values are something else.
MOST_FOUND = 12
#: Codes that are so near to each other are hardly meant, unless they count 0, 1, 2, ...
NEAR = 16
#: A value with this part of all pixels is meant; where such values together have most of them,
#: others beside them are traces. In photographs no few values are so common.
SHARE_OF_A_CODE, SHARE_OF_CODES = 0.02, 0.5
_BLACK = (0, 0, 0)


def found_codes(facts: Sequence[MaskFacts], ignore: tuple[Code, ...] = ()) -> tuple[MaskCodes, str]:
    """Return what the values of masks stand for, and in words what was found.

    Parameters
    ----------
    facts : sequence of MaskFacts
        Of every mask that can be used.
    ignore : tuple of Code
        Codes that do not count.

    Raises
    ------
    DataError
        If the values can mean several things, or nothing that could be learnt.

    Examples
    --------
    >>> mask = MaskFacts(n_values=2, values=((0, 90), (255, 10)))
    >>> found_codes([mask])[0].class_names
    ('background', 'object')
    """
    is_coloured = any(one.is_coloured for one in facts)
    n_pixels, n_masks = _counted(facts, is_coloured)
    ignored = {as_colour(code) if is_coloured else code for code in ignore}
    codes = sorted((code for code in n_pixels if code not in ignored), key=in_order)
    if len(codes) < 2:
        raise DataError(_one_value(len(facts), codes))
    is_cut = any(one.n_values > len(one.values) for one in facts)
    if not is_coloured and 0 in n_pixels and are_numbered(facts):
        if len(codes) > MOST_FOUND or is_cut:
            return _instances(facts, ignore)
        if len(codes) > 3 and len({one.n_values for one in facts}) > 2:
            raise DataError(_numbers_or_classes(codes))
    if len(codes) > MOST_FOUND or is_cut:
        raise DataError(_too_many(n_pixels, facts))
    if suspicious := _near(codes):
        raise DataError(_nearly_alike(suspicious, n_pixels, n_masks))
    names = _names(codes)
    table = tuple((code, place) for place, code in enumerate(codes))
    pairs = zip(codes, names, strict=True)
    listed = ", ".join(f"{code_in_words(code)}: {name}" for code, name in pairs)
    words = f"classes: {{{listed}}} (all values in the masks; write dataset.classes to name them)"
    if BACKGROUND not in names:
        words += "; none of them is 0, so all of them count in the scores"
    return MaskCodes(names, table, ignore), words


def _counted(facts: Sequence[MaskFacts], is_coloured: bool) -> tuple[Counter[Code], Counter[Code]]:
    """Return in how many pixels, and in how many masks, each value is."""
    n_pixels: Counter[Code] = Counter()
    n_masks: Counter[Code] = Counter()
    for one in facts:
        for code, count in one.values:
            plain = as_colour(code) if is_coloured else code
            n_pixels[plain] += count
            n_masks[plain] += 1
    return n_pixels, n_masks


def _names(codes: Sequence[Code]) -> tuple[str, ...]:
    """Return what to call the classes of codes: 0 and black are what lies around."""
    if len(codes) == 2 and codes[0] in (0, _BLACK):
        return BACKGROUND, OBJECT
    return tuple(
        BACKGROUND if code in (0, _BLACK) else f"class_{code_in_words(code).lstrip('#')}"
        for code in codes
    )


def _instances(facts: Sequence[MaskFacts], ignore: tuple[Code, ...]) -> tuple[MaskCodes, str]:
    n_most = max(one.n_values for one in facts) - 1
    return MaskCodes((BACKGROUND, OBJECT), ignore=ignore, instances=True), (
        f"classes: instances ({len(facts)} masks whose objects are numbered, up to {n_most:,} in "
        "one: everything above 0 is foreground)"
    )


def _near(codes: Sequence[Code]) -> list[Code]:
    """Return the codes that are too near to another one to be meant, with these."""
    numbers = [code for code in codes if isinstance(code, int)]
    if numbers and numbers[-1] <= MOST_FOUND:  # 0, 1, 2, ...: as programs number classes.
        return []
    return [
        code
        for code in codes
        if any(other != code and distance(code, other) <= NEAR for other in codes)
    ]


def _one_value(n_masks: int, codes: Sequence[Code]) -> str:
    found = f"the value {code_in_words(codes[0])} only" if codes else "ignored values only"
    return (
        f"dataset.masks: must show at least 2 classes; the background is one. Got {found} in "
        f"{n_masks} masks. Check that they are the right files and were saved with their contents."
    )


def _numbers_or_classes(codes: Sequence[Code]) -> str:
    listed = ", ".join(map(code_in_words, codes))
    return (
        f"dataset.classes: must say what the values of the masks mean. Got {listed}, most of them "
        "one connected piece in a mask: they may number objects, or be classes. Write classes: "
        f"instances, or a name for each code, as in {{0: background, {code_in_words(codes[1])}: "
        "nucleus, ...}."
    )


def _nearly_alike(codes: list[Code], n_pixels: Counter[Code], n_masks: Counter[Code]) -> str:
    found = Counter({code: n_pixels[code] for code in codes})
    return (
        "dataset.classes: must say what the values of the masks mean, as some are nearly alike: "
        f"{values_in_words(found, n_masks)}. {LOSSY}; or write dataset.classes with a name for "
        "each code, where several may be one class."
    )


def _too_many(n_pixels: Counter[Code], facts: Sequence[MaskFacts]) -> str:
    """Say that there are more values than classes, and what they may come from."""
    total = sum(one.n_pixels for one in facts)
    n_values = max(len(n_pixels), *(one.n_values for one in facts))
    commonest = [code for code, count in n_pixels.items() if count >= SHARE_OF_A_CODE * total]
    share = sum(n_pixels[code] for code in commonest) / total
    rule = (
        "dataset.masks: must hold a few codes, one for each class. Got "
        f"{n_values:,} different values"
    )
    is_spread = any(distance(code, commonest[0]) > NEAR for code in commonest)
    if share >= SHARE_OF_CODES and is_spread:
        few = ", ".join(map(code_in_words, sorted(commonest, key=in_order)))
        return (
            f"{rule}: {few} in {100 * share:.1f} % of the pixels, the others in "
            f"{100 * (1 - share):.1f} %. {LOSSY}."
        )
    most = max(facts, key=lambda one: one.n_values)
    return (
        f"{rule} ({most.n_values:,} in the mask of {most.mask_id}), as photographs have them. Are "
        f"path and masks the right way round? {LOSSY}. Where objects are numbered, write classes: "
        "instances."
    )
