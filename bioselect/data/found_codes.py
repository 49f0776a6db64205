"""Which codes masks have, where nobody says: found from their values, or asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from bioselect.data.mask_codes import BACKGROUND, OBJECT, Code, MaskCodes, code_in_words
from bioselect.data.mask_facts import MaskFacts
from bioselect.exceptions import DataError

#: More classes than this nobody draws by hand; such values are something else.
MOST_FOUND = 12
#: Numbered objects are one piece each, but for those that another one or the window cuts.
PIECES_OF_AN_OBJECT = 1.5
#: Values that are so common are meant; others beside them are traces of a lossy format.
SHARE_OF_CODES = 0.9
_BLACK = (0, 0, 0)
_WRITE = "Write dataset.classes: a code for each class, for example {0: background, 255: nucleus}"
_LOSSY = (
    "Lossy formats (JPEG) and smooth resizing leave such values: export the masks anew as PNG or "
    "TIFF, without smoothing"
)


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
    """
    counts: Counter[Code] = Counter()
    is_coloured = any(one.is_coloured for one in facts)
    for one in facts:
        for code, n_pixels in one.values:
            counts[_as_colour(code) if is_coloured else code] += n_pixels
    ignored = {_as_colour(code) if is_coloured else code for code in ignore}
    codes = sorted((code for code in counts if code not in ignored), key=_in_order)
    if len(codes) < 2:
        raise DataError(_one_value(facts, codes))
    if not is_coloured and _are_instances(facts, codes):
        n_most = max(one.n_values for one in facts) - 1
        return MaskCodes((BACKGROUND, OBJECT), ignore=ignore, instances=True), (
            f"classes: instances ({len(facts)} masks whose objects are numbered, up to {n_most} in "
            "one: everything above 0 is foreground)"
        )
    if len(codes) > MOST_FOUND or any(one.n_values > len(one.values) for one in facts):
        raise DataError(_too_many(counts, codes, facts))
    names = _names(codes)
    table = tuple((code, place) for place, code in enumerate(codes))
    listed = ", ".join(
        f"{code_in_words(code)}: {name}" for code, name in zip(codes, names, strict=True)
    )
    return MaskCodes(names, table, ignore), (
        f"classes: {{{listed}}} (all values in the masks; write dataset.classes to name them)"
    )


def _names(codes: Sequence[Code]) -> tuple[str, ...]:
    """Return what to call the classes of codes: 0 and black are what lies around."""
    if len(codes) == 2 and codes[0] in (0, _BLACK):
        return BACKGROUND, OBJECT
    return tuple(
        BACKGROUND if code in (0, _BLACK) else f"class_{code_in_words(code).lstrip('#')}"
        for code in codes
    )


def _are_instances(facts: Sequence[MaskFacts], codes: Sequence[Code]) -> bool:
    """Tell whether each value above 0 is one object.

    Raises
    ------
    DataError
        If a few numbers may be objects as well as classes.
    """
    if 0 not in codes or len(codes) == 2:
        return False
    several = [one for one in facts if one.n_values > 2]
    n_pieces = sum(one.n_pieces for one in several)
    n_values = sum(one.n_piece_values for one in several)
    if not n_values or n_pieces > PIECES_OF_AN_OBJECT * n_values:
        return False
    if len(codes) > MOST_FOUND:
        return True
    if len(codes) > 3 and len({one.n_values for one in facts}) > 2:
        listed = ", ".join(map(code_in_words, codes))
        raise DataError(
            f"dataset.classes: must say what the values of the masks mean. Got {listed}, each of "
            "which is one connected piece in most masks: they may number objects, or be classes. "
            "Write classes: instances, or a name for each code, for example "
            f"{{0: background, {code_in_words(codes[1])}: nucleus, ...}}."
        )
    return False


def _one_value(facts: Sequence[MaskFacts], codes: Sequence[Code]) -> str:
    found = f"the value {code_in_words(codes[0])} only" if codes else "ignored values only"
    return (
        f"dataset.masks: must show at least 2 classes; the background is one. Got {found} in "
        f"{len(facts)} masks. Check that the masks are the right files and were saved with their "
        "contents."
    )


def _too_many(counts: Counter[Code], codes: Sequence[Code], facts: Sequence[MaskFacts]) -> str:
    """Say that there are more values than classes, and what they may come from."""
    total = sum(counts.values())
    commonest, share = [], 0.0
    for code, n_pixels in counts.most_common(MOST_FOUND):
        commonest.append(code)
        share += n_pixels / total
        if share >= SHARE_OF_CODES:
            break
    n_values = max(len(codes), max(one.n_values for one in facts))
    if share >= SHARE_OF_CODES:
        few = ", ".join(map(code_in_words, sorted(commonest, key=_in_order)))
        rest = 100 * (1 - share)
        return (
            f"dataset.masks: must hold a few codes, one for each class. Got {n_values} different "
            f"values: {few} in {100 * share:.1f} % of the pixels, others in {rest:.1f} %. {_LOSSY}."
        )
    example = next(one for one in facts if one.n_values > MOST_FOUND or len(facts) == 1)
    return (
        f"dataset.masks: must hold a few codes, one for each class. Got {n_values} different "
        f"values, none of them common ({example.n_values} in the mask of {example.mask_id}), as "
        "photographs have them. Are path and masks the right way round? "
        f"{_WRITE}, or classes: instances where objects are numbered."
    )


def _as_colour(code: Code) -> Code:
    return code if isinstance(code, tuple) else (code, code, code)


def _in_order(code: Code) -> tuple[int, ...]:
    return code if isinstance(code, tuple) else (code,)
