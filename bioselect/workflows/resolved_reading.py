"""How the images of a study are read: what the configuration says, every `auto` resolved."""

from __future__ import annotations

from bioselect.config.sections import Config
from bioselect.data.fingerprint import ImageFingerprint
from bioselect.data.intensities import Intensity, resolve_auto
from bioselect.data.preparation import N_COLOURS, Reading


def resolve_reading(config: Config, marks: list[ImageFingerprint]) -> tuple[Reading, list[str]]:
    """Return how to read the images, and in words why each `auto` became what it is."""
    section = config.dataset
    explanations = []
    if section.intensity == "auto":
        intensity, why = resolve_auto(
            {mark.dtype for mark in marks},
            min(mark.minimum for mark in marks),
            max(mark.maximum for mark in marks),
        )
        explanations.append(f"intensity: {intensity.as_config()} ({why})")
    else:
        intensity = Intensity.from_config(section.intensity)
    channels = None if section.channels is None else tuple(section.channels)
    repeat_grey = {mark.n_channels for mark in marks} == {1, N_COLOURS}
    if repeat_grey:
        explanations.append(
            "channels: the set mixes grey and colour images; grey ones get three equal channels"
        )
    reading = Reading(
        intensity,
        channels,
        repeat_grey,
        section.stack_rule,
        join_series=section.table is None,
        tiles=section.tiles_rule,
    )
    return reading, explanations
