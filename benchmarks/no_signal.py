"""What a study says of pure noise: real images whose labels were permuted.

    python benchmarks/no_signal.py [FOLDER ...] [--draws 30] [--images 60 300] [--quick]

The images of the folders (without any: the drawn cells that come with bioselect, and 60 and 150 of
them) are described by five cheap descriptors, each in three forms (all numbers, five principal
components, ranks), and each form goes to four light classifiers: 60 combinations. A draw takes some
images, gives half of them one label and half another, at random, and has bioselect judge all
combinations. What is expected on new images must be 0.5, and the words must say so.
"""

from __future__ import annotations

import argparse
from itertools import product
from pathlib import Path

import numpy as np
from drawn_studies import balanced_fold_scores, fold_numbers, independent_images, planned_folds
from figures import print_figure
from light_classifiers import CLASSIFIERS, out_of_fold_labels
from scipy.stats import rankdata
from skimage.io import imread

from bioselect.execution import one_thread
from bioselect.features.descriptors.color_histogram import ColorHistogram
from bioselect.features.descriptors.edges import Edges
from bioselect.features.descriptors.hu_moments import HuMoments
from bioselect.features.descriptors.intensity import Intensity
from bioselect.features.descriptors.lbp import LocalBinaryPatterns
from bioselect.metrics.base import get_metric
from bioselect.selection.outcome import Context, Entrant, OutOfFold, Verdict
from bioselect.selection.verdict import decide

DESCRIPTORS = {
    "color_histogram": lambda: ColorHistogram(bins=8),
    "edges": Edges,
    "hu_moments": HuMoments,
    "intensity": Intensity,
    "lbp": LocalBinaryPatterns,
}
N_COMPONENTS = 5
DRAWN = Path(__file__).resolve().parent.parent / "datasets" / "cells"
GUESSING = "NOT SHOWN TO BE BETTER THAN GUESSING"


def representations(folders: list[Path]) -> dict[str, np.ndarray]:
    """Return 15 tables of (n_images, n_features), computed without any label."""
    files = sorted(file for folder in folders for file in folder.rglob("*.png"))
    images = [imread(file)[..., :3].astype(np.float32) / 255 for file in files]
    tables = {}
    for name, make in DESCRIPTORS.items():
        rows = make().transform(images).astype(np.float64)
        rows = rows[:, rows.std(axis=0) > 0]
        scaled = (rows - rows.mean(axis=0)) / rows.std(axis=0)
        left, sizes, _ = np.linalg.svd(scaled, full_matrices=False)
        components = (left * sizes)[:, :N_COMPONENTS]
        ranks = rankdata(rows, axis=0) / len(rows)
        tables[name] = scaled
        tables[f"{name}, components"] = components / components.std(axis=0)
        tables[f"{name}, ranks"] = (ranks - 0.5) * np.sqrt(12)
    return tables


def one_study(tables: dict[str, np.ndarray], n_images: int, seed: int) -> Verdict:
    """Judge all combinations on images whose labels say nothing."""
    generator = np.random.default_rng([seed, n_images])
    places = generator.choice(len(next(iter(tables.values()))), n_images, replace=False)
    images = independent_images(generator, n_images)
    plan = planned_folds(images, seed)
    folds = fold_numbers(plan, n_images)
    entrants, scores, probabilities = [], [], []
    for (name, table), classifier in product(tables.items(), CLASSIFIERS):
        labels = out_of_fold_labels(classifier, table[places], images.labels, folds)
        entrants.append(Entrant(name, classifier))
        scores.append(balanced_fold_scores(labels, images.labels, folds))
        probabilities.append(np.eye(2)[labels])
    out_of_fold = OutOfFold(tuple(probabilities), images.labels, images.donors, 2, folds)
    counts = np.bincount(images.labels).tolist()
    context = Context((("0", counts[0]), ("1", counts[1])), plan.n_folds, plan.n_repeats, seed=seed)
    metric = get_metric("balanced_accuracy")
    return decide(entrants, np.array(scores), out_of_fold, metric, context)


def main() -> int:
    """Print the figures; end with 1 if the expected score is flattering."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="*", type=Path, metavar="FOLDER")
    parser.add_argument("--draws", type=int, default=30)
    parser.add_argument("--images", nargs="+", type=int)
    parser.add_argument("--quick", action="store_true", help="2 draws, to see that it works")
    options = parser.parse_args()
    tables = representations(options.folders or [DRAWN])
    sizes = options.images or ([60, 300] if options.folders else [60, 150])
    n_draws = 2 if options.quick else options.draws
    print("| images | draws | naive | honest | interval holds 0.5 | said to be guessing | claims |")
    print("|---|---|---|---|---|---|---|")
    worst = 0.0
    for n_images in sizes:
        verdicts = [one_study(tables, n_images, seed) for seed in range(n_draws)]
        found = [verdict.honest_score for verdict in verdicts]
        naive, honest = [np.array([getattr(f, name) for f in found]) for name in ("naive", "value")]
        held = np.mean([one.ci_low <= 0.5 <= one.ci_high for one in found])
        said = [GUESSING in " ".join(verdict.in_words.split()) for verdict in verdicts]
        claims = [any("better" in row.words for row in one.comparisons) for one in verdicts]
        print(
            f"| {n_images} | {n_draws} | {naive.mean():.3f} ± {_error(naive):.3f} | "
            f"{honest.mean():.3f} ± {_error(honest):.3f} | {held:.0%} | {sum(said)} of {n_draws} | "
            f"{sum(claims)} of {n_draws} |",
            flush=True,
        )
        print_figure(f"noise, {n_images} images: honest less 0.5", honest.mean() - 0.5)
        worst = max(worst, abs(honest.mean() - 0.5))
    return int(worst > 0.03 and not options.quick)


def _error(values: np.ndarray) -> float:
    return float(values.std(ddof=1) / np.sqrt(len(values)))


if __name__ == "__main__":
    with one_thread():
        raise SystemExit(main())
