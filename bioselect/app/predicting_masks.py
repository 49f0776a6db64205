"""A model of masks and images -> masks, overlays and tables in a folder, told image by image."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from bioselect.bundle.mask_model import MaskModel
from bioselect.data.expansion import expanded_sources
from bioselect.data.names import as_text
from bioselect.data.records import FilePart, Source
from bioselect.predict.claimed_folder import claimed
from bioselect.predict.familiarity import doubts_about
from bioselect.predict.files import find_images
from bioselect.predict.mask_prediction import OVERLAYS, PredictedMask, Wanted, predict_masks
from bioselect.predict.mask_tables import MaskCounts, counted_classes, mask_tables
from bioselect.predict.output_names import output_names
from bioselect.progress import Reporter

#: Below the folder for pictures.
FOLDER = "masks"


def describe(model: MaskModel) -> dict[str, Any]:
    """Return what a person should know of a model of masks."""
    manifest = model.manifest
    return {
        "classes": counted_classes(model.codes),
        "labels": False,
        "number": None,
        "masks": True,
        "scores": manifest.scores,
        "n_images": manifest.dataset.get("n_images"),
        "made_of": manifest.segmenter.name,
    }


def predicted_masks(
    model: MaskModel, request: dict[str, Any], reporter: Reporter
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield an event for the columns and for each image; masks and tables lie in a folder then.

    `request` has the `paths`, the `names` that images are known by, and the folder for `pictures`.
    """
    given = [Path(one) for one in request["paths"]]
    files, notes = find_images(given)
    for note in notes:
        reporter.say(note)
    sources = expanded_sources(files, model.reading, reporter)
    for line in doubts_about(model.reading, model.image_dtype, sources):
        reporter.warn(line)
    yield "columns", {"columns": [], "n_images": len(sources)}
    pictures = Path(request["pictures"])
    folder = pictures / FOLDER
    names = _names(sources, given, request["names"])
    wanted = Wanted(overlays=True, pixel_size=model.pixel_size)
    counts = MaskCounts()
    with (
        claimed(folder) as results,
        mask_tables(model, model.pixel_size, results, counts) as write,
    ):
        found = predict_masks(model, sources, names, results, wanted, reporter=reporter)
        for place, (one, name) in enumerate(zip(found, names, strict=True)):
            write(one)
            has_picture = not one.error and _draw(
                folder / OVERLAYS / f"{name}.png", pictures / f"{place}.jpg"
            )
            yield "prediction", {**_told(one, model), "place": place, "has_picture": has_picture}


def _names(
    sources: list[Source], given: list[Path], known: Mapping[str, str]
) -> list[PurePosixPath]:
    """Return what masks are called: as the images, and those of an upload as they were there."""
    if not known:
        return output_names(sources, given)
    root = Path("/")
    shown: list[Source] = []
    for source in sources:
        file = source.path if isinstance(source, FilePart) else source
        path = root / known[str(file)]
        shown.append(FilePart(path, source.part) if isinstance(source, FilePart) else path)
    return output_names(shown, [root])


def _told(found: PredictedMask, model: MaskModel) -> dict[str, Any]:
    shares, said = None, ""
    if found.places is not None and found.objects is not None:
        counted = np.bincount(found.places.ravel(), minlength=model.codes.n_classes)
        shares = [
            float(counted[model.codes.class_names.index(name)] / found.places.size)
            for name in counted_classes(model.codes)
        ]
        n_objects = len(found.objects.columns["class"])
        said = f"{n_objects:,} object{'s' * (n_objects != 1)}"
    return {
        "path": as_text(str(found.source)),
        "names": [said],
        "probabilities": shares,
        "interval": None,
        "error": found.error,
        "cells": [said, found.error],
    }


def _draw(overlay: Path, target: Path) -> bool:
    from PIL import Image

    from bioselect.app.predicting import PICTURE_SIDE

    try:
        with Image.open(overlay) as picture:
            small = picture.convert("RGB")
            small.thumbnail((PICTURE_SIDE, PICTURE_SIDE))
            small.save(target, quality=88)
    except Exception:  # The mask is there; a small picture of it is a courtesy.
        return False
    return True
