"""How the images were divided, in words; and what is said otherwise where that was done once."""

from __future__ import annotations

from bioselect.metrics.base import Metric
from bioselect.selection.outcome import Context, HonestScore


def division_in_words(context: Context) -> str:
    """Return how the images were divided.

    Examples
    --------
    >>> counts = (("a", 50), ("b", 50))
    >>> division_in_words(Context(counts, 5, 10, seed=0))
    '5 folds x 10 repeats'
    >>> division_in_words(Context(counts, 1, 50, seed=0, test_to_train=0.25))
    '50 random splits that test 20 %'
    >>> division_in_words(Context(counts, 1, 1, seed=0, split_counts=(60, 20, 20)))
    'one split (60 training, 20 validation and 20 test images)'
    """
    if context.split_counts is not None:
        train, validation, test = context.split_counts
        return f"one split ({train} training, {validation} validation and {test} test images)"
    if context.test_to_train is not None and context.n_folds == 1:
        share = context.test_to_train / (1 + context.test_to_train)
        return f"{context.n_repeats} random splits that test {100 * share:.0f} %"
    repeats = "repeat" if context.n_repeats == 1 else "repeats"
    return f"{context.n_folds} folds x {context.n_repeats} {repeats}"


def place_of_scores(context: Context) -> str:
    """Return where the scores of the ranking come from."""
    if context.split_counts is not None:
        return "on the validation part"
    if context.test_to_train is not None and context.n_folds == 1:
        return f"over {context.n_repeats} random splits"
    return "in cross-validation"


def measured_on_test_part(score: HonestScore, value: str, context: Context, tries: int) -> str:
    """Say what the expected score is, where it was measured on a test part.

    Parameters
    ----------
    score : HonestScore
        Of the test part.
    value : str
        The score as it is printed.
    context : Context
        With `split_counts`.
    tries : int
        How many combinations were compared.
    """
    n_test = context.split_counts[2] if context.split_counts is not None else 0
    text = f" Measured once, on the {n_test} images of the test part, for {score.of}"
    if tries > 1:
        text += (
            f", which was selected by the validation part alone ({score.naive:.3f} there: the best "
            f"of {tries} tries flatters, {value} does not)"
        )
    return f"{text}."


def no_claims_of_one_split(context: Context) -> str:
    """Say why nothing is claimed where groups were divided once."""
    return (
        f"With one split of {context.n_groups} groups NOTHING IS CLAIMED about which combination "
        "is better: another split would train on other groups, and how much that matters one split "
        "does not show. The ranking describes this split; go by the expected score. Folds tell "
        "more."
    )


def one_split_in_words(metric: Metric, context: Context) -> str:
    """Return how sure the numbers of a single split are."""
    counts = context.split_counts or (0, 0, 0)
    start = (
        f"How sure are these numbers? There is one split only: the combinations were compared on "
        f"{counts[1]} validation images, as models of one training part; another split may order "
        "them differently."
    )
    if not context.tests_are_judged:
        return f"{start} Intervals were found by drawing independent images or groups."
    second = ""
    if metric.name == "accuracy":
        second = "; exact McNemar tests stand beside it in study.json"
    return (
        f"{start} Tests: paired bootstrap over independent images or groups, Holm within each "
        f"table{second}. They are approximate."
    )
