"""Studies drawn at random on which the truth is known.

An image has a label, and every pipeline sees ten numbers of it: the label times the pipeline's
strength, noise that all pipelines share (hard images are hard for all), noise that the pipelines of
one extractor share, and noise of its own. Pipelines of equal strength are exchangeable: their
expected accuracies are exactly equal, but their predictions differ. Images of one donor share an
effect, which is made of the same three parts. Dependence between folds is not simulated: it comes
from the folds themselves, which bioselect draws.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bioselect.data.random_splits import draw_splits
from bioselect.data.splitting import SplitPlan, choose_design, draw_folds

N_FEATURES = 10
#: The share of the images that a random split tests.
TEST_SIZE = 0.2
#: Variances of the noise that all pipelines share, those of one extractor share, and of their own.
SHARES = (0.4, 0.3, 0.3)


@dataclass(frozen=True, eq=False)
class Images:
    """Labels 0 and 1, and the donor of each image (a number of its own where there is none)."""

    labels: np.ndarray
    donors: np.ndarray


@dataclass(frozen=True)
class Pipelines:
    """The strength of every pipeline, and the number of its extractor."""

    strengths: tuple[float, ...]
    extractors: tuple[int, ...]


def independent_images(generator: np.random.Generator, n_images: int) -> Images:
    """Return images of two equally frequent classes."""
    return Images(generator.permutation(np.arange(n_images) % 2), np.arange(n_images))


def images_of_donors(
    generator: np.random.Generator, sizes: np.ndarray, mixed: bool, every: int = 2
) -> Images:
    """Return images of donors of these sizes, each of one class or (`mixed`) of both.

    Of donors of one class, one of `every` has the second.
    """
    donors = np.repeat(np.arange(len(sizes)), sizes)
    of_donor = generator.permutation(np.arange(len(sizes)) % every == 0).astype(np.int64)
    labels = of_donor[donors]
    if mixed:
        labels = generator.integers(0, 2, len(donors))
    return Images(labels, donors)


def unequal_sizes(generator: np.random.Generator, n_donors: int) -> np.ndarray:
    """Return from 1 to 60 images a donor, evenly on a scale of logarithms."""
    return np.rint(np.exp(generator.uniform(0, np.log(60), n_donors))).astype(np.int64)


def features(
    generator: np.random.Generator, images: Images, pipelines: Pipelines, donor_effect: float
) -> list[np.ndarray]:
    """Return (n_images, N_FEATURES) for every pipeline."""
    n_images = len(images.labels)
    noise = _parts(generator, n_images, pipelines)
    if donor_effect:
        numbers, of_image = np.unique(images.donors, return_inverse=True)
        effects = _parts(generator, len(numbers), pipelines)
        noise = [
            own + donor_effect * effect[of_image]
            for own, effect in zip(noise, effects, strict=True)
        ]
    direction = np.ones(N_FEATURES) / np.sqrt(N_FEATURES)
    return [
        own + strength * images.labels[:, None] * direction
        for own, strength in zip(noise, pipelines.strengths, strict=True)
    ]


def _parts(generator: np.random.Generator, n: int, pipelines: Pipelines) -> list[np.ndarray]:
    shape = (n, N_FEATURES)
    of_all, of_extractor, of_its_own = np.sqrt(SHARES)
    shared = of_all * generator.standard_normal(shape)
    by_extractor = {
        number: of_extractor * generator.standard_normal(shape)
        for number in dict.fromkeys(pipelines.extractors)
    }
    return [
        shared + by_extractor[number] + of_its_own * generator.standard_normal(shape)
        for number in pipelines.extractors
    ]


def planned_folds(images: Images, seed: int, n_repeats: int | str = "auto") -> SplitPlan:
    """Draw the folds that bioselect draws for these images."""
    design = choose_design(images.labels, images.donors, "auto", n_repeats, ["0", "1"])
    return draw_folds(images.labels, images.donors, design.n_folds, design.n_repeats, seed)


def planned_splits(images: Images, seed: int, n_splits: int) -> SplitPlan:
    """Draw random splits that test a fifth of the images, as bioselect does."""
    return draw_splits(images.labels, images.donors, n_splits, TEST_SIZE, seed)


def fold_numbers(plan: SplitPlan, n_images: int) -> np.ndarray:
    """Return (n_repeats, n_images): the number of the fold that tests an image; -1 for none."""
    numbers = np.full((plan.n_repeats, n_images), -1, dtype=np.int64)
    for fold in plan.folds:
        numbers[fold.repeat, fold.test] = fold.index
    return numbers


def balanced_fold_scores(labels: np.ndarray, truth: np.ndarray, folds: np.ndarray) -> np.ndarray:
    """Return the balanced accuracy of each fold, in the order repeat, fold.

    A fold without one of the classes is scored by the other, as scikit-learn and bioselect do.
    """
    n_repeats, n_folds = len(folds), int(folds.max()) + 1
    rounds = folds + n_folds * np.arange(n_repeats)[:, None]
    tested = folds >= 0
    shares = []
    for label in (0, 1):
        inside = truth == label
        right = (labels[:, inside] == label)[tested[:, inside]].astype(np.float64)
        places = rounds[:, inside][tested[:, inside]]
        n_right = np.bincount(places, right, minlength=n_repeats * n_folds)
        n_tested = np.bincount(places, minlength=n_repeats * n_folds)
        with np.errstate(invalid="ignore"):
            shares.append(n_right / n_tested)
    scores: np.ndarray = np.nanmean(shares, axis=0)
    return scores
