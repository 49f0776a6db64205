"""Open a bundle: check that it is whole, load it without running anything it brings, try it."""

from __future__ import annotations

import json
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bioselect.bundle.manifest import (
    CHECK_SAMPLE_FILE,
    ESTIMATOR_FILE,
    EXTRACTOR_FOLDER,
    FORMAT,
    MANIFEST_FILE,
    Component,
    Manifest,
)
from bioselect.data.preparation import Reading
from bioselect.estimators.responses import class_probabilities
from bioselect.exceptions import BundleError
from bioselect.features.extraction import transform_prepared
from bioselect.registry import ComponentSpec, create, find_row, importable, is_import_path
from bioselect.storage import sha256_of_file

#: How far the probabilities of the check sample may be from those at training.
CHECK_TOLERANCE = 1e-4

#: Classes inside our own estimators that skops does not know; all of them only hold numbers.
TRUSTED_TYPES = (
    "bioselect.estimators.centroid.CentroidClassifier",
    "bioselect.estimators.discriminant.ShrunkenDiscriminant",
    "bioselect.estimators.rotation.PrincipalRotation",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
    "sklearn.tree._tree.Tree",
)


@dataclass(frozen=True)
class Model:
    """A trained model, ready to predict.

    `extractor` turns images into rows, `estimator` rows into probabilities, `reading` says how
    the pixels of a file become numbers.
    """

    manifest: Manifest
    extractor: Any
    estimator: Any
    reading: Reading

    @property
    def class_names(self) -> tuple[str, ...]:
        """The classes, in the order of the columns of probabilities."""
        return tuple(self.manifest.class_names)

    def probabilities_of_rows(self, rows: np.ndarray) -> np.ndarray:
        """Return float64 ``(n_images, n_classes)`` for rows ``(n_images, n_features)``."""
        from threadpoolctl import threadpool_limits

        with threadpool_limits(1):
            return class_probabilities(
                self.estimator, rows.astype(np.float64), len(self.class_names)
            )

    def predict_images(self, images: list[np.ndarray], where: list[str]) -> np.ndarray:
        """Return float64 ``(n_images, n_classes)`` for images as they were read from files.

        Parameters
        ----------
        images : list of np.ndarray
            Each ``(height, width, n_channels)`` in the file's own dtype.
        where : list of str
            What to call each image in an error.
        """
        rows = transform_prepared(self.extractor, images, self.reading, where)
        return self.probabilities_of_rows(rows)


def load_bundle(path: Path, components_dir: Path | None = None) -> Model:
    """Open a bundle and make sure that it still predicts what it predicted when it was made.

    Parameters
    ----------
    path : Path
        A bundle folder, its zip, or a run folder (its `model` is taken).
    components_dir : Path, optional
        The folder with the user's own components, when the model uses any. Naming it is the
        consent to run that code; without it no code but bioselect's is run.

    Raises
    ------
    BundleError
        If files are missing or changed, the format is too new, the content must not be loaded,
        or the check sample is not reproduced.
    """
    path = Path(path)
    if path.is_file():
        return _load_zip(path, components_dir)
    folder = path / "model" if (path / "model" / MANIFEST_FILE).is_file() else path
    manifest = read_manifest(folder)
    _check_files(folder, manifest)
    estimator = _load_estimator(folder / ESTIMATOR_FILE, manifest, components_dir)
    extractor = _load_extractor(folder / EXTRACTOR_FOLDER, manifest.extractor, components_dir)
    model = Model(manifest, extractor, estimator, Reading.from_dict(manifest.reading))
    _check_sample(folder / CHECK_SAMPLE_FILE, model)
    return model


def read_manifest(folder: Path) -> Manifest:
    """Read and check `manifest.json`, without loading anything else."""
    from pydantic import ValidationError

    path = Path(folder) / MANIFEST_FILE
    if not path.is_file():
        raise BundleError(
            f"{folder}: must be a model folder, its zip or a run folder that has finished. There "
            f"is no {MANIFEST_FILE} in it; give the `model` folder of a finished run."
        )
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        number = int(values["format"])
    except (ValueError, KeyError, TypeError) as error:
        raise BundleError(f"{path}: damaged ({error}). Use another copy of the model.") from error
    if number > FORMAT:
        raise BundleError(
            f"{path}: written in format {number}; this version of bioselect reads up to {FORMAT}. "
            "Upgrade bioselect."
        )
    try:
        return Manifest(**values)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BundleError(f"{path}: damaged at {where}: {first['msg']}.") from error


def _load_zip(path: Path, components_dir: Path | None) -> Model:
    if not zipfile.is_zipfile(path):
        raise BundleError(f"{path}: must be a model folder or a zip of one. Got another file.")
    with tempfile.TemporaryDirectory() as temporary, zipfile.ZipFile(path) as archive:
        # `extractall` keeps every entry inside the target, whatever its name claims.
        archive.extractall(temporary)
        manifests = sorted(Path(temporary).rglob(MANIFEST_FILE), key=lambda p: len(p.parts))
        if not manifests:
            raise BundleError(f"{path}: holds no {MANIFEST_FILE}: it is not a model of bioselect.")
        return load_bundle(manifests[0].parent, components_dir)


def _check_files(folder: Path, manifest: Manifest) -> None:
    for name, expected in manifest.files.items():
        file = folder / name
        if not file.resolve().is_relative_to(folder.resolve()) or not file.is_file():
            raise BundleError(f"{folder}: the file {name} is missing. Use another copy.")
        if sha256_of_file(file) != expected:
            raise BundleError(
                f"{folder}: the file {name} is not the one that was written (its checksum "
                "differs). Use another copy of the model."
            )


def _load_estimator(path: Path, manifest: Manifest, components_dir: Path | None) -> Any:
    import skops.io

    foreign = [
        name for name in skops.io.get_untrusted_types(file=str(path)) if name not in TRUSTED_TYPES
    ]
    name = manifest.estimator.name
    if is_import_path(name) and components_dir is None:
        raise BundleError(_own_component_message(path.parent, name))
    provider = find_row("classifier", name, components_dir).target.split(":")[0].split(".")[0]
    refused = [kind for kind in foreign if kind.split(".")[0] != provider]
    if refused or (foreign and provider == "bioselect"):
        raise BundleError(
            f"{path}: holds objects that a model of bioselect does not contain "
            f"({', '.join(refused or foreign)}) and is not loaded. Use a copy from a source you "
            "trust."
        )
    with importable(components_dir):
        return skops.io.load(str(path), trusted=[*TRUSTED_TYPES, *foreign])


def _load_extractor(folder: Path, component: Component, components_dir: Path | None) -> Any:
    names = [component.name]
    for part in component.params.get("extractors", []):
        names.append(part if isinstance(part, str) else part["name"])
    for name in names:
        if is_import_path(name) and components_dir is None:
            raise BundleError(_own_component_message(folder.parent, name))
    spec = ComponentSpec.of(component.name, component.params)
    extractor = create("extractor", spec, components_dir)
    if hasattr(extractor, "restore"):
        extractor.restore(folder)
    return extractor


def _own_component_message(folder: Path, name: str) -> str:
    module = name.split(":")[0]
    return (
        f"{folder}: this model uses {name!r}, which is not part of bioselect. Name the folder "
        f"that holds {module.replace('.', '/')}.py with --components FOLDER; its code is then run."
    )


def _check_sample(path: Path, model: Model) -> None:
    with np.load(path, allow_pickle=False) as sample:
        images, expected = sample["images"], sample["probabilities"]
    got = model.predict_images(list(images), ["check image"] * len(images))
    difference = float(np.max(np.abs(got - expected)))
    if not difference <= CHECK_TOLERANCE:
        raise BundleError(
            f"{path.parent}: the model does not predict here what it predicted when it was made "
            f"(probabilities differ by up to {difference:.2g}, allowed {CHECK_TOLERANCE:g}). It "
            f"was made with {_versions_in_words(model.manifest.versions)}; install these versions."
        )


def _versions_in_words(versions: dict[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in versions.items())
