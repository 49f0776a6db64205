"""How the weights are moved after each batch."""

from __future__ import annotations

from typing import Any

from bioselect.networks.settings import CourseSettings

#: Decay is for the weights of convolutions and dense layers: pulling a scale or an offset to 0
#: does not make a network simpler.
_NOT_DECAYED = ("bias", "gamma", "beta")


def make_optimizer(keras: Any, settings: CourseSettings, variables: list[Any]) -> Any:
    """Return the optimizer of some variables, its own numbers all 0.

    Weight decay is apart from the loss, as in AdamW (Loshchilov and Hutter 2019,
    arXiv:1711.05101): in every step the learning rate times the decay of a weight is taken away.
    """
    options = {"learning_rate": float(settings.rate), "weight_decay": settings.decay or None}
    if settings.optimizer == "sgd":
        optimizer = keras.optimizers.SGD(momentum=float(settings.momentum), **options)
    elif settings.optimizer == "adam":
        optimizer = keras.optimizers.Adam(**options)
    else:
        options["weight_decay"] = settings.decay
        optimizer = keras.optimizers.AdamW(**options)
    if settings.decay:
        optimizer.exclude_from_weight_decay(var_names=list(_NOT_DECAYED))
    optimizer.build(variables)
    return optimizer
