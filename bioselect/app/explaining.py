"""A model and one image -> what the prediction rests on: pictures in a folder, and words."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from bioselect.app.predicting import changed_at
from bioselect.bundle.thumbnails import read_thumbnails
from bioselect.data.expansion import expanded_sources
from bioselect.data.names import as_text
from bioselect.data.reading import forget_scan, read_source
from bioselect.data.records import Source
from bioselect.exceptions import DataError
from bioselect.explain.explainer import Explainer, Explanation, open_explainer
from bioselect.explain.heat_picture import Caption, sized, under_heat
from bioselect.explain.occlusion import N_PREDICTIONS
from bioselect.predict.as_picture import as_picture
from bioselect.predict.files import find_images
from bioselect.progress import Reporter
from bioselect.workflows.explained_files import (
    Explained,
    grad_cam_caption,
    neighbour_words,
    occlusion_caption,
)

#: Below this part of the full colour, no heat is seen.
_PALE = 0.02
_NO_PART = (
    "No part alone decides: whichever is covered, the prediction stays. It rests on the image as a "
    "whole, or on something that is found in many places."
)


@lru_cache(maxsize=1)
def _opened(path: Path, changed: float) -> Explainer:
    return open_explainer(path)


@lru_cache(maxsize=1)
def _sources(model: Path, changed: float, paths: tuple[str, ...]) -> list[Source]:
    """Return the images of a job, as :func:`bioselect.app.predicting.predicted` numbers them."""
    files, _ = find_images([Path(one) for one in paths])
    return expanded_sources(files, _opened(model, changed).model.reading)


def explained(request: dict[str, Any], reporter: Reporter) -> dict[str, Any]:
    """Explain one image of a job.

    Parameters
    ----------
    request : dict
        The `model`, the `paths` of the job, which image of them (`at`, and `source`, what it is
        called), and the `folder` for pictures.
    reporter : Reporter
        Shows the progress.

    Returns
    -------
    dict
        `maps` with the file, what it is about, and a caption; `near` with what each of the nearest
        training images shows, its distance, and the file of its picture, if there is one;
        `note`.

    Raises
    ------
    BioselectError
        If the model cannot be explained, or the image cannot be read any more.
    """
    path, folder = Path(request["model"]), Path(request["folder"])
    changed = changed_at(path)
    explainer = _opened(path, changed)
    sources = _sources(path, changed, tuple(request["paths"]))
    at = request["at"]
    if at >= len(sources) or as_text(str(sources[at])) != request["source"]:
        _sources.cache_clear()
        raise DataError(
            f"{request['source']}: lies elsewhere than when it was predicted. Predict the images "
            "again."
        )
    image = read_source(sources[at], explainer.model.reading.stack)
    with reporter.task("Covering parts of the image", N_PREDICTIONS) as task:
        found = explainer.explain(image, str(sources[at]), advance=task.advance)
    forget_scan()
    folder.mkdir(parents=True, exist_ok=True)
    one = Explained(sources[at], image, found)
    return {
        "maps": _maps(explainer, one, folder),
        "near": _near(explainer, found, path, folder),
        "note": found.note,
    }


def _maps(explainer: Explainer, one: Explained, folder: Path) -> list[dict[str, str]]:
    model, shown = explainer.model, sized(as_picture(one.image))
    found, told = one.explanation, list[dict[str, str]]()

    def draw(heat: np.ndarray, caption: Caption, title: str, about: str) -> None:
        from PIL import Image

        name = f"map-{len(told)}.png"
        Image.fromarray(under_heat(shown, heat, caption.full)).save(folder / name)
        pale = float(np.abs(heat).max()) < _PALE * caption.full
        words = _NO_PART if pale else caption.bar
        told.append({"file": name, "title": title, "about": about, "caption": words})

    for at, place in enumerate(found.occlusion.places):
        what, of = _explained_name(explainer, place)
        caption = occlusion_caption(explainer, one, place)
        about = f"where covering the image changes {what} most"
        title = f"What speaks for {of}" if model.number is None else f"What raises {what}"
        draw(found.occlusion.of(place), caption, title, about)
        if found.grad_cam is not None:
            caption = grad_cam_caption(explainer, one, place)
            about = f"where the network sees what changes {what} most"
            draw(found.grad_cam[:, :, at], caption, f"Grad-CAM for {of}", about)
    return told


def _explained_name(explainer: Explainer, place: int) -> tuple[str, str]:
    """Return what is explained, as a quantity and as a name."""
    number = explainer.model.number
    if number is not None:
        return f"the predicted {number.name}", number.name
    name = explainer.model.class_names[place]
    return f"the probability of {name}", name


def _near(
    explainer: Explainer, found: Explanation, model: Path, folder: Path
) -> list[dict[str, Any]]:
    words = neighbour_words(explainer, found)
    pictures = read_thumbnails(model, [int(number) for number, _, _ in words])
    near = []
    for number, target, distance in words:
        name = ""
        if int(number) in pictures:
            name = f"near-{number}.png"
            (folder / name).write_bytes(pictures[int(number)])
        near.append({"said": target, "distance": float(distance), "file": name})
    return near
