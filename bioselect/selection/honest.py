"""What to expect of the best of many: bootstrap bias corrected cross-validation (BBC-CV).

The score of a winner is flattering, because it was chosen for being the highest. The bootstrap
repeats the choice: resample the independent units, choose the best candidate on the units drawn,
score it on the units not drawn, by the predictions that exist already; nothing is trained again.

The choice also rests on luck that no resampling of predictions shows: two images help each other,
each as a training image of the other's model, so a candidate whose rows happen to put them together
is right on both. Where there is something to be learnt this is little (simulated: at most 1.4
points of 50 images). Where there is nothing it is not: 50 images without any signal would be
expected to score 0.53 to 0.54, and so would 20 donors of 20 images of one class each. The corrected
resampled t takes it for `n_test / n_train` of the variance that is seen, and the same part of the
flattery is taken off as well (`shared_training`): for grouped images all of it, for others as far
as guessing does as well, which the draws tell (`chance`). All of it would be 1 to 2 points too much
for images with signal (`benchmarks/README.md`).

Reference
---------
I. Tsamardinos, E. Greasidou, G. Borboudakis. Bootstrapping the out-of-sample predictions for
efficient and accurate cross-validation. Machine Learning 107, 2018.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from bioselect.data.targets import frequencies, is_values, traits
from bioselect.metrics.base import Metric
from bioselect.metrics.intervals import widened_if_perfect
from bioselect.selection.outcome import OutOfFold
from bioselect.selection.partial_scores import PartialScorer
from bioselect.selection.reduced_words import reduced_words
from bioselect.selection.resampled_scores import (
    GeneralScorer,
    ResampledScorer,
    choose_scorer,
    evaluate_if_defined,
)

#: Draws are made in blocks of at most this many multiplicities (32 MB).
BLOCK_CELLS = 4_000_000

#: Draws are repeated up to this many times the number wanted, when many lack a class.
PATIENCE = 20

#: Chooses in every draw and scores what was chosen on the rest, as `choose_and_score` does.
Choice = Callable[[ResampledScorer, np.ndarray, bool], tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class HonestEstimate:
    """A bias-corrected score with its 95 % percentile interval.

    When everything was right in every draw, the far end of the interval is the rule of three over
    independent units instead (:func:`bioselect.metrics.intervals.widened_if_perfect`): no sample
    shows that errors are impossible. `value`, `ci_low` and `ci_high` are None when no draw could
    be scored. `n_draws` were used; `n_skipped` were not, because the units left out lacked a class.
    `n_repeats` repeats of the folds were used; `reduced` says in words why there are fewer draws or
    repeats than meant, and is empty otherwise. `at_chance` is the share of draws that score no
    better than guessing, 0 where nobody asked.
    """

    value: float | None
    ci_low: float | None
    ci_high: float | None
    n_draws: int
    n_skipped: int
    n_repeats: int = 0
    reduced: str = ""
    at_chance: float = 0.0


def bbc_cv(
    out_of_fold: OutOfFold,
    metric: Metric,
    seed: int,
    n_draws: int = 1000,
    shared_training: float = 0.0,
    choose: Choice | None = None,
    also: OutOfFold | None = None,
    chance: float | None = None,
) -> HonestEstimate:
    """Estimate how the best of all candidates will score on new units.

    Parameters
    ----------
    out_of_fold : OutOfFold
        Predictions of all candidates that did not fail, in the order in which ties are broken.
    metric : Metric
        The deciding metric. Somebody's own that has no form for many draws may get fewer draws
        and repeats, see :mod:`bioselect.selection.resampled_scores`.
    seed : int
        Seed of the resampling.
    n_draws : int
        Draws wanted.
    shared_training : float
        By what part of the flattery found (the score of the best on all images, less the estimate)
        the estimate and its interval are moved on, because test rounds share training images; at
        least 0.
    choose : callable, optional
        What is done in a draw; `choose_and_score` by default.
    also : OutOfFold, optional
        Predictions of what `choose` may choose besides the candidates, for `shared_training`.
    chance : float, optional
        What guessing scores. With it, that part is taken off as far as guessing does as well: in
        proportion to twice the share of draws that score no better, at most all of it.

    Returns
    -------
    HonestEstimate
        The estimate concerns models trained on the training part of a fold, so it is slightly
        pessimistic for the model that is trained on all images.
    """
    out_of_fold = out_of_fold.of_tested_images()
    scorer, affordable_draws = choose_scorer(out_of_fold, metric, n_draws)
    classes, units = out_of_fold.class_indices, out_of_fold.units
    estimate = estimate_from_draws(
        scorer,
        classes,
        units,
        lower_is_better=metric.direction == "lower",
        seed=seed,
        n_draws=affordable_draws,
        choose=choose,
        chance=chance,
    )
    n_repeats = len(out_of_fold.arrays[0])
    n_used = n_repeats
    if isinstance(scorer, GeneralScorer | PartialScorer):
        n_used = scorer.n_repeats
    afforded = (affordable_draws, n_used)
    reduced = reduced_words(estimate.n_draws, afforded, (n_draws, n_repeats))
    estimate = replace(estimate, n_repeats=n_used, reduced=reduced)
    if chance is not None:
        shared_training *= min(1.0, 2.0 * estimate.at_chance)
    if shared_training > 0:
        choices = [scorer]
        if also is not None:
            choices.append(choose_scorer(also, metric, 1)[0])
        estimate = _moved_on(estimate, choices, metric, len(units), shared_training)
    if estimate.ci_low is None or estimate.ci_high is None:
        return estimate
    low, high = widened_if_perfect(estimate.ci_low, estimate.ci_high, metric, classes, units)
    return replace(estimate, ci_low=low, ci_high=high)


def _moved_on(
    estimate: HonestEstimate,
    scorers: Sequence[ResampledScorer],
    metric: Metric,
    n_images: int,
    part: float,
) -> HonestEstimate:
    """Take a part of the flattery off as well; `scorers` score whatever could be chosen."""
    if estimate.value is None:
        return estimate
    once = np.ones((1, n_images))
    scores = np.concatenate([scorer.score_all(once)[0] for scorer in scorers])
    scores = scores[np.isfinite(scores)]
    if not len(scores):
        return estimate
    best = float(scores.min() if metric.direction == "lower" else scores.max())
    flattery = best - estimate.value
    if (flattery < 0) != (metric.direction == "lower"):
        return estimate
    worst, ideal = metric.bounds
    ends = (estimate.value, estimate.ci_low, estimate.ci_high)
    moved = [min(max(end - part * flattery, worst), ideal) for end in ends if end is not None]
    return replace(estimate, value=moved[0], ci_low=moved[1], ci_high=moved[2])


def estimate_from_draws(
    scorer: ResampledScorer,
    class_indices: np.ndarray,
    units: np.ndarray,
    *,
    lower_is_better: bool,
    seed: int,
    n_draws: int,
    choose: Choice | None = None,
    chance: float | None = None,
) -> HonestEstimate:
    """Draw units, choose on them, score on the rest; average.

    Draws whose left-out part lacks a class (of labels: images with it, or without it) are skipped
    and replaced by new ones. Where classes are so small that nearly every draw is skipped, all
    draws with anything left out are used, each scored on the classes it has.
    """
    choose = choose or choose_and_score
    values, n_skipped = np.empty(0), 0
    for every_class in (True, False):
        scores, n_skipped = [], 0
        for counts, skipped in _drawn(class_indices, units, seed, n_draws, every_class):
            n_skipped += skipped
            if len(counts):
                spread = _multiplicities(counts, units)
                scores.append(choose(scorer, spread, lower_is_better)[1])
        values = np.concatenate(scores) if scores else np.empty(0)
        finite = np.isfinite(values)
        n_skipped += int(np.sum(~finite))
        values = values[finite]
        if len(values) >= min(100, n_draws):
            break
    if not len(values):
        return HonestEstimate(None, None, None, 0, n_skipped)
    low, high = np.quantile(values, [0.025, 0.975])
    found = HonestEstimate(float(values.mean()), float(low), float(high), len(values), n_skipped)
    if chance is None:
        return found
    lead = chance - values if lower_is_better else values - chance
    return replace(found, at_chance=float(np.mean(np.round(lead, 12) <= 0)))


def choose_and_score(
    scorer: ResampledScorer, multiplicities: np.ndarray, lower_is_better: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Choose a candidate on the images drawn and score it on those left out, draw by draw.

    Parameters
    ----------
    scorer : ResampledScorer
        Scores the candidates.
    multiplicities : array of shape (n_draws, n_images)
        How often each draw holds each image; at least one image must be left out of each.
    lower_is_better : bool
        Whether the lowest score is chosen.

    Returns
    -------
    chosen, scores : arrays of shape (n_draws,)
        Index of the candidate (of several equal ones the first), and its score; NaN where no
        candidate had a score on the images drawn.
    """
    inside = ordered_scores(scorer.score_all(multiplicities), lower_is_better)
    chosen = inside.argmax(axis=1)
    left_out = (multiplicities == 0).astype(np.float64)
    return chosen, where_chosen(scorer.score_chosen(left_out, chosen), inside)


def where_chosen(scores: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """Return scores, NaN in draws in which no candidate had a score to be chosen by.

    Such a draw (of one class only, say) has chosen nobody, and the first in the list is no choice;
    a single candidate needs none.

    Examples
    --------
    >>> where_chosen(np.array([0.5, 0.75]), np.array([[-np.inf, -np.inf], [-np.inf, 0.5]]))
    array([ nan, 0.75])
    """
    if inside.shape[1] == 1:
        return scores
    chosen: np.ndarray = np.where(np.isneginf(inside).all(axis=1), np.nan, scores)
    return chosen


def ordered_scores(scores: np.ndarray, lower_is_better: bool) -> np.ndarray:
    """Return scores of which the highest is the best, rounded; without a value: the worst."""
    signed = -scores if lower_is_better else scores
    ordered: np.ndarray = np.round(np.where(np.isfinite(scores), signed, -np.inf), 12)
    return ordered


def _drawn(
    class_indices: np.ndarray, units: np.ndarray, seed: int, n_draws: int, every_class: bool
) -> Iterator[tuple[np.ndarray, int]]:
    """Yield blocks of usable draws (how often each unit was drawn), and how many were skipped."""
    numbers, of_image = np.unique(units, return_inverse=True)
    shown = traits(class_indices).astype(np.float64)
    members = np.zeros((len(numbers), shown.shape[1]))
    np.add.at(members, of_image, shown)
    generator = np.random.default_rng(seed)
    block_size = max(1, min(250, BLOCK_CELLS // max(1, len(units))))
    wanted, tries = n_draws, PATIENCE * n_draws
    while wanted > 0 and tries > 0:
        size = min(block_size, tries)
        picked = generator.integers(0, len(numbers), (size, len(numbers)))
        offsets = np.arange(size)[:, None] * len(numbers)
        counts = np.bincount((picked + offsets).ravel(), minlength=size * len(numbers))
        counts = counts.reshape(size, len(numbers))
        left_out = (counts == 0).astype(np.float64) @ members
        usable = left_out.all(axis=1) if every_class else left_out.any(axis=1)
        rows = np.flatnonzero(usable)[:wanted]
        looked_at = size if len(rows) < wanted else int(rows[-1]) + 1
        yield counts[rows], looked_at - len(rows)
        wanted, tries = wanted - len(rows), tries - size


def _multiplicities(counts: np.ndarray, units: np.ndarray) -> np.ndarray:
    """Spread the counts of units over their images."""
    _, of_image = np.unique(units, return_inverse=True)
    spread: np.ndarray = counts[:, of_image].astype(np.float64)
    return spread


def guessing_score(metric: Metric, class_indices: np.ndarray, n_classes: int) -> float | None:
    """Return the score of somebody who knows nothing but how frequent each class or label is.

    Every image gets the frequencies as its probabilities, and so the commonest class as its own,
    or the labels that most images have. The best counts of several: of labels also every label or
    none, as who says yes often enough has a good F1; of numbers the mean and the median. None where
    the metric has no value for that, and where images are judged by scores of their own.
    """
    if metric.takes_masks:
        return None
    if is_values(class_indices):
        tried = [np.array([class_indices.mean()]), np.array([np.median(class_indices)])]
    else:
        tried = [frequencies(class_indices, n_classes)]
    if metric.response == "label_sets":
        tried += [np.ones(n_classes), np.zeros(n_classes)]
    tables = [np.tile(one, (len(class_indices), 1)) for one in tried]
    scores = [evaluate_if_defined(metric, class_indices, table) for table in tables]
    defined = [score for score in scores if np.isfinite(score)]
    return (min if metric.direction == "lower" else max)(defined) if defined else None
