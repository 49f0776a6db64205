"""How often prediction sets hold the true class of images of new groups, and how large they are.

    python benchmarks/prediction_sets.py [CONFIG ...] [--splits 100] [--level 0.9] [--jobs N]

Each split keeps a third of the groups (or images, where there are none) aside. On the others the
first combination of the configuration goes the way of a run: out-of-fold probabilities (five folds,
twice), their calibration, the borders; then the model of all of these images, and the sets of those
kept aside. Features are computed once and kept in the run folder of the configuration. Without a
configuration, and besides, groups are drawn: three classes, 24 groups of 10 images with a deviation
of their own, new groups in place of a split.

Printed are, over the splits: the mean coverage of the images kept aside, its standard error and the
lowest of all splits; of the class that is held least often, the mean; classes in a set on average;
the share of images with one class in their set, and how many of these are right beside how many of
all are. `lac` is what a run makes, `aps` and `raps` are adaptive sets (without random numbers) with
the same borders by class, `marginal` is `lac` with one border for all classes, `images count` is
`lac` where images count in place of groups. Ends with 1 if `lac` covers less than the level by 0.02
in any.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from figures import print_figure
from joblib import Parallel, delayed
from study_rows import features_in_turn, study_inputs

from bioselect.data.target_folds import draw_target_folds
from bioselect.estimators.responses import class_probabilities
from bioselect.features.learning import Features
from bioselect.progress import SILENT
from bioselect.registry import ComponentSpec
from bioselect.selection.calibrating import calibrate, method_for
from bioselect.selection.candidates import Candidate
from bioselect.selection.conformal import conformal_quantile, units_needed
from bioselect.selection.conformal_sets import PredictedClasses, fit_sets
from bioselect.selection.cross_validation import Problem, cross_validate
from bioselect.selection.journal import Journal
from bioselect.selection.outcome import OutOfFold
from bioselect.selection.pooled_folds import fold_numbers, joined_folds
from bioselect.selection.refit import refit

N_FOLDS, N_REPEATS, LEAST = 5, 2, 0.02
N_GROUPS, PER_GROUP, N_COLUMNS = 24, 10, 10
#: Of RAPS: what each class behind the second costs.
PENALTY = 0.1


@dataclass(frozen=True, eq=False)
class Images:
    """Rows of features with class and unit."""

    features: Features
    y: np.ndarray
    units: np.ndarray

    def of(self, places: np.ndarray) -> Images:
        """Return some of them."""
        features = replace(self.features, rows=self.features.rows[places])
        return Images(features, self.y[places], self.units[places])


#: The seed of a split, its two sides and the classifier.
Halves = tuple[int, Images, Images, ComponentSpec]


@dataclass(frozen=True, eq=False)
class Split:
    """Calibrated probabilities of a study, and of the images that were kept aside."""

    known: PredictedClasses
    table: np.ndarray
    true: np.ndarray


def halves_of_config(path: Path, n_splits: int) -> Iterator[Halves]:
    """Yield the two sides of each split of the images of a configuration."""
    inputs, cache = study_inputs(path)
    features = next(features_in_turn(inputs, cache))
    images = Images(features, inputs.dataset.targets(), inputs.units)
    for seed in range(n_splits):
        fold = draw_target_folds(images.y, images.units, 3, 1, seed).folds[0]
        yield seed, images.of(fold.train), images.of(fold.test), inputs.estimators[0]


def drawn_halves(n_splits: int) -> Iterator[Halves]:
    """Yield drawn studies, each with as many images of new groups again."""
    spec = ComponentSpec.of("drawn", {})
    for seed in range(n_splits):
        rng = np.random.default_rng(seed)
        sides = []
        for _ in range(2):
            units = np.repeat(np.arange(N_GROUPS), PER_GROUP)
            y = rng.choice(3, len(units), p=[0.5, 0.35, 0.15])
            rows = rng.standard_normal((len(units), N_COLUMNS)) + 1.5 * np.eye(3, N_COLUMNS)[y]
            rows += 0.7 * rng.standard_normal((N_GROUPS, N_COLUMNS))[units]
            sides.append(Images(Features(spec, rows.astype(np.float32)), y, units))
        yield seed, sides[0], sides[1], ComponentSpec.of("logistic_regression", {})


def split_of(seed: int, training: Images, new: Images, estimator: ComponentSpec) -> Split:
    """Go the way of a run on one side of a split, and predict the other side."""
    n_classes = int(max(training.y.max(), new.y.max())) + 1
    plan = draw_target_folds(training.y, training.units, N_FOLDS, N_REPEATS, seed)
    problem = Problem(training.y, n_classes, training.units, plan, "balanced_accuracy", seed)
    candidate = Candidate(training.features.spec, estimator)
    with tempfile.TemporaryDirectory() as folder, Journal(Path(folder) / "journal") as journal:
        results = cross_validate(problem, training.features, "", [candidate], journal, SILENT, 1)
    table, folds = joined_folds(results, problem), fold_numbers(problem)
    out_of_fold = OutOfFold((table,), training.y, training.units, n_classes, folds)
    method = method_for(len(np.unique(training.units)))
    calibration = calibrate(out_of_fold, 0, method, seed).calibration
    model, _ = refit(
        candidate,
        training.features.rows,
        training.y,
        training.units,
        seed,
        "balanced_accuracy",
        learning=training.features.learning,
    )
    said = class_probabilities(model, new.features.rows.astype(np.float64), n_classes)
    known = PredictedClasses.of(out_of_fold, 0, calibration)
    return Split(known, calibration.applied_to(said), new.y)


def least_ambiguous(table: np.ndarray) -> np.ndarray:
    """Return the score of each class: 1 less its probability."""
    return 1.0 - table


def adaptive(table: np.ndarray, penalty: float = 0.0) -> np.ndarray:
    """Return the score of each class: the probabilities down to its own, together."""
    order = np.argsort(-table, axis=1, kind="stable")
    ranks = np.argsort(order, axis=1, kind="stable")
    sums = np.cumsum(np.take_along_axis(table, order, axis=1), axis=1)
    scores: np.ndarray = np.take_along_axis(sums, ranks, axis=1)
    return scores + penalty * np.maximum(ranks - 1, 0)


def by_class(split: Split, level: float, score: Callable, one_for_all: bool = False) -> np.ndarray:
    """Return the sets with one border for each class; the predicted class stands in each."""
    known = split.known
    scores = score(known.table)[np.arange(len(known.true)), known.true]
    scores[known.table.argmax(axis=1) == known.true] = 0.0
    borders = []
    for place in range(known.n_classes):
        own = known.true == place
        few = len(np.unique(known.units[own])) < units_needed(level)
        inside = np.ones(len(own), bool) if one_for_all or few else own
        borders.append(conformal_quantile(scores[inside], known.units[inside], level))
    found: np.ndarray = score(split.table) <= np.array(borders)
    found[np.arange(len(found)), split.table.argmax(axis=1)] = True
    return found


def sets_of(split: Split, level: float) -> dict[str, np.ndarray]:
    """Return the sets by each way of making them."""
    alone = replace(split.known, units=np.arange(len(split.known.true)))
    fitted, of_images = fit_sets(split.known, level), fit_sets(alone, level)
    if fitted is None or of_images is None:
        raise SystemExit(f"{split.known.n_units} groups are too few for sets of level {level}.")
    return {
        "lac": fitted.sets.holds(split.table),
        "aps": by_class(split, level, adaptive),
        "raps": by_class(split, level, lambda table: adaptive(table, PENALTY)),
        "marginal": by_class(split, level, least_ambiguous, one_for_all=True),
        "images count": of_images.sets.holds(split.table),
    }


def measured(split: Split, sets: np.ndarray) -> np.ndarray:
    """Return coverage, size, share of single classes, right of these and of all; each class's."""
    true, n_classes = split.true, split.known.n_classes
    held = sets[np.arange(len(true)), true]
    single, right = sets.sum(axis=1) == 1, split.table.argmax(axis=1) == true
    of_single = right[single].mean() if single.any() else np.nan
    found = [held.mean(), sets.sum(axis=1).mean(), single.mean(), of_single]
    of_classes = [held[true == place].mean() for place in range(n_classes)]
    return np.array([*found, right.mean(), *of_classes])


def one_split(level: float, halves: Halves) -> dict[str, np.ndarray]:
    """Return what is measured by each way of making sets."""
    split = split_of(*halves)
    return {name: measured(split, sets) for name, sets in sets_of(split, level).items()}


def main() -> int:
    """Print a row for each data set and way, and the coverage and size as figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("configs", nargs="*", type=Path, metavar="CONFIG")
    parser.add_argument("--splits", type=int, default=100)
    parser.add_argument("--level", type=float, default=0.9)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    options = parser.parse_args()
    print("| images | sets | coverage | lowest | worst class | classes | one class | right | all |")
    print("|---|---|---|---|---|---|---|---|---|")
    studies = {path.stem: halves_of_config(path, options.splits) for path in options.configs}
    lowest = 1.0
    for name, halves in {**studies, "drawn groups": drawn_halves(options.splits)}.items():
        work = (delayed(one_split)(options.level, one) for one in halves)
        found = Parallel(options.jobs)(work)
        for way in found[0]:
            rows = np.array([one[way] for one in found])
            coverage, size, single, right, of_all, *classes = np.nanmean(rows, axis=0)
            error = rows[:, 0].std(ddof=1) / np.sqrt(len(rows))
            print(
                f"| {name} | {way} | {coverage:.1%} ± {error:.1%} | {rows[:, 0].min():.1%} | "
                f"{min(classes):.1%} | {size:.3f} | {single:.1%} | {right:.1%} | {of_all:.1%} |",
                flush=True,
            )
            if way == "lac":
                lowest = min(lowest, coverage)
                print_figure(f"prediction sets, {name}: coverage", coverage)
                print_figure(f"prediction sets, {name}: classes in a set", size)
    return int(lowest < options.level - LEAST)


if __name__ == "__main__":
    sys.exit(main())
