"""What a budget left out, in the words of the summary."""

from __future__ import annotations

from collections.abc import Sequence

from bioselect.selection.outcome import Context, Entrant
from bioselect.selection.phrases import names_words


def dropped_words(dropped: Sequence[Entrant], context: Context) -> str:
    """Return the paragraph on combinations that were dropped for time; nothing without any.

    Examples
    --------
    >>> context = Context((("a", 50), ("b", 50)), 5, 4, seed=0, budget="20min")
    >>> print(dropped_words([Entrant("hog", "svm", dropped="no time", n_folds=0)], context))
    Dropped for time (budget 20min): 1 combination was not tried at all (hog + svm). It may be \
better than what is recommended; ranking.csv gives the reason.
    >>> dropped_words([], context)
    ''
    """
    if not dropped:
        return ""
    untried = [entrant.label for entrant in dropped if not entrant.n_folds]
    tried = [entrant.label for entrant in dropped if entrant.n_folds]
    parts = []
    if tried:
        parts.append(
            f"{_counted(tried)} tried on some of the folds only "
            f"({names_words(tried, 'ranking.csv')})"
        )
    if untried:
        parts.append(
            f"{_counted(untried)} not tried at all ({names_words(untried, 'ranking.csv')})"
        )
    text = f"Dropped for time (budget {context.budget}): {'; '.join(parts)}."
    if tried:
        text += (
            " What was tried took part in the choice, so the expected score counts it: it is "
            "computed from the folds that all tried ones share. The comparisons leave it out."
        )
    who, reason = ("It", "reason") if len(dropped) == 1 else ("Any of them", "reasons")
    return f"{text} {who} may be better than what is recommended; ranking.csv gives the {reason}."


def _counted(labels: Sequence[str]) -> str:
    return f"{len(labels)} combination{' was' if len(labels) == 1 else 's were'}"
