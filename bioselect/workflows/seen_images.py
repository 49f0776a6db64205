"""Networks that a model of bioselect is part of: which images were that model's training images.

A network whose weights were trained on an image and its class knows that image when it is tested,
whether it is trained on or gives frozen features. No fold and no validation part can undo that, so
such weights are refused.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bioselect.bundle.manifest import MANIFEST_FILE, SEGMENTER_FOLDER, AnyManifest
from bioselect.config.sections import Config
from bioselect.data.fingerprint import ImageFingerprint
from bioselect.data.records import ImageDataset
from bioselect.exceptions import BioselectError, DataError

#: Enough of a checksum to recognise a training image, too little to be of any other use.
N_CHECKSUM_DIGITS = 16
#: Endings of the files of a network in a model of bioselect.
_OF_MODELS = (".keras", ".xml")
#: So many images are named.
N_NAMED = 3


def images_seen(name: str, models: Sequence[Path]) -> tuple[frozenset[str], tuple[str, ...]]:
    """Return what the models say of their training images.

    Parameters
    ----------
    name : str
        What to call the network that begins with them.
    models : sequence of Path
        Each the folder, the zip or the `network.keras` of a model that bioselect trained, also the
        one in the folder `segmenter` of a model that gives masks.

    Returns
    -------
    seen : frozenset of str
        The first digits of the checksums of all their training images.
    doubts : tuple of str
        A sentence for each model that comes without a manifest, which alone knows them.

    Raises
    ------
    BundleError
        If a manifest is damaged.
    """
    seen: set[str] = set()
    doubts = []
    for path in models:
        manifest = manifest_of(path)
        if manifest is None:
            doubts.append(
                f"{name}: nobody can tell on which images the weights in {path.name} were trained, "
                "as they come without the manifest of their model. If images of this study are "
                "among them, its scores are flattering. Name the whole model folder."
            )
            continue
        seen.update(manifest.dataset.get("sha256", []))
    return frozenset(seen), tuple(doubts)


def manifest_of(path: Path) -> AnyManifest | None:
    """Return what a model says of itself, see `images_seen`; None without a manifest.

    Raises
    ------
    BundleError
        If it is damaged.
    """
    from bioselect.bundle.opening import bundle_folder, holds_model
    from bioselect.bundle.reading import read_any_manifest

    is_bare = path.is_file() and path.suffix.lower() != ".zip"
    place = _model_folder(path.parent if is_bare else path)
    if place.is_dir() and not holds_model(place):
        return None
    with bundle_folder(place) as folder:
        return read_any_manifest(folder, path)


def refuse_seen(
    name: str, seen: frozenset[str], dataset: ImageDataset, marks: Sequence[ImageFingerprint]
) -> None:
    """Refuse weights that were trained on images of the study.

    Raises
    ------
    DataError
        If there is any such image; the first ones are named.
    """
    pairs = zip(dataset.records, marks, strict=True)
    known = [one.image_id for one, mark in pairs if mark.sha256[:N_CHECKSUM_DIGITS] in seen]
    if known:
        more = ", ..." if len(known) > N_NAMED else ""
        raise DataError(
            f"{name}: its weights must be those of a model that never saw the images of this "
            f"study. Got one that was trained on {len(known)} of {dataset.n_images} "
            f"({', '.join(known[:N_NAMED])}{more}), so it would be tested on what it knows. Name a "
            "model of other images."
        )


def refuse_trained_extractors(
    config: Config, dataset: ImageDataset, marks: Sequence[ImageFingerprint]
) -> None:
    """Refuse extractors that compute with the network of such a model.

    Raises
    ------
    BioselectError
        With the line of the configuration.
    """
    for spec in config.extractor_specs:
        try:
            seen, _ = images_seen(spec.name, models_named(spec.params_dict, config.base_dir))
            refuse_seen(spec.name, seen, dataset, marks)
        except BioselectError as error:
            raise type(error)(f"{config.place_of(spec)}{error}") from error


def models_named(value: Any, base_dir: Path | None) -> list[Path]:
    """Return the files of models of bioselect that parameters name, however deep they stand."""
    if isinstance(value, dict):
        return [path for one in value.values() for path in models_named(one, base_dir)]
    if isinstance(value, list | tuple):
        return [path for one in value for path in models_named(one, base_dir)]
    if not isinstance(value, str) or Path(value).suffix.lower() not in _OF_MODELS:
        return []
    path = Path(base_dir or "", os.path.expanduser(value))
    has_manifest = (_model_folder(path.parent) / MANIFEST_FILE).is_file()
    return [path] if path.is_file() and has_manifest else []


def _model_folder(folder: Path) -> Path:
    """Return the folder of a model for the one in which its network lies."""
    folder = Path(os.path.abspath(folder))
    is_of_masks = folder.name == SEGMENTER_FOLDER and not (folder / MANIFEST_FILE).is_file()
    return folder.parent if is_of_masks else folder
