"""The networks that can be trained here, and whether the images and the folds suit them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from bioselect.config.sections import Config
from bioselect.config.task_keys import REGRESSION
from bioselect.data.fingerprint import ImageFingerprint
from bioselect.data.preparation import N_COLOURS, Reading
from bioselect.data.records import ImageDataset
from bioselect.data.splitting import Fold
from bioselect.data.targets import counted, is_label_sets, is_values, trait_words
from bioselect.estimators.search import grid
from bioselect.exceptions import BioselectError, ConfigurationError, DataError, UnavailableError
from bioselect.metrics.base import Metric, UndefinedMetricError, evaluate
from bioselect.networks.classifier import NetworkClassifier
from bioselect.networks.regressor import NetworkRegressor
from bioselect.networks.sizes import ImageShape
from bioselect.registry import ComponentSpec
from bioselect.selection.fitting import derived_seed
from bioselect.selection.validation_part import TooFewUnitsError, cut_validation_part
from bioselect.workflows.same_network import refuse_another_network
from bioselect.workflows.seen_images import images_seen, refuse_seen
from bioselect.workflows.usable_extractors import cannot_be_had, channel_problem


@dataclass(frozen=True, eq=False)
class UsableNetwork:
    """A network that can be trained on this machine, with the images of the study.

    `input_shape` is (height, width, n_channels) of the images that it takes; `identity` tells it
    from all others (version, content of its weights); `n_epochs` is how many a fold has at most,
    with all values of its search. `seen` are the first digits of the checksums of the images on
    which its weights were trained before, `doubts` what is to be told of it.
    """

    spec: ComponentSpec
    classifier: NetworkClassifier
    input_shape: tuple[int, int, int]
    identity: dict[str, Any]
    n_epochs: int
    seen: frozenset[str] = frozenset()
    doubts: tuple[str, ...] = ()


def usable_networks(
    config: Config,
    reading: Reading,
    dataset: ImageDataset,
    marks: Sequence[ImageFingerprint],
) -> tuple[list[UsableNetwork], dict[str, str]]:
    """Make every network and make sure that it takes the images and that its weights are there.

    Returns
    -------
    usable : list of UsableNetwork
        In the order of the configuration.
    skipped : dict
        Why others cannot be had, by label, where the configuration lets them be skipped.

    Raises
    ------
    BioselectError
        With the line of the configuration.
    """
    if not config.networks:
        return [], {}
    shape = _image_shape(reading, dataset, marks)
    usable, problems = [], []
    skipped: dict[str, str] = {}
    for spec in config.network_specs:
        place = config.place_of(spec, config.network_kind)
        try:
            usable.append(_usable(spec, config, shape, dataset, marks))
        except UnavailableError as error:
            if config.may_skip(spec, config.network_kind):
                skipped[spec.label] = str(error)
            else:
                problems.append(f"{place}{error}")
        except BioselectError as error:
            raise type(error)(f"{place}{error}") from error
    if problems:
        raise cannot_be_had(problems, something_is_left=bool(usable or config.extractors))
    return usable, skipped


def _usable(
    spec: ComponentSpec,
    config: Config,
    shape: ImageShape,
    dataset: ImageDataset,
    marks: Sequence[ImageFingerprint],
) -> UsableNetwork:
    if "input_size" in spec.search_dict:
        raise ConfigurationError(
            f"{spec.name}: search.input_size: images are resized once for a network, so the size "
            "cannot be searched. List the network once for each size."
        )
    made = [network_of(tried, config) for _, tried in grid(spec)]
    shapes = [one.input_shape(shape) for one in made]
    for one, size in zip(made, shapes, strict=True):
        if one.begins_with is not None:
            params = one.spec.params_dict
            refuse_another_network(spec.name, spec.name, params, size, one.begins_with)
    identities = [one.identity() for one in made]
    identity = identities[0] if len(identities) == 1 else {"each": identities}
    models = dict.fromkeys(one.begins_with for one in made if one.begins_with is not None)
    seen, doubts = images_seen(spec.name, list(models))
    refuse_seen(spec.name, seen, dataset, marks)
    n_epochs = sum(one.settings.epochs for one in made)
    return UsableNetwork(spec, made[0], shapes[0], identity, n_epochs, seen, doubts)


def network_of(spec: ComponentSpec, config: Config, n_jobs: int | None = None) -> NetworkClassifier:
    """Return the network of a spec (without a search) as the configuration trains it."""
    return network_maker(config, n_jobs)(spec)


def network_maker(
    config: Config, n_jobs: int | None = None
) -> Callable[[ComponentSpec], NetworkClassifier]:
    """Return what makes a network of a spec; it may be sent to other processes."""
    made = NetworkRegressor if config.task == REGRESSION else NetworkClassifier
    return partial(
        made, augmentation=config.augmentation_choice, base_dir=config.base_dir, n_jobs=n_jobs
    )


def _image_shape(
    reading: Reading, dataset: ImageDataset, marks: Sequence[ImageFingerprint]
) -> ImageShape:
    """Return the size that all images have, if they do, and the channels that networks are given.

    Raises
    ------
    DataError
        If the images differ in channels, or lack some that are asked for.
    """
    sizes = {(mark.height, mark.width) for mark in marks}
    height, width = next(iter(sizes)) if len(sizes) == 1 else (None, None)
    if reading.channels is not None:
        for record, mark in zip(dataset.records, marks, strict=True):
            if 1 < mark.n_channels <= max(reading.channels):
                raise DataError(
                    f"networks: {channel_problem(mark.n_channels, reading.channels)} "
                    f"({record.image_id})."
                )
        return height, width, len(reading.channels)
    found: dict[int, str] = {}
    for record, mark in zip(dataset.records, marks, strict=True):
        is_repeated = reading.repeat_grey and mark.n_channels == 1
        found.setdefault(N_COLOURS if is_repeated else mark.n_channels, record.image_id)
    if len(found) > 1:
        listed = ", ".join(f"{n} ({image_id})" for n, image_id in sorted(found.items()))
        raise DataError(
            f"networks: all images must have equally many channels. Got {listed}. Choose some with "
            "dataset.channels, or leave the odd ones out."
        )
    return height, width, next(iter(found))


def check_validation_parts(
    folds: Sequence[Fold],
    dataset: ImageDataset,
    units: np.ndarray,
    seed: int,
    searched_by: Metric | None = None,
) -> list[str]:
    """Make sure that a validation part can be cut from the training images of every fold.

    `searched_by` is the metric by which a search chooses there, if there is one.

    Returns
    -------
    list of str
        A sentence if classes are missing in some of the parts, else nothing.

    Raises
    ------
    DataError
        If a class, or a yes or no to a label, has too few independent images or groups for that; it
        is named. Or if the metric has no value on a part.
    """
    targets, names = dataset.targets(), dataset.class_names
    n_without = np.zeros(len(names), dtype=int)
    for fold in folds:
        try:
            _, validation = cut_validation_part(
                targets, units, fold.train, derived_seed(seed, fold.repeat, fold.index)
            )
        except TooFewUnitsError as error:
            short = trait_words(targets[fold.train], names)[error.trait]
            raise _too_few(dataset, short, error.n_units) from error
        if not dataset.is_values:
            n_without += _not_judged(targets[validation], len(names))
        if searched_by is not None:
            _check_has_value(searched_by, targets[validation], len(names))
    named = [
        f"{name!r} ({number} of {len(folds)} trainings)"
        for name, number in zip(names, n_without, strict=True)
        if number
    ]
    return _not_judged_in_words(dataset, named) if named else []


def _too_few(dataset: ImageDataset, short: str, n_units: int) -> DataError:
    """Return the error that `short` (a class, a yes or no to a label) has too few units."""
    lost = "No class may lose all of its images to that."
    if dataset.is_multilabel:
        lost = "No label may lose all images with it, or all without it, to that."
    elif dataset.is_values:
        lost = "There must be at least 2 independent ones."
    return DataError(
        "networks: some of the training images of every fold must be kept for validation. "
        f"{lost} Got {n_units} independent {f'images or groups {short}'.strip()} in the training "
        "images of a fold. Collect more, or leave out the networks."
    )


def _not_judged_in_words(dataset: ImageDataset, named: Sequence[str]) -> list[str]:
    if dataset.is_multilabel:
        return [
            "networks: all of the images that are kept for validation have a label, or none has: "
            f"{', '.join(named)}. Images with or without it come in too few or too large groups, "
            "and the best epoch is then chosen by the other labels. Collect some from more groups."
        ]
    return [
        "networks: classes are missing among the images that are kept for validation: "
        f"{', '.join(named)}. Their images come in too few or too large groups, and the best epoch "
        "is then chosen by the other classes alone. Collect some from more groups."
    ]


def _not_judged(validation: np.ndarray, n_classes: int) -> np.ndarray:
    """Tell which classes are missing, or which labels all of the images have or none has."""
    counts = counted(validation, n_classes)
    if is_label_sets(validation):
        return np.asarray((counts == 0) | (counts == len(validation)))
    return np.asarray(counts == 0)


def _check_has_value(metric: Metric, targets: np.ndarray, n_classes: int) -> None:
    right = targets
    if is_values(targets):
        right = targets[:, None]
    elif not is_label_sets(targets):
        right = np.eye(n_classes)[targets]
    try:
        evaluate(metric, targets, np.asarray(right, dtype=np.float64))
    except UndefinedMetricError as error:
        raise DataError(
            f"networks: a search chooses by {metric.name} on the validation part of every fold. "
            f"Got a part on which it has no value ({' '.join(str(error).split()).rstrip('.')}). "
            "Leave out search:, or choose another validation.metric."
        ) from error
