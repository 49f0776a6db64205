"""How far off the estimated share of wrong labels is, where it is known.

    python benchmarks/label_noise.py CONFIG ... [--shares 0 0.02 0.05 0.1] [--seeds 3]

A share of the labels is flipped to another class at random, every combination of a configuration
is tested in five folds on what the labels say then, and the better half says how many look wrong
(`bioselect/explain/label_noise.py`). Prints the estimate with its range, and whether a run would
tell it. Labels that were wrong before count as right. Ends with 1 if a share of 0 is told as wrong
labels, or an estimate is off by more than 6 points.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
from figures import print_figure
from study_rows import features_in_turn, study_inputs
from suspicion import predicted

from bioselect.explain.label_noise import LabelNoise, label_noise
from bioselect.explain.suspicion import common_prediction
from bioselect.metrics.base import evaluate, get_metric

MOST_OFF = 0.06


def main() -> int:
    """Print what is estimated of each share."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("configs", nargs="+", type=Path, metavar="CONFIG")
    parser.add_argument("--shares", nargs="+", type=float, default=[0, 0.02, 0.05, 0.1])
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    is_bad = False
    for path in options.configs:
        for share in options.shares:
            found = estimates(path, share, options.seeds)
            told = [one for one in found if one is not None]
            texts = [
                f"{one.share:.1%} ({one.low:.1%} to {one.high:.1%}{', told' * one.is_clear})"
                if one is not None
                else "silent"
                for one in found
            ]
            print(f"{path.stem}, {share:.0%} flipped: {'; '.join(texts)}", flush=True)
            if told:
                off = max(abs(one.share - share) for one in told)
                print_figure(f"{path.stem}, {share:.0%} flipped, off by at most", off)
                is_bad |= off > MOST_OFF or (share == 0 and any(one.is_clear for one in told))
    return int(is_bad)


def estimates(path: Path, share: float, n_seeds: int) -> list[LabelNoise | None]:
    """Return the estimate for each draw of the flips."""
    inputs, cache = study_inputs(path)
    true, n_classes = inputs.dataset.targets(), inputs.dataset.n_columns
    estimators = [spec for spec in inputs.estimators if spec.name != "dummy"]
    features = list(features_in_turn(inputs, cache))
    metric = get_metric("balanced_accuracy")
    found = []
    for seed in range(n_seeds):
        random = np.random.default_rng(seed)
        given = true.copy()
        places = random.permutation(len(true))[: round(share * len(true))]
        given[places] = (given[places] + random.integers(1, n_classes, len(places))) % n_classes
        tables = predicted(features, estimators, given, inputs.units, n_classes, seed)
        ranked = sorted(tables.values(), key=lambda table: -evaluate(metric, given, table[0]))
        together = common_prediction(ranked[: (len(ranked) + 1) // 2], given)
        found.append(label_noise(together, given, inputs.units, seed))
    return found


if __name__ == "__main__":
    sys.exit(main())
