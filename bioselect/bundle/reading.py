"""Open a bundle: check that it is whole, load it without running anything it brings, try it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bioselect.bundle.check_sample import check_sample
from bioselect.bundle.consent import check_consent, parts_of_manifest
from bioselect.bundle.estimator_file import load_estimator
from bioselect.bundle.extractor_folder import load_extractor
from bioselect.bundle.listed_files import check_files
from bioselect.bundle.manifest import (
    CHECK_SAMPLE_FILE,
    ESTIMATOR_FILE,
    EXTRACTOR_FOLDER,
    FORMAT,
    MANIFEST_FILE,
    NETWORK_FILE,
    READERS,
    AnyManifest,
    Manifest,
    NumberText,
    signed,
)
from bioselect.bundle.network_model import GRAPH_FILE, WEIGHTS_FILE, read_network
from bioselect.bundle.opening import ModelPlace, explained, opened_bundle
from bioselect.bundle.signature import signer
from bioselect.bundle.strict_json import read_strict
from bioselect.data.preparation import Reading
from bioselect.data.targets import predicted_sets
from bioselect.estimators.calibration import Calibration
from bioselect.estimators.prediction_interval import PredictionInterval
from bioselect.estimators.prediction_set import PredictionSets
from bioselect.estimators.responses import class_probabilities
from bioselect.exceptions import BundleError
from bioselect.execution import one_thread
from bioselect.features.extraction import transform_prepared
from bioselect.visible import visible_line


@dataclass(frozen=True)
class Model:
    """A trained model, ready to predict.

    `extractor` turns images into rows, `estimator` rows into probabilities (of a network that was
    trained from pixels, rows are probabilities, and there is no other estimator), `reading` says
    how the pixels of a file become numbers. Where a number is predicted, it stands in the one
    column of what are probabilities else.
    """

    manifest: Manifest
    extractor: Any
    estimator: Any
    reading: Reading

    @property
    def class_names(self) -> tuple[str, ...]:
        """The classes or labels, in the order of the columns of probabilities."""
        return tuple(self.manifest.class_names)

    @property
    def number(self) -> NumberText | None:
        """What is predicted where that is a number; None of classes and labels."""
        return self.manifest.number

    @property
    def interval(self) -> PredictionInterval | None:
        """Between which numbers the truth of a predicted one lies; None where that is not known."""
        if self.number is None or self.number.interval is None:
            return None
        return PredictionInterval.from_dict(self.number.interval)

    @property
    def sets(self) -> PredictionSets | None:
        """Which classes cannot be ruled out; None where that is not known."""
        written = self.manifest.sets
        return None if written is None else PredictionSets(written.level, tuple(written.borders))

    @property
    def calibration(self) -> Calibration:
        """What becomes of the probabilities of `estimator`."""
        return Calibration.from_dict(self.manifest.calibration)

    def predicted(self, probabilities: np.ndarray) -> tuple[str, ...]:
        """Return the class of an image, or its labels, for its probabilities ``(n_classes,)``.

        Where a number is predicted, there are none.
        """
        if self.number is not None:
            return ()
        if self.manifest.labels is None:
            return (self.class_names[int(np.argmax(probabilities))],)
        said = predicted_sets(probabilities).tolist()
        return tuple(name for name, has in zip(self.class_names, said, strict=True) if has)

    def text_of(self, probabilities: np.ndarray) -> str:
        """Return what is predicted of an image as one cell: class, labels, or number."""
        if self.number is not None:
            return repr(float(probabilities[0]))
        return self.as_text(self.predicted(probabilities))

    def bounds(self, probabilities: np.ndarray) -> tuple[float, float] | None:
        """Return between which numbers the truth of a predicted one lies, if that is known."""
        interval = self.interval
        if interval is None:
            return None
        low, high = interval.bounds(probabilities[:1])
        return float(low[0]), float(high[0])

    def prediction_set(self, probabilities: np.ndarray) -> tuple[str, ...]:
        """Return the classes that cannot be ruled out, the most probable first.

        The predicted class is one of them; none where the model has no prediction sets.
        """
        sets = self.sets
        return () if sets is None else sets.names(probabilities, self.class_names)

    def as_text(self, names: Sequence[str]) -> str:
        """Return a class, or any number of labels, as one cell of a table."""
        labels = self.manifest.labels
        return names[0] if labels is None else labels.of(names)

    def probabilities_of_rows(self, rows: np.ndarray) -> np.ndarray:
        """Return float64 ``(n_images, n_columns)`` for rows ``(n_images, n_features)``."""
        given = rows.astype(np.float64)
        with one_thread():
            if self.manifest.network is None:
                n_columns = len(self.class_names) if self.number is None else 1
                given = class_probabilities(self.estimator, given, n_columns)
            if self.number is not None:
                return given
            if self.manifest.labels is not None:
                return self.calibration.applied_to_labels(given)
            return self.calibration.applied_to(given)

    def wrong_length(self, rows: np.ndarray, image: Callable[[], np.ndarray]) -> str:
        """Return why the rows of images do not fit the model; empty if they do.

        `image` gives one of the images, which is asked for only if they do not.
        """
        n_features, n_channels = self.manifest.n_features, self.manifest.image_shape[2]
        if rows.shape[1] == n_features:
            return ""
        wanted, found = _channels(n_channels), image().shape[2]
        if found == n_channels:
            return (
                f"the image must give {n_features} features, as the images did that the model was "
                f"trained with. Got {rows.shape[1]}. Give it in their size."
            )
        return (
            f"the image must have {wanted}, like the images that the model was trained with. Got "
            f"{_channels(found)}. Give the original with {wanted}, or train a model with "
            f"images of {_channels(found)}."
        )

    def predict_images(self, images: list[np.ndarray], where: list[str]) -> np.ndarray:
        """Return float64 ``(n_images, n_classes)`` for images as they were read from files.

        Parameters
        ----------
        images : list of np.ndarray
            Each ``(height, width, n_channels)`` in the file's own dtype; of a model of columns
            each a row.
        where : list of str
            What to call each image in an error.
        """
        if self.extractor is None:
            return self.probabilities_of_rows(np.stack(images))
        rows = transform_prepared(self.extractor, images, self.reading, where)
        return self.probabilities_of_rows(rows)


def load_bundle(place: ModelPlace, components_dir: Path | None = None) -> Model:
    """Open a bundle and make sure that it still predicts what it predicted when it was made.

    Parameters
    ----------
    place : Path or OpenBundle
        A bundle folder, its zip, or a run folder (its `model` is taken).
    components_dir : Path, optional
        The folder with the user's own components, when the model uses any. Naming it is the
        consent to run that code; without it no code but bioselect's is run.

    Raises
    ------
    BundleError
        If files are missing or changed, a signature does not fit, the format is too new, the
        content must not be loaded, or the check sample is not reproduced.
    """
    with opened_bundle(place) as bundle, explained(bundle.path):
        folder, path = bundle.folder, bundle.path
        manifest = read_manifest(folder, path)
        check_files(folder, manifest, _needed(manifest), path)
        # Changed after somebody answered for it, or damaged: neither is a model to decide by.
        signer(folder, path)
        reading = Reading.from_dict(manifest.reading)
        if manifest.network is not None:
            network = read_network(folder, manifest.network, reading, path)
            model = Model(manifest, network, None, reading)
        else:
            check_consent(manifest, components_dir, path)
            extractor = load_extractor(
                folder / EXTRACTOR_FOLDER, manifest.extractor, components_dir, path
            )
            parts = parts_of_manifest(manifest)
            estimator = load_estimator(folder / ESTIMATOR_FILE, parts, components_dir, path)
            model = Model(manifest, extractor, estimator, reading)
        check_sample(folder / CHECK_SAMPLE_FILE, model, path)
    return model


def read_manifest(folder: Path, where: Path | None = None) -> Manifest:
    """Read and check a manifest, not of masks; see :func:`read_any_manifest`."""
    manifest = read_any_manifest(folder, where)
    if not isinstance(manifest, Manifest):
        raise BundleError(
            f"{where or folder}: must be a model that gives classes or numbers. Got one that gives "
            "masks. Apply it with `bioselect predict`."
        )
    return manifest


def read_any_manifest(folder: Path, where: Path | None = None) -> AnyManifest:
    """Read and check `manifest.json`, without loading anything else.

    Parameters
    ----------
    folder : Path
        Where it lies.
    where : Path, optional
        What to call the bundle in errors; by default `folder`.
    """
    from pydantic import ValidationError

    where = where or Path(folder)
    path = Path(folder) / MANIFEST_FILE
    if not path.is_file():
        raise BundleError(
            f"{where}: must be a model folder, its zip or a run folder that has finished. There "
            f"is no {MANIFEST_FILE} in it; give the `model` folder of a finished run."
        )
    damaged = f"{where}: {MANIFEST_FILE} is damaged"
    try:
        values = read_strict(path)
        number = values["format"]
        if type(number) is not int:
            raise TypeError(f"format must be a whole number. Got {number!r}")
        is_whole = signed(values) == values
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        reason = " ".join(str(error).split())
        raise BundleError(f"{damaged} ({reason}). Use another copy of the model.") from error
    if number not in READERS:
        raise BundleError(
            f"{where}: is written in format {number}; this version of bioselect reads "
            f"{', '.join(map(str, READERS))}. "
            + ("Upgrade bioselect." if number > FORMAT else "Use another copy of the model.")
        )
    if not is_whole:
        raise BundleError(
            f"{damaged}: its checksum differs, so something in it was changed after it was "
            "written. Use another copy of the model."
        )
    try:
        return READERS[number](values)
    except RecursionError as error:
        raise BundleError(f"{damaged} (too deep). Use another copy of the model.") from error
    except ValidationError as error:
        first = error.errors()[0]
        at = ".".join(str(part) for part in first["loc"])
        told = visible_line(f"{at}: {first['msg']}")  # The names of fields are a stranger's, too.
        raise BundleError(f"{damaged} at {told}. Use another copy of the model.") from error


def _needed(manifest: Manifest) -> set[str]:
    needed = {ESTIMATOR_FILE if manifest.network is None else NETWORK_FILE, CHECK_SAMPLE_FILE}
    if manifest.network is not None and manifest.network.compiled:
        needed |= {GRAPH_FILE, WEIGHTS_FILE}
    return needed


def _channels(number: int) -> str:
    as_what = {1: " (grey)", 3: " (as in colour)"}.get(number, "")
    return f"{number} channel{'s' * (number != 1)}{as_what}"
