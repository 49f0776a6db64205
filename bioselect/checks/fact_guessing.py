"""How well a fact alone guesses the class, on images that the guess did not learn from.

The guess is a naive Bayes classifier in which every class counts alike. It is tested on the same
kind of folds as the candidates of a study, and judged by the same test.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bioselect.checks.shortcut_facts import ImageFact, coded
from bioselect.data.splitting import SplitPlan
from bioselect.metrics.base import evaluate, get_metric
from bioselect.selection.grouped import leave_out_groups
from bioselect.selection.outcome import OutOfFold
from bioselect.selection.significance import corrected_t, effective_folds, holm, student_t

#: So much is added to every count: what was not seen in a class is not impossible there.
PRIOR = 0.5


@dataclass(frozen=True)
class Guess:
    """How often a fact guesses right in an average class, from 0 to 1, and how sure that is.

    `p` is that of the corrected resampled t-test against guessing without the fact (of groups, with
    the errors of :mod:`bioselect.selection.grouped`), adjusted by Holm over the facts.
    """

    score: float
    p: float


def guesses(
    facts: Sequence[Sequence[ImageFact]],
    class_indices: np.ndarray,
    units: np.ndarray,
    plan: SplitPlan,
) -> list[Guess]:
    """Return of each set of facts how well it guesses the class.

    Parameters
    ----------
    facts : sequence of sequences of ImageFact
        What each guess may go by.
    class_indices : array of shape (n_images,)
        The class of each image, from 0.
    units : array of shape (n_images,)
        What is never divided.
    plan : SplitPlan
        The folds.
    """
    if not facts:
        return []
    n_classes = int(class_indices.max()) + 1
    metric = get_metric("balanced_accuracy")
    tables, scores = [], []
    for one in facts:
        codes = [coded(column) for fact in one for column in fact.columns]
        table = out_of_fold(codes, class_indices, n_classes, plan)
        tables.append(table)
        scores.append(
            [
                evaluate(metric, class_indices[fold.test], table[fold.repeat, fold.test])
                for fold in plan.folds
            ]
        )
    n_eff = effective_folds(plan.n_folds, plan.n_repeats)
    chance, rounds = 1.0 / n_classes, np.array(scores)
    if len(np.unique(units)) == len(units):
        tests = [corrected_t(row - chance, n_eff) for row in rounds]
    else:
        predictions = OutOfFold(tuple(tables), class_indices, units, n_classes)
        places = range(len(facts))
        errors = leave_out_groups(predictions, metric, rounds, places, n_eff)
        tests = [
            student_t(float(row.mean()) - chance, errors.of(place), errors.df)
            for place, row in enumerate(rounds)
        ]
    adjusted = holm([test.p if test.mean > 0 else 1.0 for test in tests])
    return [
        Guess(float(row.mean()), float(p)) for row, p in zip(rounds, adjusted.tolist(), strict=True)
    ]


def out_of_fold(
    codes: Sequence[np.ndarray], class_indices: np.ndarray, n_classes: int, plan: SplitPlan
) -> np.ndarray:
    """Return what is guessed of each image in each repeat, ``(n_repeats, n_images, n_classes)``.

    Examples
    --------
    >>> from bioselect.data.splitting import draw_folds
    >>> classes = np.array([0, 1] * 10)
    >>> plan = draw_folds(classes, np.arange(20), 5, 1, seed=0)
    >>> found = out_of_fold([classes], classes, 2, plan)  # a fact that is the class
    >>> bool((found[0].argmax(axis=1) == classes).all())
    True
    """
    n_images = len(class_indices)
    of_class = np.eye(n_classes)[class_indices]
    found = np.zeros((plan.n_repeats, n_images, n_classes))
    for code in codes:
        n_values = int(code.max()) + 1
        places = code * n_classes + class_indices
        for fold in plan.folds:
            counts = np.bincount(places[fold.train], minlength=n_values * n_classes)
            counted = counts.reshape(n_values, n_classes) + PRIOR
            logs = np.log(counted / (of_class[fold.train].sum(axis=0) + PRIOR * n_values))
            found[fold.repeat, fold.test] += logs[code[fold.test]]
    found = np.exp(found - found.max(axis=2, keepdims=True))
    table: np.ndarray = found / found.sum(axis=2, keepdims=True)
    return table
