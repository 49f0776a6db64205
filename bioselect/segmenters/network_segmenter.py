"""A network of masks behind the face of a segmenter: what a study knows of it."""

from __future__ import annotations

from dataclasses import asdict, replace
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from bioselect.augmentation.choice import Augmentation
from bioselect.augmentation.identity import steps_identity
from bioselect.augmentation.pipeline import Augmenter, create_augmenter
from bioselect.backbones.counting import cost_of
from bioselect.backbones.table import ROWS
from bioselect.backbones.weights import is_made_for_imagenet_pixels
from bioselect.component import ComponentRow, ComponentSpec
from bioselect.data.pairs import Pairs, PairScene
from bioselect.exceptions import ComponentError
from bioselect.networks.checkpoints import CheckpointFolder
from bioselect.networks.history import TrainingProgress, silent_progress
from bioselect.networks.initial_weights import InitialWeights, find_initial_weights
from bioselect.networks.masks.assembling import MaskDesign, assemble_masks
from bioselect.networks.masks.census import Census, take_census
from bioselect.networks.masks.feeding import PatchFeed
from bioselect.networks.masks.lesson import MaskLesson
from bioselect.networks.masks.losses import MaskLossPlan, balanced_pixel_weights
from bioselect.networks.masks.parameters import BALANCED, MaskSettings, mask_settings
from bioselect.networks.masks.sizes import LARGEST_AUTO, USUAL_MULTIPLE, chosen_patch, tiles_of
from bioselect.networks.masks.task import MaskTask
from bioselect.networks.masks.trained import MaskNetwork
from bioselect.networks.own_augmentation import chosen_augmentation
from bioselect.networks.parameters import AUTO
from bioselect.networks.sizes import chosen_channels
from bioselect.networks.training import Training
from bioselect.registry import find_row, identity
from bioselect.segmenters.network_plan import is_planned, planned_spec, take_fingerprint
from bioselect.storage import content_of, digest_of

#: Raised when a training would end in other weights than before.
TRAINING_VERSION = 1


class NetworkSegmenter:
    """A network that learns to segment; the constructor only stores.

    Parameters
    ----------
    spec : ComponentSpec
        A name of the table, or ``pkg.module:Name`` of a function that takes `input_shape` and
        returns a `keras.Model` from pixels to a map as high and wide; and the parameters.
    augmentation : Augmentation, optional
        What the configuration does to training images and their masks.
    base_dir : Path, optional
        The configuration's folder, where somebody's own modules begin.

    Examples
    --------
    >>> NetworkSegmenter(ComponentSpec.of("unet", {"epochs": 3})).n_epochs
    3
    """

    def __init__(
        self,
        spec: ComponentSpec,
        augmentation: Augmentation | None = None,
        base_dir: Path | None = None,
    ) -> None:
        self.spec = spec
        self.augmentation = augmentation
        self.base_dir = base_dir

    @property
    def name(self) -> str:
        """What it is called in errors."""
        return self.spec.name

    @property
    def settings(self) -> MaskSettings:
        """How it is trained, every default filled in."""
        return self._written[0]

    @property
    def begins_with(self) -> Path | None:
        """The model of bioselect whose weights it begins with, if there is one."""
        return self._weights.path if self._weights.origin == "trained" else None

    @property
    def encoder(self) -> str:
        """The network of `keras.applications` that is its way down, if it is one."""
        return str(self._written[1].get("encoder", ""))

    @property
    def n_epochs(self) -> int | None:
        """Most epochs of a training."""
        return self.settings.epochs

    def check_available(self) -> None:
        """Find out, before any work, whether parameters fit and weights can be had.

        Raises
        ------
        ComponentError, UnavailableError
            If not; the message says what to do.
        """
        _ = self._weights
        if self.settings.patch_size != AUTO:
            chosen_patch(self.name, self.settings.patch_size, [], self._multiple)
        self._augmenter()

    def fit(
        self,
        pairs: Pairs,
        task: MaskTask,
        checkpoint_dir: Path | None = None,
        progress: TrainingProgress = silent_progress,
    ) -> MaskNetwork:
        """Train the network.

        Parameters
        ----------
        pairs : Pairs
            All images with their masks.
        task : MaskTask
            Which to train on, the classes, the seed.
        checkpoint_dir : Path, optional
            A folder for this training alone, of these images: a training that was killed goes on
            there from its last epoch.
        progress : TrainingProgress
            Told of every epoch.

        Returns
        -------
        MaskNetwork
            With the weights of the epoch whose Dice on the validation images was highest.

        Raises
        ------
        BioselectError
            If it cannot be trained; the message says what to do.
        """
        task.check(len(pairs))
        if is_planned(self.spec):
            return self._planned(pairs, task).fit(pairs, task, checkpoint_dir, progress)
        sizes = [pairs.size(place) for place in range(len(pairs))]
        patch = chosen_patch(self.name, self.settings.patch_size, sizes, self._multiple)
        n_channels = chosen_channels(self.name, self._weights, pairs.n_channels)
        design = self.design((*patch, n_channels), task.n_classes, task.seed)
        network = assemble_masks(design)
        folder = None
        if checkpoint_dir is not None:
            folder = CheckpointFolder(checkpoint_dir, self._facts(pairs, task, sizes))
        places = np.asarray(task.train).tolist()
        census = take_census(pairs, places, task.n_classes)
        tiles = tiles_of(patch, sizes, self._multiple, self._takes_any_size)
        feed = self._feed(pairs, task, census, (*patch, n_channels))
        lesson = MaskLesson(feed, self._loss(task, census), tiles)
        course = Training(network, design, lesson, folder, progress).run()
        return MaskNetwork(
            network.model,
            tiles,
            course.best_epoch,
            course.history,
            course.seconds,
            tuple(PairScene(pairs, place) for place in places),
        )

    def _planned(self, pairs: Pairs, task: MaskTask) -> NetworkSegmenter:
        """Return the network that the plan chooses for the images of the training."""
        places = np.concatenate([task.train, task.validation]).astype(np.int64)
        fingerprint = take_fingerprint(pairs, task.n_classes, task.background, np.sort(places))
        spec, _ = planned_spec(self.spec, fingerprint, self.base_dir)
        return NetworkSegmenter(spec, self.augmentation, self.base_dir)

    def operations(self, shape: tuple[int, int, int], n_classes: int) -> float:
        """Return the operations of one prediction of an image; a multiply-add is two."""
        patch = chosen_patch(self.name, self.settings.patch_size, [shape[:2]], self._multiple)
        tiles = tiles_of(patch, [shape[:2]], self._multiple, self._takes_any_size)
        n_channels = chosen_channels(self.name, self._weights, shape[2])
        design = self.design((*patch, n_channels), n_classes, 0)
        # What the weights are makes no difference, and reading them takes time.
        model = assemble_masks(replace(design, given=())).model
        each = cost_of(model, (*tiles.size, n_channels)).operations
        return tiles.n_tiles((shape[0], shape[1])) * each

    def identity(self) -> dict[str, Any]:
        """Return what its results depend on besides images, masks and seed, in JSON's types."""
        chosen = self._chosen_augmentation
        steps = [] if chosen is None else steps_identity(chosen.steps, self.base_dir)
        return {
            **identity("segmenter", self.name, self.base_dir),
            "training_version": TRAINING_VERSION,
            "settings": asdict(self.settings) | {"weights": self._weights.identity()},
            "own": {
                name: content_of(value, self.base_dir) for name, value in self._written[1].items()
            },
            "augmentation": [steps, chosen.mix, chosen.ratio] if chosen is not None else None,
            "keras": version("keras"),
            "tensorflow": version("tensorflow"),
        }

    def design(self, image_shape: tuple[int, int, int], n_classes: int, seed: int) -> MaskDesign:
        """Return all that the network follows from, for patches of a shape."""
        settings, own = self._written
        weights = self._weights
        given: dict[str, Any] = {"initial": weights}
        if weights.origin == "application" and weights.path is not None:
            given["as_trained"] = is_made_for_imagenet_pixels(
                weights.path, ROWS[own["encoder"]], 1.0
            )
        has_scaling = weights.path is not None and "encoder" in own
        return MaskDesign(
            self._row,
            self.name,
            settings,
            own,
            image_shape,
            n_classes,
            seed,
            self._takes_any_size,
            ROWS[own["encoder"]].preprocessing if has_scaling else "",
            tuple(given.items()),
            self.base_dir,
        )

    @cached_property
    def _row(self) -> ComponentRow:
        return find_row("segmenter", self.name, self.base_dir)

    @cached_property
    def _written(self) -> tuple[MaskSettings, dict[str, Any]]:
        return mask_settings(self._row, self.spec)

    @cached_property
    def _weights(self) -> InitialWeights:
        settings, own = self._written
        if "encoder" not in own:
            return InitialWeights("random")
        encoder = replace(self._row, fixed=(("architecture", own["encoder"]),))
        size = (LARGEST_AUTO, LARGEST_AUTO)
        return find_initial_weights(encoder, self.name, settings.weights, {}, size, self.base_dir)

    @property
    def _takes_any_size(self) -> bool:
        """Whether it may predict images of another size than its patches."""
        return self._row.provider == "bioselect" and "depth" in self._written[1]

    @property
    def _multiple(self) -> int:
        """What the sides of a patch are multiples of."""
        return 2 ** int(self._written[1]["depth"]) if self._takes_any_size else USUAL_MULTIPLE

    @cached_property
    def _chosen_augmentation(self) -> Augmentation | None:
        """The augmentation of the configuration, as this network changes it; None without any."""
        settings = self.settings
        return chosen_augmentation(
            self.name, self.augmentation, settings.augmentation_mix, settings.augmentation_ratio
        )

    def _augmenter(self) -> Augmenter | None:
        chosen = self._chosen_augmentation
        if chosen is None:
            return None
        augmenter = create_augmenter(chosen, self.base_dir)
        if augmenter.mixes_batches:
            raise ComponentError(
                f"{self.name}: augmentation of images with masks must move or recolour each image "
                "alone. Got a step that mixes images of a batch. Leave it out."
            )
        return augmenter

    def _feed(
        self, pairs: Pairs, task: MaskTask, census: Census, shape: tuple[int, int, int]
    ) -> PatchFeed:
        settings, chosen = self.settings, self._chosen_augmentation
        written = settings.patches_per_epoch
        return PatchFeed(
            pairs,
            task,
            census,
            shape,
            settings.batch_size,
            settings.class_share,
            None if written == AUTO else int(written),
            self._augmenter(),
            1.0 if chosen is None else chosen.share_of_originals(),
        )

    def _loss(self, task: MaskTask, census: Census) -> MaskLossPlan:
        settings = self.settings
        weights = None
        if settings.class_weight == BALANCED:
            weights = balanced_pixel_weights(census.n_pixels())
        elif settings.class_weight is not None:
            weights = np.asarray(settings.class_weight, dtype=np.float64)
            if len(weights) != task.n_classes:
                raise ComponentError(
                    f"{self.name}: params.class_weight must have a number for each of the "
                    f"{task.n_classes} classes, in their order. Got {len(weights)}. Add or remove "
                    "some, or write balanced."
                )
        return MaskLossPlan(
            settings.loss,
            task.n_classes,
            task.counted,
            weights,
            settings.focal_gamma,
            settings.tversky_alpha,
        )

    def _facts(self, pairs: Pairs, task: MaskTask, sizes: list[tuple[int, int]]) -> dict[str, Any]:
        """Return what tells one training of these images from another."""
        return {
            "segmenter": digest_of(self.identity()),
            "sizes": digest_of(sizes),
            "n_channels": pairs.n_channels,
            "n_classes": task.n_classes,
            "background": task.background,
            "train": digest_of(np.asarray(task.train).tolist()),
            "validation": digest_of(np.asarray(task.validation).tolist()),
            "seed": task.seed,
            "epochs": task.epochs,
        }
