"""Which test of a difference keeps its level when images come in groups.

    python benchmarks/grouped_corrections.py [--draws 120] [--svm-draws 20] [--keep FOLDER]

Draws studies of 20 and 60 donors (20 images each, or 1 to 60; donors of one class or of both), runs
four classifiers on the folds that bioselect draws, and applies each test to the same predictions.
Four pipelines are exactly equal, a fifth is better. Printed: how often two equal ones are called
different (at a nominal 5 %), and how often the better one is called better.
"""

from __future__ import annotations

import argparse
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, product
from pathlib import Path

import numpy as np
from drawn_studies import (
    Images,
    Pipelines,
    balanced_fold_scores,
    features,
    fold_numbers,
    images_of_donors,
    planned_folds,
    unequal_sizes,
)
from light_classifiers import CLASSIFIERS, out_of_fold_labels
from scipy.special import stdtr

from bioselect.execution import one_thread
from bioselect.selection.grouped import effective_groups

LEVEL = 0.05
IMAGES_EACH = 20
#: Strength of the four equal pipelines, of the fifth, and of what images of one donor share.
STRENGTH, BETTER, DONOR_EFFECT = 1.6, 2.4, 1.0
FIVE = Pipelines((STRENGTH,) * 4 + (BETTER,), (0, 1, 2, 3, 4))
PAIRS = np.array(list(combinations(range(5), 2)))
ARE_EQUAL = PAIRS[:, 1] < 4
N_FLIPS = 999


@dataclass(frozen=True)
class Donors:
    """How donors are drawn."""

    n: int
    unequal: bool
    mixed: bool
    every: int = 2

    @property
    def name(self) -> str:
        """The scenario in words."""
        sizes = "1 to 60 images" if self.unequal else f"{IMAGES_EACH} images"
        classes = "both classes" if self.mixed else "one class"
        if self.every > 2:
            classes += f", {self.n // self.every} of the rarer"
        return f"{self.n} donors, {sizes}, {classes}"

    def draw(self, generator: np.random.Generator) -> Images:
        """Draw labels and donors."""
        sizes = np.full(self.n, IMAGES_EACH)
        if self.unequal:
            sizes = unequal_sizes(generator, self.n)
        return images_of_donors(generator, sizes, self.mixed, self.every)


SCENARIOS = [Donors(*choice) for choice in product((20, 60), (False, True), (False, True))]
SCENARIOS.append(Donors(20, False, False, every=4))


def one_draw(donors: Donors, classifier: str, seed: int, n_repeats: int | str) -> np.ndarray:
    """Return (n_pairs, 8): what every test is made of, for one drawn study.

    Mean difference over folds and over images, their two standard errors (corrected resampled t;
    jackknife over donors), p of sign flips, rounds, donors, effective donors.
    """
    generator = np.random.default_rng([seed, zlib.crc32(donors.name.encode())])
    images = donors.draw(generator)
    plan = planned_folds(images, seed, n_repeats)
    folds = fold_numbers(plan, len(images.labels))
    rows, right = [], []
    for X in features(generator, images, FIVE, DONOR_EFFECT):
        labels = out_of_fold_labels(classifier, X, images.labels, folds)
        rows.append(balanced_fold_scores(labels, images.labels, folds))
        right.append((labels == images.labels).mean(axis=0))
    scores, correct = np.array(rows), np.array(right)
    differences = scores[PAIRS[:, 1]] - scores[PAIRS[:, 0]]
    n_rounds = differences.shape[1]
    n_eff = 1 / (1 / n_rounds + 1 / (plan.n_folds - 1))
    of_folds = differences.std(axis=1, ddof=1) / np.sqrt(n_eff)
    by_donor = sums_by_donor(images, correct[PAIRS[:, 1]] - correct[PAIRS[:, 0]])
    columns = [
        differences.mean(axis=1),
        by_donor.sum(axis=1),
        of_folds,
        jackknife_error(images, correct[PAIRS[:, 1]] - correct[PAIRS[:, 0]]),
        sign_flip_p(generator, by_donor),
        np.full(len(PAIRS), n_rounds),
        np.full(len(PAIRS), donors.n),
        np.full(len(PAIRS), effective_groups(images.labels, images.donors)),
    ]
    return np.stack(columns, axis=1)


def sums_by_donor(images: Images, differences: np.ndarray) -> np.ndarray:
    """Return (n_pairs, n_donors): each donor's part of the difference in balanced accuracy."""
    weights = 0.5 / np.bincount(images.labels)[images.labels]
    sums = np.zeros((images.donors.max() + 1, len(differences)))
    np.add.at(sums, images.donors, (differences * weights).T)
    return sums.T


def jackknife_error(images: Images, differences: np.ndarray) -> np.ndarray:
    """Return (n_pairs,): standard error of balanced accuracy by leaving out one donor at a time."""
    n_donors = images.donors.max() + 1
    total = np.zeros((len(differences), n_donors))
    for label in (0, 1):
        inside = images.labels == label
        counts = np.bincount(images.donors[inside], minlength=n_donors)
        sums = np.zeros((n_donors, len(differences)))
        np.add.at(sums, images.donors[inside], differences[:, inside].T)
        total += 0.5 * (sums.sum(axis=0)[:, None] - sums.T) / (counts.sum() - counts)
    centred = total - total.mean(axis=1, keepdims=True)
    error: np.ndarray = np.sqrt((n_donors - 1) / n_donors * (centred**2).sum(axis=1))
    return error


def sign_flip_p(generator: np.random.Generator, by_donor: np.ndarray) -> np.ndarray:
    """Return (n_pairs,): share of random signs of the donors' parts with as large a sum."""
    signs = generator.choice([-1.0, 1.0], size=(N_FLIPS, by_donor.shape[1]))
    as_large = np.abs(signs @ by_donor.T) >= np.abs(by_donor.sum(axis=1)) - 1e-12
    p: np.ndarray = (1 + as_large.sum(axis=0)) / (1 + N_FLIPS)
    return p


def p_values(drawn: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    """Yield the name of each test and its p-values, for the last axis of `one_draw`."""
    of_folds, of_images, fold_error, jackknife, flips, rounds, n, effective = np.moveaxis(
        drawn, -1, 0
    )
    raised = jackknife * np.sqrt(1.25)
    both = np.sqrt(jackknife**2 + fold_error**2)
    half = np.sqrt(jackknife**2 + fold_error**2 / 2)
    rules = {
        "corrected resampled t": (of_folds, fold_error, rounds - 1),
        "the same, df donors": (of_folds, fold_error, n - 1),
        "the same, df effective": (of_folds, fold_error, effective - 1),
        "the same, n_eff x effective / donors": (
            of_folds,
            fold_error * np.sqrt(n / effective),
            effective - 1,
        ),
        "jackknife over donors, df donors": (of_images, jackknife, n - 1),
        "the same, df effective ": (of_images, jackknife, effective - 1),
        "variance x 5/4, df effective": (of_images, raised, effective - 1),
        "larger of that and corrected t": (
            of_folds,
            np.maximum(fold_error, raised),
            effective - 1,
        ),
        "jackknife + half of corrected t": (of_folds, half, effective - 1),
        "**jackknife + corrected t (bioselect)**": (of_folds, both, effective - 1),
    }
    for name, (mean, error, df) in rules.items():
        with np.errstate(invalid="ignore", divide="ignore"):
            t = np.where(mean == 0, 0.0, mean / error)
        yield name, 2 * stdtr(df, -np.abs(t))
    yield "sign flips of donors", flips


def drawn_table(
    donors: Donors, classifier: str, n_draws: int, n_repeats: int | str, keep: Path | None
) -> np.ndarray:
    """Return (n_draws, n_pairs, 8), from the folder where it was kept as far as it is there."""
    name = f"{donors.name}, {classifier}, {n_repeats}".replace(" ", "_")
    file = keep / f"{name}.npy" if keep else None
    done = list(np.load(file)) if file and file.exists() else []
    for seed in range(len(done), n_draws):
        done.append(one_draw(donors, classifier, seed, n_repeats))
        if file and (seed % 20 == 19 or seed == n_draws - 1):
            np.save(file, np.array(done))
    return np.array(done[:n_draws])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=120)
    parser.add_argument("--svm-draws", type=int, default=20)
    parser.add_argument("--keep", type=Path, help="folder for what is done, to go on another time")
    parser.add_argument("--quick", action="store_true", help="4 draws, to see that it works")
    parser.add_argument("--classifiers", nargs="+", default=list(CLASSIFIERS))
    options = parser.parse_args()
    if options.keep:
        options.keep.mkdir(parents=True, exist_ok=True)
    found: dict[tuple[str, str], np.ndarray] = {}
    for donors, classifier in product(SCENARIOS, options.classifiers):
        n_draws = options.svm_draws if classifier == "SVM" else options.draws
        repeats: int | str = 10 if classifier == "SVM" else "auto"
        n_draws = min(4, n_draws) if options.quick else n_draws
        drawn = drawn_table(donors, classifier, n_draws, repeats, options.keep)
        found[donors.name, classifier] = drawn
        equal = drawn[:, ARE_EQUAL]
        spread = equal[..., 0].var() / (equal[..., 2] ** 2).mean()
        images = equal[..., 1].var() / (equal[..., 3] ** 2).mean()
        print(
            f"{donors.name}, {classifier}: {n_draws} draws; variance of the mean difference over "
            f"its estimate: corrected t {spread:.2f}, jackknife {images:.2f}",
            flush=True,
        )
        for name, p in p_values(drawn):
            level, power = (p[:, ARE_EQUAL] < LEVEL), (p[:, ~ARE_EQUAL] < LEVEL)
            error = level.mean(axis=1).std(ddof=1) / np.sqrt(n_draws)
            print(
                f"  {name:44s} {100 * level.mean():5.1f} % +- {100 * error:.1f}"
                f"   power {100 * power.mean():5.1f} %"
            )
    print_table(found)


def print_table(found: dict[tuple[str, str], np.ndarray]) -> None:
    """Print the level of each test: mean and worst over classifiers, for each kind of donors."""
    kinds = list(dict.fromkeys(name for name, _ in found))
    print("\n| test | " + " | ".join(kinds) + " | worst | power |")
    print("|---" * (len(kinds) + 3) + "|")
    for place, (name, _) in enumerate(p_values(next(iter(found.values())))):
        cells, worst, power = [], 0.0, []
        for kind in kinds:
            of_kind = [_p_of(drawn, place) for (one, _), drawn in found.items() if one == kind]
            levels = [100 * np.mean(p[:, ARE_EQUAL] < LEVEL) for p in of_kind]
            power += [100 * np.mean(p[:, ~ARE_EQUAL] < LEVEL) for p in of_kind]
            worst = max(worst, *levels)
            cells.append(f"{np.mean(levels):.1f} ({max(levels):.1f})")
        print(f"| {name} | {' | '.join(cells)} | {worst:.1f} | {np.mean(power):.0f} |")


def _p_of(drawn: np.ndarray, place: int) -> np.ndarray:
    return [p for _, p in p_values(drawn)][place]


if __name__ == "__main__":
    with one_thread():
        main()
