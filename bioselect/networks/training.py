"""A training, epoch by epoch: the same bits for the same seed, also when it was killed between.

On a processor TensorFlow computes with its own threads, one a core: the same number of cores gives
the same bits. On a graphics processor its deterministic operations are switched on.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import numpy as np

from bioselect.backbones.keras_import import import_tensorflow, in_fresh_keras
from bioselect.exceptions import ComponentError
from bioselect.networks.assembling import Network
from bioselect.networks.blocks import trained_variables
from bioselect.networks.checkpoints import Checkpoint, CheckpointFolder
from bioselect.networks.history import (
    EpochRecord,
    TrainingProgress,
    best_epoch,
    is_over,
    means_of,
    plateaus,
)
from bioselect.networks.lesson import Design, Judge, Lesson
from bioselect.networks.memory import explained_memory_errors
from bioselect.networks.optimizers import make_optimizer
from bioselect.networks.phases import Phase, phase_of, phases_of
from bioselect.networks.precision import mixed_precision
from bioselect.networks.rates import PLATEAU_PATIENCE


@dataclass(frozen=True)
class Course:
    """How a training went: its epochs, which was the best, and how long each took."""

    history: tuple[EpochRecord, ...]
    best_epoch: int
    seconds: tuple[float, ...]


class Training:
    """A network in training; `run` leaves it with the weights of its best epoch.

    Parameters
    ----------
    network, design
        The network, and what it follows from.
    lesson : Lesson
        Its batches and steps, and what judges it.
    folder : CheckpointFolder, optional
        Where it is kept after every epoch.
    progress : TrainingProgress
        Told of every epoch.
    """

    def __init__(
        self,
        network: Network,
        design: Design,
        lesson: Lesson,
        folder: CheckpointFolder | None,
        progress: TrainingProgress,
    ) -> None:
        self.network = network
        self.design = design
        self.settings = design.settings
        self.lesson = lesson
        self.folder = folder
        self.progress = progress
        self.phases = phases_of(self.settings, lesson.n_batches)
        self.n_epochs = lesson.epochs or self.settings.epochs
        self.history: list[EpochRecord] = []
        self.seconds: list[float] = []
        self.best: list[np.ndarray] | None = None
        self.variables: list[Any] = []
        self.optimizer_numbers: list[np.ndarray] | None = None
        self.optimizer: Any = None
        self.train: Callable[..., Any] = _not_ready
        self.judge: Judge = _not_ready

    def run(self) -> Course:
        """Train until the last epoch, or until the validation loss falls no more."""
        design = self.design
        with (
            explained_memory_errors(
                design.name, self.settings.batch_size, design.image_shape, design.size_parameter
            ),
            mixed_precision(self.network.body, self.settings.mixed_precision),
        ):
            return self._run()

    def _run(self) -> Course:
        _prefer_determinism()
        self.network.choose_trained(self.settings.trainable, self.design.name)
        self.variables = trained_variables(self.network.model)
        self._go_on()
        n_head = self.phases[-1].first - 1
        phase: Phase | None = None
        for epoch in range(len(self.history) + 1, self.n_epochs + 1):
            if is_over(self.history, self.settings.early_stopping, since=n_head):
                break
            due = phase_of(self.phases, epoch)
            if due is not phase:
                phase = due
                self._begin(phase)
            self._epoch(epoch, due)
        best = best_epoch(self.history)
        if self.best is not None:
            _assign(self.variables, self.best)
        return Course(tuple(self.history), best, tuple(self.seconds))

    def _go_on(self) -> None:
        """Take up a training that was interrupted."""
        found = self.folder.read() if self.folder is not None else None
        if found is None:
            return
        _assign(self.variables, found.weights)
        self.history, self.seconds = found.history, found.seconds
        # Without weights of its own, the best epoch is the last one.
        self.best = found.weights if found.best is None else found.best
        self.optimizer_numbers = found.optimizer
        for record, seconds in zip(self.history, self.seconds, strict=True):
            self.progress(record, self.n_epochs, seconds)

    def _begin(self, phase: Phase) -> None:
        """Make the optimizer and the steps of a part of the training."""
        network, settings = self.network, self.settings
        network.choose_trained(settings.trainable, self.design.name, phase.head_only)
        variables = list(network.model.trainable_variables)
        self.optimizer = in_fresh_keras(lambda keras: make_optimizer(keras, settings, variables))
        is_first_epoch = len(self.history) + 1 == phase.first
        if self.optimizer_numbers is not None and not is_first_epoch:
            _assign(self.optimizer.variables, self.optimizer_numbers)
        self.optimizer_numbers = None
        self.train, self.judge = self.lesson.steps(network, self.optimizer)

    def _epoch(self, epoch: int, phase: Phase) -> None:
        """Train one epoch, judge it, keep it."""
        start = time.perf_counter()
        n_plateaus = plateaus(self.history, PLATEAU_PATIENCE, since=phase.first - 1)
        rates = [phase.rate(epoch, batch, n_plateaus) for batch in range(self.lesson.n_batches)]
        with closing(self.lesson.epoch(epoch)) as batches:
            outcomes = [
                self.train(images, targets, np.float32(rate))
                for (images, targets), rate in zip(batches, rates, strict=True)
            ]
        loss, accuracy = means_of(outcomes, self.lesson.n_shown)
        self._refuse_nonsense(loss, epoch, rates[-1])
        record = self.judge(EpochRecord(epoch, rates[-1], loss, accuracy))
        self.history.append(record)
        is_best = best_epoch(self.history) == epoch
        if is_best:
            self.best = self._weights()
        self.seconds.append(time.perf_counter() - start)
        if self.folder is not None:
            self._keep(is_best)
        self.progress(record, self.n_epochs, self.seconds[-1])

    def _keep(self, is_best: bool) -> None:
        assert self.folder is not None
        self.folder.write(
            Checkpoint(
                # A copy of the weights takes as long as many a batch: one is enough.
                weights=self.best if is_best and self.best else self._weights(),
                optimizer=[variable.numpy() for variable in self.optimizer.variables],
                best=None if is_best else self.best,
                best_epoch=best_epoch(self.history),
                history=self.history,
                seconds=self.seconds,
            )
        )

    def _weights(self) -> list[np.ndarray]:
        return [variable.numpy() for variable in self.variables]

    def _refuse_nonsense(self, loss: float, epoch: int, rate: float) -> None:
        if not math.isfinite(loss):
            raise ComponentError(
                f"{self.design.name}: the loss of a training must stay a finite number. Got "
                f"{loss} in epoch {epoch}. Write a lower learning_rate, for example "
                f"{rate / 10:.1g}."
            )


def _assign(variables: list[Any], arrays: list[np.ndarray]) -> None:
    for variable, array in zip(variables, arrays, strict=True):
        variable.assign(array)


def _prefer_determinism() -> None:
    tensorflow = import_tensorflow()
    if tensorflow.config.list_physical_devices("GPU"):
        tensorflow.config.experimental.enable_op_determinism()


def _not_ready(*batch: Any) -> Any:
    raise AssertionError("a part of the training begins before its first step")
