"""What a training gets from outside: its batches, its steps, and what it is judged by."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any, Protocol

from bioselect.networks.assembling import Network
from bioselect.networks.feeding import Batch, Feed
from bioselect.networks.history import EpochRecord, means_of
from bioselect.networks.losses import Loss, LossPlan, balanced_weights, make_loss
from bioselect.networks.settings import CourseSettings, Settings
from bioselect.networks.stepping import TrainStep, check_step, marking_of_classes, train_step

#: Completes the record of an epoch with what the validation images say.
Judge = Callable[[EpochRecord], EpochRecord]


class Lesson(Protocol):
    """What a network is taught."""

    @property
    def epochs(self) -> int | None:
        """After how many epochs to stop, if not after those of the settings."""

    @property
    def n_batches(self) -> int:
        """Batches in an epoch."""

    @property
    def n_shown(self) -> int:
        """Images, or parts of images, in an epoch."""

    def epoch(self, number: int) -> Generator[Batch, None, None]:
        """Give the batches of an epoch, counted from 1."""

    def steps(self, network: Network, optimizer: Any) -> tuple[TrainStep, Judge]:
        """Return the step of a training, compiled, and what judges the network after an epoch."""


class Design(Protocol):
    """What has to be known of a network to train it."""

    @property
    def name(self) -> str:
        """What to call it in errors."""

    @property
    def settings(self) -> CourseSettings:
        """How it is trained."""

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """(height, width, n_channels) of what is in a batch."""

    @property
    def size_parameter(self) -> str:
        """The parameter that says how large it is."""


@dataclass(frozen=True, eq=False)
class ClassLesson:
    """From images to classes, judged by the loss of the validation images."""

    feed: Feed
    settings: Settings

    @property
    def epochs(self) -> int | None:
        """After how many epochs to stop."""
        return self.feed.task.epochs

    @property
    def n_batches(self) -> int:
        """Batches in an epoch."""
        return self.feed.n_batches

    @property
    def n_shown(self) -> int:
        """Images in an epoch: each once."""
        return len(self.feed.task.train)

    def epoch(self, number: int) -> Generator[Batch, None, None]:
        """Give the batches of an epoch."""
        return self.feed.epoch(number)

    def steps(self, network: Network, optimizer: Any) -> tuple[TrainStep, Judge]:
        """Return the step of a training, and what judges the network."""
        task = self.feed.task
        n_labels = task.n_classes if task.is_multi_label else None
        marking = marking_of_classes(network, self._loss(), n_labels)
        train = train_step(network, optimizer, marking)
        check = check_step(network, marking)

        def judge(record: EpochRecord) -> EpochRecord:
            if len(task.validation) == 0:
                return record
            with closing(self.feed.originals(task.validation)) as batches:
                outcomes = [check(images, targets) for images, targets in batches]
            loss, accuracy = means_of(outcomes, len(task.validation))
            return replace(record, val_loss=loss, val_accuracy=accuracy)

        return train, judge

    def _loss(self) -> Loss:
        settings, task = self.settings, self.feed.task
        weights = None
        if settings.class_weight is not None:
            weights = balanced_weights(task.targets(task.train), task.is_multi_label)
        return make_loss(
            LossPlan(
                settings.loss,
                task.is_multi_label,
                settings.label_smoothing,
                settings.focal_gamma,
                settings.gce_q,
                weights,
            )
        )
