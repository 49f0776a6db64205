"""How long a study takes once every prediction is stored: the verdict, and all that goes with it.

    python benchmarks/study.py [--candidates 48] [--images 1000] [--repeats 10] [--classes 4]
        [--metrics balanced_accuracy f1_macro roc_auc ...]

Predictions of 6 extractors x 8 classifiers are drawn, on 5 folds x 10 repeats. For each deciding
metric: all metrics of all folds, both stages with their tests, tie-break, honest score with 1,000
random draws, class by class, appendix and words. The first metric pays for what is loaded. Ends
with 1 if fewer draws or repeats were used than meant.
"""

from __future__ import annotations

import argparse
import sys

import numpy as np
from figures import print_figure
from processor_time import timed

from bioselect.data.splitting import draw_folds
from bioselect.metrics.base import ChosenMetric, get_metric
from bioselect.metrics.builtin import ALWAYS_COMPUTED
from bioselect.registry import ComponentSpec
from bioselect.selection.candidates import Candidate
from bioselect.selection.cross_validation import FoldResult, Problem
from bioselect.selection.outcome import Context, Entrant, OutOfFold, Verdict
from bioselect.selection.per_class import class_scores
from bioselect.selection.scores import score_folds
from bioselect.selection.verdict import decide

N_EXTRACTORS, N_FOLDS, N_DRAWS = 6, 5, 1000
#: One of each way of scoring, and those that take longest.
METRICS = (
    "balanced_accuracy",
    "accuracy",
    "f1_macro",
    "matthews_corrcoef",
    "cohen_kappa",
    "precision_weighted",
    "recall",
    "roc_auc",
    "average_precision",
    "sensitivity_at_specificity",
    "log_loss",
    "brier",
    "expected_calibration_error",
)
PARAMS = {
    "recall": {"positive": "class 1"},
    "sensitivity_at_specificity": {"positive": "class 1"},
}


def main() -> int:
    """Draw the predictions, time every metric; return 1 if something was reduced."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--candidates", type=int, default=48)
    parser.add_argument("--images", type=int, default=1000)
    parser.add_argument("--repeats", type=int, default=10)
    parser.add_argument("--classes", type=int, default=4)
    parser.add_argument("--metrics", nargs="+", default=METRICS, metavar="NAME")
    options = parser.parse_args()
    names = tuple(f"class {number}" for number in range(options.classes))
    problem = drawn_problem(options.images, options.classes, options.repeats)
    tables = drawn_predictions(problem, options.candidates)
    print(
        f"{options.candidates} candidates, {len(problem.plan.folds)} folds, {options.images} "
        f"images, {options.classes} classes, {N_DRAWS} random draws"
    )
    is_whole = True
    for name in options.metrics:
        chosen = ChosenMetric(ComponentSpec.of(name, PARAMS.get(name)), names)
        verdict, spent = timed(lambda chosen=chosen: study(problem, tables, chosen))
        print_figure(f"study by {name}, seconds", spent.passed)
        print_figure(f"study by {name}, processor seconds", spent.processor)
        score = verdict.honest_score
        print(f"  naive {score.naive:.3f}, honest {score.value:.3f}, {score.n_draws} draws")
        is_whole &= score.n_draws == N_DRAWS and score.n_repeats == options.repeats
    return int(not is_whole)


def drawn_problem(n_images: int, n_classes: int, n_repeats: int) -> Problem:
    """Draw classes of different sizes, and their folds."""
    random = np.random.default_rng(0)
    shares = np.linspace(1.0, 2.0, n_classes)
    classes = np.sort(random.choice(n_classes, n_images, p=shares / shares.sum()))
    classes = random.permutation(classes).astype(np.int64)
    units = np.arange(n_images)
    plan = draw_folds(classes, units, N_FOLDS, n_repeats, seed=0)
    return Problem(classes, n_classes, units, plan, "balanced_accuracy", seed=0)


def drawn_predictions(problem: Problem, n_candidates: int) -> list[np.ndarray]:
    """Draw probabilities ``(n_repeats, n_images, n_classes)`` of candidates that differ a little.

    An image is about as hard for all of them and in every repeat, as in real studies.
    """
    random = np.random.default_rng(1)
    shape = (len(problem.class_indices), problem.n_classes)
    truth = np.eye(problem.n_classes)[problem.class_indices]
    image = random.normal(size=shape)
    tables = []
    for number in range(n_candidates):
        own = random.normal(size=shape)
        logits = (1.5 + number / n_candidates) * truth + image + 0.5 * own
        logits = logits + 0.5 * random.normal(size=(problem.plan.n_repeats, *shape))
        powers = np.exp(logits)
        tables.append(powers / powers.sum(axis=2, keepdims=True))
    return tables


def study(problem: Problem, tables: list[np.ndarray], chosen: ChosenMetric) -> Verdict:
    """Do all that a run does with stored predictions."""
    metric = get_metric(chosen)
    metrics = [get_metric(name) for name in ALWAYS_COMPUTED]
    if metric.name not in ALWAYS_COMPUTED:
        metrics.append(metric)
    n_classifiers = -(-len(tables) // N_EXTRACTORS)
    candidates = [
        Candidate(
            ComponentSpec(f"extractor_{number // n_classifiers}"),
            ComponentSpec(f"classifier_{number % n_classifiers}"),
        )
        for number in range(len(tables))
    ]
    results = [
        FoldResult(candidate, fold.repeat, fold.index, table[fold.repeat, fold.test])
        for candidate, table in zip(candidates, tables, strict=True)
        for fold in problem.plan.folds
    ]
    scores = score_folds(results, problem, metrics)
    deciding = [one.score for one in scores if one.metric == metric.name]
    folds = np.zeros((problem.plan.n_repeats, len(problem.class_indices)), dtype=np.int64)
    for fold in problem.plan.folds:
        folds[fold.repeat, fold.test] = fold.index
    classes, n_classes = problem.class_indices, problem.n_classes
    counts = np.bincount(classes, minlength=n_classes)
    names = tuple(f"class {number}" for number in range(n_classes))
    for table in tables:
        list(class_scores(table, classes, names))
    return decide(
        [
            Entrant(one.extractor.label, one.estimator.label, cost=float(number + 1))
            for number, one in enumerate(candidates)
        ],
        np.reshape(deciding, (len(tables), -1)),
        OutOfFold(tuple(tables), classes, problem.units, n_classes, folds),
        metric,
        Context(
            tuple(zip(names, map(int, counts), strict=True)),
            N_FOLDS,
            problem.plan.n_repeats,
            seed=0,
        ),
    )


if __name__ == "__main__":
    sys.exit(main())
