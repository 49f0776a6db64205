"""Which extractors, and classifiers or regressors, suit a set of images and this computer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bioselect.backbones.table import ROWS
from bioselect.backbones.weights import IMAGENET, cache_folder, check_weights
from bioselect.exceptions import BioselectError
from bioselect.workflows.proposal.looking import Looks

#: Below this, few combinations: with little to compare, each further one adds luck.
FEW_IMAGES = 60
#: Above this, only classifiers whose time grows no faster than the images; above the next only
#: light extractors as well.
MANY_IMAGES = 5_000
VERY_MANY_IMAGES = 20_000
#: Values of pixels in all images together that textures are computed from in about an hour.
MOST_VALUES = 2e10
#: Operations of a network for one image, and for all images together (minutes on a laptop).
LIGHT_OPERATIONS = 8e9
MOST_OPERATIONS = 2e13
N_NETWORKS = 2
#: From so many times as many images of the commonest class as of the rarest on, classifiers that
#: count every image alike easily miss the rarest: these are tried with class weights as well.
UNBALANCED = 4
WEIGHTED = ("logistic_regression", "svm")
FALLBACK = "mobilenet_v2"
LIGHT_ALPHA = 0.35

_WORDS = {
    "haralick": "which grey levels lie side by side",
    "lbp": "small patterns of light and dark",
    "hog": "which way edges run, cell by cell of a grid",
    "color_histogram": "how much of the image has which colour",
    "intensity": "how bright each channel is, and how much that varies",
    "logistic_regression": "linear; a good first choice for the features of a network",
    "lda": "linear; nothing to tune",
    "svm": "curved boundary",
    "knn": "vote of the most similar images",
    "random_forest": "vote of many trees",
}
_WORDS_OF_NUMBERS = {
    "ridge": "linear; a good first choice for the features of a network",
    "svr": "curved; for few hundreds to thousands of images",
    "knn": "mean of the most similar images",
    "random_forest": "mean of many trees",
}
_WORDS_OF_ROWS = {
    "logistic_regression": "linear; its coefficients can be read",
    "ridge": "linear; its coefficients can be read",
}


@dataclass(frozen=True)
class Candidate:
    """An extractor, a classifier or a regressor, with what it looks at in words."""

    name: str
    words: str = ""
    params: dict[str, Any] = field(default_factory=dict)
    may_be_skipped: bool = False


@dataclass(frozen=True)
class Candidates:
    """What is compared, and why these; `estimators` are classifiers, or regressors of numbers."""

    descriptors: tuple[Candidate, ...]
    networks: tuple[Candidate, ...]
    estimators: tuple[Candidate, ...]
    why_extractors: str
    why_estimators: str
    networks_in_words: str
    why_weighted: str = ""


def candidates(
    looks: Looks, class_counts: Sequence[int] = (), of_numbers: bool = False
) -> Candidates:
    """Return what suits what was found in the images, their number and this computer.

    `class_counts` are the images of each class; none where an image may have several labels, or a
    number, which `of_numbers` says.
    """
    n_images = looks.n_images
    names, why = _descriptors(looks)
    networks, words = _networks(n_images)
    estimators, why_these = (_regressors if of_numbers else _classifiers)(n_images)
    weighted, why_weighted = _weighted(estimators, class_counts)
    meanings = _WORDS_OF_NUMBERS if of_numbers else _WORDS
    return Candidates(
        tuple(Candidate(name, _WORDS[name]) for name in names),
        tuple(networks),
        (*(Candidate(name, meanings[name]) for name in estimators), *weighted),
        why,
        why_these,
        words,
        why_weighted,
    )


def estimators_of_rows(
    n_rows: int, class_counts: Sequence[int] = (), of_numbers: bool = False
) -> Candidates:
    """Return the classifiers or regressors that suit so many rows of a table."""
    names, why = (_regressors if of_numbers else _classifiers)(n_rows)
    weighted, why_weighted = _weighted(names, class_counts)
    meanings = {**(_WORDS_OF_NUMBERS if of_numbers else _WORDS), **_WORDS_OF_ROWS}
    chosen = (*(Candidate(name, meanings[name]) for name in names), *weighted)
    return Candidates((), (), chosen, "", why, "", why_weighted)


def _descriptors(looks: Looks) -> tuple[list[str], str]:
    colours = "color_histogram" if looks.is_coloured else "intensity"
    sizes = [mark.width * mark.height * mark.n_channels for mark in looks.readable]
    n_values = sum(sizes) / len(sizes) * looks.n_images
    if looks.n_images > VERY_MANY_IMAGES:
        why = "Few and quick ones, as there are many images"
        return [colours] if n_values > MOST_VALUES else ["lbp", colours], why
    if n_values > MOST_VALUES:
        why = "Quick ones, as the images are large (haralick and lbp would take hours)"
        return ["hog", colours], why
    if looks.n_images < FEW_IMAGES:
        why = f"Few, as {looks.n_images} images cannot tell many apart"
        return ["haralick", "lbp"], why
    return ["haralick", "lbp", "hog", colours], ""


def _classifiers(n_images: int) -> tuple[list[str], str]:
    if n_images > VERY_MANY_IMAGES:
        return ["logistic_regression", "lda"], "The quick ones, as there are many images"
    if n_images > MANY_IMAGES:
        why = "Without svm and knn, which take long for many images"
        return ["logistic_regression", "lda", "random_forest"], why
    if n_images < FEW_IMAGES:
        return ["logistic_regression", "lda", "random_forest"], "Few, as there are few images"
    return ["logistic_regression", "lda", "svm", "knn", "random_forest"], ""


def _regressors(n_images: int) -> tuple[list[str], str]:
    if n_images > VERY_MANY_IMAGES:
        return ["ridge"], "The quick one, as there are many images"
    if n_images > MANY_IMAGES:
        return ["ridge", "random_forest"], "Without svr and knn, which take long for many images"
    if n_images < FEW_IMAGES:
        return ["ridge", "random_forest"], "Few, as there are few images"
    return ["ridge", "svr", "knn", "random_forest"], ""


def _weighted(
    classifiers: Sequence[str], class_counts: Sequence[int]
) -> tuple[list[Candidate], str]:
    """Return those that are tried with class weights as well, and why; none of like classes."""
    if not class_counts or max(class_counts) < UNBALANCED * min(class_counts):
        return [], ""
    names = [name for name in WEIGHTED if name in classifiers]
    words = "Rare classes then count as much as common ones"
    found = [Candidate(name, words, {"class_weight": "balanced"}) for name in names]
    why = (
        f"With class weights as well: {' and '.join(names)}, as the commonest class has "
        f"{max(class_counts):,} images and the rarest, which would easily be missed, "
        f"{min(class_counts):,}"
    )
    return found, why


def _networks(n_images: int) -> tuple[list[Candidate], str]:
    """Return networks whose weights are here, or one whose weights may be had."""
    found = cached_networks(n_images)
    if found:
        words = "pretrained on photographs; its weights are on this computer"
        named = [
            Candidate(name, words, {"alpha": alpha} if ROWS[name].has_alpha else {})
            for name, alpha in found
        ]
        names = " and ".join(name for name, _ in found)
        return named, f"{names} (the weights are on this computer)"
    alpha = LIGHT_ALPHA if n_images > VERY_MANY_IMAGES else 1.0
    words = (
        "A small network, pretrained on photographs. Keras downloads its weights once; where they "
        "cannot be had, the study goes on without it and says so."
    )
    params = {} if alpha == 1.0 else {"alpha": alpha}
    fallback = Candidate(FALLBACK, words, params, may_be_skipped=True)
    return [fallback], f"{FALLBACK} (left out by the run if its weights cannot be downloaded)"


def cached_networks(n_images: int) -> list[tuple[str, float]]:
    """Return the networks (name, alpha) whose ImageNet weights lie in Keras's cache folder.

    At most `N_NETWORKS` of those that this many images can be put through in minutes, the largest
    of these first, each as wide as there are weights for.
    """
    found: dict[str, tuple[float, float]] = {}
    most = min(LIGHT_OPERATIONS, MOST_OPERATIONS / n_images)
    for row in ROWS.values():
        for alpha in sorted(row.alphas):
            operations = row.operations_at(alpha, row.input_size)
            path = cache_folder() / row.weights_name(alpha, row.input_size)
            if operations <= most and path.is_file():
                found[row.name] = (operations, alpha)
    largest = sorted(found, key=lambda name: (-found[name][0], name))
    usable = ((name, found[name][1]) for name in largest if _is_whole(name, found[name][1]))
    return [network for network, _ in zip(usable, range(N_NETWORKS), strict=False)]


def _is_whole(name: str, alpha: float) -> bool:
    """Tell whether the weights in the cache are Keras's and undamaged."""
    try:
        check_weights(name, IMAGENET, alpha)
    except BioselectError:
        return False
    return True
