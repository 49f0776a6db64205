"""Images on disk -> masks on disk, one image after the other, and what was found in each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import numpy as np

from bioselect.data.combining import without_configuration
from bioselect.data.file_scene import file_scene
from bioselect.data.kinds import first_bytes, is_tiff
from bioselect.data.mask_codes import MaskCodes
from bioselect.data.mask_files import PNG, TIFF, fits_png, in_codes, write_picture
from bioselect.data.reading import read_source
from bioselect.data.records import FilePart, Source
from bioselect.exceptions import BioselectError, StorageError
from bioselect.metrics.objects import ObjectRule
from bioselect.predict.as_picture import as_picture
from bioselect.predict.claimed_folder import ClaimedFolder
from bioselect.predict.crops import CropWriter
from bioselect.predict.mask_model import AnyMaskModel, nobody, predicted_places
from bioselect.predict.mask_pictures import overlay
from bioselect.predict.probability_maps import probability_maps
from bioselect.progress import SILENT, Reporter, Task
from bioselect.segmenters.objects import ObjectTable, object_table, renumbered

MASKS, PROBABILITIES, OVERLAYS = "masks", "probabilities", "overlays"
#: From so many images on the bar counts images; of fewer, which may be large, parts of them.
MANY, STEPS_OF_FEW = 20, 100
#: Numbers of objects above this do not fit 16 bits, and so no PNG.
MOST_IN_PNG = 65535


@dataclass(frozen=True)
class Wanted:
    """What is written beside masks and tables.

    Parameters
    ----------
    probabilities : bool
        A map for each class.
    overlays : bool
        The image with its classes outlined.
    rule : ObjectRule
        What counts as one object.
    pixel_size : float, optional
        Micrometres a pixel of the images.
    """

    probabilities: bool = False
    overlays: bool = False
    rule: ObjectRule = field(default_factory=ObjectRule)
    pixel_size: float | None = None


@dataclass(frozen=True, eq=False)
class PredictedMask:
    """What became of one image.

    Parameters
    ----------
    source : Path or FilePart
        The image.
    mask : str
        Where its mask lies below the folder of results; empty where there is none.
    error : str
        Why there is none.
    places : np.ndarray, optional
        uint8 ``(height, width)`` of class places.
    native : np.ndarray, optional
        The image as it was read.
    objects : ObjectTable, optional
        What was found in it of each class but the background.
    """

    source: Source
    mask: str = ""
    error: str = ""
    places: np.ndarray | None = None
    native: np.ndarray | None = None
    objects: ObjectTable | None = None


def predict_masks(
    model: AnyMaskModel,
    sources: Sequence[Source],
    names: Sequence[PurePosixPath],
    results: ClaimedFolder,
    wanted: Wanted,
    crops: CropWriter | None = None,
    reporter: Reporter = SILENT,
) -> Iterator[PredictedMask]:
    """Write a mask for each image, and yield what was found; a bad file is one with its reason.

    Parameters
    ----------
    model : AnyMaskModel
        What predicts.
    sources : sequence of Path or FilePart
        The images.
    names : sequence of PurePosixPath
        What their masks are called, from
        :func:`bioselect.predict.output_names.output_names`.
    results : ClaimedFolder
        Where masks, maps and overlays are written.
    wanted : Wanted
        What is written besides.
    crops : CropWriter, optional
        Writes each object as an image.
    reporter : Reporter
        Shows the progress.
    """
    n_sources = len(sources)
    words, n_steps = "predicting masks", n_sources
    if n_sources < MANY:
        of = "one image" if n_sources == 1 else f"{n_sources} images"
        words, n_steps = f"predicting masks of {of}, %", STEPS_OF_FEW
    with reporter.task(words, n_steps) as task:
        for place, (source, name) in enumerate(zip(sources, names, strict=True)):
            share = _Share(task, n_steps * place // n_sources, n_steps * (place + 1) // n_sources)
            try:
                found = _predicted(model, source, name, results, wanted, share)
                if crops is not None and found.native is not None and found.objects is not None:
                    crops.write(name, found.native, found.objects)
            except (StorageError, OSError):
                raise  # Nowhere to write: true of all images.
            except Exception as error:
                # Whatever it is, the masks that are finished are worth more than an early end.
                found = PredictedMask(source, error=_reason(error, model))
            yield found
            del found  # It holds an image and its mask, while the next are predicted.
            share.of_image(1.0)


def _reason(error: Exception, model: AnyMaskModel) -> str:
    """Return one line for the table."""
    if isinstance(error, BioselectError):
        return without_configuration(str(error), model.reading.stack)
    if isinstance(error, MemoryError):
        return (
            "the memory of this machine does not suffice for this image. Close other programs, "
            "leave out --probabilities, --overlays and --separate, or cut it into parts."
        )
    words = " ".join(str(error).split())
    return f"its mask cannot be made ({type(error).__name__}: {words}). Predict it by itself."


class _Share:
    """Turns shares of an image into its steps of a bar, from `start` to `end`."""

    def __init__(self, task: Task, start: int, end: int) -> None:
        self.task = task
        self.n_steps = end - start
        self.n_done = 0

    def of_image(self, share: float) -> None:
        n_more = int(share * self.n_steps) - self.n_done
        if n_more > 0:
            self.task.advance(n_more)
            self.n_done += n_more


def _predicted(
    model: AnyMaskModel,
    source: Source,
    name: PurePosixPath,
    results: ClaimedFolder,
    wanted: Wanted,
    share: _Share,
) -> PredictedMask:
    codes = model.codes
    native = read_source(source, model.reading.stack)
    scene = file_scene(native, model.reading, model.n_channels, str(source))
    maps = (
        probability_maps(
            results.file(PROBABILITIES, f"{name}{TIFF}"), native.shape[:2], codes.class_names
        )
        if wanted.probabilities
        else nullcontext(nobody)
    )
    with maps as take:
        # What comes after takes a tenth of the time at most.
        places = predicted_places(model, scene, take, lambda done: share.of_image(0.9 * done))
    objects = object_table(
        places,
        codes.class_names,
        codes.background,
        scene.unscaled,
        wanted.rule,
        wanted.pixel_size,
        channel_names(model),
    )
    if codes.instances:
        objects = renumbered(objects, codes.ignored_numbers())
        # What has no number is ground in the mask, and so in tables and pictures.
        places *= objects.labels > 0
    mask = f"{MASKS}/{name}{_ending(source, model, objects)}"
    write_picture(results.file(mask), _written(places, objects, codes))
    if wanted.overlays:
        shown = overlay(as_picture(native), places, codes.n_classes, codes.background)
        write_picture(results.file(OVERLAYS, f"{name}{PNG}"), shown)
    return PredictedMask(source, mask, "", places, native, objects)


def channel_names(model: AnyMaskModel) -> list[str]:
    """Return what the channels that a model takes are called: by their numbers in files."""
    chosen = model.reading.channels
    if chosen is None or len(chosen) != model.n_channels:
        chosen = tuple(range(model.n_channels))
    return [f"c{channel}" for channel in chosen]


def _written(places: np.ndarray, objects: ObjectTable, codes: MaskCodes) -> np.ndarray:
    """Return the mask as it is saved: in codes, or where those of training number their objects."""
    if not codes.instances:
        return in_codes(places, codes)
    return objects.labels.astype(np.uint16 if _highest(objects) <= MOST_IN_PNG else np.uint32)


def _highest(objects: ObjectTable) -> int:
    return int(objects.columns["label"].max(initial=0))


def _ending(source: Source, model: AnyMaskModel, objects: ObjectTable) -> str:
    """Return .tif where the image is a TIFF, or its mask does not fit a PNG; else .png."""
    path = source.path if isinstance(source, FilePart) else source
    codes = model.codes
    fits = _highest(objects) <= MOST_IN_PNG if codes.instances else fits_png(codes)
    # A DICOM series is a folder.
    is_of_tiff = Path(path).is_file() and is_tiff(first_bytes(Path(path)))
    return PNG if fits and not is_of_tiff else TIFF
