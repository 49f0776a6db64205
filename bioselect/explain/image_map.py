"""Images as dots in a plane, those with alike features near one another.

Features are scaled, turned to the 50 directions in which they differ most, and laid out by t-SNE
(van der Maaten, Hinton 2008, "Visualizing data using t-SNE", Journal of Machine Learning Research
9). Neighbours on the map are alike; how far apart groups of dots lie says little. No label is used.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

#: Raised when the same rows would lie elsewhere.
MAP_VERSION = 1
#: More images are not laid out: so many are drawn by seed.
MOST_IMAGES = 2000
FEWEST_IMAGES = 10
N_DIRECTIONS = 50
_PERPLEXITY = 30.0
_OF_DRAW, _OF_LAYOUT = 23, 29
_N_DECIMALS = 3


@dataclass(frozen=True, eq=False)
class MapTask:
    """What a map is made of: float rows ``(n_images, n_features)`` and a seed."""

    rows: np.ndarray
    seed: int


def mapped_images(n_images: int, seed: int) -> np.ndarray:
    """Return the places of the images that are laid out, ascending.

    Examples
    --------
    >>> len(mapped_images(5000, seed=0)), mapped_images(4, seed=0).tolist()
    (2000, [0, 1, 2, 3])
    """
    if n_images <= MOST_IMAGES:
        return np.arange(n_images, dtype=np.int64)
    random = np.random.default_rng(np.random.SeedSequence([seed, _OF_DRAW]))
    return np.sort(random.choice(n_images, MOST_IMAGES, replace=False))


def image_map(task: MapTask) -> np.ndarray:
    """Return float64 ``(n_images, 2)``; the same for the same rows and seed, with one thread."""
    X = directions(task.rows)
    if X.shape[1] < 2:
        flat: np.ndarray = np.hstack([X, np.zeros((len(X), 2 - X.shape[1]))])
        return np.asarray(np.round(flat, _N_DECIMALS))
    from sklearn.manifold import TSNE

    seed = int(np.random.SeedSequence([task.seed, _OF_LAYOUT]).generate_state(1)[0] >> 1)
    perplexity = min(_PERPLEXITY, (len(X) - 1) / 3)
    layout = TSNE(n_components=2, perplexity=perplexity, init="pca", random_state=seed, n_jobs=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        placed: np.ndarray = layout.fit_transform(X)
    found: np.ndarray = np.round(np.asarray(placed, dtype=np.float64), _N_DECIMALS)
    return found


def directions(rows: np.ndarray) -> np.ndarray:
    """Return scaled rows in the directions in which they differ most, at most 50.

    Features that are the same for all images are left out; there may be nothing left.
    """
    X = np.asarray(rows, dtype=np.float64)
    spread = X.std(axis=0)
    differing = spread > 1e-12 * np.maximum(1.0, np.abs(X).max(axis=0, initial=0.0))
    X = (X[:, differing] - X[:, differing].mean(axis=0)) / spread[differing]
    if X.shape[1] == 0:
        return np.asarray(X)
    # Inner products of images, of which there are at most 2,000, have the same directions.
    values, vectors = np.linalg.eigh(X @ X.T if len(X) <= X.shape[1] else X.T @ X)
    kept = np.argsort(-values, kind="stable")[:N_DIRECTIONS]
    kept = kept[values[kept] > 1e-9 * values.max()]
    turned = (
        vectors[:, kept] * np.sqrt(values[kept]) if len(X) <= X.shape[1] else X @ vectors[:, kept]
    )
    # The sign of a direction is arbitrary: the largest number in it is above zero.
    largest = np.abs(turned).argmax(axis=0)
    return np.asarray(turned * np.sign(turned[largest, np.arange(turned.shape[1])]))
