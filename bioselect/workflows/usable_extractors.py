"""The extractors that this machine can compute, and whether the images suit them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bioselect.checks.findings import NOTE, WARNING, Finding
from bioselect.config.sections import Config
from bioselect.data.fingerprint import ImageFingerprint
from bioselect.data.preparation import N_COLOURS, Reading
from bioselect.data.records import ImageDataset
from bioselect.exceptions import BioselectError, ComponentError, DataError, UnavailableError
from bioselect.features.base import Extractor, parts_of, traits
from bioselect.registry import ComponentSpec, create


@dataclass(frozen=True)
class UsableExtractor:
    """An extractor that can be computed on this machine."""

    spec: ComponentSpec
    extractor: Any


def usable_extractors(config: Config) -> tuple[list[UsableExtractor], dict[str, str]]:
    """Create every extractor and make sure that what it needs is there.

    All that cannot be had are named in one error, unless they may be skipped.
    """
    usable, problems = [], []
    skipped: dict[str, str] = {}
    for spec in config.extractor_specs:
        try:
            extractor = _created(spec, config)
            for part in parts_of(extractor):
                if hasattr(part, "check_available"):
                    part.check_available()
        except UnavailableError as error:
            if config.may_skip(spec):
                skipped[spec.label] = str(error)
            else:
                named = str(error).startswith(f"{spec.label}:")
                what = str(error) if named else f"{spec.label}: {error}"
                problems.append(f"{config.place_of(spec)}{what}")
            continue
        except BioselectError as error:
            raise type(error)(f"{config.place_of(spec)}{error}") from error
        usable.append(UsableExtractor(spec, extractor))
    if problems:
        raise cannot_be_had(problems, something_is_left=bool(usable or config.networks))
    if skipped and not usable and not config.networks:
        raise UnavailableError("no extractor is left: all of them had to be skipped.")
    return usable, skipped


def cannot_be_had(problems: list[str], something_is_left: bool) -> UnavailableError:
    """Return the error that names all that cannot be had, with a way on where there is one."""
    advice = ["To run without what cannot be had, write `on_unavailable: skip`."]
    return UnavailableError("\n".join([*problems, *(advice if something_is_left else [])]))


def _created(spec: ComponentSpec, config: Config) -> Any:
    """Return the extractor of a spec; somebody's own may raise anything, or be no extractor."""
    try:
        extractor = create("extractor", spec, config.base_dir)
    except BioselectError:
        raise
    except Exception as error:
        raise ComponentError(
            f"extractor {spec.name!r}: cannot be made with the parameters "
            f"{spec.params_dict or 'by default'} ({type(error).__name__}: {error}). Correct the "
            "class or its parameters."
        ) from error
    if not all(callable(getattr(part, "transform", None)) for part in parts_of(extractor)):
        raise ComponentError(
            f"extractor {spec.name!r}: must have transform(images). Got "
            f"{type(extractor).__name__} without it. Add the method."
        )
    return extractor


def remarks(extractors: list[UsableExtractor]) -> list[Finding]:
    """Return what models of the user's own say of themselves."""
    texts = [
        part.remark()
        for usable in extractors
        for part in parts_of(usable.extractor)
        if isinstance(part, Extractor) and hasattr(part, "remark")
    ]
    return [Finding(NOTE, "", text, "") for text in dict.fromkeys(texts) if text]


def check_channels(
    extractors: list[UsableExtractor],
    reading: Reading,
    dataset: ImageDataset,
    marks: list[ImageFingerprint],
    n_skipped: int,
) -> list[Finding]:
    """Stop before the work when images do not have the channels that an extractor takes.

    Returns a warning when `dataset.channels` is written and nothing looks at it, unless extractors
    were skipped: elsewhere these may.
    """
    problems = []
    n_choosing = 0
    for usable in extractors:
        problems += _exact_channels_problems(usable, reading, dataset, marks)
        wanted = {traits(part).n_channels for part in parts_of(usable.extractor)} - {None}
        if not wanted:
            continue
        n_choosing += 1
        for record, mark in zip(dataset.records, marks, strict=True):
            problem = channel_problem(mark.n_channels, reading.channels)
            if problem:
                problems.append(
                    f"{usable.spec.label} accepts images with 3 channels. {problem} "
                    f"({record.image_id})."
                )
                break
    if problems:
        raise DataError("\n".join(problems))
    if reading.channels is None or n_choosing or n_skipped:
        return []
    text = (
        "dataset.channels changes nothing here: no extractor takes three channels, and the others "
        "look at every channel."
    )
    remedy = "Remove it, or save the images with the channels you want."
    return [Finding(WARNING, "", text, remedy)]


def _exact_channels_problems(
    usable: UsableExtractor,
    reading: Reading,
    dataset: ImageDataset,
    marks: list[ImageFingerprint],
) -> list[str]:
    """Name the first image with another number of channels than somebody's own model takes.

    Such a model (`exact_channels`) is given every channel of an image, so none can be chosen.
    """
    problems = []
    for part in parts_of(usable.extractor):
        expected = getattr(part, "exact_channels", None)
        if expected is None:
            continue
        for record, mark in zip(dataset.records, marks, strict=True):
            is_repeated = reading.repeat_grey and mark.n_channels == 1
            found = N_COLOURS if is_repeated else mark.n_channels
            if found != expected:
                problems.append(
                    f"{usable.spec.label} accepts images with {expected} "
                    f"channel{'s' * (expected != 1)}. Got {found} ({record.image_id}). Save the "
                    "images with as many channels, or leave it out."
                )
                break
    return problems


def channel_problem(n_channels: int, channels: tuple[int, ...] | None) -> str:
    """Return why an image cannot go to a three-channel network, or nothing.

    Examples
    --------
    >>> channel_problem(1, None), channel_problem(5, (0, 2, 4))
    ('', '')
    >>> channel_problem(5, None)
    'Choose three with dataset.channels, for example [0, 1, 2]. Got 5'
    >>> channel_problem(5, (0, 1))
    'dataset.channels must list three channels, or one that is repeated. Got 2'
    """
    if channels is None:
        if n_channels in (1, 3):
            return ""
        return f"Choose three with dataset.channels, for example [0, 1, 2]. Got {n_channels}"
    if n_channels == 1:
        return ""
    if len(channels) not in (1, N_COLOURS):
        return (
            "dataset.channels must list three channels, or one that is repeated. "
            f"Got {len(channels)}"
        )
    if max(channels) < n_channels:
        return ""
    return (
        f"dataset.channels asks for channel {max(channels)}, counted from 0. "
        f"Got an image with {n_channels}"
    )
