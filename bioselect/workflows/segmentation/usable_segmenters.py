"""The segmenters that can be trained here, and the channels that all images have for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bioselect.config.sections import Config
from bioselect.data.fingerprint import ImageFingerprint
from bioselect.data.preparation import N_COLOURS, Reading
from bioselect.data.records import ImageDataset
from bioselect.exceptions import BioselectError, DataError, UnavailableError
from bioselect.registry import ComponentSpec
from bioselect.segmenters.base import Segmenter
from bioselect.segmenters.creation import create_segmenter
from bioselect.workflows.same_network import refuse_another_network
from bioselect.workflows.seen_images import images_seen, refuse_seen
from bioselect.workflows.short_labels import short_labels
from bioselect.workflows.usable_extractors import cannot_be_had, channel_problem


@dataclass(frozen=True, eq=False)
class UsableSegmenter:
    """A segmenter that can be trained on this machine, and its short name.

    `seen` are the checksums of the images on which its weights were trained before.
    """

    spec: ComponentSpec
    segmenter: Segmenter
    short_name: str
    seen: frozenset[str] = frozenset()


def usable_segmenters(config: Config) -> tuple[list[UsableSegmenter], list[str]]:
    """Make every segmenter and make sure that its weights are there.

    Returns
    -------
    usable : list of UsableSegmenter
        In the order of the configuration.
    skipped : list of str
        Which others cannot be had and why, where the configuration lets them be skipped.

    Raises
    ------
    BioselectError
        With the line of the configuration.
    """
    shown = short_labels(config.segmenter_specs)
    usable, problems, skipped = [], [], []
    for spec in config.segmenter_specs:
        place = config.place_of(spec, "segmenter")
        try:
            made = create_segmenter(spec, config.augmentation_choice, config.base_dir)
            made.check_available()
            usable.append(UsableSegmenter(spec, made, shown[spec.label]))
        except UnavailableError as error:
            if config.may_skip(spec, "segmenter"):
                skipped.append(f"{spec.label} is left out: {error}")
            else:
                problems.append(f"{place}{error}")
        except BioselectError as error:
            raise type(error)(f"{place}{error}") from error
    if problems:
        raise cannot_be_had(problems, something_is_left=bool(usable))
    if not usable:
        raise UnavailableError(f"networks: none of them can be had. {' '.join(skipped)}")
    return usable, skipped


def without_seen(
    config: Config,
    segmenters: Sequence[UsableSegmenter],
    dataset: ImageDataset,
    marks: Sequence[ImageFingerprint],
) -> tuple[list[UsableSegmenter], list[str]]:
    """Return the segmenters with what their weights have seen, and doubts about it in words.

    Raises
    ------
    BioselectError
        If one begins with weights that were trained on images of the study.
    """
    found: list[UsableSegmenter] = []
    doubts: list[str] = []
    for usable in segmenters:
        path = getattr(usable.segmenter, "begins_with", None)
        try:
            if path is not None:
                encoder = getattr(usable.segmenter, "encoder", "")
                refuse_another_network(usable.spec.name, encoder, {}, None, path)
            seen, told = images_seen(usable.spec.name, [] if path is None else [path])
            refuse_seen(usable.spec.name, seen, dataset, marks)
        except BioselectError as error:
            place = config.place_of(usable.spec, "segmenter")
            raise type(error)(f"{place}{error}") from error
        found.append(replace(usable, seen=seen))
        doubts += told
    return found, doubts


def channels_of_images(
    reading: Reading, dataset: ImageDataset, marks: Sequence[ImageFingerprint]
) -> int:
    """Return how many channels every image has for a segmenter.

    Raises
    ------
    DataError
        If the images differ in channels, or lack some that are asked for.
    """
    found: dict[int, str] = {}
    for record, mark in zip(dataset.records, marks, strict=True):
        if reading.channels is not None and 1 < mark.n_channels <= max(reading.channels):
            raise DataError(
                f"networks: {channel_problem(mark.n_channels, reading.channels)} "
                f"({record.image_id})."
            )
        is_repeated = reading.repeat_grey and mark.n_channels == 1
        n_channels = N_COLOURS if is_repeated else mark.n_channels
        if reading.channels is not None:
            n_channels = len(reading.channels)
        found.setdefault(n_channels, record.image_id)
    if len(found) > 1:
        listed = ", ".join(f"{n} ({image_id})" for n, image_id in sorted(found.items()))
        raise DataError(
            f"networks: all images must have equally many channels. Got {listed}. Choose some with "
            "dataset.channels, or leave the odd ones out."
        )
    return next(iter(found))
