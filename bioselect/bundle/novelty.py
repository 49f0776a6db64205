"""How unlike all training images a new one is, with a border that training images calibrated.

An image is measured against its neighbourhood: how far the training images nearest to it lie, in
units of how far these lie from the ones nearest to them. So an image between two kinds is found
though one of the kinds is spread far wider than that. A distance alone would take it for usual
(cells of one type left out of training: `benchmarks/README.md`).

The border follows from the training images themselves: each is measured against those of other
groups, as a new image will be. Beyond the border lies 1 in 100 of them, every group counting as
one. The file lies beside the reference (:mod:`bioselect.bundle.reference`); a model without it,
of an older version, says nothing of novelty.

References
----------
Breunig et al. (2000), "LOF: identifying density-based local outliers", SIGMOD.
Lee, Barber and Willett (2023), "Distribution-free inference with hierarchical data".
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bioselect.bundle.arrays import arrays_of
from bioselect.bundle.reference import Reference
from bioselect.exceptions import BundleError
from bioselect.execution import one_thread
from bioselect.steady_archives import steady_zip

NOVELTY_FILE = "novelty.npz"
NOVELTY_FORMAT = 1
#: An image is unlike the training images if at most this share of them is so far from the others.
LEVEL = 0.01
#: So many training images are a neighbourhood.
N_NEIGHBOURS = 5
#: Fewer units (groups, or images where there are none) tell nothing of what is usual.
LEAST_UNITS = 10
#: What a reason is called in tables.
UNLIKE = "unlike the training images"
#: Training images whose own novelty is looked at, evenly drawn; images that are measured at once.
_MOST_MEASURED, _AT_ONCE = 2_000, 256
#: Neighbours closer to each other than this share of what is usual count as so far apart.
_CLOSEST = 0.1
_SMALLEST = 1e-6
_ARRAYS = ("distances", "scores", "units")


@dataclass(frozen=True, eq=False)
class Novelty:
    """What is known of how far training images lie from one another.

    `distances` float64 ``(n_rows,)`` says for each image of the reference how far those of other
    units nearest to it lie; `scores` float64 ``(n_measured,)`` is how some of them score by the
    others, `units` int64 ``(n_measured,)`` whose they are.
    """

    distances: np.ndarray
    scores: np.ndarray
    units: np.ndarray

    @property
    def n_units(self) -> int:
        """How many groups, or images where there are no groups, the border rests on."""
        return len(np.unique(self.units))

    @property
    def border(self) -> float:
        """The score beyond which at most `LEVEL` of the training lies, or as near as units allow.

        Of fewer than 99 units it is the highest score of all.
        """
        order = np.argsort(-self.scores, kind="stable")
        shares = (1.0 + np.cumsum(self._weights[order])) / (self.n_units + 1.0)
        place = int(np.searchsorted(shares, LEVEL, side="right"))
        return float(self.scores[order][min(place, len(order) - 1)])

    @property
    def level(self) -> float:
        """Which share of images like those of the training lies beyond the border at most."""
        return max(LEVEL, 1.0 / (self.n_units + 1.0))

    @property
    def _weights(self) -> np.ndarray:
        _, places, counts = np.unique(self.units, return_inverse=True, return_counts=True)
        weights: np.ndarray = 1.0 / counts[places.ravel()]
        return weights

    def p_values(self, novelty: np.ndarray) -> np.ndarray:
        """Return which share of the training is at least as novel: the p-value of each image.

        Every unit counts as one, and the image itself as one more. `novelty` is what
        :func:`novelty_of` gives.
        """
        order = np.argsort(self.scores, kind="stable")
        ordered, weights = self.scores[order], self._weights[order]
        below = np.concatenate([[0.0], np.cumsum(weights)])
        places = np.searchsorted(ordered, np.asarray(novelty) * self.border, side="left")
        found: np.ndarray = (1.0 + below[-1] - below[places]) / (self.n_units + 1.0)
        return found


def measure_novelty(reference: Reference, units: np.ndarray) -> Novelty | None:
    """Return how far the training images of a reference lie from one another.

    Parameters
    ----------
    reference : Reference
        Of the model.
    units : np.ndarray
        Int ``(n_rows,)``: what is never divided (patient, slide, copies of one image). An image is
        never measured by others of its unit.

    Returns
    -------
    Novelty or None
        None of fewer than `LEAST_UNITS` units, or if all rows are equal.

    Examples
    --------
    >>> from bioselect.bundle.reference import make_reference
    >>> rows = np.random.default_rng(0).normal(size=(200, 4))
    >>> reference = make_reference(rows, np.zeros(200, dtype=int), np.arange(200))
    >>> known = measure_novelty(reference, np.arange(200))
    >>> (novelty_of(reference, known, np.array([[0.0] * 4, [9.0] * 4])) > 1).tolist()
    [False, True]
    """
    units = np.asarray(units, dtype=np.int64)
    points = reference.points.astype(np.float64)
    if len(np.unique(units)) < LEAST_UNITS:
        return None
    nearest, _ = _neighbours(points, points, (units, units))
    distances = nearest.mean(axis=1)
    usual = float(np.median(distances))
    if not usual > 0.0:
        return None
    distances = np.maximum(distances, _CLOSEST * usual)
    some = np.linspace(0, len(points) - 1, min(len(points), _MOST_MEASURED)).astype(np.int64)
    nearest, places = _neighbours(points[some], points, (units[some], units))
    scores = nearest.mean(axis=1) / distances[places].mean(axis=1)
    return Novelty(distances, scores, units[some])


def novelty_of(reference: Reference, known: Novelty, rows: np.ndarray) -> np.ndarray:
    """Return float64 ``(n_images,)``: above 1 an image is unlike the training images.

    Parameters
    ----------
    reference, known : Reference, Novelty
        Of the model.
    rows : np.ndarray
        ``(n_images, n_features)`` as they are compared (:mod:`bioselect.bundle.described`).
    """
    points = reference.points_of(rows)
    nearest, places = _neighbours(points, reference.points.astype(np.float64), None)
    found: np.ndarray = nearest.mean(axis=1) / known.distances[places].mean(axis=1)
    return found / max(known.border, _SMALLEST)


def reason_of(novelty: float | None) -> str:
    """Return why nothing should be said of an image, as far as its novelty goes; empty if it may.

    Examples
    --------
    >>> reason_of(1.3), reason_of(0.8), reason_of(None)
    ('unlike the training images', '', '')
    """
    return UNLIKE if novelty is not None and novelty > 1.0 else ""


def _neighbours(
    points: np.ndarray, known: np.ndarray, units: tuple[np.ndarray, np.ndarray] | None
) -> tuple[np.ndarray, np.ndarray]:
    """Return the distances to the nearest known points, the nearest first, and which they are.

    `units` are those of both, of which equal ones are passed over.
    """
    n_nearest = N_NEIGHBOURS
    if units is not None:
        most = int(np.unique(units[1], return_counts=True)[1].max())
        n_nearest = max(1, min(n_nearest, len(known) - most))
    n_nearest = min(n_nearest, len(known))
    squares = (known**2).sum(axis=1)
    distances = np.empty((len(points), n_nearest))
    places = np.empty((len(points), n_nearest), dtype=np.int64)
    for start in range(0, len(points), _AT_ONCE):
        here = slice(start, start + _AT_ONCE)
        own = points[here]
        with one_thread():
            found = squares - 2.0 * (own @ known.T) + (own**2).sum(axis=1)[:, np.newaxis]
        if units is not None:
            found[units[0][here, np.newaxis] == units[1]] = np.inf
        chosen = np.argpartition(found, n_nearest - 1, axis=1)[:, :n_nearest]
        near = np.take_along_axis(found, chosen, axis=1)
        order = np.lexsort((chosen, near), axis=1)
        places[here] = np.take_along_axis(chosen, order, axis=1)
        distances[here] = np.sqrt(np.maximum(np.take_along_axis(near, order, axis=1), 0.0))
    return distances, places


def write_novelty(path: Path, known: Novelty) -> None:
    """Write what is known; the same gives the same bytes."""
    arrays = {name: getattr(known, name) for name in _ARRAYS}
    np.savez(path, allow_pickle=False, format=np.array(NOVELTY_FORMAT), **arrays)
    steady_zip(path)


def parse_novelty(data: bytes, n_rows: int, where: Path) -> Novelty:
    """Return what a file holds that :func:`write_novelty` wrote.

    Raises
    ------
    BundleError
        If it is damaged, of a later version, or does not fit the `n_rows` of the reference.
    """
    damaged = f"{where}: {NOVELTY_FILE} is damaged"
    try:
        found = arrays_of(data)
        number = int(found["format"])
        arrays: dict[str, Any] = {name: found[name] for name in _ARRAYS if name in found}
    except Exception as error:  # Whatever NumPy says of a file that is none.
        reason = " ".join(str(error).split())
        raise BundleError(f"{damaged} ({reason}). Use another copy of the model.") from error
    if number != NOVELTY_FORMAT:
        raise BundleError(
            f"{where}: {NOVELTY_FILE} is written in format {number}; this version of bioselect "
            f"reads {NOVELTY_FORMAT}. Upgrade bioselect."
        )
    if not _fit(arrays, n_rows):
        raise BundleError(
            f"{damaged} (its arrays do not fit one another). Use another copy of the model."
        )
    return Novelty(**arrays)


def _fit(arrays: dict[str, np.ndarray], n_rows: int) -> bool:
    if set(arrays) != set(_ARRAYS):
        return False
    distances, scores, units = (arrays[name] for name in _ARRAYS)
    return (
        distances.shape == (n_rows,)
        and scores.ndim == 1
        and 0 < len(scores) == units.size
        and distances.dtype == scores.dtype == np.float64
        and units.dtype == np.int64
        and units.shape == scores.shape
        and bool(np.isfinite(distances).all() and (distances > 0).all())
        and bool(np.isfinite(scores).all())
    )
