"""Can the steps of a configuration be applied to its images, and is there anybody to see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from bioselect.augmentation.choice import AUGMENTED, COMBINED
from bioselect.augmentation.named_step import NamedStep, channels_problem
from bioselect.augmentation.pipeline import Augmenter, create_augmenter
from bioselect.config.components import VIEWS
from bioselect.config.sections import Config
from bioselect.data.fingerprint import ImageFingerprint
from bioselect.data.preparation import N_COLOURS
from bioselect.exceptions import ConfigurationError, DataError
from bioselect.features.views import Views
from bioselect.workflows.usable_extractors import UsableExtractor

_EIGHT_BITS = "uint8"
#: An image of this size tries somebody's own steps before the work.
_TRIED_SIDE = 32


def refuse_unused(config: Config) -> None:
    """Refuse steps that nothing would see.

    Raises
    ------
    ConfigurationError
        If steps are listed, and nothing that is trained looks at images.
    """
    if config.networks:
        return
    has_views = any(spec.name == VIEWS for spec in config.extractor_specs)
    if config.augmentation and not has_views:
        raise ConfigurationError(
            f"{config.place_of_key('augmentation')}augmentation: changes the images that networks "
            "are trained on, or of which the extractor views makes views, and none of both is "
            "listed. Remove augmentation, or list one. (`bioselect augment` draws the steps all "
            "the same.)"
        )
    if config.augmentation_mix in (AUGMENTED, COMBINED) or config.augmentation_ratio is not None:
        has_ratio = config.augmentation_ratio is not None
        written = "augmentation_ratio" if has_ratio else "augmentation_mix"
        raise ConfigurationError(
            f"{config.place_of_key(written)}augmentation_mix and augmentation_ratio: are about "
            "networks, and networks lists none. Remove them; how many views there are, the "
            "extractor views says."
        )


def checked_augmenter(config: Config, marks: Sequence[ImageFingerprint]) -> Augmenter:
    """Make the steps and try them against what is known of the images.

    Parameters
    ----------
    config : Config
        The configuration.
    marks : sequence of ImageFingerprint
        One for each image that is used.

    Raises
    ------
    ComponentError
        If a step of somebody's own cannot be made, or fails.
    DataError
        If a step does not take such images; the message names the first.
    """
    augmenter = create_augmenter(config.augmentation_choice, config.base_dir)
    check_steps(augmenter, config, marks)
    return augmenter


def check_views(
    extractors: Sequence[UsableExtractor], config: Config, marks: Sequence[ImageFingerprint]
) -> None:
    """Try the steps of views in the same way; those of an extractor may be its own."""
    for usable in extractors:
        if isinstance(usable.extractor, Views):
            check_steps(usable.extractor.augmenter, config, marks)


def check_steps(augmenter: Augmenter, config: Config, marks: Sequence[ImageFingerprint]) -> None:
    """Try steps against what is known of the images; see `checked_augmenter`."""
    n_channels = channels_seen(config, marks)
    for named in augmenter.steps:
        if named.is_batch_step:
            continue
        problem = channels_problem(named.step, n_channels)
        if not problem and getattr(named.step, "needs_colours", False):
            problem = _colour_problem(config, marks)
        if problem:
            raise DataError(f"augmentation {named.label}: {problem}")
        if named.is_own:
            _try(named, n_channels)


def channels_seen(config: Config, marks: Sequence[ImageFingerprint]) -> int:
    """Return how many channels the images have that steps are applied to.

    A set that mixes grey and colour images has three, and so have the chosen channels of others.
    """
    found = {mark.n_channels for mark in marks}
    if config.dataset.channels is not None and found != {1}:
        return len(config.dataset.channels)
    return max(found)


def _colour_problem(config: Config, marks: Sequence[ImageFingerprint]) -> str:
    """Say why three channels are not taken for red, green and blue, or nothing."""
    chosen = config.dataset.channels
    for mark in marks:
        if mark.n_channels not in (1, N_COLOURS):
            found = f"channels {list(chosen)} of {mark.n_channels}" if chosen else mark.n_channels
            return _not_colours(f"{found} ({mark.image_id})")
        if mark.n_channels == N_COLOURS and mark.dtype != _EIGHT_BITS:
            return _not_colours(f"three of {mark.dtype} ({mark.image_id})")
    return ""


def _not_colours(found: str) -> str:
    return (
        f"needs channels that are red, green and blue. Got {found}, which are mostly stains. "
        "Remove the step; or, if they are colours, write params: {channels: rgb}."
    )


def _try(named: NamedStep, n_channels: int) -> None:
    """Apply a step of somebody's own once, so that it fails now and not in the first epoch."""
    rng = np.random.default_rng(0)
    image = rng.random((_TRIED_SIDE, _TRIED_SIDE, n_channels), dtype=np.float32)
    Augmenter((replace(named, always=True),)).one(image, rng)
