"""A model and some images -> events for the page: each prediction with a small picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from bioselect.app import predicting_masks
from bioselect.bundle.familiar import Familiar, read_familiar
from bioselect.bundle.mask_model import MaskModel
from bioselect.bundle.novelty import reason_of
from bioselect.bundle.opening import opened_bundle
from bioselect.bundle.reading import Model, load_bundle
from bioselect.data.expansion import expanded_sources
from bioselect.data.names import as_text
from bioselect.data.reading import read_source
from bioselect.data.records import Source
from bioselect.exceptions import BundleError
from bioselect.execution import resolve_jobs
from bioselect.predict.as_picture import as_picture
from bioselect.predict.familiarity import doubts
from bioselect.predict.files import (
    NOTHING_KNOWN,
    Prediction,
    find_images,
    predict_files,
    refuse_images_alone,
)
from bioselect.predict.tables import cells_of, columns, columns_beside
from bioselect.progress import Reporter
from bioselect.workflows.model_task import gives_masks, open_mask_model

#: The longer side of a picture that is shown.
PICTURE_SIDE = 640
_FEW = 64


@lru_cache(maxsize=1)
def _opened(path: Path, changed: float) -> tuple[Model | MaskModel, Familiar]:
    """Open a model once; `changed` makes it anew after another study has written there."""
    with opened_bundle(path) as bundle:
        if gives_masks(bundle):
            return open_mask_model(bundle)[0], NOTHING_KNOWN
        model = load_bundle(bundle)
        _check_takes_images(model)
        return model, read_familiar(bundle)


def _check_takes_images(model: Model) -> None:
    if model.extractor is None and model.manifest.columns is not None:
        raise BundleError(
            "This model takes tables and no images. Apply it with `bioselect predict MODEL "
            "TABLE.csv`."
        )
    refuse_images_alone(model)


def open_model(path: Path) -> Model | MaskModel:
    """Open a model that takes images.

    Raises
    ------
    BundleError
        If it cannot be opened, or takes something else.
    """
    return _opened(path, changed_at(path))[0]


def changed_at(path: Path) -> float:
    """Return when a model was written: a study that runs again may write another one there."""
    manifests = (path / "manifest.json", path / "model" / "manifest.json", path)
    return next((one.stat().st_mtime for one in manifests if one.is_file()), 0.0)


def describe_model(path: Path) -> dict[str, Any]:
    """Return what a person should know of a model before they believe it."""
    model = open_model(path)
    if isinstance(model, MaskModel):
        return predicting_masks.describe(model)
    manifest = model.manifest
    number = model.number
    return {
        "classes": list(model.class_names),
        "labels": manifest.labels is not None,
        "number": None if number is None else number.in_words,
        "level": _level(model),
        "masks": False,
        "scores": {name: value for name, value in manifest.scores.items() if _is_plain(value)},
        "n_images": manifest.dataset.get("n_images"),
        "made_of": " + ".join(
            one.name for one in (manifest.extractor, manifest.estimator) if one is not None
        ),
    }


def _level(model: Model) -> float | None:
    """Return how often low and high, or sets of classes, hold the truth."""
    known = model.sets if model.number is None else model.interval
    return None if known is None else known.level


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float)


def predicted(request: dict[str, Any], reporter: Reporter) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield an event for the model, for the columns, and for each prediction.

    `request` has the `model`, the `paths`, the `names` that images are known by (of an upload), and
    the folder for `pictures`.
    """
    path = Path(request["model"])
    model, familiar = _opened(path, changed_at(path))
    yield "model", describe_model(path)
    if isinstance(model, MaskModel):
        yield from predicting_masks.predicted_masks(model, request, reporter)
        return
    files, notes = find_images([Path(one) for one in request["paths"]])
    for note in notes:
        reporter.say(note)
    sources = expanded_sources(files, model.reading, reporter)
    for line in doubts(model, sources):
        reporter.warn(line)
    beside = columns_beside(model, familiar=familiar)
    header = columns(model.class_names, beside=beside)
    yield "columns", {"columns": header, "n_images": len(sources)}
    pictures = Path(request["pictures"])
    # Processes take longer to start than a few images take.
    n_jobs = resolve_jobs(None) if len(sources) > _FEW else 1
    predictions = predict_files(model, sources, reporter, n_jobs, familiar=familiar)
    for place, item in enumerate(predictions):
        yield "prediction", _told(item, place, model, pictures, beside)


def _told(
    item: Prediction, place: int, model: Model, pictures: Path, beside: Sequence[str]
) -> dict[str, Any]:
    probabilities: Sequence[float] | None = None
    if item.probabilities is not None and model.number is None:
        probabilities = [float(value) for value in item.probabilities]
    has_picture = not item.error and _draw(item.path, model, pictures / f"{place}.jpg")
    return {
        "place": place,
        "path": as_text(str(item.path)),
        "names": list(item.names),
        "probabilities": probabilities,
        "interval": None if item.interval is None else list(item.interval),
        "possible": list(item.possible),
        "error": item.error,
        "cells": cells_of(item, len(model.class_names), beside),
        "novelty": item.novelty,
        "unlike": bool(reason_of(item.novelty)),
        "quality": list(item.quality),
        "has_picture": has_picture,
    }


def _draw(source: Source | str, model: Model, target: Path) -> bool:
    """Write an image as people look at it; where that fails, there is its prediction still."""
    from PIL import Image

    if isinstance(source, str):
        return False
    try:
        image = read_source(source, model.reading.stack)
        step = max(1, min(image.shape[:2]) // (2 * PICTURE_SIDE))
        picture = Image.fromarray(as_picture(np.ascontiguousarray(image[::step, ::step])))
        picture.thumbnail((PICTURE_SIDE, PICTURE_SIDE))
        picture.save(target, quality=88)
    except Exception:  # It was predicted; a picture of it is a courtesy.
        return False
    return True
