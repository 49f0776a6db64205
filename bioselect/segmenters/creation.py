"""From a spec to a segmenter, and from the files of a model to one that has learnt."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from bioselect.augmentation.choice import Augmentation
from bioselect.exceptions import BundleError, ComponentError
from bioselect.registry import ComponentSpec, find_row, parameter_problems
from bioselect.segmenters.base import Segmenter, TrainedSegmenter
from bioselect.segmenters.network_segmenter import NetworkSegmenter

#: What learns without a network: name -> its class, which takes the parameters of its row.
BASELINES: Mapping[str, str] = {
    "otsu": "bioselect.segmenters.otsu:OtsuSegmenter",
    "pixel_forest": "bioselect.segmenters.pixel_forest:PixelForest",
}
#: What is written in `kind` by `save` -> the function that opens its folder.
READERS: Mapping[str, str] = {
    "otsu": "bioselect.segmenters.otsu:load_otsu",
    "network": "bioselect.networks.masks.trained:load_mask_network",
    "pixel_forest": "bioselect.segmenters.pixel_forest:load_pixel_forest",
}


def create_segmenter(
    spec: ComponentSpec, augmentation: Augmentation | None = None, base_dir: Path | None = None
) -> Segmenter:
    """Make a segmenter.

    Parameters
    ----------
    spec : ComponentSpec
        A name of the table, or an import path, with its parameters.
    augmentation : Augmentation, optional
        What the configuration does to training images and their masks.
    base_dir : Path, optional
        The configuration's folder.

    Raises
    ------
    ComponentError
        If the name is unknown or a parameter is wrong.
    """
    if spec.name not in BASELINES:
        return NetworkSegmenter(spec, augmentation, base_dir)
    problems = parameter_problems(find_row("segmenter", spec.name, base_dir), spec.params_dict)
    if problems:
        raise ComponentError(f"segmenter {spec.name!r}: " + " ".join(problems))
    module, name = BASELINES[spec.name].split(":")
    made: Segmenter = getattr(import_module(module), name)(**spec.params_dict)
    return made


def load_segmenter(folder: Path, facts: Mapping[str, Any]) -> TrainedSegmenter:
    """Open what `save` wrote; `facts` are what it returned, of which `kind` says who reads it.

    Raises
    ------
    BundleError
        If no such kind is known, or a file is damaged.
    """
    kind = str(facts.get("kind"))
    if kind not in READERS:
        raise BundleError(
            f"{folder}: must hold a segmenter of a kind that is known ({', '.join(READERS)}). Got "
            f"{kind!r}. Install the version of bioselect that wrote it, or a later one."
        )
    module, name = READERS[kind].split(":")
    opened: TrainedSegmenter = getattr(import_module(module), name)(folder, facts)
    return opened
