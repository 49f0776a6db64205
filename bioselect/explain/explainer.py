"""A model that says why: for one image after the other, what a person can look at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bioselect.bundle.described import described
from bioselect.bundle.keras_network import read_keras_network
from bioselect.bundle.opening import ModelPlace, opened_bundle
from bioselect.bundle.reading import Model, load_bundle
from bioselect.bundle.reference import Neighbours, Reference, read_reference
from bioselect.data.preparation import prepare
from bioselect.data.resizing import resize
from bioselect.exceptions import (
    BundleError,
    ComponentError,
    ConfigurationError,
    UnreadableImageError,
)
from bioselect.explain.occlusion import Occlusion, explained_places, occlusion
from bioselect.features.extraction import transform_prepared
from bioselect.features.looks import looks_of
from bioselect.networks.grad_cam import grad_cam, rows_before_head
from bioselect.networks.pixels import ArrayPixels

#: How many training images are named.
N_NEAREST = 5

#: Rows of an image, to the same rows with its columns of a table behind.
Beside = Callable[[np.ndarray], np.ndarray]


def _nothing_beside(rows: np.ndarray) -> np.ndarray:
    return rows


def _told_nobody(n_predictions: int) -> None:
    """Stand in for whoever shows the progress."""


@dataclass(frozen=True, eq=False)
class Explanation:
    """Why a model says what it says of an image.

    `said` is float64 ``(n_columns,)``: probabilities, or the number. `occlusion` has a map of the
    size of the image for each explained column; `grad_cam` float32 ``(height, width, n_places)`` as
    well, of networks that were trained from pixels, else None; `neighbours` the nearest training
    images, where the model remembers any. `note` says why there is no map of Grad-CAM, if there
    should be one.
    """

    said: np.ndarray
    occlusion: Occlusion
    grad_cam: np.ndarray | None
    neighbours: Neighbours | None
    note: str = ""


@dataclass(frozen=True, eq=False)
class Explainer:
    """A model with what explains it.

    `reference` is what it remembers of its training images; `network` the Keras model, where it was
    trained from pixels.
    """

    model: Model
    reference: Reference | None
    network: Any

    def places_of(self, names: Sequence[str]) -> tuple[int, ...]:
        """Return the columns of the classes that were named.

        Raises
        ------
        ConfigurationError
            If the model has no such class, or none at all.
        """
        known = self.model.class_names
        if names and not known:
            raise ConfigurationError(
                "--class (classes in Python): must go with a model of classes. Got "
                f"{names[0]!r} for one that predicts a number. Leave it out."
            )
        for name in names:
            if name not in known:
                raise ConfigurationError(
                    "--class (classes in Python): must be a class of the model "
                    f"({', '.join(known)}). Got {name!r}. Write one of these."
                )
        return tuple(known.index(name) for name in dict.fromkeys(names))

    def explain(
        self,
        image: np.ndarray,
        where: str,
        names: Sequence[str] = (),
        beside: Beside = _nothing_beside,
        advance: Callable[[int], None] = _told_nobody,
    ) -> Explanation:
        """Explain what is said of an image.

        Parameters
        ----------
        image : np.ndarray
            ``(height, width, n_channels)`` in the file's own dtype.
        where : str
            What to call it in an error.
        names : sequence of str
            Classes to explain; by default what is predicted.
        beside : callable
            Puts columns of a table behind rows, for a model that takes both.
        advance : callable
            Told how many more of `N_PREDICTIONS` predictions are done.

        Raises
        ------
        UnreadableImageError
            If the image does not fit the model.
        """
        named = self.places_of(names)
        is_multi_label = self.model.manifest.labels is not None

        def predict(images: list[np.ndarray]) -> np.ndarray:
            rows = self._rows(images, where)
            return self.model.probabilities_of_rows(beside(rows))

        found = occlusion(
            image, predict, lambda said: explained_places(said, named, is_multi_label), advance
        )
        cam, note = None, ""
        try:
            cam = self._grad_cam(image, found.places, where)
        except ComponentError as error:
            note = str(error)
        return Explanation(found.said, found, cam, self._neighbours(image, where), note)

    def _rows(self, images: list[np.ndarray], where: str) -> np.ndarray:
        model = self.model
        rows = transform_prepared(model.extractor, images, model.reading, [where] * len(images))
        if problem := model.wrong_length(rows, lambda: images[0]):
            raise UnreadableImageError(f"{where}: {problem}")
        return rows

    def _input(self, image: np.ndarray, where: str) -> np.ndarray:
        """Return the image as the network takes it."""
        network = self.model.extractor
        return prepare(image, self.model.reading, network.input_size, network.n_channels, where)

    def _grad_cam(self, image: np.ndarray, places: Sequence[int], where: str) -> np.ndarray | None:
        if self.network is None:
            return None
        heat = grad_cam(self.network, self._input(image, where), places)
        largest = float(np.abs(heat).max()) or 1.0
        # `resize` takes 0 to 1; only the proportions of the map mean something.
        grown = resize((heat / largest + 1.0) / 2.0, (image.shape[0], image.shape[1]))
        return 2.0 * grown - 1.0

    def _neighbours(self, image: np.ndarray, where: str) -> Neighbours | None:
        if self.reference is None:
            return None
        if self.network is not None:
            pixels = ArrayPixels(self._input(image, where)[np.newaxis])
            rows = rows_before_head(self.network, pixels, np.zeros(1, dtype=np.int64))
        else:
            n_looks = looks_of(self.model.extractor).n_rows
            found = described(self.model.estimator, self._rows([image], where), n_looks)
            if found is None:
                return None
            rows = found
        return self.reference.nearest(rows, N_NEAREST)[0]


def open_explainer(place: ModelPlace, components_dir: Path | None = None) -> Explainer:
    """Open a model that shall explain itself.

    Raises
    ------
    BundleError
        If there is no model, it cannot be used, or it gives masks or takes tables only.
    """
    with opened_bundle(place) as bundle:
        model = load_bundle(bundle, components_dir)
        if model.extractor is None:
            raise BundleError(
                f"{bundle}: must be a model of images. Got one of the columns of a table, which "
                "has no pixels to explain. `importances.csv` of its run says what it goes by."
            )
        return Explainer(model, read_reference(bundle), read_keras_network(bundle))
