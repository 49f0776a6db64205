"""What to use, what to expect, what is open: the first lines, for a reader who stops there."""

from __future__ import annotations

from bioselect.metrics.base import Metric
from bioselect.selection.held_out import TEST_PART
from bioselect.selection.outcome import ComparisonRow, Context, Verdict
from bioselect.selection.phrases import (
    difference_words,
    guess_score,
    guess_words,
    short_score,
    wrapped,
)

#: What a score is the share of, where a sentence can say it.
MEANINGS = {
    "accuracy": "the share of the images that are named rightly",
    "balanced_accuracy": "the share of each class that is recognised, averaged over the classes",
    "subset_accuracy": "the share of the images of which all labels are right",
    "dice": "the overlap with the true masks (1: pixel for pixel), averaged over the images",
    "mae": "which is how far off predictions are on average",
    "median_absolute_error": "which half of the predictions are nearer than",
    "r2": "the share of the differences between images that is predicted",
    "iou": "the overlap with the true masks over what either covers, averaged over the images",
}


def opening(
    verdict: Verdict,
    metric: Metric,
    context: Context,
    tries: int,
    runner_up: ComparisonRow | None,
    above_chance: bool | None,
) -> str:
    """Return the first lines of a summary.

    Parameters
    ----------
    verdict : Verdict
        The decided study.
    metric : Metric
        The deciding metric.
    context : Context
        Design and rules.
    tries : int
        How many combinations were tried.
    runner_up : ComparisonRow or None
        The best against the next; None where nothing is claimed, or there is no other.
    above_chance : bool or None
        Whether the expected score is shown to be better than guessing; None when not known.
    """
    sentences = [
        _use(verdict, metric, context, tries, above_chance),
        _expect(verdict, metric, context),
        "" if above_chance is False else _open(runner_up, metric),
        _beware(context),
    ]
    lines = [wrapped(sentence, indent=4) for sentence in sentences if sentence]
    return "\n".join(["In short:", *lines])


def _use(
    verdict: Verdict, metric: Metric, context: Context, tries: int, above_chance: bool | None
) -> str:
    best, chosen = verdict.best.label, verdict.recommended.label
    if above_chance is False:
        which = "the only one tried" if tries == 1 else f"the best of {tries} tried"
        return (
            f"Use none of them yet: {best}, {which}, is not shown to be better than "
            f"{guess_words(metric)}."
        )
    if tries == 1:
        return f"Use {chosen}, the only {context.noun} tried."
    if verdict.recommended != verdict.best:
        close = difference_words(context.rope, metric)
        return (
            f"Use {chosen}: of {tries} {context.noun}s tried it is the one within {close} of the "
            f"best ({best}) that needs the least computing."
        )
    text = f"Use {chosen}, the best of {tries} {context.noun}s tried"
    n_tied = len(verdict.tied_with_best)
    n_ranked = sum(row.rank is not None for row in verdict.ranking)
    if context.why_no_claims or n_ranked == 1:
        return f"{text}."
    if not n_tied:
        return f"{text}; all others are behind."
    return f"{text}; {n_tied} {'other' if n_tied == 1 else 'others'} could be as good."


def _expect(verdict: Verdict, metric: Metric, context: Context) -> str:
    score = verdict.honest_score
    if score.value is None:
        return "What to expect on new images cannot be said from these."
    notes = ["measured on the test part"] if score.method == TEST_PART else []
    if score.ci_low is not None and score.ci_high is not None:
        low, high = short_score(score.ci_low, metric), short_score(score.ci_high, metric)
        notes.append(f"very likely between {low} and {high}")
    else:
        notes.append("how far off that may be is not known")
    if score.chance is not None:
        notes.append(f"{guess_words(metric)}: {guess_score(score.chance, metric)}")
    if metric.direction == "lower":
        notes.append("lower is better")
    inside = f" ({'; '.join(notes)})" if notes else ""
    meaning = f", {MEANINGS[metric.name]}" if metric.name in MEANINGS else ""
    whose = ""
    if verdict.recommended != verdict.best and score.of != verdict.recommended.label:
        whose = f" That is the figure of {score.of}."
    return (
        f"Expect {metric.in_words} of about {short_score(score.value, metric)} on new images like "
        f"these{inside}{meaning}.{whose}"
    )


def _open(runner_up: ComparisonRow | None, metric: Metric) -> str:
    if runner_up is None:
        return ""
    if "better" in runner_up.words:
        return f"The next one, {runner_up.second}, is behind as far as these data can tell."
    if "same" in runner_up.words:
        return f"The next one, {runner_up.second}, is practically the same: either will do."
    if runner_up.difference == 0:
        return (
            f"The next one, {runner_up.second}, has the same score: these data cannot tell which "
            "is better."
        )
    return (
        f"Open: whether the next one, {runner_up.second}, is really behind. These data cannot tell "
        f"{difference_words(abs(runner_up.difference), metric)} apart."
    )


def _beware(context: Context) -> str:
    small = "A small study: take it as a hint, and repeat it with more images. "
    start = small if context.exploratory else ""
    if context.n_groups is None:
        return (
            f"{start}Every image counted as independent: if several come from one patient, slide "
            "or dish, name it (dataset.group), or new ones will do worse than this."
        )
    return (
        f"{start}It holds for new groups like these {context.n_tested_groups or context.n_groups}; "
        "images from elsewhere are not tested."
    )
