"""How the images were divided and how sure the numbers are for it, in words."""

from __future__ import annotations

from bioselect.metrics.base import Metric
from bioselect.selection.held_out import FEWEST_UNITS, TEST_PART
from bioselect.selection.outcome import Context, HonestScore
from bioselect.selection.significance import effective_folds

#: Of fewer scores of each candidate, it is folds and repeats that are too few, not the images.
FEWEST_SCORES = 10


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
            f"of {tries} tries is flattering on average, {value} is not)"
        )
    return f"{text}."


def no_interval_words(score: HonestScore) -> str:
    """Say why an expected score has no interval, to stand behind the score.

    Examples
    --------
    >>> no_interval_words(HonestScore("accuracy", 0.5, None, None, 0.5, 0.5, n_draws=2000))[:49]
    '; how far off that may be is not known, as all ra'
    """
    if score.n_draws is None:
        why = f"the test part has fewer than {FEWEST_UNITS} independent images or groups"
        return f"; how far off that may be cannot be said, as {why}."
    why = "all random draws of these images have the same score"
    if score.method == TEST_PART:
        return (
            f"; how far off that may be is not known, as {why}. A larger test part, or folds "
            "instead of one split, would tell more."
        )
    return f"; how far off that may be is not known, as {why}. More images would tell more."


def no_claims_of_one_split(context: Context) -> str:
    """Say why nothing is claimed where groups were divided once."""
    return (
        f"With one split of {context.n_groups} groups NOTHING IS CLAIMED about which "
        f"{context.noun} is better: another split would train on other groups, and how much that "
        "matters one split does not show. The ranking describes this split; go by the expected "
        "score. Folds tell more."
    )


def too_few_words(context: Context) -> str:
    """Say what there is too little of to tell candidates apart: images, or folds and repeats.

    Examples
    --------
    >>> too_few_words(Context((("a", 50), ("b", 50)), 5, 10, seed=0))
    'they are too few to tell most combinations apart.'
    >>> too_few_words(Context((("a", 50), ("b", 50)), 2, 1, seed=0))[:62]
    '2 scores of each (2 folds x 1 repeat) are too few to tell most'
    """
    n_scores = context.n_folds * context.n_repeats
    by_images = context.n_groups is not None or context.n_valued is not None
    if by_images or context.split_counts is not None or n_scores >= FEWEST_SCORES:
        return f"they are too few to tell most {context.noun}s apart."
    is_random = context.test_to_train is not None and context.n_folds == 1
    write = "splits: 50" if is_random else "folds: 5 and repeats: 10"
    return (
        f"{n_scores} {'score' if n_scores == 1 else 'scores'} of each "
        f"({division_in_words(context)}) are too few to tell most {context.noun}s apart. Write "
        f"{write} under validation."
    )


def how_sure_in_words(metric: Metric, context: Context, effective_groups: float | None) -> str:
    """Return how sure the numbers of a study are.

    Parameters
    ----------
    metric : Metric
        The deciding metric.
    context : Context
        Design and rules.
    effective_groups : float or None
        How many groups of one size the groups are worth.
    """
    if context.split_counts is not None:
        return one_split_in_words(metric, context)
    rounds = context.n_folds * context.n_repeats
    n_eff = effective_folds(context.n_folds, context.n_repeats, context.test_to_train)
    start = (
        f"How sure are these numbers? The {rounds} test rounds share images, so they count as "
        f"{_independent_rounds(n_eff)};"
    )
    if context.exploratory:
        return (
            f"{start} intervals of differences are corrected for that and approximate. No claim "
            "is made in an exploratory study."
        )
    if context.n_groups is not None:
        n_groups = context.n_tested_groups or context.n_groups
        rounds_are = "splits" if context.n_folds == 1 else "folds"
        return (
            f"{start} and images of one group resemble each other, so it is the groups that count: "
            f"differences were tested over {context.tested_groups_words}"
            f"{_worth(n_groups, effective_groups, context)}. All p-values, intervals of "
            "differences and probabilities hold both uncertainties. Tests: t with the variance "
            f"between groups and that between {rounds_are}, {holm_words(context)}. They are "
            "approximate. The expected score was computed by drawing whole groups."
        )
    return (
        f"{start} all p-values and intervals of differences here are corrected for that. Tests: "
        f"corrected repeated cross-validation t, {holm_words(context)}. They are approximate."
    )


def holm_words(context: Context) -> str:
    """Say for how many comparisons is allowed.

    Examples
    --------
    >>> counts = (("a", 50), ("b", 50))
    >>> holm_words(Context(counts, 5, 10, seed=0, strict=True))
    'Holm over all tables together (strict)'
    """
    return "Holm over all tables together (strict)" if context.strict else "Holm within each table"


def _worth(n_groups: int, effective: float | None, context: Context) -> str:
    """Say how many groups of one size the groups are worth, where that is fewer."""
    if effective is None or round(effective) >= n_groups:
        return ""
    differ = "size and class" if context.n_valued is None else "size"
    return f", which differ in {differ} and so tell as much as {effective:.0f} like ones"


def _independent_rounds(n_eff: float) -> str:
    if n_eff < 1.5:
        usual = effective_folds(5, 10)
        return f"hardly more than 1 independent one (5 folds x 10 repeats: about {usual:.0f})"
    return f"about {n_eff:.0f} independent ones"


def one_split_in_words(metric: Metric, context: Context) -> str:
    """Return how sure the numbers of a single split are."""
    counts = context.split_counts or (0, 0, 0)
    start = (
        f"How sure are these numbers? There is one split only: the {context.noun}s were compared "
        f"on {counts[1]} validation images, as models of one training part; another split may "
        "order them differently."
    )
    if context.is_one_split_of_groups:
        return (
            f"{start} Images of one group resemble each other, and the groups that models were "
            "trained on count as well: so neither intervals of these scores nor tests are given."
        )
    if not context.tests_are_judged:
        return f"{start} Intervals were found by drawing independent images or groups."
    second = ""
    if metric.name == "accuracy":
        second = "; exact McNemar tests stand beside it in study.json"
    return (
        f"{start} Tests: paired bootstrap over independent images or groups, {holm_words(context)}"
        f"{second}. They are approximate."
    )
