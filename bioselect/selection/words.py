"""The verdict in words, for somebody who knows no statistics.

Some words are never said, because they claim what cross-validation on one data set cannot show:
that something is proven, that two candidates perform the same beyond doubt, that a hypothesis is
accepted, that a p-value is zero or a probability of being right.
"""

from __future__ import annotations

import math

from bioselect.metrics.base import Metric
from bioselect.selection.design_words import (
    division_in_words,
    how_sure_in_words,
    measured_on_test_part,
    no_claims_of_one_split,
    no_interval_words,
    place_of_scores,
    too_few_words,
)
from bioselect.selection.dropped_words import dropped_words
from bioselect.selection.held_out import TEST_PART
from bioselect.selection.opening_words import opening
from bioselect.selection.outcome import (
    ComparisonRow,
    Context,
    Entrant,
    HonestScore,
    RankingRow,
    Verdict,
)
from bioselect.selection.phrases import (
    GUESSES,
    difference_words,
    guess_score,
    guess_words,
    long_score,
    names_words,
    p_words,
    percent_words,
    rough_words,
    short_reason,
    short_score,
    wrapped,
)


def summarise(
    verdict: Verdict,
    metric: Metric,
    context: Context,
    failed: tuple[Entrant, ...] = (),
    visible: float | None = None,
    dropped: tuple[Entrant, ...] = (),
    effective_groups: float | None = None,
) -> str:
    """Return the summary of a study, several lines.

    Parameters
    ----------
    verdict : Verdict
        The decided study; its `in_words` is not read.
    metric : Metric
        The deciding metric.
    context : Context
        Design and rules.
    failed : tuple of Entrant
        Candidates that failed, with their reasons.
    visible : float, optional
        The difference that these data show in four of five studies, in units of the metric.
    dropped : tuple of Entrant
        Candidates that a budget dropped before they had every fold.
    effective_groups : float, optional
        How many groups of one size the groups are worth.
    """
    n_ranked = len(_ranked(verdict))
    n_tried = n_ranked + sum(bool(entrant.n_folds) for entrant in dropped)
    n_counted = n_tried - sum(entrant.passed_over for entrant in dropped)
    runner_up = None
    if n_ranked > 1 and not context.why_no_claims:
        runner_up = _runner_up_row(verdict)
    above = is_above_chance(verdict.honest_score, metric)
    paragraphs = [
        _best(verdict, metric, context),
        _expected(verdict, metric, context, n_counted),
        _is_it_really(verdict, metric, context, visible),
        _recommended(verdict, metric, context),
        how_sure_in_words(metric, context, effective_groups),
        _what_went_in(metric, context, n_tried),
        dropped_words(dropped, context),
        _left_out(context, failed, "" if dropped else "Left out: nothing."),
    ]
    first = opening(verdict, metric, context, n_tried, runner_up, above)
    return "\n".join([first, "", *(wrapped(paragraph) for paragraph in paragraphs if paragraph)])


def is_above_chance(score: HonestScore, metric: Metric) -> bool | None:
    """Tell whether even the bad end of the interval beats guessing; None when not known."""
    if score.chance is None or score.value is None:
        return None
    if score.ci_low is None or score.ci_high is None:
        ahead = score.value - score.chance
        return None if (-ahead if metric.direction == "lower" else ahead) > 0 else False
    if metric.direction == "lower":
        return score.ci_high < score.chance
    return score.ci_low > score.chance


def _ranked(verdict: Verdict) -> list[RankingRow]:
    return [row for row in verdict.ranking if row.rank is not None]


def _best(verdict: Verdict, metric: Metric, context: Context) -> str:
    direction = ", lower is better" if metric.direction == "lower" else ""
    score = verdict.honest_score.naive
    if context.split_counts is not None:
        score = _ranked(verdict)[0].mean or 0.0  # The naive one is that of what was selected.
    return (
        f"Best {context.noun}: {verdict.best.label} ({metric.in_words} {place_of_scores(context)} "
        f"{long_score(score, metric)}{direction})."
    )


def _expected(verdict: Verdict, metric: Metric, context: Context, tries: int) -> str:
    score = verdict.honest_score
    if score.value is None:
        why = score.reduced or "there are too few images"
        if score.method == TEST_PART:
            why = f"{score.of} could not be scored on the test part"
        return f"Expected on new images: cannot be estimated, {why}."
    text = f"Expected on new images: about {short_score(score.value, metric)}"
    if score.ci_low is None or score.ci_high is None:
        text += no_interval_words(score)
    else:
        text += (
            f", and very likely between {short_score(score.ci_low, metric)} and "
            f"{short_score(score.ci_high, metric)}."
        )
    if score.method == TEST_PART:
        text += measured_on_test_part(score, short_score(score.value, metric), context, tries)
    elif tries > 1 and short_score(score.naive, metric) != short_score(score.value, metric):
        text += f" {_corrected_words(score, metric, tries)}"
    if score.reduced:
        text += f" (Of this estimate: {score.reduced}.)"
    if score.chance is None:
        return text
    guess = GUESSES.get(metric.response, "Guessing")
    text += f" {guess} scores {guess_score(score.chance, metric)}."
    if not is_above_chance(score, metric):
        text += f" So this result is NOT SHOWN TO BE BETTER THAN {guess_words(metric).upper()}."
    return text


def _corrected_words(score: HonestScore, metric: Metric, tries: int) -> str:
    value = 0.0 if score.value is None else score.value
    naive = long_score(score.naive, metric)
    is_worse = value > score.naive if metric.direction == "lower" else value < score.naive
    if not is_worse:
        return (
            f"({naive} in cross-validation is the best of {tries} tries. The correction "
            "for that found no flattery.)"
        )
    return (
        f"({naive} is flattering: it is the best of {tries} tries. "
        f"{short_score(value, metric)} corrects for that.)"
    )


def _runner_up_row(verdict: Verdict) -> ComparisonRow:
    """Find the comparison of the first two; they share an extractor or are both winners."""
    second = _ranked(verdict)[1]
    return next(
        row
        for row in verdict.comparisons
        if row.stage in (1, 2) and row.first == verdict.best.label and row.second == second.label
    )


def _is_it_really(verdict: Verdict, metric: Metric, context: Context, visible: float | None) -> str:
    if len(_ranked(verdict)) == 1:
        what = f"one {context.noun} was tried{' on all folds' if context.budget else ''}"
        return f"Is it really the best? Only {what}: nothing to compare it with."
    row = _runner_up_row(verdict)
    text = f"Is it really the best? {_lead_words(row, metric)}"
    if context.is_one_split_of_groups and not context.exploratory:
        return f"{text} {no_claims_of_one_split(context)}"
    if context.exploratory:
        sentences = [
            text,
            f"With {_units_words(context)} this study is EXPLORATORY: too small to tell the "
            f"{context.noun}s apart. The ranking describes these images; go by the expected score.",
        ]
        return " ".join(sentences)
    sure = "clearly better" in row.words or "significantly better" in row.words
    answer = "It hardly matters." if "same" in row.words else "Not certain."
    if sure:
        answer = "As far as these data can tell, yes."
    sentences = [text.replace("best? ", f"best? {answer} ", 1), _chance_words(row, metric, context)]
    sentences.append(_standing_words(verdict))
    if visible is not None:
        sentences.append(_visible_words(verdict, metric, context, visible))
    return " ".join(sentence for sentence in sentences if sentence)


def _visible_words(verdict: Verdict, metric: Metric, context: Context, visible: float) -> str:
    """Say how far behind one must be to be called so; or that none can be so far behind."""
    sign = -1.0 if metric.direction == "lower" else 1.0
    mean, chance = _ranked(verdict)[0].mean or 0.0, verdict.honest_score.chance
    room, worst = sign * (mean - metric.bounds[0 if sign > 0 else 1]), "the worst there can be"
    if chance is not None and sign * (mean - chance) > 0:
        room, worst = sign * (mean - chance), "one that only guesses"
        if metric.takes_values:
            worst = f"one {guess_words(metric)}"
    compared = _compared_words(context)
    if visible > room:
        return (
            f"With your {compared}, even {worst}, {rough_words(room, metric)} behind, would often "
            f"not be called so: {too_few_words(context)}"
        )
    return (
        f"With your {compared}, a {context.noun} that is truly about "
        f"{rough_words(visible, metric)} behind is called so in 4 of 5 studies like this; smaller "
        "differences are often missed."
    )


def _lead_words(row: ComparisonRow, metric: Metric) -> str:
    sign = -1.0 if metric.direction == "lower" else 1.0
    lead = sign * row.difference
    interval = ""
    if row.ci_low is not None and row.ci_high is not None:
        # The interval is symmetric; no score can be ahead by more than the whole scale.
        scale = metric.bounds[1] - metric.bounds[0]
        low, high = sorted(min(max(sign * end, -scale), scale) for end in (row.ci_low, row.ci_high))
        interval = (
            f" (between {difference_words(low, metric, signed=True).split()[0]} and "
            f"{difference_words(high, metric, signed=True).split()[0]})"
        )
    if lead == 0:
        return f"The runner-up ({row.second}) has the same mean score{interval}."
    ahead = difference_words(lead, metric)
    return f"Against the runner-up ({row.second}) it is ahead by {ahead}{interval}."


def _chance_words(row: ComparisonRow, metric: Metric, context: Context) -> str:
    if row.p_first_better is None:
        return ""
    p = ""
    if row.p_adjusted is not None:
        p = f" (In statisticians' terms: Holm-adjusted {p_words(row.p_adjusted)}.)"
    approximate = " (approximate)" if context.n_groups is not None else ""
    return (
        f"Chance that it is better than this one by more than "
        f"{difference_words(context.rope, metric)}: {percent_words(row.p_first_better)}"
        f"{approximate}. Verdict: {_loud(row.words)}.{p}"
    )


def _loud(words: str) -> str:
    """Write a verdict in capitals, but not what stands in parentheses behind it."""
    verdict, bracket, note = words.partition(" (")
    return f"{verdict.upper()}{bracket}{note}"


def _standing_words(verdict: Verdict) -> str:
    rivals = len(_ranked(verdict)) - 1
    tied = [entrant.label for entrant in verdict.tied_with_best]
    behind = rivals - len(tied)
    text = f"{behind} of {rivals} rivals {_verb(behind)} clearly behind or significantly worse"
    if not tied:
        return f"{text}."
    return f"{text}; {len(tied)} could still be as good: {names_words(tied, 'ranking.csv')}."


def _verb(count: int) -> str:
    return "is" if count == 1 else "are"


def _compared_words(context: Context) -> str:
    """Return what differences between combinations are seen on."""
    if context.split_counts is not None:
        return f"{context.split_counts[1]} validation images"
    return _units_words(context)


def _units_words(context: Context) -> str:
    if context.n_groups is None:
        return f"{context.n_images} images"
    return f"{context.n_images} images from {context.n_groups} groups"


def _recommended(verdict: Verdict, metric: Metric, context: Context) -> str:
    if verdict.recommended == verdict.best:
        if len(_ranked(verdict)) == 1:
            return f"Recommended: {verdict.best.label}."
        close = "Nothing that needs much less computing came close enough to it."
        return f"Recommended: {verdict.best.label}. {close}"
    close = difference_words(context.rope, metric)
    text = (
        f"Recommended: {verdict.recommended.label}. Its score is within {close} of the best and "
        f"it {_cheaper_words(verdict.best, verdict.recommended)}."
    )
    if context.why_no_claims:
        return text
    return f'{text} This means "no important difference was seen", not that there is none.'


def _cheaper_words(best: Entrant, recommended: Entrant) -> str:
    if not math.isfinite(best.cost) and math.isfinite(recommended.cost):
        return "has a known cost, while the best declares none"
    ratio = best.cost / recommended.cost if recommended.cost > 0 else math.nan
    if math.isfinite(ratio) and ratio >= 1.5:
        digits = f"{ratio:.1f}".removesuffix(".0") if ratio < 10 else f"{ratio:.0f}"
        return f"needs about {digits} times less computing"
    if recommended.cost < best.cost:
        return "needs less computing"
    if recommended.n_features < best.n_features:
        return "needs fewer features"
    return "needs no more computing"


def _what_went_in(metric: Metric, context: Context, tries: int) -> str:
    known = ", ".join(f"{name} {count}" for name, count in context.class_counts) or context.known
    groups = "no groups were declared, so every image (but for copies) was taken as independent"
    if context.n_groups is not None:
        groups = f"{context.n_groups} groups, never split between training and test"
    tried = context.noun if tries == 1 else f"{context.noun}s"
    several = "; several labels an image" if context.n_labelled is not None else ""
    level = f", test level {context.alpha:g}" if context.tests_are_judged else ""
    scale = f" ({context.rope_words})" if context.rope_words else ""
    return (
        f"What went in: {context.n_images} images ({known}{several}); {groups}; "
        f"{division_in_words(context)}, seed {context.seed}; {tries} {tried} tried, judged "
        f"by {metric.in_words}; differences up to {difference_words(context.rope, metric)}{scale} "
        f"count as unimportant{level}."
    )


def _left_out(context: Context, failed: tuple[Entrant, ...], nothing: str) -> str:
    by_reason: dict[str, list[str]] = {}
    for entrant in failed:
        by_reason.setdefault(short_reason(entrant.error), []).append(entrant.label)
    reasons = [f"{', '.join(labels)} failed ({reason})" for reason, labels in by_reason.items()]
    left_out = [short_reason(text) for text in context.excluded] + reasons
    if not left_out:
        return nothing
    return f"Left out: {'; '.join(left_out)}."
