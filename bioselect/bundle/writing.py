"""Write a trained model as a bundle: a folder that predicts anywhere without the training data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from bioselect.bundle.card import write_card
from bioselect.bundle.column_part import ColumnPart, draw_check_rows
from bioselect.bundle.estimator_file import dump_estimator, made_of
from bioselect.bundle.manifest import (
    CHECK_SAMPLE_FILE,
    CLASSIFICATION_FORMAT,
    COLUMNS_FORMAT,
    ESTIMATOR_FILE,
    EXTRACTOR_FOLDER,
    MANIFEST_FILE,
    REGRESSION_FORMAT,
    SETS_FORMAT,
    Component,
    LabelText,
    Manifest,
    NetworkPart,
    NumberText,
    SetsText,
    as_fields,
    signed,
)
from bioselect.bundle.network_model import read_network, write_network
from bioselect.bundle.novelty import NOVELTY_FILE, Novelty, write_novelty
from bioselect.bundle.quality import QUALITY_FILE, UsualQuality, write_quality
from bioselect.bundle.reference import REFERENCE_FILE, Reference, write_reference
from bioselect.bundle.thumbnails import THUMBNAILS_FILE, write_thumbnails
from bioselect.bundle.whole_folder import whole_folder
from bioselect.data.intensities import Intensity
from bioselect.data.preparation import Reading
from bioselect.estimators.calibration import Calibration
from bioselect.estimators.ensemble_spec import estimator_identity
from bioselect.estimators.responses import class_probabilities, probability_source
from bioselect.execution import one_thread
from bioselect.features.columns import COLUMNS, row_identity
from bioselect.features.extraction import transform_prepared
from bioselect.own_modules import distribution_version
from bioselect.registry import ComponentSpec
from bioselect.steady_archives import steady_zip
from bioselect.storage import (
    atomic_write_text,
    sha256_of_file,
    write_json,
)

N_CHECK_IMAGES = 4
CHECK_SEED = 20_261_121
#: Sides of the check images in pixels: those of a slide scanner would fill a bundle with noise.
LONGEST_CHECK_SIDE = 512


@dataclass(frozen=True, eq=False)
class NetworkContents:
    """A trained Keras model, from pixels in [0, 1] to probabilities.

    `input_size` is (height, width, n_channels) of the images that it takes; `identity` what
    distinguishes its component from others of the same name; `samples` some training images,
    float32 in [0, 1] of that size, for comparing the compiled network with this one. They do not
    travel.
    """

    model: Any
    input_size: tuple[int, int, int]
    identity: dict[str, Any] = field(default_factory=dict)
    samples: Sequence[np.ndarray] = ()


@dataclass(frozen=True)
class BundleContents:
    """What goes into a bundle.

    A network that was trained from pixels is `network`, a Keras model with the shape of the images
    that it takes; there is no extractor and no other estimator then.

    `image_shape` (height, width, n_channels) and `image_dtype` are those of a typical training
    image; the check sample is drawn with them, since images of patients must not travel. `labels`
    says how labels are written, where images may have several; `columns` are those that the model
    takes, of a table without images or joined to images. `number` says what is predicted
    where that is a number; there are no `class_names` then. `sets` are its prediction sets.
    `reference` is what is remembered of the training images, `novelty` how far they lie from one
    another, `quality` what is usual of their focus and light, `thumbnails` pictures of them by
    their running numbers, where that is allowed.
    """

    class_names: tuple[str, ...]
    extractor_spec: ComponentSpec
    extractor: Any
    estimator_spec: ComponentSpec
    estimator: Any
    reading: Reading
    n_features: int
    image_shape: tuple[int, int, int]
    image_dtype: str
    chosen: dict[str, Any] = field(default_factory=dict)
    calibration: Calibration = field(default_factory=Calibration)
    scores: dict[str, Any] = field(default_factory=dict)
    dataset: dict[str, Any] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    card: str = ""
    labels: LabelText | None = None
    number: NumberText | None = None
    base_dir: Path | None = None
    network: NetworkContents | None = None
    texts: Mapping[str, str] = field(default_factory=dict)
    columns: ColumnPart | None = None
    sets: SetsText | None = None
    reference: Reference | None = None
    novelty: Novelty | None = None
    quality: UsualQuality | None = None
    thumbnails: Mapping[int, bytes] = field(default_factory=dict)

    @property
    def n_columns(self) -> int:
        """How many numbers the model says of an image."""
        return len(self.class_names) if self.number is None else 1

    @property
    def kind(self) -> str:
        """What the estimator is, as the registry calls it."""
        return "classifier" if self.number is None else "regressor"


def write_bundle(folder: Path, contents: BundleContents) -> None:
    """Write a bundle to `folder`; an older one there is replaced once the new one is whole."""
    with whole_folder(folder) as unfinished:
        part = _write_files(unfinished, contents)
        _write_manifest(unfinished, contents, part)


def _write_files(folder: Path, contents: BundleContents) -> NetworkPart | None:
    """Write everything but the manifest; return what it says of a network, if there is one."""
    network = contents.network
    part = None
    if network is not None:
        part = write_network(folder, network.model, network.input_size, network.samples)
    if part is None:
        _write_estimator(folder, contents)
        extractor = contents.extractor
    else:
        extractor = read_network(folder, part, contents.reading, folder)
    images, rows = _check_images(contents, extractor)
    given = rows.astype(np.float64)
    sample: dict[str, Any] = {"images": images}
    if contents.columns is not None and contents.columns.with_images:
        sample["columns"] = draw_check_rows(contents.columns)
        given = np.hstack([given, sample["columns"]])
    if part is None:
        with one_thread():
            given = class_probabilities(contents.estimator, given, contents.n_columns)
    np.savez(folder / CHECK_SAMPLE_FILE, probabilities=_finished(contents, given), **sample)
    steady_zip(folder / CHECK_SAMPLE_FILE)
    write_card(folder, contents.card)
    for name, text in contents.texts.items():
        atomic_write_text(folder / name, text)
    if contents.reference is not None:
        write_reference(folder / REFERENCE_FILE, contents.reference)
    if contents.novelty is not None:
        write_novelty(folder / NOVELTY_FILE, contents.novelty)
    if contents.quality is not None:
        write_quality(folder / QUALITY_FILE, contents.quality)
    if contents.thumbnails:
        write_thumbnails(folder / THUMBNAILS_FILE, contents.thumbnails)
    return part


def _finished(contents: BundleContents, given: np.ndarray) -> np.ndarray:
    """Return what the model says, for what its estimator gives: calibrated, where it can be."""
    if contents.number is not None:
        return given
    calibration = contents.calibration
    apply = calibration.applied_to if contents.labels is None else calibration.applied_to_labels
    return apply(given)


def _write_estimator(folder: Path, contents: BundleContents) -> None:
    extractor, classifier = contents.extractor_spec, contents.estimator_spec
    parts = made_of(
        extractor.name,
        extractor.params_dict,
        classifier.name,
        classifier.params_dict,
        contents.kind,
    )
    estimator = dump_estimator(contents.estimator, parts, contents.base_dir)
    (folder / ESTIMATOR_FILE).write_bytes(estimator)
    extractor_folder = folder / EXTRACTOR_FOLDER
    extractor_folder.mkdir()
    if hasattr(contents.extractor, "save"):
        contents.extractor.save(extractor_folder)


def _check_images(contents: BundleContents, extractor: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return the check images and their rows; of a table the rows themselves are both."""
    if contents.extractor_spec == COLUMNS and contents.columns is not None:
        drawn = draw_check_rows(contents.columns)
        return drawn, drawn
    height, width, n_channels = contents.image_shape
    small = (min(height, LONGEST_CHECK_SIDE), min(width, LONGEST_CHECK_SIDE), n_channels)
    where = ["check image"] * N_CHECK_IMAGES
    images = draw_check_images(small, contents.image_dtype, contents.reading.intensity)
    rows = transform_prepared(extractor, list(images), contents.reading, where)
    if rows.shape[1] != contents.n_features:
        # Somebody's own extractor whose rows depend on the size of the images.
        images = draw_check_images(
            contents.image_shape, contents.image_dtype, contents.reading.intensity
        )
        rows = transform_prepared(extractor, list(images), contents.reading, where)
    return images, rows


def draw_check_images(shape: tuple[int, int, int], dtype: str, intensity: Intensity) -> np.ndarray:
    """Draw ``(N_CHECK_IMAGES, height, width, n_channels)`` noise in the images' own dtype.

    The values fill the range that `intensity` scales to [0, 1], as far as the dtype holds it.
    """
    height, width, n_channels = shape
    random = np.random.default_rng(CHECK_SEED)
    coarse = random.random((N_CHECK_IMAGES, height // 8 + 1, width // 8 + 1, n_channels))
    smooth = np.repeat(np.repeat(coarse, 8, axis=1), 8, axis=2)[:, :height, :width]
    noisy = np.clip(0.8 * smooth + 0.2 * random.random(smooth.shape), 0.0, 1.0)
    kind = np.dtype(dtype)
    low, high = (0.0, float(np.iinfo(kind).max)) if kind.kind in "iu" else (0.0, 1.0)
    if intensity.minimum is not None and intensity.maximum is not None:
        low, high = float(intensity.minimum), float(intensity.maximum)
    values = low + noisy * (high - low)
    if kind.kind in "iu":
        values = np.clip(values, np.iinfo(kind).min, np.iinfo(kind).max)
    drawn: np.ndarray = values.astype(kind)
    return drawn


def _write_manifest(folder: Path, contents: BundleContents, part: NetworkPart | None) -> None:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    of_extractor, of_estimator = _identities(contents)
    manifest = Manifest(
        format=_format(contents),
        bioselect_version=distribution_version("bioselect"),
        task="classification" if contents.number is None else "regression",
        class_names=list(contents.class_names),
        labels=contents.labels,
        number=contents.number,
        extractor=Component(
            name=contents.extractor_spec.name,
            params=without_folders(contents.extractor_spec.params_dict),
            identity=of_extractor,
        ),
        estimator=Component(
            name=contents.estimator_spec.name,
            params=without_folders(contents.estimator_spec.params_dict),
            identity=of_estimator,
        ),
        chosen=contents.chosen,
        calibration=contents.calibration.as_dict(),
        n_features=contents.n_features,
        probability_source=_source(contents, part),
        network=part,
        columns=contents.columns,
        sets=contents.sets,
        image_shape=list(contents.image_shape),
        image_dtype=contents.image_dtype,
        reading=contents.reading.as_dict(),
        scores=contents.scores,
        dataset=contents.dataset,
        versions=contents.versions,
        files={path.relative_to(folder).as_posix(): sha256_of_file(path) for path in files},
    )
    write_json(folder / MANIFEST_FILE, signed(as_fields(manifest)))


def _source(contents: BundleContents, part: NetworkPart | None) -> str:
    """Return where the numbers that the model says come from."""
    if part is not None:
        return "network"
    return "predict" if contents.number is not None else probability_source(contents.estimator)


def _format(contents: BundleContents) -> int:
    """Return the lowest format that holds a model."""
    if contents.sets is not None:
        return SETS_FORMAT
    if contents.columns is not None:
        return COLUMNS_FORMAT
    return CLASSIFICATION_FORMAT if contents.number is None else REGRESSION_FORMAT


def _identities(contents: BundleContents) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what distinguishes extractor and estimator from others of their names."""
    if contents.network is not None:
        return {}, contents.network.identity
    found = row_identity(contents.extractor_spec, contents.base_dir)
    if hasattr(contents.extractor, "identity"):
        found = {**found, **contents.extractor.identity()}
    return found, estimator_identity(contents.estimator_spec, contents.base_dir, contents.kind)


def without_folders(value: Any) -> Any:
    """Keep the names of files but not where they lay: the bundle carries what they held."""
    if isinstance(value, dict):
        return {key: without_folders(item) for key, item in value.items()}
    if isinstance(value, list):
        return [without_folders(item) for item in value]
    if isinstance(value, str) and (Path(value).is_absolute() or value.startswith("~")):
        return Path(value).name
    return value
