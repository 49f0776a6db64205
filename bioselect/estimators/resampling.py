"""Classes made equally common among the training rows: by drawing, leaving out or making rows."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

#: Neighbours among which SMOTE makes new rows; fewer where a class has fewer other rows.
SMOTE_NEIGHBOURS = 5


class ResampledPipeline(Pipeline):
    """Steps whose last one is trained on resampled rows; predictions are those of the steps.

    What comes before the last step (scaling) is learnt from the rows as they are, so that SMOTE
    measures distances on scaled rows. Nothing of the resampling is needed to predict.

    Parameters
    ----------
    steps : list of (str, estimator)
        The last is a classifier.
    method : {"random_over", "random_under", "smote"}
        Rare classes drawn again, common ones drawn fewer, or new rows made between neighbours of
        a rare class, until all classes that are there are as common as the commonest (with
        `random_under`: the rarest) one.
    seed : int
        Of the drawing.

    References
    ----------
    Chawla, Bowyer, Hall and Kegelmeyer (2002), "SMOTE: synthetic minority over-sampling
    technique", Journal of Artificial Intelligence Research 16, 321-357.
    """

    def __init__(
        self, steps: list[tuple[str, Any]], *, method: str = "random_over", seed: int = 0
    ) -> None:
        super().__init__(steps)
        self.method = method
        self.seed = seed

    def fit(self, X: np.ndarray, y: np.ndarray) -> ResampledPipeline:
        """Learn from ``(n_images, n_features)`` rows and ``(n_images,)`` class places."""
        rows, y = X, np.asarray(y)
        for _, step in self.steps[:-1]:
            rows = step.fit_transform(rows)
        self.steps[-1][1].fit(*resampled(rows, y, self.method, self.seed))
        return self


def resampled_form(model: Any, method: str, seed: int) -> ResampledPipeline:
    """Return a classifier that is trained on resampled rows, scaled first in any case."""
    steps = [(name, step) for name, step in model.steps] if isinstance(model, Pipeline) else []
    if not steps:
        steps = [("scale", StandardScaler()), ("model", model)]
    return ResampledPipeline(steps, method=method, seed=seed)


def resampled(
    rows: np.ndarray, y: np.ndarray, method: str, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return rows and classes in which all classes that are there are equally common.

    Raises
    ------
    ValueError
        If SMOTE has nothing to go by, because a class has a single row.
    """
    classes, counts = np.unique(y, return_counts=True)
    if len(classes) < 2 or counts.min() == counts.max():
        return rows, y
    found: tuple[np.ndarray, np.ndarray] = _sampler(method, seed, classes, counts).fit_resample(
        rows, y
    )
    return found


def _sampler(method: str, seed: int, classes: np.ndarray, counts: np.ndarray) -> BaseEstimator:
    from imblearn.over_sampling import SMOTE, RandomOverSampler
    from imblearn.under_sampling import RandomUnderSampler

    if method == "random_over":
        return RandomOverSampler(random_state=seed)
    if method == "random_under":
        return RandomUnderSampler(random_state=seed)
    fewest = int(counts.min())
    if fewest < 2:
        raise ValueError(
            "resampling: smote makes rows between two images of a class and needs at least 2 of "
            f"each among the training images. Got 1 of class number {classes[counts.argmin()] + 1}."
            " Use random_over."
        )
    return SMOTE(random_state=seed, k_neighbors=min(SMOTE_NEIGHBOURS, fewest - 1))
