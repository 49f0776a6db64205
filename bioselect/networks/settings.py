"""The parameters of a training, with every default filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from bioselect.component import ComponentRow, ComponentSpec
from bioselect.exceptions import ComponentError
from bioselect.networks.parameters import HEAD, HEAD_THEN_ALL
from bioselect.registry import parameter_problems

_RATES = {"sgd": 0.01, "adam": 0.001, "adamw": 0.001}
#: A network that begins with weights is trained on with this share of the rate.
FINE_TUNING_SHARE = 0.1
_WEIGHT_DECAYS = {"adamw": 0.01}
#: What is about classes, where a network learns a number and has no such parameter.
_WITHOUT_CLASSES = {"label_smoothing": 0.0, "focal_gamma": 2.0, "gce_q": 0.7, "class_weight": None}


@dataclass(frozen=True)
class CourseSettings:
    """How any network is trained: what was written, or the defaults; see `parameters`."""

    weights: str
    trainable: str | int
    head_epochs: int
    epochs: int
    batch_size: int
    optimizer: str
    momentum: float
    learning_rate: float | None
    schedule: str
    warmup_epochs: int
    weight_decay: float | None
    early_stopping: int | None
    mixed_precision: bool

    @property
    def begins_with_weights(self) -> bool:
        """Whether somebody trained the network before."""
        return self.weights != "none"

    @property
    def head_rate(self) -> float:
        """The learning rate while only the head is trained."""
        return _RATES[self.optimizer] if self.learning_rate is None else self.learning_rate

    @property
    def rate(self) -> float:
        """The learning rate of the training, or of its second part after that of the head.

        Examples
        --------
        >>> from bioselect.networks.builtin import NETWORKS
        >>> row = NETWORKS["mobilenet_v2"]
        >>> [settings_of(row, ComponentSpec.of(row.name, params))[0].rate for params in (
        ...     {}, {"weights": "none"}, {"learning_rate": 0.01}, {"trainable": "head"})]
        [0.0001, 0.001, 0.01, 0.001]
        """
        if self.trainable == HEAD_THEN_ALL:
            return self.head_rate * FINE_TUNING_SHARE
        lowered = self.begins_with_weights and self.trainable != HEAD
        if self.learning_rate is None and lowered:
            return self.head_rate * FINE_TUNING_SHARE
        return self.head_rate

    @property
    def decay(self) -> float:
        """The weight decay."""
        if self.weight_decay is not None:
            return self.weight_decay
        return _WEIGHT_DECAYS.get(self.optimizer, 0.0)


@dataclass(frozen=True)
class Settings(CourseSettings):
    """Those of a network from images to classes, or to numbers."""

    batch_norm: str
    dropout: float
    loss: str
    label_smoothing: float
    focal_gamma: float
    gce_q: float
    class_weight: str | None
    input_size: Any
    normalization: Any
    augmentation_mix: str | None
    augmentation_ratio: float | None

    @property
    def keeps_statistics(self) -> bool:
        """Whether batch normalisation goes on using the statistics that came with the weights."""
        if self.trainable == HEAD:
            return True
        if self.batch_norm == "auto":
            return self.begins_with_weights
        return self.batch_norm == "kept"


def settings_of(row: ComponentRow, spec: ComponentSpec) -> tuple[Settings, dict[str, Any]]:
    """Return the settings of a training, and the parameters of the network's builder.

    Raises
    ------
    ComponentError
        If a parameter is unknown or its value wrong, or two contradict each other.
    """
    params = spec.params_dict
    problems = parameter_problems(row, params)
    if problems:
        raise ComponentError(f"network {spec.name!r}: " + " ".join(problems))
    declared = {parameter.name: parameter.default for parameter in row.parameters}
    values = {**_WITHOUT_CLASSES, **declared, **params}
    names = {field.name for field in fields(Settings)}
    settings = Settings(**{name: values[name] for name in names})
    _check_together(spec.name, settings, params)
    return settings, {name: value for name, value in values.items() if name not in names}


def _check_together(name: str, settings: Settings, written: Mapping[str, Any]) -> None:
    """Refuse parameters that would have no effect, or could have none together."""
    for parameter, needed, value in (
        ("focal_gamma", "loss", "focal"),
        ("gce_q", "loss", "generalized_cross_entropy"),
        ("momentum", "optimizer", "sgd"),
        ("head_epochs", "trainable", HEAD_THEN_ALL),
    ):
        if parameter in written and getattr(settings, needed) != value:
            raise ComponentError(
                f"{name}: params.{parameter} needs {needed}: {value}. Got {needed}: "
                f"{getattr(settings, needed)}. Leave one of them out."
            )
    if settings.label_smoothing > 0 and settings.loss != "cross_entropy":
        raise ComponentError(
            f"{name}: params.label_smoothing needs loss: cross_entropy. Got loss: "
            f"{settings.loss}. Leave one of them out."
        )
    if settings.trainable == HEAD_THEN_ALL and settings.head_epochs >= settings.epochs:
        raise ComponentError(
            f"{name}: params.head_epochs must be less than epochs with trainable: head_then_all. "
            f"Got {settings.head_epochs} of {settings.epochs}. Write more epochs, or trainable: "
            "head."
        )
    n_head = settings.head_epochs if settings.trainable == HEAD_THEN_ALL else 0
    if settings.warmup_epochs >= settings.epochs - n_head:
        after = " after those of the head" if n_head else ""
        raise ComponentError(
            f"{name}: params.warmup_epochs must be less than epochs. Got {settings.warmup_epochs} "
            f"of {settings.epochs - n_head}{after}. Write fewer."
        )
    if settings.trainable != "all" and not settings.begins_with_weights:
        raise ComponentError(
            f"{name}: params.trainable: {settings.trainable} needs weights to begin with, because "
            "what is not trained would stay random. Got weights: none. Name a file or a model, or "
            "write trainable: all."
        )
    if settings.batch_norm == "trained" and settings.trainable == HEAD:
        raise ComponentError(
            f"{name}: params.batch_norm: trained does not go with trainable: head, which trains "
            "nothing but the last layer. Leave one of them out."
        )
    if settings.batch_norm == "kept" and not settings.begins_with_weights:
        raise ComponentError(
            f"{name}: params.batch_norm: kept needs weights to begin with. Got weights: none. "
            "Leave it out."
        )
