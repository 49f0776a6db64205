"""A trained model as a pipeline of scikit-learn, with the numbers that `predict` gives."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, TransformerMixin
from sklearn.pipeline import Pipeline

from bioselect.bundle.reading import Model
from bioselect.data.targets import predicted_sets
from bioselect.exceptions import BioselectError, BundleError, DataError
from bioselect.features.given_images import Images, first_pixels, rows_of_given

_FINISHED = (
    "this model is finished and is not trained again. Put `bioselect.extractor(...)` and a "
    "classifier of scikit-learn into a pipeline of your own, or run a study."
)


class _Finished:
    """Part of a finished model: nothing is fitted, and a copy is the part itself."""

    def fit(self, X: Any, y: Any = None) -> Any:
        """Refuse: scores of a model that has seen the images would flatter."""
        raise BioselectError(_FINISHED)

    def __sklearn_is_fitted__(self) -> bool:
        """Say so."""
        return True

    def __sklearn_clone__(self) -> Any:
        """Return the same: there is nothing to be fitted anew."""
        return self

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return what it is called; nothing of it can be set."""
        return {"name": self._name()}

    def set_params(self, **params: Any) -> Any:
        """Refuse, as `fit` does."""
        if params:
            raise BioselectError(_FINISHED)
        return self

    def _name(self) -> str:
        raise NotImplementedError


class ModelFeatures(_Finished, TransformerMixin, BaseEstimator):
    """The extractor of a model: images in, rows of numbers out.

    Parameters
    ----------
    model : Model
        The model; of a network trained from pixels, rows are what it says before calibration.
    n_jobs : int, optional
        Processes that compute descriptors of files; None: all cores.
    """

    def __init__(self, model: Model, n_jobs: int | None = 1) -> None:
        self.model = model
        self.n_jobs = n_jobs

    def transform(self, X: Images) -> np.ndarray:
        """Return float32 ``(n_images, n_features)``.

        Parameters
        ----------
        X : list of paths, or arrays
            Arrays are ``(n_images, height, width, n_channels)``, or a list of ``(height, width,
            n_channels)``, in the dtype of the files that the model was trained on.
        """
        rows = rows_of_given(X, self.model.extractor, self.model.reading, self.n_jobs)
        if problem := self.model.wrong_length(rows, lambda: first_pixels(X, self.model.reading)):
            raise DataError(problem)
        return rows

    def _name(self) -> str:
        return self.model.manifest.extractor.name


class ModelClassifier(_Finished, ClassifierMixin, BaseEstimator):
    """The classifier of a model: rows in, classes or labels and their probabilities out.

    Parameters
    ----------
    model : Model
        The model.

    Attributes
    ----------
    classes_ : np.ndarray
        The names of classes, or labels, in the order of the columns of `predict_proba`.
    estimator_ : object or None
        What was trained, which numbers classes from 0 on and knows no calibration; of a network
        trained from pixels None.
    """

    def __init__(self, model: Model) -> None:
        self.model = model

    @property
    def classes_(self) -> np.ndarray:
        """The names of the classes."""
        return np.asarray(self.model.class_names)

    @property
    def estimator_(self) -> Any:
        """What was trained."""
        return self.model.estimator

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Return float64 ``(n_images, n_classes)``, calibrated where the model is."""
        return self.model.probabilities_of_rows(np.asarray(X))

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Return the class of each image; of labels 0 and 1 ``(n_images, n_labels)``."""
        probabilities = self.predict_proba(X)
        if self.model.manifest.labels is not None:
            return np.asarray(predicted_sets(probabilities)).astype(int)
        names: np.ndarray = self.classes_[probabilities.argmax(axis=1)]
        return names

    def _name(self) -> str:
        return self.model.manifest.estimator.name


class ModelRegressor(_Finished, RegressorMixin, BaseEstimator):
    """The regressor of a model: rows in, numbers out.

    Parameters
    ----------
    model : Model
        The model.
    """

    def __init__(self, model: Model) -> None:
        self.model = model

    @property
    def estimator_(self) -> Any:
        """What was trained."""
        return self.model.estimator

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Return float64 ``(n_images,)``, in the target's own unit."""
        return self.model.probabilities_of_rows(np.asarray(X))[:, 0]

    def _name(self) -> str:
        return self.model.manifest.estimator.name


def pipeline_of(model: Model, n_jobs: int | None = 1) -> Pipeline:
    """Return a model as a pipeline of two fitted steps, `extractor` and `estimator`.

    Raises
    ------
    BundleError
        If it takes columns of a table: its `predict` reads them as it did in the study.
    """
    if model.manifest.columns is not None:
        raise BundleError(
            "a model that takes columns of a table is no pipeline of images: give its `predict` "
            "the table."
        )
    estimator = ModelClassifier(model) if model.number is None else ModelRegressor(model)
    return Pipeline([("extractor", ModelFeatures(model, n_jobs)), ("estimator", estimator)])
