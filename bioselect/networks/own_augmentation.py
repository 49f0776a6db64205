"""The augmentation of a configuration, as the parameters of one network change it."""

from __future__ import annotations

from dataclasses import replace

from bioselect.augmentation.choice import Augmentation
from bioselect.exceptions import ComponentError


def chosen_augmentation(
    name: str, given: Augmentation | None, mix: str | None, ratio: float | None
) -> Augmentation | None:
    """Return what is done to the training images of a network; None: nothing.

    Parameters
    ----------
    name : str
        What to call the network in an error.
    given : Augmentation, optional
        Of the configuration.
    mix, ratio
        The parameters `augmentation_mix` and `augmentation_ratio`; None: as configured.

    Raises
    ------
    ComponentError
        If there are no steps, or a ratio without a mixture.
    """
    configured = given or Augmentation()
    chosen = mix or configured.mix
    if chosen != "none" and not configured.steps:
        raise ComponentError(
            f"{name}: params.augmentation_mix: {chosen} needs steps. Got none. List them "
            "under augmentation:, or leave it out."
        )
    if ratio is not None and chosen != "combined":
        raise ComponentError(
            f"{name}: params.augmentation_ratio needs augmentation_mix: combined. Got "
            f"{chosen}. Leave one of them out."
        )
    if chosen == "none":
        return None
    return replace(configured, mix=chosen, ratio=configured.ratio if ratio is None else ratio)
