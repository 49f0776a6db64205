"""How many wrong labels are near the top of the list of suspected ones.

    python benchmarks/suspicion.py CONFIG ... [--share 0.05] [--seeds 5]

A share of the labels is flipped to another class at random, and every combination of the
configuration is tested in five folds on what the labels say then. Which part of the flips is in the
first tenth of the images: by each extractor with the first classifier, by the best combination, by
the mean of the better half (which a run takes), by that of all, and by the better half with
probabilities compared with the usual one of their class (confident learning). Ends with 1 if the
better half finds less than 60 % in any of the seeds.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from figures import print_figure
from study_rows import features_in_turn, study_inputs

from bioselect.data.target_folds import draw_target_folds
from bioselect.explain.suspicion import common_prediction, trust
from bioselect.features.learning import Features
from bioselect.metrics.base import evaluate, get_metric
from bioselect.progress import SILENT
from bioselect.registry import ComponentSpec
from bioselect.selection.candidates import Candidate
from bioselect.selection.cross_validation import Problem, cross_validate
from bioselect.selection.journal import Journal
from bioselect.selection.pooled_folds import joined_folds

N_FOLDS, LEAST = 5, 0.6


def main() -> int:
    """Print the share of the flips that is found, by each way of looking for them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("configs", nargs="+", type=Path, metavar="CONFIG")
    parser.add_argument("--share", type=float, default=0.05)
    parser.add_argument("--seeds", type=int, default=5)
    options = parser.parse_args()
    least = 1.0
    for path in options.configs:
        found = measured(path, options.share, options.seeds)
        for name, shares in found.items():
            lowest = f"(lowest {min(shares):.0%})"
            print(f"{path.stem}: {name}: {np.mean(shares):.1%} {lowest}", flush=True)
        print_figure(f"{path.stem}, flips found", float(np.mean(found["better half"])))
        least = min(least, *found["better half"])
    return int(least < LEAST)


def measured(path: Path, share: float, n_seeds: int) -> dict[str, list[float]]:
    """Return for each way of looking the share that it finds, seed by seed."""
    inputs, cache = study_inputs(path)
    true, n_classes = inputs.dataset.targets(), inputs.dataset.n_columns
    estimators = [spec for spec in inputs.estimators if spec.name != "dummy"]
    all_features = list(features_in_turn(inputs, cache))
    found: dict[str, list[float]] = {}
    for seed in range(n_seeds):
        random = np.random.default_rng(seed)
        flipped = np.zeros(len(true), dtype=bool)
        flipped[random.permutation(len(true))[: round(share * len(true))]] = True
        given = true.copy()
        given[flipped] += random.integers(1, n_classes, flipped.sum())
        given %= n_classes
        tables = predicted(all_features, estimators, given, inputs.units, n_classes, seed)
        for name, believed in looked_for(tables, given, len(estimators)):
            first = np.argsort(believed, kind="stable")[: round(0.1 * len(true))]
            found.setdefault(name, []).append(flipped[first].sum() / flipped.sum())
    return found


def predicted(
    all_features: Sequence[Features],
    estimators: Sequence[ComponentSpec],
    given: np.ndarray,
    units: np.ndarray,
    n_classes: int,
    seed: int,
) -> dict[str, np.ndarray]:
    """Return the out-of-fold probabilities of every combination by its label."""
    plan = draw_target_folds(given, units, N_FOLDS, 1, seed)
    problem = Problem(given, n_classes, units, plan, "balanced_accuracy", seed)
    tables = {}
    for features in all_features:
        candidates = [Candidate(features.spec, spec) for spec in estimators]
        with tempfile.TemporaryDirectory() as folder, Journal(Path(folder) / "journal") as journal:
            results = cross_validate(problem, features, "", candidates, journal, SILENT, 1)
        for place, candidate in enumerate(candidates):
            own = results[place * N_FOLDS : (place + 1) * N_FOLDS]
            tables[candidate.label] = joined_folds(own, problem)
    return tables


def looked_for(
    tables: dict[str, np.ndarray], given: np.ndarray, n_estimators: int
) -> Iterator[tuple[str, np.ndarray]]:
    """Yield each way of looking with how far it believes the given labels."""
    metric = get_metric("balanced_accuracy")
    scores = {label: evaluate(metric, given, table[0]) for label, table in tables.items()}
    ranked = sorted(tables, key=lambda label: -scores[label])
    for label in list(tables)[::n_estimators]:
        yield label, trust(tables[label][0], given)
    better = [tables[label] for label in ranked[: (len(ranked) + 1) // 2]]
    half = common_prediction(better, given)
    yield "best combination", trust(tables[ranked[0]][0], given)
    yield "better half", trust(half, given)
    yield "all", trust(common_prediction(list(tables.values()), given), given)
    usual = np.array([half[given == place, place].mean() for place in range(half.shape[1])])
    compared = half / usual
    yield "better half, confident learning", trust(compared / compared.sum(1)[:, None], given)


if __name__ == "__main__":
    sys.exit(main())
