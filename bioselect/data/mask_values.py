"""What the values of many masks look like together: codes, numbered objects, traces of a format."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from bioselect.data.mask_codes import Code, code_in_words
from bioselect.data.mask_facts import MaskFacts

#: Numbered objects are one piece each, but for those that another one or the window cuts.
PIECES_OF_AN_OBJECT = 1.5
#: What to do about values that a format or an editor has made.
LOSSY = (
    "Lossy formats (JPEG) and smoothed edges leave such values: export the masks anew as PNG or "
    "TIFF, without smoothing"
)
_N_LISTED = 5


def are_numbered(facts: Sequence[MaskFacts]) -> bool:
    """Tell whether the values above 0 are one connected piece each, as numbered objects are.

    Examples
    --------
    >>> are_numbered([MaskFacts(n_values=31, n_pieces=32, n_piece_values=30)])
    True
    >>> are_numbered([MaskFacts(n_values=4, n_pieces=32, n_piece_values=3)])
    False
    """
    several = [one for one in facts if one.n_piece_values > 1]
    n_pieces = sum(one.n_pieces for one in several)
    n_values = sum(one.n_piece_values for one in several)
    return n_values > 0 and n_pieces <= PIECES_OF_AN_OBJECT * n_values


def values_in_words(n_pixels: Counter[Code], n_masks: Counter[Code]) -> str:
    """Return the commonest values, with how often they are there.

    Examples
    --------
    >>> values_in_words(Counter({254: 1203}), Counter({254: 4}))
    '254 (1,203 pixels in 4 masks)'
    """
    named = []
    for code, count in n_pixels.most_common(_N_LISTED):
        where = "1 mask" if n_masks[code] == 1 else f"{n_masks[code]} masks"
        pixels = "1 pixel" if count == 1 else f"{count:,} pixels"
        named.append(f"{code_in_words(code)} ({pixels} in {where})")
    n_more = len(n_pixels) - len(named)
    return ", ".join(named) + (f" and {n_more} more values" if n_more > 0 else "")


def distance(first: Code, second: Code) -> int:
    """Return by how much two values differ, in the channel that differs most.

    Examples
    --------
    >>> distance(250, 255), distance((255, 0, 0), (250, 9, 0))
    (5, 9)
    """
    if isinstance(first, int) and isinstance(second, int):
        return abs(first - second)
    pairs = zip(as_colour(first), as_colour(second), strict=True)
    return max(abs(one - other) for one, other in pairs)


def as_colour(code: Code) -> tuple[int, int, int]:
    """Return a grey value as a colour; a colour stays."""
    return code if isinstance(code, tuple) else (code, code, code)


def in_order(code: Code) -> tuple[int, ...]:
    """Return by what codes are sorted: the darker first, by red, green and blue."""
    return code if isinstance(code, tuple) else (code,)
