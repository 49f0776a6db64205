"""An extractor as a transformer of scikit-learn: images in, rows of numbers out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.exceptions import NotFittedError

from bioselect import registry
from bioselect.component import ComponentRow, ComponentSpec
from bioselect.data.intensities import Intensity
from bioselect.data.preparation import Reading
from bioselect.exceptions import ComponentError
from bioselect.features.base import FeatureExtractor, parts_of
from bioselect.features.given_images import Images, given_images, rows_of_given
from bioselect.features.learning import step_of
from bioselect.registry import Parameter, find_row, parameter_problems


class ImageFeatures(TransformerMixin, BaseEstimator):
    """The extractor of a name, for pipelines and searches of scikit-learn.

    Beside what is listed here it has the extractor's own parameters, as `get_params` lists them,
    with their defaults.

    Parameters
    ----------
    name : str
        As in a configuration, or the import path of your own: ``"mylab.features:NucleusShape"``.
    intensity : {"dtype", "percentile"} or dict
        How pixels become numbers from 0 to 1, as `dataset.intensity`: divided by what their type
        can hold at most, by the percentiles of each image, or ``{"min": 0, "max": 4095}``.
    image_channels : tuple of int, optional
        The channels, counted from 0, for extractors that take a certain number, as
        `dataset.channels`.
    seed : int
        Of what an extractor learns (the visual words of `sift_bow` and `orb_bow`).
    n_jobs : int, optional
        Processes that compute descriptors of files; None: all cores. Rows do not depend on it.
    **params
        Parameters of the extractor.

    Attributes
    ----------
    extractor_ : object
        The extractor that was made.
    step_ : object or None
        What was learnt from the images it was fitted on, if the extractor learns anything.
    n_features_out_ : int
        How long a row is.

    Notes
    -----
    Images are paths, or arrays ``(n_images, height, width, n_channels)`` in the files' own dtype;
    a list may have images of different sizes. A row is float32, and the same that a study computes.
    """

    def __init__(
        self,
        name: str = "intensity",
        *,
        intensity: str | Mapping[str, float] = "dtype",
        image_channels: tuple[int, ...] | None = None,
        seed: int = 0,
        n_jobs: int | None = 1,
        **params: Any,
    ) -> None:
        self.name = name
        self.intensity = intensity
        self.image_channels = image_channels
        self.seed = seed
        self.n_jobs = n_jobs
        self._given = dict(params)

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return all parameters, those of the extractor among them."""
        return {**super().get_params(deep), **self._defaults(), **self._given}

    def set_params(self, **params: Any) -> ImageFeatures:
        """Change parameters; with another `name`, those of the other extractor may be set too."""
        if "name" in params and str(params["name"]) != str(self.name):
            # What was only a default of the one means nothing to the other.
            before = self._defaults()
            self._given = {
                key: value
                for key, value in self._given.items()
                if key not in before or not _same(value, before[key])
            }
            self.name = params["name"]
        own = set(self._get_param_names())
        known = own | self._names()
        wrong = next((key for key in params if key not in known), None)
        if wrong is not None:
            raise ValueError(
                f"{self.name}: unknown parameter {wrong!r}. Known: {', '.join(sorted(known))}."
            )
        for key, value in params.items():
            if key in own:
                setattr(self, key, value)
            else:
                self._given[key] = value
        return self

    def fit(self, X: Images, y: Any = None) -> ImageFeatures:
        """Make the extractor, and learn from the images what it has to learn.

        Raises
        ------
        BioselectError
            If a parameter is wrong, weights cannot be had, or an image cannot be used.
        """
        self._fitted_rows(X)
        return self

    def fit_transform(self, X: Images, y: Any = None, **_: Any) -> np.ndarray:
        """Do both, with every image computed once."""
        rows = self._fitted_rows(X, all_rows=True)
        return rows if self.step_ is None else self._learnt(rows)

    def transform(self, X: Images) -> np.ndarray:
        """Return the rows of images, float32 ``(n_images, n_features_out_)``."""
        self._check_fitted("transform")
        rows = rows_of_given(X, self.extractor_, self._reading(), self.n_jobs)
        if rows.shape[1] != self._n_features:
            raise ValueError(
                f"{self.name}: an image gives {rows.shape[1]} features; those that it was fitted "
                f"on gave {self._n_features}. Give images with as many channels, of the same size."
            )
        return rows if self.step_ is None else self._learnt(rows)

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Return a name for each number of a row: its own, or the extractor's with its place."""
        self._check_fitted("get_feature_names_out")
        names = None
        if self.step_ is None:
            own = getattr(self.extractor_, "feature_names", None)
            names = None if own is None else own(self._n_channels)
        if names is None or len(names) != self.n_features_out_:
            bare = self.name.rpartition(":")[2].lower()
            names = [f"{bare}{place}" for place in range(self.n_features_out_)]
        return np.asarray(names, dtype=object)

    def __sklearn_tags__(self) -> Any:
        """Say that images are taken, and no table."""
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.input_tags.three_d_array = True
        tags.input_tags.string = True
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags

    def __getstate__(self) -> dict[str, Any]:
        """Leave out the extractor, which may be a network in memory: it is made anew."""
        state: dict[str, Any] = {**super().__getstate__()}
        if "extractor_" in state:
            state["extractor_"] = None
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take what was kept, and make the extractor."""
        super().__setstate__(state)
        if "extractor_" in state:
            self.extractor_ = self._made()

    # What it is made of.

    def _parameters(self) -> tuple[Parameter, ...]:
        """Return those of the extractor; none of what is no name of one, which `fit` tells."""
        try:
            return find_row("extractor", str(self.name)).parameters
        except ComponentError:
            return ()

    def _defaults(self) -> dict[str, Any]:
        return {one.name: one.default for one in self._parameters() if not one.required}

    def _names(self) -> set[str]:
        return {one.name for one in self._parameters()} | set(self._given)

    def _made(self) -> FeatureExtractor:
        name = str(self.name)
        check_params(find_row("extractor", name), self._given)
        spec = ComponentSpec.of(name, {key: _plain(one) for key, one in self._given.items()})
        extractor: FeatureExtractor = registry.create("extractor", spec)
        for part in parts_of(extractor):
            if hasattr(part, "check_available"):
                part.check_available()
        return extractor

    def _reading(self) -> Reading:
        channels = None if self.image_channels is None else tuple(self.image_channels)
        return Reading(Intensity.from_config(self.intensity), channels, join_series=False)

    def _fitted_rows(self, X: Images, all_rows: bool = False) -> np.ndarray:
        """Make the extractor and fit its step; return the rows that were needed for it."""
        given, reading = given_images(X), self._reading()
        self.extractor_ = self._made()
        widths = [
            rows_of_given(given[:1], part, reading).shape[1] for part in parts_of(self.extractor_)
        ]
        self._n_channels = _n_channels(given[0], reading)
        self._n_features = sum(widths)
        self.step_ = step_of(self.extractor_, widths, self.seed)
        needed = given if all_rows or self.step_ is not None else given[:1]
        rows = rows_of_given(needed, self.extractor_, reading, self.n_jobs)
        if self.step_ is not None:
            self.step_.fit(rows)
        n_features = self._n_features if self.step_ is None else self._learnt(rows[:1]).shape[1]
        self.n_features_out_ = int(n_features)
        return rows

    def _learnt(self, rows: np.ndarray) -> np.ndarray:
        step: Any = self.step_
        return np.asarray(step.transform(rows), dtype=np.float32)

    def _check_fitted(self, what: str) -> None:
        if not hasattr(self, "extractor_"):
            raise NotFittedError(
                f"This ImageFeatures ({self.name}) is not fitted yet. Call fit, or fit_transform, "
                f"before {what}."
            )


def checked_extractor(name: str, params: Mapping[str, Any]) -> ImageFeatures:
    """Return an extractor whose name and parameters are right; see :func:`bioselect.extractor`."""
    made = ImageFeatures(name, **params)
    row = find_row("extractor", name)
    own = set(made._get_param_names())
    check_params(row, {key: value for key, value in params.items() if key not in own})
    return made


def check_params(row: ComponentRow, params: Mapping[str, Any]) -> None:
    """Raise a ComponentError with all that is wrong with parameters."""
    problems = parameter_problems(row, {key: _plain(value) for key, value in params.items()})
    if problems:
        raise ComponentError(f"extractor {row.name!r}: " + " ".join(problems))


def _plain(value: Any) -> Any:
    """Return a value as a configuration would hold it: lists, and numbers that are not NumPy's."""
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    return value.item() if isinstance(value, np.generic) else value


def _same(first: Any, second: Any) -> bool:
    return bool(_plain(first) == _plain(second))


def _n_channels(image: Any, reading: Reading) -> int:
    from bioselect.data.reading import read_image

    pixels = image if isinstance(image, np.ndarray) else read_image(image)
    return int(pixels.shape[2])
