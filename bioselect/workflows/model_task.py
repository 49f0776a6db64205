"""What a model gives, classes or masks; options that go with the other are refused in one line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bioselect.bundle.mask_model import MaskModel, load_mask_bundle
from bioselect.bundle.opening import ModelPlace
from bioselect.exceptions import ConfigurationError
from bioselect.own_modules import trusts_any
from bioselect.predict.mask_predictor import gives_masks
from bioselect.workflows.segmentation.trained_on import TrainedOn

__all__ = ["check_options_of_classes", "check_options_of_masks", "gives_masks", "open_mask_model"]


def open_mask_model(place: ModelPlace) -> tuple[MaskModel, TrainedOn]:
    """Open a model of masks, with what it says of its training.

    Raises
    ------
    BundleError
        If files are missing or changed, or the check sample is not reproduced.
    """
    model = load_mask_bundle(place)
    manifest = model.manifest
    return model, TrainedOn(manifest.dataset.get("sha256", []), manifest.scores)


def check_options_of_classes(model: ModelPlace, of_masks: Sequence[str]) -> None:
    """Refuse options that only a model of masks has.

    Raises
    ------
    ConfigurationError
        With the options.
    """
    if of_masks:
        raise ConfigurationError(
            f"{', '.join(of_masks)}: must go with a model of masks. Got another "
            f"({model}). Leave {_them(of_masks)} out, or name another model."
        )


def check_options_of_masks(
    of_classes: Sequence[str], components_dir: Path | None, jobs: int | None
) -> None:
    """Refuse options that only a model of classes has.

    Raises
    ------
    ConfigurationError
        With the options.
    """
    given = list(of_classes)
    if components_dir is not None:
        given.append("--components")
    if trusts_any():
        given.append("--trust")
    if jobs is not None:
        given.append("--jobs")
    if given:
        raise ConfigurationError(
            f"{', '.join(given)}: must go with a model of classes. Got one of masks, which takes "
            f"one image after the other with all cores. Leave {_them(given)} out."
        )


def _them(options: Sequence[str]) -> str:
    return "it" if len(options) == 1 else "them"
