"""The files that explain one image: pictures of heat, the map itself, the nearest images."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np

from bioselect.data.mask_files import write_picture
from bioselect.data.names import as_text
from bioselect.data.records import Source
from bioselect.explain.explainer import Explainer, Explanation
from bioselect.explain.heat_picture import Caption, heat_picture
from bioselect.explain.neighbour_picture import neighbour_picture
from bioselect.predict.as_picture import as_picture
from bioselect.predict.claimed_folder import ClaimedFolder
from bioselect.storage import atomic_write_bytes

#: Heat up to this is pale, whatever the largest is: drops of a probability, and shares of the
#: range of the numbers of the training.
LEAST_FULL, LEAST_FULL_SHARE = 0.05, 0.02
_FORBIDDEN = re.compile(r"[^\w.+-]+")


@dataclass(frozen=True, eq=False)
class Explained:
    """An image as it was read, and its explanation."""

    source: Source
    image: np.ndarray
    explanation: Explanation


def write_pictures(
    explainer: Explainer,
    one: Explained,
    name: PurePosixPath,
    results: ClaimedFolder,
    thumbnails: Mapping[int, bytes],
) -> None:
    """Write what explains an image; `name` is that of its files without their endings."""
    (results.root / name).parent.mkdir(parents=True, exist_ok=True)
    picture = as_picture(one.image)
    explanation = one.explanation
    for at, place in enumerate(explanation.occlusion.places):
        ending = _ending(explainer, explanation, place)
        heat = explanation.occlusion.of(place)
        drawn = heat_picture(picture, heat, occlusion_caption(explainer, one, place))
        atomic_write_bytes(_file(results, name, f"occlusion{ending}.png"), drawn)
        write_picture(_file(results, name, f"occlusion{ending}.tif"), heat)
        if explanation.grad_cam is not None:
            caption = grad_cam_caption(explainer, one, place)
            drawn = heat_picture(picture, explanation.grad_cam[:, :, at], caption)
            atomic_write_bytes(_file(results, name, f"grad_cam{ending}.png"), drawn)
    near = neighbour_words(explainer, explanation)
    with_pictures = [
        (thumbnails[int(number)], (f"{number}: {target}", f"distance {float(distance):.2f}"))
        for number, target, distance in near
        if int(number) in thumbnails
    ]
    if with_pictures:
        drawn = neighbour_picture(
            f"The training images nearest to {_title(one)}",
            "Distance 1 is as far as training images usually lie from the one nearest to them.",
            picture,
            with_pictures,
        )
        atomic_write_bytes(_file(results, name, "neighbours.png"), drawn)


def neighbour_words(explainer: Explainer, explanation: Explanation) -> list[list[str]]:
    """Return running number, class (or labels, or number) and distance of each neighbour."""
    near, reference = explanation.neighbours, explainer.reference
    if near is None or reference is None:
        return []
    return [
        [
            str(int(reference.numbers[place])),
            _target(explainer, reference.targets[place]),
            f"{distance:.4g}",
        ]
        for place, distance in zip(near.places, near.distances, strict=True)
    ]


def _target(explainer: Explainer, target: np.ndarray) -> str:
    model = explainer.model
    if model.number is not None:
        return f"{float(target):g}"
    if model.manifest.labels is not None:
        return model.as_text(
            [name for name, has in zip(model.class_names, target, strict=True) if has]
        )
    return model.class_names[int(target)]


def _file(results: ClaimedFolder, name: PurePosixPath, ending: str) -> Path:
    return results.file(*name.parent.parts, f"{name.name}_{ending}")


def _ending(explainer: Explainer, explanation: Explanation, place: int) -> str:
    """Return what tells the files of several labels apart."""
    if len(explanation.occlusion.places) == 1:
        return ""
    return f"_{_FORBIDDEN.sub('_', explainer.model.class_names[place])}"


def _title(one: Explained) -> str:
    return PurePosixPath(as_text(str(one.source)).replace("\\", "/")).name


def _said(explainer: Explainer, one: Explained, place: int) -> tuple[str, ...]:
    model, said = explainer.model, one.explanation.said
    if model.number is not None:
        unit = f" {model.number.unit}" if model.number.unit else ""
        return (f"predicted: {model.number.name} {float(said[0]):.4g}{unit}",)
    name = model.class_names[place]
    predicted = model.text_of(said) or "none of the labels"
    asked = f"explained: {name} (probability {float(said[place]):.2f})"
    return (f"predicted: {predicted}", asked)


def occlusion_caption(explainer: Explainer, one: Explained, place: int) -> Caption:
    """Return what stands around the map of occlusion of one column."""
    model, found = explainer.model, one.explanation.occlusion
    what, unit, least = "", "", LEAST_FULL
    if model.number is None:
        what = f"the probability of {model.class_names[place]}"
    else:
        known = model.number
        what, unit = f"the predicted {known.name}", f" {known.unit}" if known.unit else ""
        least = max(LEAST_FULL_SHARE * (known.highest - known.lowest), np.finfo(float).tiny)
    full = max(float(np.abs(found.of(place)).max()), least)
    decimals = max(0, 1 - math.floor(math.log10(full)))  # Two digits that mean something.
    most = float(found.largest[found.places.index(place)])
    turned = "lowers" if most >= 0 else "raises"
    return Caption(
        _title(one),
        _said(explainer, one, place),
        f"Hiding what is orange lowers {what}, hiding what is blue raises it. The one patch that "
        f"changes most {turned} it by {abs(most):.{decimals}f}{unit}; colours are strongest where "
        "large and small patches agree.",
        full,
        decimals,
    )


def grad_cam_caption(explainer: Explainer, one: Explained, place: int) -> Caption:
    """Return what stands around the map of Grad-CAM of one column."""
    model = explainer.model
    is_number = model.number is not None
    what = f"the predicted {model.number.in_words}" if model.number else model.class_names[place]
    words = f"Grad-CAM: what the network sees in orange parts raises {what}"
    words += ", what it sees in blue ones lowers it." if is_number else "."
    return Caption(
        _title(one),
        _said(explainer, one, place),
        f"{words} 1 is the most of this image.",
        1.0,
        is_signed=is_number,
    )
