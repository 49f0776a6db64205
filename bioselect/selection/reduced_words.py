"""Why an estimate rests on fewer random draws or repeats than meant, in words."""

from __future__ import annotations


def reduced_words(n_scored: int, afforded: tuple[int, int], meant: tuple[int, int]) -> str:
    """Say why an estimate rests on fewer draws or repeats than meant; nothing if it does not.

    Parameters
    ----------
    n_scored : int
        Draws that could be scored.
    afforded, meant : tuple of int
        Draws and repeats that there was time for, and that were meant.

    Examples
    --------
    >>> reduced_words(1000, (1000, 10), (1000, 10))
    ''
    >>> reduced_words(990, (1000, 10), (1000, 10))[:48]
    '10 of 1000 random draws have no score, because s'
    """
    reasons = []
    same_repeats = afforded[1] == meant[1]
    if afforded != meant:
        used, wanted = (
            f"{draws} random draws" + ("" if same_repeats else f" and {repeats} repeats")
            for draws, repeats in (afforded, meant)
        )
        reasons.append(
            f"it was computed from {used} instead of {wanted}, because this metric has no form for "
            "many draws at once"
        )
    if n_scored < afforded[0]:
        reasons.append(
            f"{afforded[0] - n_scored} of {afforded[0]} random draws have no score, because some "
            "class is in too few images or groups"
        )
    return "; ".join(reasons)
