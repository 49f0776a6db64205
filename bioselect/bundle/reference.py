"""What a bundle remembers of its training images: where they lie among the features, and classes.

With it a new image can be told which training images it is most like, and how unlike all of them it
is. No image, name or path is in it: the rows that the model was trained on are brought to standard
units and to their main directions (principal components), and beside each stand its class and its
running number in the data set. Images of which a model is told by columns of a table have none: a
few columns can be computed back, and rows of patients must not travel.

The file is named in the manifest with its checksum like every other; versions of bioselect that
know nothing of it check it and leave it aside, so the number of the bundle's format stays.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bioselect.bundle.arrays import arrays_of
from bioselect.bundle.opening import ModelPlace, explained, opened_bundle
from bioselect.bundle.reading import read_manifest
from bioselect.exceptions import BundleError
from bioselect.execution import one_thread
from bioselect.steady_archives import steady_zip

REFERENCE_FILE = "reference.npz"
REFERENCE_FORMAT = 1
#: Most training images in it, evenly drawn from all of them; most directions; and how many numbers
#: these directions may take, so that long rows keep fewer of them. 2.6 MB and 4 MB at most.
MOST_ROWS, MOST_DIRECTIONS, MOST_NUMBERS = 10_000, 64, 1_000_000
LEAST_DIRECTIONS = 8
#: The directions are found from so many rows at most, and so many are asked for their neighbour.
_MOST_LOOKED_AT = 2_000
#: Directions below this part of the strongest are rounding.
_SMALLEST = 1e-6
_ARRAYS = ("mean", "scale", "directions", "points", "numbers", "targets", "usual_distance")


@dataclass(frozen=True, eq=False)
class Neighbours:
    """The training images nearest to one image, the nearest first.

    `places` are their rows in the reference, `distances` float64: 1 is how far a training image
    usually lies from the one nearest to it.
    """

    places: np.ndarray
    distances: np.ndarray


@dataclass(frozen=True, eq=False)
class Reference:
    """Training images among the features of a model.

    `mean` and `scale` (one over the deviation) are float32 ``(n_features,)``, `directions` float32
    ``(n_features, n_directions)``; `points` float32 ``(n_rows, n_directions)``; `numbers` int64
    ``(n_rows,)``, the running number of each image in the data set, from 0; `targets` its class
    place, 0 and 1 for each label, or its number, in the first axis as `points`; `usual_distance`
    is the median distance between a training image and the one nearest to it.
    """

    mean: np.ndarray
    scale: np.ndarray
    directions: np.ndarray
    points: np.ndarray
    numbers: np.ndarray
    targets: np.ndarray
    usual_distance: float

    @property
    def n_features(self) -> int:
        """How long the rows are that it takes."""
        return len(self.mean)

    def points_of(self, rows: np.ndarray) -> np.ndarray:
        """Return float64 ``(n_images, n_directions)`` for rows ``(n_images, n_features)``."""
        return _projected(rows, self.mean, self.scale, self.directions)

    def nearest(self, rows: np.ndarray, n_nearest: int = 5) -> list[Neighbours]:
        """Return the training images nearest to each row; of equally near ones the first."""
        found = []
        known = self.points.astype(np.float64)
        for point in self.points_of(rows):
            distances = np.sqrt(((known - point) ** 2).sum(axis=1))
            places = np.argsort(distances, kind="stable")[:n_nearest]
            found.append(Neighbours(places, distances[places] / self.usual_distance))
        return found


def numbers_remembered(n_images: int) -> np.ndarray:
    """Return the running numbers of the training images that are remembered: all, or even steps.

    Examples
    --------
    >>> numbers_remembered(3).tolist(), len(numbers_remembered(100_000))
    ([0, 1, 2], 10000)
    """
    return _evenly(n_images, MOST_ROWS)


def make_reference(rows: np.ndarray, targets: np.ndarray, numbers: np.ndarray) -> Reference:
    """Return what is remembered of training images.

    Parameters
    ----------
    rows : np.ndarray
        ``(n_rows, n_features)``, of the images of :func:`numbers_remembered`.
    targets : np.ndarray
        In the same order: class places, 0 and 1 ``(n_rows, n_labels)``, or numbers.
    numbers : np.ndarray
        Their running numbers.

    Examples
    --------
    >>> rows = np.array([[0.0, 9.0], [1.0, 9.0], [2.0, 9.0], [9.0, 9.0]])
    >>> reference = make_reference(rows, np.array([0, 0, 0, 1]), np.arange(4))
    >>> [nearest] = reference.nearest(np.array([[1.2, 9.0]]), 2)
    >>> reference.numbers[nearest.places].tolist(), nearest.distances.round(3).tolist()
    ([1, 2], [0.2, 0.8])
    """
    kept = np.asarray(rows, dtype=np.float64)
    mean, deviation = kept.mean(axis=0), kept.std(axis=0)
    # What never changes tells nothing; a new image that differs there must not lie infinitely far.
    scale = np.where(deviation > _SMALLEST * np.maximum(np.abs(mean), 1.0), deviation, np.inf)
    inverse = (1.0 / scale).astype(np.float32)
    with one_thread():
        some = (kept[_evenly(len(kept), _MOST_LOOKED_AT)] - mean) * inverse
        directions = _main_directions(some)
        mean = mean.astype(np.float32)
        points = _projected(kept, mean, inverse, directions).astype(np.float32)
        usual = _usual_distance(points.astype(np.float64))
    return Reference(
        mean, inverse, directions, points, np.asarray(numbers), np.asarray(targets), usual
    )


def _evenly(n_all: int, n_most: int) -> np.ndarray:
    if n_all <= n_most:
        return np.arange(n_all)
    return np.linspace(0, n_all - 1, n_most).astype(np.int64)


def _projected(
    rows: np.ndarray, mean: np.ndarray, inverse: np.ndarray, directions: np.ndarray
) -> np.ndarray:
    standard = (np.asarray(rows, dtype=np.float64) - mean.astype(np.float64)) * inverse
    with one_thread():
        found: np.ndarray = standard @ directions.astype(np.float64)
    return found


def _main_directions(standard: np.ndarray) -> np.ndarray:
    """Return float32 ``(n_features, n_directions)``, the strongest first."""
    n_rows, n_features = standard.shape
    n_most = max(LEAST_DIRECTIONS, min(MOST_DIRECTIONS, MOST_NUMBERS // n_features))
    # The smaller of both products; their strong directions are the same.
    is_wide = n_features > n_rows
    product = standard @ standard.T if is_wide else standard.T @ standard
    values, vectors = np.linalg.eigh(product)
    strong = values > max(_SMALLEST**2 * n_rows, _SMALLEST * values[-1])
    order = np.flatnonzero(strong)[::-1][:n_most]
    found = vectors[:, order]
    if is_wide:
        found = standard.T @ found / np.sqrt(values[order])
    # The sign of a direction means nothing; it must not depend on the library.
    turned = found[np.abs(found).argmax(axis=0), np.arange(found.shape[1])] < 0
    return np.where(turned, -found, found).astype(np.float32)


def _usual_distance(points: np.ndarray) -> float:
    """Return the median distance of a row to the one nearest to it, equal ones left out."""
    squares = (points**2).sum(axis=1)
    nearest = []
    for place in _evenly(len(points), _MOST_LOOKED_AT):
        distances = squares + squares[place] - 2.0 * (points @ points[place])
        others = distances[distances > _SMALLEST * max(squares[place], 1.0)]
        if len(others):
            nearest.append(float(others.min()))
    return float(np.sqrt(np.median(nearest))) if nearest else 1.0


def write_reference(path: Path, reference: Reference) -> None:
    """Write a reference; the same one gives the same bytes."""
    arrays = {name: np.asarray(getattr(reference, name)) for name in _ARRAYS}
    arrays["format"] = np.array(REFERENCE_FORMAT)
    np.savez(path, allow_pickle=False, **arrays)
    steady_zip(path)


def read_reference(place: ModelPlace) -> Reference | None:
    """Return the reference of a bundle, its zip or a run folder; None where it has none.

    Opening the model (:func:`bioselect.bundle.reading.load_bundle`) compares its checksum.

    Raises
    ------
    BundleError
        If it is damaged, or of a later version.
    """
    with opened_bundle(place) as bundle, explained(bundle.path):
        if REFERENCE_FILE not in read_manifest(bundle.folder, bundle.path).files:
            return None
        return _parsed((bundle.folder / REFERENCE_FILE).read_bytes(), bundle.path)


def _parsed(data: bytes, where: Path) -> Reference:
    try:
        found = arrays_of(data)
        number = int(found["format"])
        arrays: dict[str, Any] = {name: found[name] for name in _ARRAYS if name in found}
    except Exception as error:  # Whatever NumPy says of a file that is none.
        reason = " ".join(str(error).split())
        raise BundleError(
            f"{where}: {REFERENCE_FILE} is damaged ({reason}). Use another copy of the model."
        ) from error
    if number != REFERENCE_FORMAT:
        raise BundleError(
            f"{where}: {REFERENCE_FILE} is written in format {number}; this version of bioselect "
            f"reads {REFERENCE_FORMAT}. Upgrade bioselect."
        )
    if problem := _problem(arrays):
        raise BundleError(
            f"{where}: {REFERENCE_FILE} is damaged ({problem}). Use another copy of the model."
        )
    return Reference(**{**arrays, "usual_distance": float(arrays["usual_distance"])})


def _problem(arrays: dict[str, Any]) -> str:
    """Say what is wrong with arrays; nothing where they can be used."""
    if _are_inconsistent(arrays):
        return "its arrays do not fit one another"
    for name in _ARRAYS:
        if not np.isfinite(arrays[name]).all():
            return f"{name} must hold finite numbers"
    usual = float(arrays["usual_distance"])
    if not usual > 0.0:
        return f"usual_distance must be above 0. Got {usual:g}"
    return ""


def _are_inconsistent(arrays: dict[str, Any]) -> bool:
    if set(arrays) != set(_ARRAYS):
        return True
    shapes = {name: arrays[name].ndim for name in _ARRAYS}
    if (shapes["points"], shapes["mean"], shapes["usual_distance"]) != (2, 1, 0):
        return True
    if min(shapes["numbers"], shapes["targets"]) < 1:
        return True
    if any(array.dtype.kind not in "biuf" for array in arrays.values()):
        return True
    n_rows, n_features = len(arrays["points"]), len(arrays["mean"])
    n_directions = arrays["points"].shape[-1]
    return (
        n_rows == 0
        or arrays["targets"].ndim == 0
        or arrays["numbers"].shape != (n_rows,)
        or arrays["scale"].shape != (n_features,)
        or arrays["directions"].shape != (n_features, n_directions)
        or len(arrays["targets"]) != n_rows
    )
