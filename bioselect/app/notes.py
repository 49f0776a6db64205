"""What a person should know of one prediction: how sure it is, in words."""

from __future__ import annotations

import math
from collections.abc import Sequence

#: Below so much, no class is likely.
_UNLIKELY = 0.5
#: The two best are so near that either may be meant.
_NEAR = 0.15
#: Of several labels: a probability so near to one half is a toss-up.
_BORDER = 0.1
_MUCH = 0.75
#: So many classes of a set are named.
_MOST_NAMED = 4


def uncertainty(probabilities: Sequence[float]) -> float:
    """Return the entropy of probabilities as a part of the greatest possible one.

    Examples
    --------
    >>> uncertainty([1.0, 0.0]), uncertainty([0.25] * 4)
    (0.0, 1.0)
    """
    entropy = -sum(one * math.log(one) for one in probabilities if one > 0)
    return max(0.0, entropy / math.log(len(probabilities))) if len(probabilities) > 1 else 0.0


def note_of_class(names: Sequence[str], probabilities: Sequence[float]) -> str:
    """Say why one should look at an image oneself; nothing where the model is sure.

    Examples
    --------
    >>> note_of_class(["round", "spiky"], [0.97, 0.03])
    ''
    >>> note_of_class(["round", "spiky"], [0.54, 0.46])
    'Close: round or spiky.'
    >>> note_of_class(["a", "b", "c"], [0.45, 0.28, 0.27])
    'Unsure: no class reaches one half.'
    """
    ordered = sorted(zip(probabilities, names, strict=True), reverse=True)
    if len(ordered) > 1 and ordered[0][0] - ordered[1][0] < _NEAR:
        return f"Close: {ordered[0][1]} or {ordered[1][1]}."
    if ordered[0][0] < _UNLIKELY:
        return "Unsure: no class reaches one half."
    if uncertainty(probabilities) > _MUCH:
        return "Unsure: the probability is spread over several classes."
    return ""


def note_of_set(names: Sequence[str], level: float) -> str:
    """Say which classes cannot be ruled out; nothing where there is only one.

    Examples
    --------
    >>> note_of_set(["round", "spiky"], 0.9)
    'May be round or spiky: such a set holds the true class of 90 % of images.'
    >>> note_of_set(["a", "b", "c", "d", "e", "f"], 0.95).partition(":")[0]
    'May be a, b, c, d or 2 others'
    >>> note_of_set(["round"], 0.9)
    ''
    """
    if len(names) < 2:
        return ""
    shown, n_more = list(names[:_MOST_NAMED]), len(names) - _MOST_NAMED
    if n_more > 0:
        shown.append("1 other" if n_more == 1 else f"{n_more} others")
    listed = f"{', '.join(shown[:-1])} or {shown[-1]}"
    return f"May be {listed}: such a set holds the true class of {percent(level)} of images."


def note_of_labels(names: Sequence[str], probabilities: Sequence[float]) -> str:
    """Say which labels might as well be otherwise.

    Examples
    --------
    >>> note_of_labels(["mass", "nodule"], [0.55, 0.02])
    'Near the border: mass.'
    """
    near = [
        name
        for name, one in zip(names, probabilities, strict=True)
        if abs(one - _UNLIKELY) < _BORDER
    ]
    return f"Near the border: {', '.join(near)}." if near else ""


def percent(share: float) -> str:
    """Return a probability as it is shown.

    Examples
    --------
    >>> percent(0.8612345), percent(0.9999), percent(0.001), percent(1.0)
    ('86 %', '> 99 %', '< 1 %', '100 %')
    """
    if 0 < share < 0.005:
        return "< 1 %"
    if 0.995 <= share < 1:
        return "> 99 %"
    return f"{share * 100:.0f} %"
