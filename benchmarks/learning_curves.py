"""Whether the learning curve of half the images says what all of them will score.

    python benchmarks/learning_curves.py CONFIG ... [--halves 20]

For every extractor and classifier of each configuration: the score with all images, and for random
halves of the units the forecast for twice as many images, as `bioselect run` computes it. How far
it is off on average over the halves is compared with the score of the half itself ("no change").
Last comes the combination with the best score, which is what a run exports. Ends with 1 if its
forecast is not closer than no change, or off by more than 0.03.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from figures import print_figure
from study_rows import features_in_turn, study_inputs

from bioselect.data.target_folds import draw_target_folds
from bioselect.explain.learning_curve import forecasts
from bioselect.explain.training_parts import Part, training_parts
from bioselect.features.learning import Features
from bioselect.metrics.base import get_metric
from bioselect.progress import SILENT
from bioselect.selection.candidates import Candidate
from bioselect.selection.cross_validation import Problem, cross_validate
from bioselect.selection.journal import Journal
from bioselect.selection.scores import score_folds
from bioselect.workflows.evidence_learning_curve import scores_by_size

N_FOLDS, N_REPEATS = 5, 3
FARTHEST = 0.03


@dataclass(frozen=True, eq=False)
class Study:
    """Images with what is known of them, and rows of one extractor."""

    features: Features
    targets: np.ndarray
    units: np.ndarray
    n_classes: int
    metric: str
    seed: int

    def half(self, number: int) -> Study:
        """Return a random half of the units."""
        random = np.random.default_rng([7, number])
        kept = random.permutation(np.unique(self.units))[: len(np.unique(self.units)) // 2]
        places = np.flatnonzero(np.isin(self.units, kept))
        units = np.unique(self.units[places], return_inverse=True)[1]
        rows = replace(self.features, rows=self.features.rows[places])
        return Study(rows, self.targets[places], units, self.n_classes, self.metric, number)

    def scores(
        self, candidates: Sequence[Candidate], only_all: bool = False
    ) -> tuple[list[Part], np.ndarray]:
        """Return the trainings, and the score of each candidate after each of them."""
        plan = draw_target_folds(self.targets, self.units, N_FOLDS, N_REPEATS, self.seed)
        parts = training_parts(plan, self.targets, self.units, self.seed)
        parts = [part for part in parts if part.share == 1.0 or not only_all]
        plan = replace(plan, folds=tuple(part.fold for part in parts))
        problem = Problem(self.targets, self.n_classes, self.units, plan, self.metric, self.seed)
        with tempfile.TemporaryDirectory() as folder, Journal(Path(folder) / "journal") as journal:
            results = cross_validate(
                problem, self.features, "", list(candidates), journal, SILENT, 1
            )
        found = score_folds(results, problem, [get_metric(self.metric)])
        return parts, np.array([one.score for one in found]).reshape(len(candidates), -1)


@dataclass(frozen=True)
class Off:
    """How far off the forecasts and "no change" are, and how often the interval held the truth."""

    label: str
    truth: float
    forecast: float
    no_change: float
    held: float


def main() -> int:
    """Print a line for each combination and the figures of the best one."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("configs", nargs="+", type=Path, metavar="CONFIG")
    parser.add_argument("--halves", type=int, default=20)
    options = parser.parse_args()
    is_good = True
    for path in options.configs:
        rows = measured(path, options.halves)
        for row in rows:
            print(
                f"{path.stem}: {row.label}: {row.truth:.3f} with all images; off by: forecast "
                f"{row.forecast:.4f}, no change {row.no_change:.4f}; interval held {row.held:.0%}",
                flush=True,
            )
        best = max(rows, key=lambda row: row.truth)
        for name in ("forecast", "no_change"):
            mean = float(np.mean([getattr(row, name) for row in rows]))
            print_figure(f"{path.stem}, {name} off by, mean of all", mean)
            print_figure(f"{path.stem}, {name} off by, {best.label}", getattr(best, name))
        is_good &= best.forecast < best.no_change and best.forecast <= FARTHEST
    return int(not is_good)


def measured(path: Path, n_halves: int) -> list[Off]:
    """Return what came of every combination of a configuration."""
    inputs, cache = study_inputs(path)
    metric = get_metric(inputs.metric)
    targets, found = inputs.dataset.targets(), []
    for features in features_in_turn(inputs, cache):
        candidates = [
            Candidate(features.spec, spec) for spec in inputs.estimators if spec.name != "dummy"
        ]
        whole = Study(features, targets, inputs.units, inputs.dataset.n_columns, metric.name, 0)
        truths = whole.scores(candidates, only_all=True)[1].mean(axis=1)
        errors = np.empty((n_halves, len(candidates), 3))
        for number in range(n_halves):
            half = whole.half(number)
            parts, scores = half.scores(candidates)
            for place, truth in enumerate(truths):
                errors[number, place] = _off(half, parts, scores[place], float(truth))
        for place, candidate in enumerate(candidates):
            forecast, no_change, held = errors[:, place].mean(axis=0)
            found.append(Off(candidate.label, truths[place], forecast, no_change, held))
    return found


def _off(
    half: Study, parts: Sequence[Part], scores: np.ndarray, truth: float
) -> tuple[float, float, float]:
    metric = get_metric(half.metric)
    _, sizes, table = scores_by_size(parts, scores)
    n = len(half.targets)
    more = [(n, 2.0 * sizes[-1])]
    ratio = 1 / (N_FOLDS - 1)
    _, [double] = forecasts(
        sizes, table, more, metric.higher_is_better, metric.bounds, half.seed, ratio
    )
    now = table[-1].mean()
    held = double.score_low <= truth <= double.score_high
    return abs(double.score - truth), abs(now - truth), float(held)


if __name__ == "__main__":
    sys.exit(main())
