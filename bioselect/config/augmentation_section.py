"""`augmentation`: what is done to training images, and how many of them stay as they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import Field

from bioselect.augmentation.choice import COMBINED, DEFAULT_RATIO, MIXES, NONE, Augmentation
from bioselect.component import ComponentSpec
from bioselect.config.component_section import ComponentSection
from bioselect.config.rules import allowed, one_of

AUTO = "auto"
STEPS, MIX, RATIO = "augmentation", "augmentation_mix", "augmentation_ratio"


class AugmentationSection(ComponentSection):
    """A step that changes training images."""


Steps = Annotated[
    tuple[AugmentationSection, ...],
    Field(
        strict=False,
        description="What is done to training images, in this order; to no others. `bioselect "
        "augment` draws it.",
    ),
]
Mix = Annotated[
    str,
    one_of(AUTO, *MIXES),
    Field(
        description="Which training images a network sees: none (as they are), augmented (changed "
        "anew in each epoch, never as they are) or combined (some of each). auto: combined where "
        "steps are listed."
    ),
]
Ratio = Annotated[
    float | None,
    allowed("float", "null", minimum=0, maximum=1),
    Field(
        description="With combined: which part is shown as it is, from 0 to 1. null: "
        f"{DEFAULT_RATIO:g}."
    ),
]


def resolved_augmentation(
    steps: tuple[ComponentSpec, ...], mix: str, ratio: float | None
) -> Augmentation:
    """Return what the three keys mean together.

    Examples
    --------
    >>> resolved_augmentation((ComponentSpec("rotation"),), "auto", None).mix
    'combined'
    >>> resolved_augmentation((), "auto", None).mix
    'none'
    """
    if mix == AUTO:
        mix = COMBINED if steps else NONE
    return Augmentation(steps, mix, DEFAULT_RATIO if ratio is None else float(ratio))


def augmentation_problems(written: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what is wrong between the keys, each with its key and a sentence with the remedy.

    Examples
    --------
    >>> augmentation_problems({"augmentation": ["rotation"], "augmentation_ratio": 0.3})
    []
    >>> augmentation_problems({"augmentation_mix": "augmented"})[0][1][:30]
    'augmented needs steps. List th'
    """
    has_steps, mix = bool(written.get(STEPS)), written.get(MIX, AUTO)
    if not has_steps:
        lacking = []
        if mix not in (AUTO, NONE) and mix in MIXES:
            lacking.append((MIX, f"{mix} needs steps. List them under augmentation, or remove it."))
        if written.get(RATIO) is not None:
            lacking.append((RATIO, "needs steps. List them under augmentation, or remove it."))
        return lacking
    if written.get(RATIO) is None or mix in (AUTO, COMBINED) or _combined_by_a_network(written):
        return []
    text = (
        f"goes with augmentation_mix: combined. Got {mix}, for which it means nothing. Remove it."
    )
    return [(RATIO, text)]


def _combined_by_a_network(written: Mapping[str, Any]) -> bool:
    """Tell whether a network says itself that it combines, or tries it in a search."""
    for parameters in _parameters_of_networks(written):
        mix = parameters.get(MIX)
        if COMBINED in (mix if isinstance(mix, list) else [mix]):
            return True
    return False


def _parameters_of_networks(written: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    networks = written.get("networks")
    for entry in networks if isinstance(networks, list) else []:
        for key in ("params", "search"):
            if isinstance(entry, dict) and isinstance(entry.get(key), dict):
                yield entry[key]
