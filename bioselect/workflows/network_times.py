"""How long the networks of a study will take: a batch of each is trained and timed, before it all.

What is timed is thrown away: the study trains each network from its beginning.
"""

from __future__ import annotations

import gc
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bioselect.data.preparation import channels_asked, prepare
from bioselect.data.reading import read_source
from bioselect.features.cache import FeatureCache
from bioselect.networks.classifier import NetworkClassifier
from bioselect.networks.history import EpochRecord
from bioselect.networks.parameters import ALL, HEAD_THEN_ALL
from bioselect.networks.pixels import ArrayPixels
from bioselect.networks.task import NetworkTask
from bioselect.progress import Reporter, duration_in_words
from bioselect.registry import ComponentSpec
from bioselect.selection.cross_validation import Problem
from bioselect.selection.journal import Journal
from bioselect.selection.network_folds import fold_key
from bioselect.selection.validation_part import VALIDATION_SHARE
from bioselect.workflows.budget import Clock
from bioselect.workflows.network_study import PixelSources, compared
from bioselect.workflows.study_inputs import StudyInputs
from bioselect.workflows.usable_networks import UsableNetwork

#: The first epoch also builds and traces the network; the second takes what all others take.
N_EPOCHS_TIMED = 2
#: Looking at an image takes about a third of what training on it takes.
SHARE_OF_LOOKING = 0.35
#: A study of fewer images is over before timing would be worth it.
MIN_IMAGES_TIMED = 60


@dataclass(frozen=True)
class NetworkTime:
    """What one network will take.

    `start_seconds` pass at the beginning of each training, `seconds_per_image` for an image of each
    epoch; `n_trainings` are left, of `n_epochs` epochs at most, all values of a search together.
    """

    start_seconds: float
    seconds_per_image: float
    n_trainings: int
    n_epochs: int

    def seconds(self, n_train: float, n_validation: float, n_test: float) -> float:
        """Return what all trainings take at most, on so many images each."""
        looked = SHARE_OF_LOOKING * (n_validation * self.n_epochs + n_test)
        of_images = self.seconds_per_image * (self.n_epochs * n_train + looked)
        return self.n_trainings * (self.start_seconds + of_images)


def time_networks(
    inputs: StudyInputs,
    problem: Problem,
    cache: FeatureCache,
    journal: Journal,
    reporter: Reporter,
    clock: Clock,
) -> dict[str, float | None]:
    """Return the seconds that the folds of each network will take at most, by its short name.

    Networks whose folds are all kept from before are left out. None stands for one that fails on
    the batch that is timed; the study says why.
    """
    sources = PixelSources(inputs, cache, reporter)
    found: dict[str, float | None] = {}
    for usable in inputs.networks:
        network = compared(usable, inputs, problem, sources)
        keys = [fold_key(problem, network, fold) for fold in problem.plan.folds]
        n_missing = sum(journal.get(key) is None for key in keys)
        if not n_missing or inputs.dataset.n_images < MIN_IMAGES_TIMED:
            continue
        reporter.say(f"timing a batch of {network.name}")
        timed = _timed(usable, inputs, problem, n_missing, clock)
        n_trained = float(np.mean([len(fold.train) for fold in problem.plan.folds]))
        n_tested = float(np.mean([len(fold.test) for fold in problem.plan.folds]))
        n_validation = VALIDATION_SHARE * n_trained
        found[network.name] = (
            None
            if timed is None
            else timed.seconds(n_trained - n_validation, n_validation, n_tested)
        )
    return found


def _timed(
    usable: UsableNetwork, inputs: StudyInputs, problem: Problem, n_missing: int, clock: Clock
) -> NetworkTime | None:
    n_some = min(usable.classifier.settings.batch_size, inputs.dataset.n_images)
    places = np.unique(np.linspace(0, inputs.dataset.n_images - 1, n_some).astype(int))
    taken: list[float] = []

    def keep(record: EpochRecord, n_epochs: int, seconds: float) -> None:
        taken.append(seconds)

    task = NetworkTask(
        n_classes=problem.n_classes,
        class_indices=problem.class_indices[places],
        train=np.arange(len(places)),
        validation=np.zeros(0, dtype=np.int64),
        seed=problem.seed,
        epochs=N_EPOCHS_TIMED,
    )
    began = clock()
    try:
        as_slow_as_it_gets(usable.classifier, inputs.n_jobs).fit(
            _some_pixels(usable, inputs, places), task, None, keep
        )
    except Exception:  # Anybody's own network, or no memory: the study tells what is wrong.
        return None
    finally:
        gc.collect()
    start = max(0.0, clock() - began - N_EPOCHS_TIMED * taken[-1])
    return NetworkTime(start, taken[-1] / len(places), n_missing, usable.n_epochs)


def as_slow_as_it_gets(network: NetworkClassifier, n_jobs: int | None = None) -> NetworkClassifier:
    """Return the network as it trains in its slowest epochs, which are not always the first.

    Examples
    --------
    >>> params = {"trainable": "head_then_all", "head_epochs": 5, "weights": "old/model"}
    >>> network = NetworkClassifier(ComponentSpec.of("resnet18", params))
    >>> as_slow_as_it_gets(network).spec.params_dict
    {'trainable': 'all', 'weights': 'old/model'}
    """
    if network.settings.trainable != HEAD_THEN_ALL:
        return network
    params = {**network.spec.params_dict, "trainable": ALL}
    params.pop("head_epochs", None)
    spec = ComponentSpec.of(network.name, params)
    return NetworkClassifier(spec, network.augmentation, network.base_dir, n_jobs)


def _some_pixels(usable: UsableNetwork, inputs: StudyInputs, places: np.ndarray) -> ArrayPixels:
    *size, n_channels = usable.input_shape
    reading = inputs.reading
    asked = channels_asked(n_channels, reading)
    images = []
    for place in places:
        source = inputs.dataset.records[int(place)].source
        native = read_source(source, reading.stack)
        images.append(prepare(native, reading, (size[0], size[1]), asked, str(source)))
    return ArrayPixels(np.stack(images))


def networks_in_words(seconds: Mapping[str, float | None]) -> list[str]:
    """Return what the networks will take, in one line; no line where nothing was timed.

    Examples
    --------
    >>> networks_in_words({"resnet18": 2400.0, "small_cnn": 75.0})
    ['time needed by networks: at most about 41 min 15 s: resnet18 40 min 0 s, small_cnn 1 min \
15 s; less where trainings stop early, some more for the model if a network wins']
    """
    if not seconds:
        return []
    known: Sequence[float] = [one for one in seconds.values() if one is not None]
    shown = ", ".join(
        f"{label} {'not known' if one is None else duration_in_words(one)}"
        for label, one in seconds.items()
    )
    return [
        f"time needed by networks: at most about {duration_in_words(sum(known))}: {shown}; less "
        "where trainings stop early, some more for the model if a network wins"
    ]
