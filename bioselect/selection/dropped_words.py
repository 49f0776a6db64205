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
    lost = [entrant for entrant in dropped if entrant.n_folds and not entrant.passed_over]
    passed_over = [entrant.label for entrant in dropped if entrant.n_folds and entrant.passed_over]
    if passed_over:
        text += (
            f" Of those tried, {_counted(passed_over)} too slow to be finished, however good "
            f"({names_words(passed_over, 'ranking.csv')}): the choice was made without "
            f"{'it' if len(passed_over) == 1 else 'them'}, and the expected score is for the best "
            "of the rest. A longer budget counts all."
        )
    if lost:
        who = "Who was tried and lost" if passed_over else "What was tried"
        text += (
            f" {who} took part in the choice, so the expected score counts it: it is computed from "
            "the folds that all of these share. The comparisons leave it out."
        )
    who, reason = ("It", "reason") if len(dropped) == 1 else ("Any of them", "reasons")
    return f"{text} {who} may be better than what is recommended; ranking.csv gives the {reason}."


def _counted(labels: Sequence[str]) -> str:
    return f"{len(labels)} combination{' was' if len(labels) == 1 else 's were'}"
