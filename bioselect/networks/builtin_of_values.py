"""The built-in networks where a number is learnt: those of classes with other losses. Data only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from bioselect.networks.builtin import COMMON_PARAMETERS as OF_CLASSES
from bioselect.networks.builtin import NETWORKS
from bioselect.registry import ComponentRow, Parameter

#: The losses of numbers; the first is the usual one.
VALUE_LOSSES = ("mse", "mae", "huber")
_LOSS = Parameter(
    "loss",
    VALUE_LOSSES[0],
    choices=VALUE_LOSSES,
    summary="what is made small: mean squared error, mean absolute error (a few wrong numbers "
    "count less), or huber, between both; of the target brought to mean 0 and standard deviation 1 "
    "on the images that are trained on",
)
#: What is about classes, and what to do where a number is learnt.
NOT_OF_VALUES = (
    ("class_weight", "numbers have no classes that could be rare. Leave it out."),
    ("label_smoothing", "a number has no share to give to other classes. Leave it out."),
    ("focal_gamma", "it is of a loss of classes. Leave it out, or write loss: huber."),
    ("gce_q", "it is of a loss of classes. Leave it out, or write loss: mae."),
)


def of_values(parameters: tuple[Parameter, ...]) -> tuple[Parameter, ...]:
    """Return the parameters of a network that learns a number.

    Examples
    --------
    >>> [one.default for one in of_values(OF_CLASSES) if one.name == "loss"]
    ['mse']
    >>> "class_weight" in {one.name for one in of_values(OF_CLASSES)}
    False
    """
    refused = {name for name, _ in NOT_OF_VALUES}
    kept = (one for one in parameters if one.name not in refused)
    return tuple(_LOSS if one.name == "loss" else one for one in kept)


def _of_values(row: ComponentRow) -> ComponentRow:
    return replace(row, parameters=of_values(row.parameters), lacks=(*row.lacks, *NOT_OF_VALUES))


#: What a network of anybody's own takes besides the parameters of its builder.
COMMON_PARAMETERS = of_values(OF_CLASSES)
#: Every network that comes with bioselect and learns a number, by its name in a configuration.
VALUE_NETWORKS: Mapping[str, ComponentRow] = MappingProxyType(
    {name: _of_values(row) for name, row in NETWORKS.items()}
)
