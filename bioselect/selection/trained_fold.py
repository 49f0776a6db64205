"""A network trained and tested on one fold, in this process or in a worker of a cluster."""

from __future__ import annotations

import gc
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from bioselect.backend import scratch_of_worker, tell_driver
from bioselect.data.splitting import Fold
from bioselect.estimators.search import grid
from bioselect.exceptions import BioselectError, ChangedImageError, StorageError
from bioselect.networks.history import EpochRecord, TrainingProgress
from bioselect.networks.pixels import Pixels
from bioselect.networks.task import NetworkTask
from bioselect.registry import ComponentSpec
from bioselect.selection.candidates import Candidate
from bioselect.selection.cross_validation import Problem
from bioselect.selection.fitting import derived_seed, goodness_of, one_line
from bioselect.selection.journal import JournalEntry
from bioselect.selection.validation_part import cut_validation_part

#: What is told of a fold in `chosen`, beside the values of a search.
BEST_EPOCH = "best_epoch"


class Trainable(Protocol):
    """What this file asks of a network; see :class:`bioselect.networks.classifier`."""

    def fit(
        self,
        pixels: Pixels,
        task: NetworkTask,
        checkpoint_dir: Path | None,
        progress: TrainingProgress,
    ) -> Any:
        """Train and return something with `best_epoch`, `history` and `predict_proba`."""


@dataclass(frozen=True, eq=False)
class ComparedNetwork:
    """A network as a candidate of a study.

    Attributes
    ----------
    candidate : Candidate
        The images and the network.
    pixels : callable
        Opens the images at the size that the network takes; asked only when something is trained.
    facts : mapping
        Everything that changes its results beside fold and targets, in JSON's types: parameters,
        weights, augmentation, the content of the images.
    made : callable
        Makes the network of a spec, which is that of the candidate with searched values filled in.
    n_epochs : int
        How many epochs a fold has at most, with all values that a search tries.
    n_features, operations : int, float
        Numbers of an image that it takes; arithmetic operations that it declares for one image.
    shown : str
        What it is called in lines for people; its label by default.
    pixels_there : callable, optional
        Returns what opens the images in a worker of a cluster, which is sent there.
    """

    candidate: Candidate
    pixels: Callable[[], Pixels]
    facts: Mapping[str, Any]
    made: Callable[[ComponentSpec], Trainable]
    n_epochs: int
    n_features: int
    operations: Callable[[], float] = field(default=lambda: math.inf)
    shown: str = ""
    pixels_there: Callable[[], Callable[[], Pixels]] | None = None

    @property
    def name(self) -> str:
        """What it is called in lines for people."""
        return self.shown or self.candidate.estimator.label


def trained_on_fold(
    problem: Problem, network: ComparedNetwork, fold: Fold, folder: Path, epochs: TrainingProgress
) -> JournalEntry:
    """Train and test on one fold; whatever goes wrong is the entry's `error`."""
    began = time.perf_counter()
    gc.collect()  # The model of the fold before: models hold on to themselves, and to much memory.
    try:
        pixels = network.pixels()
        trained, chosen = _best_trained(problem, network, fold, pixels, folder, epochs)
        fitted = time.perf_counter()
        probabilities = trained.predict_proba(pixels, fold.test)
        predicted = time.perf_counter()
    except (StorageError, ChangedImageError):
        raise
    except BioselectError as error:
        return JournalEntry({"error": one_line(str(error))})
    except Exception as error:  # A network may be anybody's, and memory may run out anywhere.
        return JournalEntry({"error": one_line(f"{type(error).__name__}: {error}")})
    values = {
        "chosen": {**chosen, BEST_EPOCH: int(trained.best_epoch)},
        "fit_seconds": fitted - began,
        "predict_seconds": predicted - fitted,
        "error": "",
        "n_features": network.n_features,
        "operations": declared(network),
        "history": [asdict(record) for record in trained.history],
    }
    return JournalEntry(values, np.asarray(probabilities, dtype=np.float64))


def declared(network: ComparedNetwork) -> float:
    """Return the operations for one image, infinite where they cannot be counted."""
    try:
        return network.operations()
    except Exception:  # Of anybody's own network anything may fail, and a cost stops no study.
        return math.inf


def _best_trained(
    problem: Problem,
    network: ComparedNetwork,
    fold: Fold,
    pixels: Pixels,
    folder: Path,
    epochs: TrainingProgress,
) -> tuple[Any, dict[str, Any]]:
    """Return the network that is tested, and the values of its search."""
    seed = derived_seed(problem.seed, fold.repeat, fold.index)
    train, validation = cut_validation_part(problem.class_indices, problem.units, fold.train, seed)
    task = NetworkTask(problem.n_classes, problem.class_indices, train, validation, seed)
    spec = network.candidate.estimator
    if not spec.search:
        return network.made(spec).fit(pixels, task, folder, epochs), {}
    goodness = goodness_of(problem.metric_name, problem.base_dir)
    best: tuple[float, Any, dict[str, Any]] | None = None
    for number, (values, tried) in enumerate(grid(spec)):
        trained = network.made(tried).fit(pixels, task, folder / str(number), epochs)
        found = trained.predict_proba(pixels, validation)
        score = goodness(problem.class_indices[validation], np.asarray(found, dtype=np.float64))
        if best is None or score > best[0]:
            best = (score, trained, values)
    assert best is not None
    return best[1], best[2]


@dataclass(frozen=True, eq=False)
class FoldThere:
    """A fold on its way to a worker; `place` is its number among those of the network.

    `folder` is for checkpoints: the one of the run where the worker sees it, so that a fold whose
    worker is lost goes on from its last epoch.
    """

    problem: Problem
    network: ComparedNetwork
    fold: Fold
    folder: Path
    place: int


def sent(network: ComparedNetwork) -> ComparedNetwork:
    """Return a network as it travels: what it declares is counted here, once."""
    pixels = network.pixels if network.pixels_there is None else network.pixels_there()
    return replace(
        network,
        pixels=pixels,
        pixels_there=None,
        operations=partial(float, declared(network)),
    )


def train_there(task: FoldThere) -> JournalEntry:
    """Train and test on a fold in a worker; every epoch is told to the process that waits."""
    folder, scratch = task.folder, scratch_of_worker()
    if scratch is not None and not folder.parent.parent.is_dir():
        folder = scratch / "training" / folder.name

    def told(record: EpochRecord, n_epochs: int, seconds: float) -> None:
        tell_driver(task.place)

    return trained_on_fold(task.problem, task.network, task.fold, folder, told)


def lost_there(task: FoldThere, error: BioselectError) -> JournalEntry:
    """Return the entry of a fold that no worker survived."""
    return JournalEntry({"error": one_line(str(error))})
