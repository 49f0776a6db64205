"""Rows that hold an image and its views side by side, taken apart for training.

Views are further images of the same class and unit: they are on the side of their image in every
division, and only images themselves are tested, unless predictions are averages over views too.
Searches and borders are judged inside the training images by the images themselves in any case.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from bioselect.data.splitting import Fold
from bioselect.data.units_of_views import units_of_views
from bioselect.estimators.averaging import mean_of_tables
from bioselect.features.learning import Features
from bioselect.features.looks import ONE_LOOK

if TYPE_CHECKING:
    from bioselect.selection.cross_validation import Problem


@dataclass(frozen=True, eq=False)
class Unfolded:
    """The same images and their views, a row each: first all images, then all first views, ..."""

    problem: Problem
    features: Features
    n_tables: int = 1

    def of_images(self, probabilities: np.ndarray | None) -> np.ndarray | None:
        """Return the probabilities of the test images, averaged over what was looked at."""
        if probabilities is None or self.n_tables == 1:
            return probabilities
        return mean_of_tables(np.split(probabilities, self.n_tables))


def unfolded(problem: Problem, features: Features) -> Unfolded:
    """Take rows of images and views apart; rows without views stay as they are.

    Parameters
    ----------
    problem : Problem
        Of the images.
    features : Features
        Rows ``(n_images, n_rows * n_features)`` by their looks, or none where these have gone.
    """
    looks = features.looks
    if looks.n_views == 0:
        return Unfolded(problem, features)
    n_images = len(problem.class_indices)
    folds = tuple(
        Fold(
            fold.repeat,
            fold.index,
            _with_views(fold.train, n_images, looks.n_rows),
            _with_views(fold.test, n_images, looks.n_tested),
        )
        for fold in problem.plan.folds
    )
    return Unfolded(
        replace(
            problem,
            class_indices=np.concatenate([problem.class_indices] * looks.n_rows),
            units=np.concatenate([problem.units, *[units_of_views(problem.units)] * looks.n_views]),
            plan=replace(problem.plan, folds=folds),
        ),
        replace(features, rows=rows_apart(features.rows, looks.n_rows), looks=ONE_LOOK),
        looks.n_tested,
    )


def rows_apart(rows: np.ndarray, n_rows: int) -> np.ndarray:
    """Return the rows of all images, then those of all first views, and so on.

    Examples
    --------
    >>> rows_apart(np.array([[1, 2, 10, 20], [3, 4, 30, 40]]), 2).tolist()
    [[1, 2], [3, 4], [10, 20], [30, 40]]
    """
    n_images, width = rows.shape
    apart = rows.reshape(n_images, n_rows, width // n_rows).swapaxes(0, 1)
    return np.ascontiguousarray(apart.reshape(n_images * n_rows, width // n_rows))


def _with_views(places: np.ndarray, n_images: int, n_looks: int) -> np.ndarray:
    """Return the places of images, and behind them those of their views."""
    return np.concatenate([places + look * n_images for look in range(n_looks)])
