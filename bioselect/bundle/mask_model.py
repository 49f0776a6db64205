"""A trained segmenter as a bundle: written, opened, and tried on images that were drawn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from bioselect.bundle.arrays import read_arrays
from bioselect.bundle.card import write_card
from bioselect.bundle.check_sample import CHECK_TOLERANCE, check_shapes
from bioselect.bundle.listed_files import check_files
from bioselect.bundle.manifest import (
    CHECK_SAMPLE_FILE,
    MANIFEST_FILE,
    SEGMENTATION_FORMAT,
    SEGMENTER_FOLDER,
    Component,
    SegmentationManifest,
    signed,
)
from bioselect.bundle.opening import ModelPlace, explained, opened_bundle
from bioselect.bundle.reading import read_any_manifest
from bioselect.bundle.signature import signer
from bioselect.bundle.whole_folder import whole_folder
from bioselect.bundle.writing import draw_check_images, without_folders
from bioselect.data.mask_codes import MaskCodes
from bioselect.data.pairs import ArrayScene, Scene
from bioselect.data.preparation import Reading, channels_asked, prepare
from bioselect.exceptions import BioselectError, BundleError
from bioselect.own_modules import distribution_version
from bioselect.registry import ComponentSpec
from bioselect.segmenters.base import TrainedSegmenter, most_probable, whole
from bioselect.segmenters.creation import load_segmenter
from bioselect.steady_archives import steady_zip
from bioselect.storage import atomic_write_text, sha256_of_file, write_json

N_CHECK_IMAGES = 2
#: Sides of the check images in pixels, at most: their probabilities lie in the bundle.
LONGEST_CHECK_SIDE = 128


@dataclass(frozen=True, eq=False)
class MaskBundleContents:
    """What goes into a bundle of a segmenter; `image_shape` and `image_dtype` are those of a file.

    `identity` distinguishes the segmenter from others of its name.
    """

    spec: ComponentSpec
    identity: dict[str, Any]
    trained: TrainedSegmenter
    codes: MaskCodes
    reading: Reading
    n_channels: int
    pixel_size: float | None
    image_shape: tuple[int, int, int]
    image_dtype: str
    chosen: dict[str, Any] = field(default_factory=dict)
    scores: dict[str, Any] = field(default_factory=dict)
    dataset: dict[str, Any] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    card: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class MaskModel:
    """A trained model that gives every pixel of an image a class, ready to predict."""

    manifest: SegmentationManifest
    trained: TrainedSegmenter
    codes: MaskCodes
    reading: Reading

    @property
    def class_names(self) -> tuple[str, ...]:
        """The classes, in the order of the probabilities."""
        return self.codes.class_names

    @property
    def n_channels(self) -> int:
        """How many channels of an image it takes."""
        return self.manifest.n_channels

    @property
    def image_dtype(self) -> str:
        """The pixel type of the training images."""
        return self.manifest.image_dtype

    @property
    def pixel_size(self) -> float | None:
        """Micrometres a pixel of the training images, if known."""
        return self.manifest.pixel_size

    def bands(self, scene: Scene) -> Iterator[tuple[slice, np.ndarray]]:
        """Give the probabilities of an image from top to bottom, some rows at a time."""
        yield from self.trained.bands(scene)

    def scene(self, image: np.ndarray, where: str) -> ArrayScene:
        """Return an image as it was read from a file as the model takes it."""
        asked = channels_asked(self.n_channels, self.reading)
        return ArrayScene(prepare(image, self.reading, None, asked, where))


def write_mask_bundle(folder: Path, contents: MaskBundleContents) -> None:
    """Write a bundle to `folder`; an older one there is replaced once the new one is whole."""
    with whole_folder(folder) as unfinished:
        (unfinished / SEGMENTER_FOLDER).mkdir()
        facts = contents.trained.save(unfinished / SEGMENTER_FOLDER)
        opened = load_segmenter(unfinished / SEGMENTER_FOLDER, facts)
        height, width, n_channels = contents.image_shape
        shape = (min(height, LONGEST_CHECK_SIDE), min(width, LONGEST_CHECK_SIDE), n_channels)
        images = draw_check_images(shape, contents.image_dtype, contents.reading.intensity)
        images = images[:N_CHECK_IMAGES]
        manifest = _manifest(contents, facts)
        model = MaskModel(manifest, opened, contents.codes, contents.reading)
        given = _given(model, images)
        np.savez(
            unfinished / CHECK_SAMPLE_FILE,
            images=images,
            probabilities=given["probabilities"],
            places=given["places"],
        )
        steady_zip(unfinished / CHECK_SAMPLE_FILE)
        write_card(unfinished, contents.card)
        for name, text in contents.texts.items():
            atomic_write_text(unfinished / name, text)
        files = sorted(path for path in unfinished.rglob("*") if path.is_file())
        sums = {path.relative_to(unfinished).as_posix(): sha256_of_file(path) for path in files}
        whole_manifest = manifest.model_copy(update={"files": sums})
        write_json(unfinished / MANIFEST_FILE, signed(whole_manifest.model_dump(mode="json")))


def load_mask_bundle(place: ModelPlace) -> MaskModel:
    """Open a bundle of masks and make sure that it still predicts what it did when it was made.

    Parameters
    ----------
    place : Path or OpenBundle
        A bundle folder, its zip, or a run folder (its `model` is taken).

    Raises
    ------
    BundleError
        If files are missing or changed, a signature does not fit, it gives no masks, or the check
        sample is not reproduced.
    """
    with opened_bundle(place) as bundle, explained(bundle.path):
        folder, path = bundle.folder, bundle.path
        manifest = read_any_manifest(folder, path)
        if not isinstance(manifest, SegmentationManifest):
            raise BundleError(
                f"{path}: must be a model that gives masks. Got one that gives classes. Name the "
                "folder of a run with `task: segmentation`."
            )
        check_files(folder, manifest, {CHECK_SAMPLE_FILE}, path)
        signer(folder, path)
        trained = _opened(folder / SEGMENTER_FOLDER, manifest.facts, path)
        codes = MaskCodes.from_dict(manifest.codes)
        model = MaskModel(manifest, trained, codes, Reading.from_dict(manifest.reading))
        _check_sample(folder / CHECK_SAMPLE_FILE, model, path)
    return model


def _opened(folder: Path, facts: Mapping[str, Any], where: Path) -> TrainedSegmenter:
    try:
        return load_segmenter(folder, facts)
    except OSError:
        raise
    except Exception as error:  # Whatever damaged facts and files happen to cause.
        reason = " ".join(str(error).split())
        told = reason if isinstance(error, BioselectError) else f"{type(error).__name__}: {reason}"
        raise BundleError(
            f"{where}: its segmenter cannot be opened ({told}). Use another copy of the model."
        ) from error


def gives_masks(place: ModelPlace) -> bool:
    """Tell whether a bundle, its zip or a run folder holds a model of masks.

    Raises
    ------
    BundleError
        If it is no model.
    """
    with opened_bundle(place) as bundle, explained(bundle.path):
        return isinstance(read_any_manifest(bundle.folder, bundle.path), SegmentationManifest)


def _manifest(contents: MaskBundleContents, facts: dict[str, Any]) -> SegmentationManifest:
    return SegmentationManifest(
        format=SEGMENTATION_FORMAT,
        bioselect_version=distribution_version("bioselect"),
        task="segmentation",
        codes=contents.codes.as_dict(),
        segmenter=Component(
            name=contents.spec.name,
            params=without_folders(contents.spec.params_dict),
            identity=without_folders(contents.identity),
        ),
        facts=facts,
        chosen=contents.chosen,
        n_channels=contents.n_channels,
        pixel_size=contents.pixel_size,
        image_shape=list(contents.image_shape),
        image_dtype=contents.image_dtype,
        reading=contents.reading.as_dict(),
        scores=contents.scores,
        dataset=contents.dataset,
        versions=contents.versions,
        files={},
    )


def _given(model: MaskModel, images: np.ndarray) -> dict[str, np.ndarray]:
    """Return the probabilities and classes of the check images, of one size."""
    found = np.stack([whole(model.trained, model.scene(one, "check image")) for one in images])
    return {"probabilities": found, "places": most_probable(found)}


def _check_sample(path: Path, model: MaskModel, where: Path) -> None:
    made_with = ", ".join(f"{name} {number}" for name, number in model.manifest.versions.items())
    remedy = f"It was made with {made_with}; install these versions."
    try:
        sample = read_arrays(path)
        images, expected, places = sample["images"], sample["probabilities"], sample["places"]
        check_shapes(images, expected)
        got = _given(model, images)
        difference = float(np.max(np.abs(got["probabilities"] - expected)))
        # Where two classes are as probable, rounding decides.
        first, second = np.moveaxis(np.sort(expected, axis=-1)[..., :-3:-1], -1, 0)
        differs = (got["places"] != places) & (first - second > 2 * CHECK_TOLERANCE)
    except Exception as error:
        reason = " ".join(str(error).split())
        raise BundleError(
            f"{where}: the model cannot predict here ({type(error).__name__}: {reason}). {remedy}"
        ) from error
    if not difference <= CHECK_TOLERANCE or differs.any():
        raise BundleError(
            f"{where}: the model does not predict here what it predicted when it was made "
            f"(probabilities differ by up to {difference:.2g}, allowed {CHECK_TOLERANCE:g}; the "
            f"class of {int(differs.sum())} pixels). {remedy}"
        )
