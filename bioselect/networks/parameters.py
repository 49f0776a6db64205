"""What may stand in the `params` of every network, as data; nothing is imported to read it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bioselect.augmentation.choice import MIXES
from bioselect.networks.rates import SCHEDULES
from bioselect.parameter_values import is_finite_number
from bioselect.registry import Parameter

LARGEST_INPUT = 4096
OPTIMIZERS = ("sgd", "adam", "adamw")
LOSSES = ("cross_entropy", "focal", "generalized_cross_entropy")
HEAD, ALL, HEAD_THEN_ALL = "head", "all", "head_then_all"
TRAINABLE = (HEAD, ALL, HEAD_THEN_ALL)
AUTO = "auto"
NORMALIZATIONS = (AUTO, "imagenet", "per_image", "none")
BATCH_NORMS = (AUTO, "trained", "kept")
#: The smallest positive number worth writing where 0 itself is not allowed.
ABOVE_ZERO = 1e-12


def normalization_problem(written: Any) -> str | None:
    """Say what is wrong with a mean and a standard deviation, or nothing.

    Examples
    --------
    >>> normalization_problem({"mean": 0.5, "std": 0.5})
    >>> normalization_problem({"mean": 0.5})
    "must be {mean: 0.5, std: 0.5}, each one number or one a channel. Got {'mean': 0.5}."
    >>> normalization_problem({"mean": [0.5, 0.4], "std": [0.2, 0]})
    'must have a std above 0. Got [0.2, 0].'
    >>> normalization_problem({"mean": 127, "std": 127})
    'must be of pixels from 0 to 1, as networks see them. Got mean 127. Divide both by the highest \
value of a pixel, 255 for 8 bits.'
    """
    if not isinstance(written, dict):
        return None
    parts = [_numbers(written.get(part)) for part in ("mean", "std")]
    if set(written) != {"mean", "std"} or None in parts:
        return (
            "must be {mean: 0.5, std: 0.5}, each one number or one a channel. "
            f"Got {dict(written)!r}."
        )
    if min(parts[1] or [0]) <= 0:
        return f"must have a std above 0. Got {written['std']!r}."
    for part, values in zip(("mean", "std"), parts, strict=True):
        if not all(0 <= value <= 1 for value in values or ()):
            return (
                f"must be of pixels from 0 to 1, as networks see them. Got {part} "
                f"{written[part]!r}. Divide both by the highest value of a pixel, 255 for 8 bits."
            )
    return None


def _numbers(written: Any) -> list[float] | None:
    values = list(written) if isinstance(written, list | tuple) else [written]
    return values if values and all(map(is_finite_number, values)) else None


def common_parameters(weights: str = "none", **defaults: Any) -> tuple[Parameter, ...]:
    """Return what every network takes, whoever wrote it; `weights` is what it begins with.

    `defaults` are those of a network that learns best with others than most.

    Examples
    --------
    >>> [one.default for one in common_parameters(epochs=7) if one.name == "epochs"]
    [7]
    """
    common = (*_start(weights), *_course(), *_loss(), *_images())
    return tuple(
        replace(one, default=defaults[one.name]) if one.name in defaults else one for one in common
    )


def _start(weights: str) -> tuple[Parameter, ...]:
    return (
        Parameter(
            "weights",
            weights,
            ("str",),
            summary="what training begins with: none (random, drawn with the seed), imagenet "
            "(networks of keras.applications), a Keras weights file, or a model that bioselect "
            "trained (its folder, zip or network.keras)",
        ),
        Parameter(
            "trainable",
            ALL,
            ("int",),
            choices=TRAINABLE,
            minimum=1,
            summary="what is trained: all, head (the last layer only), head_then_all, or the last "
            "so many blocks and the head",
        ),
        Parameter(
            "head_epochs",
            5,
            ("int",),
            minimum=1,
            summary="with head_then_all: how many of the epochs train the head only",
        ),
        Parameter(
            "batch_norm",
            AUTO,
            choices=BATCH_NORMS,
            summary="statistics of batch normalisation: trained with the rest, kept as they came "
            "with the weights; auto: kept where the network begins with weights",
        ),
        Parameter(
            "dropout",
            0.0,
            ("float",),
            minimum=0,
            maximum=0.95,
            summary="share of features left out before the last layer, anew in every step",
        ),
    )


def _course() -> tuple[Parameter, ...]:
    return (
        Parameter("epochs", 20, ("int",), minimum=1, maximum=100_000, summary="most epochs"),
        Parameter(
            "batch_size",
            32,
            ("int",),
            minimum=1,
            summary="most images in a batch; an epoch is divided into equally large ones",
        ),
        Parameter("optimizer", "adam", choices=OPTIMIZERS, summary="how the weights are moved"),
        Parameter(
            "momentum", 0.9, ("float",), minimum=0, maximum=0.9999, summary="of sgd; 0 is none"
        ),
        Parameter(
            "learning_rate",
            None,
            ("float", "null"),
            minimum=ABOVE_ZERO,
            maximum=100,
            summary="the highest one; null: 0.001 (sgd: 0.01), a tenth of it where a network that "
            "begins with weights is trained beyond its head; head_then_all: of what is "
            "written too, in its second part",
        ),
        Parameter(
            "schedule",
            "cosine",
            choices=SCHEDULES,
            summary="constant, cosine (down to 0), plateau (x 0.3 after 3 epochs without a lower "
            "loss)",
        ),
        Parameter(
            "warmup_epochs", 0, ("int",), minimum=0, summary="the rate rises over so many epochs"
        ),
        Parameter(
            "weight_decay",
            None,
            ("float", "null"),
            minimum=0,
            maximum=1,
            summary="pulls weights to 0, apart from the loss; null: 0.01 with adamw, else 0",
        ),
        Parameter(
            "early_stopping",
            5,
            ("int", "null"),
            minimum=1,
            summary="ends after so many epochs without a lower validation loss; null: never. The "
            "weights of the best epoch are used in any case",
        ),
        Parameter(
            "mixed_precision",
            False,
            ("bool",),
            summary="trains in bfloat16 where the processor has it: faster and coarser; the "
            "trained network computes in float32",
        ),
    )


def _loss() -> tuple[Parameter, ...]:
    return (
        Parameter(
            "loss",
            "cross_entropy",
            choices=LOSSES,
            summary="what is made small; focal: hard images count more; generalized_cross_entropy: "
            "wrong labels count less; of several labels an image, each is a yes or no",
        ),
        Parameter(
            "label_smoothing",
            0.0,
            ("float",),
            minimum=0,
            maximum=0.9,
            summary="this share of every label is spread over all classes; of several labels an "
            "image, each yes or no is moved towards one half",
        ),
        Parameter("focal_gamma", 2.0, ("float",), minimum=0, maximum=10, summary="of focal"),
        Parameter(
            "gce_q",
            0.7,
            ("float",),
            minimum=0.01,
            maximum=1,
            summary="of generalized_cross_entropy: near 0 cross-entropy, 1 mean absolute error",
        ),
        Parameter(
            "class_weight",
            None,
            ("null",),
            choices=("balanced",),
            summary="balanced: rare classes count as much as common ones; null: every image alike",
        ),
    )


def _images() -> tuple[Parameter, ...]:
    return (
        Parameter(
            "input_size",
            AUTO,
            ("int", "list"),
            choices=(AUTO,),
            minimum=1,
            maximum=LARGEST_INPUT,
            summary="what images are resized to: one number or [height, width]; auto: the "
            "network's own, and for networks that take any size that of the images, at most 224",
        ),
        Parameter(
            "normalization",
            AUTO,
            ("dict",),
            choices=NORMALIZATIONS,
            summary="{mean: 0.5, std: 0.5} of pixels in 0-1 (or one number a channel), imagenet, "
            "per_image, none; auto: the one of its weights or of the network, else {mean: 0.5, "
            "std: 0.5}",
            check=normalization_problem,
        ),
        Parameter(
            "augmentation_mix",
            None,
            ("null",),
            choices=MIXES,
            summary="of this network: none, augmented or combined; null: as configured",
        ),
        Parameter(
            "augmentation_ratio",
            None,
            ("float", "null"),
            minimum=0,
            maximum=1,
            summary="with combined: the share of original images; null: as the configuration says",
        ),
    )
