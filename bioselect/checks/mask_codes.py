"""Values in masks that are no code of a class, and what may have made them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from bioselect.checks.findings import ERROR, Finding
from bioselect.data.mask_codes import Code, MaskCodes, code_in_words
from bioselect.data.mask_facts import MaskFacts
from bioselect.data.mask_values import (
    LOSSY,
    are_numbered,
    as_colour,
    distance,
    in_order,
    values_in_words,
)

#: The kind of these findings.
UNKNOWN_CODES = "unknown codes"
#: Values so near to a code are what lossy formats and smoothing make of it.
NEAR = 16
#: More unknown values than this are no forgotten classes.
MANY_VALUES = 100


def unknown_codes(facts: Sequence[MaskFacts], codes: MaskCodes) -> list[Finding]:
    """Return an error for each mask with values that are no codes, and one that adds them up.

    Parameters
    ----------
    facts : sequence of MaskFacts
        Of masks that can be read.
    codes : MaskCodes
        What the values of masks stand for.
    """
    if codes.instances:
        return _coloured(facts)
    known = [code for code, _ in codes.codes] + list(codes.ignore)
    is_coloured = codes.is_coloured or any(one.is_coloured for one in facts)
    if is_coloured:
        known = [as_colour(code) for code in known]
    unknown = [_unknown_of(one, set(known), is_coloured) for one in facts]
    bad = [(one, found) for one, found in zip(facts, unknown, strict=True) if found]
    if not bad:
        return []
    each = [
        Finding(
            ERROR,
            one.mask_id,
            f"its mask holds values that are no code: {_listed(found, one)}.",
            "",
            UNKNOWN_CODES,
        )
        for one, found in bad
    ]
    return [_together(facts, bad, known, codes), *each]


def _coloured(facts: Sequence[MaskFacts]) -> list[Finding]:
    """Return an error for each mask of numbered objects that has colours in place of numbers."""
    what = "its mask has colours where objects should be numbered."
    remedy = "Save it with a whole number for each object (16-bit TIFF or PNG)."
    return [
        Finding(ERROR, one.mask_id, what, remedy, UNKNOWN_CODES) for one in facts if one.is_coloured
    ]


def _unknown_of(one: MaskFacts, known: set[Code], is_coloured: bool) -> dict[Code, int]:
    return {
        code: n_pixels
        for code, n_pixels in one.values
        if (as_colour(code) if is_coloured else code) not in known
    }


def _listed(found: dict[Code, int], one: MaskFacts) -> str:
    n_known = len(one.values) - len(found)
    named = [f"{code_in_words(code)} ({count:,} pixels)" for code, count in list(found.items())[:3]]
    n_more = one.n_values - n_known - len(named)
    return ", ".join(named) + (f" and {n_more} more" if n_more > 0 else "")


def _together(
    facts: Sequence[MaskFacts],
    bad: Sequence[tuple[MaskFacts, dict[Code, int]]],
    known: Sequence[Code],
    codes: MaskCodes,
) -> Finding:
    """Return one finding that adds up all unknown values, with what may be behind them."""
    n_pixels: Counter[Code] = Counter()
    n_masks: Counter[Code] = Counter()
    for _, found in bad:
        n_pixels.update(found)
        n_masks.update(found.keys())
    written = ", ".join(code_in_words(code) for code in sorted(known, key=in_order))
    what = (
        f"masks must hold codes of dataset.classes only ({written}). {len(bad)} of {len(facts)} "
        f"hold others: {values_in_words(n_pixels, n_masks)}."
    )
    return Finding(ERROR, "", what, _remedy(facts, n_pixels, known, codes))


def _remedy(
    facts: Sequence[MaskFacts], unknown: Counter[Code], known: Sequence[Code], codes: MaskCodes
) -> str:
    if not codes.is_coloured and are_numbered(facts):
        return (
            "They number objects, as it seems. Write classes: instances under `dataset:`, or "
            f"{{instances: {codes.class_names[-1]}}}."
        )
    nearest = {code: min(known, key=lambda one: distance(one, code)) for code in unknown}
    near = [code for code, one in nearest.items() if distance(one, code) <= NEAR]
    if len(near) == len(unknown) or sum(unknown[code] for code in near) > 0.5 * unknown.total():
        code = max(near, key=lambda one: unknown[one])
        return (
            f"They lie near codes ({code_in_words(code)} near {code_in_words(nearest[code])}). "
            f"{LOSSY}. Nothing is rounded here."
        )
    if len(unknown) > MANY_VALUES and not codes.is_coloured:
        return (
            "So many values are those of photographs. Are path and masks the right way round? If "
            "they are, export the masks anew, with one value for each class; if objects are "
            "numbered, write classes: instances."
        )
    quoted = "; colours in quotes" if any(isinstance(code, tuple) for code in unknown) else ""
    return (
        f"Add them to dataset.classes (several codes may be one class{quoted}) or to "
        "dataset.ignore, or correct the masks."
    )
