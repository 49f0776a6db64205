"""The face of a network: fit on pixels, then predict, save, load. What a study knows of it."""

from __future__ import annotations

from dataclasses import asdict, replace
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from bioselect.augmentation.identity import steps_identity
from bioselect.augmentation.pipeline import Augmentation, create_augmenter
from bioselect.backbones.counting import cost_of
from bioselect.component import ComponentRow, ComponentSpec
from bioselect.exceptions import ComponentError
from bioselect.networks.assembling import Design, assemble
from bioselect.networks.checkpoints import CheckpointFolder
from bioselect.networks.feeding import Feed
from bioselect.networks.history import TrainingProgress, silent_progress
from bioselect.networks.initial_weights import InitialWeights, find_initial_weights
from bioselect.networks.lesson import ClassLesson
from bioselect.networks.memory import explained_memory_errors
from bioselect.networks.own_augmentation import chosen_augmentation
from bioselect.networks.pixels import Pixels
from bioselect.networks.settings import Settings, settings_of
from bioselect.networks.sizes import ImageShape, chosen_channels, chosen_size
from bioselect.networks.task import NetworkTask, TargetScale
from bioselect.networks.trained import BATCH_SIZE, TrainedNetwork
from bioselect.networks.training import Training
from bioselect.networks.value_lesson import ValueLesson
from bioselect.registry import find_row, identity
from bioselect.storage import content_of, digest_of

#: Raised when a training would end in other weights than before.
TRAINING_VERSION = 3


class NetworkClassifier:
    """A network that is trained from pixels; the constructor only stores.

    Parameters
    ----------
    spec : ComponentSpec
        A name of the table, or ``pkg.module:Name`` of a function that takes `input_shape` and
        returns a `keras.Model` from pixels to a map or a row; and the parameters.
    augmentation : Augmentation
        What the configuration does to training images; a parameter of the network may say
        otherwise which of them.
    base_dir : Path, optional
        The configuration's folder, where somebody's own modules and relative paths begin.
    n_jobs : int, optional
        Most threads that augment images; all cores unless given. No result depends on it.

    Examples
    --------
    >>> spec = ComponentSpec.of("resnet18", {"epochs": 3})
    >>> NetworkClassifier(spec).input_shape((28, 28, 1))
    (28, 28, 1)
    """

    #: What the registry calls it.
    kind = "network"

    def __init__(
        self,
        spec: ComponentSpec,
        augmentation: Augmentation | None = None,
        base_dir: Path | None = None,
        n_jobs: int | None = None,
    ) -> None:
        self.spec = spec
        self.augmentation = augmentation
        self.base_dir = base_dir
        self.n_jobs = n_jobs

    @property
    def name(self) -> str:
        """What it is called in errors."""
        return self.spec.name

    @property
    def settings(self) -> Settings:
        """How it is trained, every default filled in."""
        return self._written[0]

    @property
    def begins_with(self) -> Path | None:
        """The model of bioselect whose weights it begins with, if there is one."""
        return self._weights.path if self._weights.origin == "trained" else None

    def check_available(self) -> None:
        """Find out, before any work, whether parameters fit and weights can be had.

        Raises
        ------
        ComponentError, UnavailableError
            If not; the message says what to do.
        """
        _ = self.settings, self._chosen_augmentation, self._weights

    def input_shape(self, image_shape: ImageShape) -> tuple[int, int, int]:
        """Return (height, width, n_channels) of the images that it is trained on.

        Parameters
        ----------
        image_shape : tuple
            Of the images as they are read, height and width None where they differ. One channel
            becomes as many equal ones as the network needs.

        Raises
        ------
        ComponentError
            If the images have not as many channels as its weights, or are too small.
        """
        size = chosen_size(self._row, self.name, self.settings.input_size, image_shape)
        return (*size, chosen_channels(self.name, self._weights, image_shape[2]))

    def fit(
        self,
        pixels: Pixels,
        task: NetworkTask,
        checkpoint_dir: Path | None = None,
        progress: TrainingProgress = silent_progress,
    ) -> TrainedNetwork:
        """Train the network.

        Parameters
        ----------
        pixels : Pixels
            All images, of `input_shape`.
        task : NetworkTask
            Their classes (or numbers), which to train on, the seed.
        checkpoint_dir : Path, optional
            A folder for this training alone, of these images: a training that was killed goes on
            there from its last epoch. Remove it once the result is kept; until then the same call
            gives the same network at once.
        progress : TrainingProgress
            Told of every epoch.

        Returns
        -------
        TrainedNetwork
            With the weights of the epoch whose validation loss was lowest.

        Raises
        ------
        BioselectError
            If it cannot be trained; the message says what to do.
        """
        task.check(len(pixels))
        design = self.design(pixels.shape, task.n_classes, task.is_multi_label, task.seed)
        design = replace(design, scale=task.scale)
        with explained_memory_errors(self.name, None, pixels.shape):
            network = assemble(design)
        folder = None
        if checkpoint_dir is not None:
            folder = CheckpointFolder(checkpoint_dir, self._facts(pixels, task))
        kind_of_lesson = ValueLesson if task.is_values else ClassLesson
        lesson = kind_of_lesson(self._feed(pixels, task), self.settings)
        training = Training(network, design, lesson, folder, progress)
        course = training.run()
        return TrainedNetwork(
            network.model,
            course.best_epoch,
            course.history,
            course.seconds,
            name=self.name,
            batch_size=min(BATCH_SIZE, self.settings.batch_size),
        )

    def operations(self, input_shape: tuple[int, int, int], n_classes: int) -> float:
        """Return the operations of one prediction, counted in its graph; a multiply-add is two."""
        design = self.design(input_shape, n_classes, False, 0)
        # What the weights are makes no difference, and reading them takes time.
        scale = TargetScale(0.0, 1.0) if self.kind == "value_network" else None
        network = assemble(replace(design, weights=InitialWeights("random"), scale=scale))
        return cost_of(network.model, input_shape).operations

    def identity(self) -> dict[str, Any]:
        """Return what its results depend on besides images, classes and seed, in JSON's types."""
        chosen = self._chosen_augmentation
        steps = [] if chosen is None else steps_identity(chosen.steps, self.base_dir)
        return {
            **identity(self.kind, self.name, self.base_dir),
            "training_version": TRAINING_VERSION,
            "settings": asdict(self.settings) | {"weights": self._weights.identity()},
            "own": {
                name: content_of(value, self.base_dir) for name, value in self._written[1].items()
            },
            "augmentation": [steps, chosen.mix, chosen.ratio] if chosen is not None else None,
            "keras": version("keras"),
            "tensorflow": version("tensorflow"),
        }

    @cached_property
    def _row(self) -> ComponentRow:
        return find_row(self.kind, self.name, self.base_dir)

    @cached_property
    def _written(self) -> tuple[Settings, dict[str, Any]]:
        return settings_of(self._row, self.spec)

    @cached_property
    def _weights(self) -> InitialWeights:
        settings, own = self._written
        architecture = dict(self._row.fixed).get("architecture")
        size = None
        if architecture is not None:
            size = chosen_size(self._row, self.name, settings.input_size, (None, None, 3))
        return find_initial_weights(
            self._row, self.name, settings.weights, own, size, self.base_dir
        )

    @cached_property
    def _chosen_augmentation(self) -> Augmentation | None:
        """The augmentation of the configuration, as this network changes it; None without any."""
        settings = self.settings
        chosen = chosen_augmentation(
            self.name, self.augmentation, settings.augmentation_mix, settings.augmentation_ratio
        )
        if chosen is None or settings.batch_size > 1:
            return chosen
        if create_augmenter(chosen, self.base_dir).mixes_batches:
            raise ComponentError(
                f"{self.name}: params.batch_size must be at least 2 where augmentation mixes the "
                "images of a batch (mixup). Got 1, where there is nothing to mix with. Write a "
                "larger batch_size, or leave out that step."
            )
        return chosen

    def design(
        self,
        image_shape: tuple[int, int, int],
        n_classes: int,
        is_multi_label: bool,
        seed: int,
    ) -> Design:
        """Return all that the network follows from; see `assembling`."""
        settings, own = self._written
        return Design(
            self._row,
            self.name,
            settings,
            own,
            self._weights,
            image_shape,
            n_classes,
            is_multi_label,
            seed,
            self.base_dir,
        )

    def _feed(self, pixels: Pixels, task: NetworkTask) -> Feed:
        chosen = self._chosen_augmentation
        if chosen is None:
            return Feed(pixels, task, self.settings.batch_size)
        augmenter = create_augmenter(chosen, self.base_dir)
        share = chosen.share_of_originals()
        return Feed(pixels, task, self.settings.batch_size, augmenter, share, self.n_jobs)

    def _facts(self, pixels: Pixels, task: NetworkTask) -> dict[str, Any]:
        """Return what tells one training of these images from another."""
        labels = np.asarray(task.class_indices)
        return {
            "network": digest_of(self.identity()),
            "shape": list(pixels.shape),
            "n_images": len(pixels),
            "n_classes": task.n_classes,
            "labels": digest_of(labels.tolist()),
            "train": digest_of(np.asarray(task.train).tolist()),
            "validation": digest_of(np.asarray(task.validation).tolist()),
            "seed": task.seed,
            "epochs": task.epochs,
        }
