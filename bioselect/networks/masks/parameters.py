"""What may stand in the `params` of every network of masks, as data; nothing heavy is imported."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

from bioselect.component import ComponentRow, ComponentSpec
from bioselect.exceptions import ComponentError
from bioselect.networks.masks.loss_names import BOTH, FOCAL, MASK_LOSSES, OF_PIXELS, TVERSKY
from bioselect.networks.parameters import AUTO, LARGEST_INPUT, common_parameters
from bioselect.networks.settings import CourseSettings
from bioselect.parameter_values import is_finite_number
from bioselect.registry import Parameter, parameter_problems

BALANCED = "balanced"
PLANS = ("none", "auto")
#: What a network of masks shares with other networks.
_SHARED = (
    "epochs",
    "batch_size",
    "optimizer",
    "momentum",
    "learning_rate",
    "schedule",
    "warmup_epochs",
    "weight_decay",
    "early_stopping",
    "mixed_precision",
    "focal_gamma",
    "normalization",
    "augmentation_mix",
    "augmentation_ratio",
)
_CHANGED: dict[str, dict[str, Any]] = {
    "epochs": {"default": 30},
    "batch_size": {
        "default": 4,
        "summary": "most patches in a batch; an epoch is divided into equally large ones",
    },
    "learning_rate": {"summary": "the highest one; null: 0.001 (sgd: 0.01)"},
    "early_stopping": {
        "default": 10,
        "summary": "ends after so many epochs without a higher Dice on the validation images; "
        "null: never. The weights of the best epoch are used in any case",
    },
    "focal_gamma": {"summary": "of focal: how much more hard pixels count"},
    "normalization": {
        "choices": (AUTO, "imagenet", "none"),
        "summary": "{mean: 0.5, std: 0.5} of pixels in 0-1 (or one number a channel), imagenet, "
        "none; auto: the one of the encoder's weights, else {mean: 0.5, std: 0.5}",
    },
}


def weights_problem(written: Any) -> str | None:
    """Say what is wrong with the weights of classes, or nothing.

    Examples
    --------
    >>> weights_problem([1, 0, 5.5]), weights_problem([1, -1])
    (None, 'must be numbers of at least 0, one a class. Got [1, -1].')
    """
    if not isinstance(written, list | tuple):
        return None
    right = all(is_finite_number(one) and one >= 0 for one in written)
    if right and len(written) > 1 and sum(written) > 0:
        return None
    return f"must be numbers of at least 0, one a class. Got {list(written)!r}."


def mask_parameters() -> tuple[Parameter, ...]:
    """Return what every network of masks takes, whoever wrote it."""
    known = {parameter.name: parameter for parameter in common_parameters()}
    shared = (replace(known[name], **_CHANGED.get(name, {})) for name in _SHARED)
    return (*_patches(), *_loss(), *shared)


def _patches() -> tuple[Parameter, ...]:
    return (
        Parameter(
            "plan",
            "none",
            choices=PLANS,
            summary="auto: depth, width, norm, patch_size and batch_size, where they are not "
            "written, follow from the images and are written down with reasons",
        ),
        Parameter(
            "patch_size",
            AUTO,
            ("int", "list"),
            choices=(AUTO,),
            minimum=8,
            maximum=LARGEST_INPUT,
            summary="parts of images that are trained on: one number or [height, width]; auto: as "
            "large as the middle image, at most 256",
        ),
        Parameter(
            "patches_per_epoch",
            AUTO,
            ("int",),
            choices=(AUTO,),
            minimum=1,
            summary="auto: as many as cover all images, at most 400 or one an image",
        ),
        Parameter(
            "class_share",
            0.5,
            ("float",),
            minimum=0,
            maximum=1,
            summary="the share of patches around a pixel of a class drawn evenly from those of "
            "the image other than the background; the rest lies anywhere",
        ),
    )


def _loss() -> tuple[Parameter, ...]:
    return (
        Parameter(
            "loss",
            BOTH,
            choices=MASK_LOSSES,
            summary="what is made small: cross-entropy of pixels, Dice of classes, both, focal "
            "(hard pixels count more), tversky (missing and superfluous pixels apart)",
        ),
        Parameter(
            "tversky_alpha",
            0.3,
            ("float",),
            minimum=0,
            maximum=1,
            summary="of tversky: what a superfluous pixel counts; a missing one counts the rest "
            "of 1",
        ),
        Parameter(
            "class_weight",
            None,
            ("null", "list"),
            choices=(BALANCED,),
            summary="balanced: all classes weigh the same; or a number for each class, in their "
            "order; null: every pixel alike",
            check=weights_problem,
        ),
    )


@dataclass(frozen=True)
class MaskSettings(CourseSettings):
    """What was written, or the defaults."""

    plan: str
    patch_size: Any
    patches_per_epoch: Any
    class_share: float
    loss: str
    tversky_alpha: float
    focal_gamma: float
    class_weight: Any
    normalization: Any
    augmentation_mix: str | None
    augmentation_ratio: float | None

    @property
    def rate(self) -> float:
        """The learning rate: a decoder is always new, whatever the encoder begins with."""
        return self.head_rate


#: Everything is trained from the beginning on, unless the network itself keeps something.
_USUAL = {"weights": "none", "trainable": "all", "head_epochs": 1}


def mask_settings(row: ComponentRow, spec: ComponentSpec) -> tuple[MaskSettings, dict[str, Any]]:
    """Return the settings of a training, and the parameters of the network's builder.

    Raises
    ------
    ComponentError
        If a parameter is unknown or its value wrong, or two contradict each other.
    """
    params = spec.params_dict
    problems = parameter_problems(row, params)
    if problems:
        raise ComponentError(f"segmenter {spec.name!r}: " + " ".join(problems))
    values = {parameter.name: parameter.default for parameter in row.parameters} | params
    names = {field.name for field in fields(MaskSettings)}
    settings = MaskSettings(**{name: {**_USUAL, **values}[name] for name in names})
    _check_together(spec.name, settings, params)
    return settings, {name: value for name, value in values.items() if name not in names}


def _check_together(name: str, settings: MaskSettings, written: dict[str, Any]) -> None:
    for parameter, needed, allowed in (
        ("focal_gamma", "loss", (FOCAL,)),
        ("tversky_alpha", "loss", (TVERSKY,)),
        ("momentum", "optimizer", ("sgd",)),
        ("class_weight", "loss", OF_PIXELS),
    ):
        has_effect = getattr(settings, needed) in allowed
        if written.get(parameter) is not None and not has_effect:
            raise ComponentError(
                f"{name}: params.{parameter} needs {needed}: {' or '.join(allowed)}. Got {needed}: "
                f"{getattr(settings, needed)}. Leave one of them out."
            )
    if settings.warmup_epochs >= settings.epochs:
        raise ComponentError(
            f"{name}: params.warmup_epochs must be less than epochs. Got {settings.warmup_epochs} "
            f"of {settings.epochs}. Write fewer."
        )
