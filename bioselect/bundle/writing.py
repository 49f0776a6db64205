"""Write a trained model as a bundle: a folder that predicts anywhere without the training data."""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from bioselect.bundle.archives import steady_skops, steady_zip
from bioselect.bundle.manifest import (
    CARD_FILE,
    CHECK_SAMPLE_FILE,
    ESTIMATOR_FILE,
    EXTRACTOR_FOLDER,
    FORMAT,
    MANIFEST_FILE,
    Component,
    Manifest,
)
from bioselect.data.preparation import Reading
from bioselect.estimators.responses import class_probabilities, probability_source
from bioselect.features.extraction import transform_prepared
from bioselect.registry import ComponentSpec, identity
from bioselect.storage import (
    TEMPORARY_PREFIX,
    atomic_write_text,
    explained_storage_errors,
    sha256_of_file,
)

N_CHECK_IMAGES = 4
CHECK_SEED = 20_261_121


@dataclass(frozen=True)
class BundleContents:
    """What goes into a bundle.

    `image_shape` (height, width, n_channels) and `image_dtype` are those of a typical training
    image; the check sample is drawn with them, since images of patients must not travel.
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
    scores: dict[str, Any] = field(default_factory=dict)
    dataset: dict[str, Any] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    card: str = ""
    base_dir: Path | None = None


def write_bundle(folder: Path, contents: BundleContents) -> None:
    """Write a bundle to `folder`; an older one there is replaced once the new one is whole."""
    folder = Path(folder)
    with explained_storage_errors(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(prefix=TEMPORARY_PREFIX, dir=folder.parent))
        try:
            _write_files(unfinished, contents)
            _write_manifest(unfinished, contents)
            unfinished.chmod(0o755)
            _put_in_place(unfinished, folder)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)


def _write_files(folder: Path, contents: BundleContents) -> None:
    import skops.io

    estimator = steady_skops(skops.io.dumps(contents.estimator))
    (folder / ESTIMATOR_FILE).write_bytes(estimator)
    extractor_folder = folder / EXTRACTOR_FOLDER
    extractor_folder.mkdir()
    if hasattr(contents.extractor, "save"):
        contents.extractor.save(extractor_folder)
    for archive in sorted(extractor_folder.rglob("*.keras")):
        steady_zip(archive)
    images = draw_check_images(contents)
    where = ["check image"] * len(images)
    rows = transform_prepared(contents.extractor, list(images), contents.reading, where)
    probabilities = class_probabilities(
        contents.estimator, rows.astype(np.float64), len(contents.class_names)
    )
    np.savez(folder / CHECK_SAMPLE_FILE, images=images, probabilities=probabilities)
    steady_zip(folder / CHECK_SAMPLE_FILE)
    atomic_write_text(folder / CARD_FILE, contents.card)


def draw_check_images(contents: BundleContents) -> np.ndarray:
    """Draw ``(N_CHECK_IMAGES, height, width, n_channels)`` noise in the images' own dtype."""
    height, width, n_channels = contents.image_shape
    random = np.random.default_rng(CHECK_SEED)
    coarse = random.random((N_CHECK_IMAGES, height // 8 + 1, width // 8 + 1, n_channels))
    smooth = np.repeat(np.repeat(coarse, 8, axis=1), 8, axis=2)[:, :height, :width]
    noisy = np.clip(0.8 * smooth + 0.2 * random.random(smooth.shape), 0.0, 1.0)
    intensity = contents.reading.intensity
    if intensity.mode == "range":
        low, high = float(intensity.minimum or 0.0), float(intensity.maximum or 1.0)
    elif np.issubdtype(np.dtype(contents.image_dtype), np.integer):
        low, high = 0.0, float(np.iinfo(contents.image_dtype).max)
    else:
        low, high = 0.0, 1.0
    return (low + noisy * (high - low)).astype(contents.image_dtype)


def _write_manifest(folder: Path, contents: BundleContents) -> None:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    extractor_identity = identity("extractor", contents.extractor_spec.name, contents.base_dir)
    if hasattr(contents.extractor, "identity"):
        extractor_identity = {**extractor_identity, **contents.extractor.identity()}
    manifest = Manifest(
        format=FORMAT,
        bioselect_version=version("bioselect"),
        task="classification",
        class_names=list(contents.class_names),
        extractor=Component(
            name=contents.extractor_spec.name,
            params=_without_folders(contents.extractor_spec.params_dict),
            identity=extractor_identity,
        ),
        estimator=Component(
            name=contents.estimator_spec.name,
            params=contents.estimator_spec.params_dict,
            identity=identity("classifier", contents.estimator_spec.name, contents.base_dir),
        ),
        chosen=contents.chosen,
        n_features=contents.n_features,
        probability_source=probability_source(contents.estimator),
        reading=contents.reading.as_dict(),
        scores=contents.scores,
        dataset=contents.dataset,
        versions=contents.versions,
        files={path.relative_to(folder).as_posix(): sha256_of_file(path) for path in files},
    )
    text = json.dumps(manifest.model_dump(), indent=2, ensure_ascii=False) + "\n"
    atomic_write_text(folder / MANIFEST_FILE, text)


def _without_folders(value: Any) -> Any:
    """Keep the names of files but not where they lay: the bundle carries what they held."""
    if isinstance(value, dict):
        return {key: _without_folders(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_folders(item) for item in value]
    if isinstance(value, str) and Path(value).is_absolute():
        return Path(value).name
    return value


def _put_in_place(unfinished: Path, folder: Path) -> None:
    """Rename the finished folder; an older bundle is moved aside first and then removed."""
    old = None
    if folder.exists():
        old = Path(tempfile.mkdtemp(prefix=TEMPORARY_PREFIX, dir=folder.parent)) / "old"
        folder.rename(old)
    unfinished.rename(folder)
    if old is not None:
        shutil.rmtree(old.parent, ignore_errors=True)
